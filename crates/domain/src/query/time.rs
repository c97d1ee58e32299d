//! Ranges of time, kept as they were written until somebody has a clock and a zone.

use std::fmt;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::error::{QueryError, QueryErrorCode as Code, shown};
use super::lexer::{Operator, Piece, Raw};
use super::moment::NoMoment;
use super::value::{bad_operator, bad_value};
use super::{Key, Moment};

/// A range of time in terms of what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeRange {
    /// Within the day, minute, second or fraction: `2026-01-31`.
    At(Moment),
    /// Past its end: `>2026-01-31` starts with the next day.
    After(Moment),
    /// From its start: `>=2026-01-31`, `2026-01-31..*`; also what `-24h` alone means.
    Since(Moment),
    /// Up to its start: `<2026-01-31` ends with the day before.
    Before(Moment),
    /// Up to its end: `<=2026-01-31`, `*..2026-01-31`.
    Until(Moment),
    /// From the first's start to the second's end: `2026-01-01..2026-01-31` is the whole month.
    Between(Moment, Moment),
}

impl TimeRange {
    /// The range in UTC, from the first instant in it to the first behind it; `None` where it is open.
    ///
    /// `zone` reads what was written without an offset. A local time that its zone skips is the instant of the skip;
    /// one that happens twice is the first for a start and the second for an end. Where the order could not be known
    /// before (`-24h..2026-01-01`) the end may come out before the start: nothing is in that range.
    pub fn resolve(&self, now: DateTime<Utc>, zone: Tz) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let start = |moment: &Moment| Some(moment.start(now, zone));
        let end = |moment: &Moment| Some(moment.end(now, zone));
        match self {
            Self::At(moment) => (start(moment), end(moment)),
            Self::After(moment) => (end(moment), None),
            Self::Since(moment) => (start(moment), None),
            Self::Before(moment) => (None, start(moment)),
            Self::Until(moment) => (None, end(moment)),
            Self::Between(first, last) => (start(first), end(last)),
        }
    }

    /// Whether it moves with the clock.
    pub fn is_relative(&self) -> bool {
        match self {
            Self::At(one) | Self::After(one) | Self::Since(one) | Self::Before(one) | Self::Until(one) => {
                one.is_relative()
            }
            Self::Between(first, last) => first.is_relative() || last.is_relative(),
        }
    }

    /// value = comparison | range | literal, of times
    pub(super) fn read(key: Key, raw: &Raw) -> Result<Self, QueryError> {
        let text = raw.text();
        let moment = |text: &str| Moment::read(text).map_err(|problem| refused(key, raw, text, &problem));
        Ok(match raw.operator {
            Some(Operator::Contains) => return Err(bad_operator(key, raw)),
            Some(Operator::Above) => Self::After(moment(&text)?),
            Some(Operator::AtLeast) => Self::Since(moment(&text)?),
            Some(Operator::Below) => Self::Before(moment(&text)?),
            Some(Operator::AtMost) => Self::Until(moment(&text)?),
            None => match text.split_once("..") {
                Some((_, _)) if matches!(raw.pieces[..], [Piece::Quoted(_)]) => return Err(bad_value(key, raw)),
                Some((first, last)) => Self::between(key, raw, first, last)?,
                None => match moment(&text)? {
                    ago @ Moment::Ago { .. } => Self::Since(ago),
                    other => Self::At(other),
                },
            },
        })
    }

    /// range = bare ".." bare
    fn between(key: Key, raw: &Raw, first: &str, last: &str) -> Result<Self, QueryError> {
        let moment = |text: &str| match text {
            "*" => Ok(None),
            text => Moment::read(text).map(Some).map_err(|problem| refused(key, raw, text, &problem)),
        };
        match (moment(first)?, moment(last)?) {
            (Some(first), Some(last)) if last.is_before(first) => {
                let message = "This range ends before it starts. Write the earlier time first.";
                Err(QueryError::new(Code::ReversedRange, raw.span.clone(), message)
                    .expecting("the earlier time first")
                    .suggesting(Some(format!("{last}..{first}"))))
            }
            (Some(first), Some(last)) => Ok(Self::Between(first, last)),
            (Some(first), None) => Ok(Self::Since(first)),
            (None, Some(last)) => Ok(Self::Until(last)),
            (None, None) => Err(bad_value(key, raw).suggesting(Some("*"))),
        }
    }
}

fn refused(key: Key, raw: &Raw, text: &str, problem: &NoMoment) -> QueryError {
    let error = bad_value(key, raw);
    match problem {
        NoMoment::Calendar => {
            let message =
                format!("No calendar or clock shows `{}`. Check the date, the time and the offset.", shown(text));
            QueryError { message, ..error }
        }
        // The sign is easily forgotten.
        NoMoment::Shape if raw.text() == text => {
            let ago = format!("-{text}");
            error.suggesting(Moment::read(&ago).is_ok().then_some(ago))
        }
        NoMoment::Shape => error,
    }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(moment) | Self::Since(moment @ Moment::Ago { .. }) => moment.fmt(out),
            Self::After(moment) => write!(out, ">{moment}"),
            Self::Since(moment) => write!(out, ">={moment}"),
            Self::Before(moment) => write!(out, "<{moment}"),
            Self::Until(moment) => write!(out, "<={moment}"),
            Self::Between(first, last) => write!(out, "{first}..{last}"),
        }
    }
}
