//! Reading and writing moments.

use std::fmt;

use chrono::{FixedOffset, NaiveDate, NaiveDateTime, Timelike};

use super::{Moment, Precision, Unit, fraction_unit};

/// Why a text is no moment.
#[derive(Debug, PartialEq)]
pub(in crate::query) enum NoMoment {
    /// It does not look like one.
    Shape,
    /// It looks like one, but no calendar or clock shows it.
    Calendar,
}

/// The most digits of a time ago, so that no calendar runs out.
const AGO_DIGITS: usize = 5;

impl Moment {
    /// moment = date | date ( "T" | " " ) time [ offset ] | "-" digits ( "m" | "h" | "d" | "w" )
    ///
    /// Dates, times and offsets as in RFC 3339, section 5.6; the seconds and the offset may be left out. A leap second
    /// is on no clock here.
    pub(in crate::query) fn read(text: &str) -> Result<Self, NoMoment> {
        if let Some(ago) = text.strip_prefix('-') {
            return read_ago(ago).ok_or(NoMoment::Shape);
        }
        if shape(text) == "0000-00-00" {
            return NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Self::Day).map_err(|_| NoMoment::Calendar);
        }
        let (local, offset) = split_offset(text)?;
        let precision = precision(local).ok_or(NoMoment::Shape)?;
        let mut local = local.replacen(['t', ' '], "T", 1);
        if precision == Precision::Minute {
            local += ":00";
        }
        match NaiveDateTime::parse_from_str(&local, "%Y-%m-%dT%H:%M:%S%.f") {
            Ok(local) if local.nanosecond() < 1_000_000_000 => Ok(Self::Time { local, precision, offset }),
            _ => Err(NoMoment::Calendar),
        }
    }
}

/// The text with every digit turned into 0.
fn shape(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

/// offset = "Z" | ( "+" | "-" ) hours ":" minutes
fn split_offset(text: &str) -> Result<(&str, Option<FixedOffset>), NoMoment> {
    if let Some(local) = text.strip_suffix(['Z', 'z']) {
        return Ok((local, FixedOffset::east_opt(0)));
    }
    let Some((local, offset)) = text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)) else {
        return Ok((text, None));
    };
    let sign = match shape(offset).as_str() {
        "+00:00" => 1,
        "-00:00" => -1,
        _ => return Ok((text, None)),
    };
    let part = |digits: &str, below: i32| digits.parse().ok().filter(|value: &i32| *value < below);
    let (hours, minutes) = (part(&offset[1..3], 24), part(&offset[4..6], 60));
    let (Some(hours), Some(minutes)) = (hours, minutes) else { return Err(NoMoment::Calendar) };
    Ok((local, FixedOffset::east_opt(sign * (hours * 3_600 + minutes * 60))))
}

/// The smallest part of a local date and time, if the text is shaped like one.
fn precision(local: &str) -> Option<Precision> {
    let shape = shape(local).replacen(['t', ' '], "T", 1);
    let time = shape.strip_prefix("0000-00-00T00:00")?;
    match (time, time.strip_prefix(":00.")) {
        ("", _) => Some(Precision::Minute),
        (":00", _) => Some(Precision::Second),
        (_, Some(digits)) if digits.bytes().all(|digit| digit == b'0') => {
            u8::try_from(digits.len()).ok().filter(|digits| (1..=9).contains(digits)).map(Precision::Fraction)
        }
        _ => None,
    }
}

fn read_ago(text: &str) -> Option<Moment> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "m" => Unit::Minute,
        "h" => Unit::Hour,
        "d" => Unit::Day,
        "w" => Unit::Week,
        _ => return None,
    };
    let fits = digits.len() <= AGO_DIGITS && digits.chars().all(|c| c.is_ascii_digit());
    let count = digits.parse().ok().filter(|_| fits)?;
    Some(Moment::Ago { count, unit })
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(out, "{}", day.format("%Y-%m-%d")),
            Self::Time { local, precision, offset } => {
                write!(out, "{}", local.format("%Y-%m-%dT%H:%M"))?;
                if *precision != Precision::Minute {
                    write!(out, ":{:02}", local.second())?;
                }
                if let Precision::Fraction(digits) = *precision {
                    write!(out, ".{:0width$}", local.nanosecond() / fraction_unit(digits), width = digits.into())?;
                }
                match offset {
                    None => Ok(()),
                    Some(offset) if offset.local_minus_utc() == 0 => out.write_str("Z"),
                    Some(offset) => offset.fmt(out),
                }
            }
            Self::Ago { count, unit } => {
                let letter = match unit {
                    Unit::Minute => 'm',
                    Unit::Hour => 'h',
                    Unit::Day => 'd',
                    Unit::Week => 'w',
                };
                write!(out, "-{count}{letter}")
            }
        }
    }
}
