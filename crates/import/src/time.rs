//! Times as logs write them, and what is assumed of those that leave something out.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// What the times of a file are read against.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The zone of times that name none.
    pub zone: Zone,
    /// When the file was last written; times without a year are of the last year in which they are not after it.
    pub as_of: DateTime<Utc>,
}

/// A time zone: `Europe/Berlin`, `UTC`, `+02:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// A place, with its summer times.
    Named(Tz),
    /// A fixed distance from UTC.
    Offset(FixedOffset),
}

/// What a time left out, and was filled in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assumed {
    /// The year.
    pub year: bool,
    /// The zone.
    pub zone: bool,
}

/// Abbreviations of zones that mean one thing in the logs of servers, in minutes from UTC. Those that mean several, such
/// as CST and IST, are read as the zone of the file.
const ZONES: &[(&str, i32)] = &[
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("WET", 0),
    ("WEST", 60),
    ("CET", 60),
    ("CEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("JST", 540),
    ("EST", -300),
    ("EDT", -240),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
];
/// Times with an offset that are not RFC 3339.
const WITH_OFFSET: &[&str] = &["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%#z", "%d/%b/%Y:%H:%M:%S %z"];
/// Times without one.
const WITHOUT: &[&str] = &[
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y/%m/%d %H:%M:%S%.f",
    "%a %b %d %H:%M:%S%.f %Y",
    "%m/%d/%Y %I:%M:%S %p",
];

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let offset = FixedOffset::from_str(text).map(Zone::Offset).ok();
        let named = || Tz::from_str(text).map(Zone::Named).ok();
        offset.or_else(named).ok_or_else(|| "expected a zone such as Europe/Berlin, UTC or +02:00".to_owned())
    }
}

impl Zone {
    /// The instant at which clocks there showed this time: the first of two where they were put back, and an hour on
    /// where they were put forward over it.
    fn instant(self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        let at = |local: NaiveDateTime| match self {
            Zone::Named(zone) => zone.from_local_datetime(&local).earliest().map(|time| time.to_utc()),
            Zone::Offset(offset) => offset.from_local_datetime(&local).earliest().map(|time| time.to_utc()),
        };
        at(local).or_else(|| at(local.checked_add_signed(chrono::TimeDelta::hours(1))?))
    }
}

/// Reads a time in any of the ways that the formats write them; `None` if it is none.
pub fn read(text: &str, clock: &Clock) -> Option<(DateTime<Utc>, Assumed)> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some((time.to_utc(), Assumed::default()));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return epoch(text).map(|time| (time, Assumed::default()));
    }
    let with_offset = WITH_OFFSET.iter().find_map(|format| DateTime::parse_from_str(text, format).ok());
    if let Some(time) = with_offset {
        return Some((time.to_utc(), Assumed::default()));
    }
    let naive = |text: &str| WITHOUT.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let zone = Assumed { year: false, zone: true };
    if let Some(local) = naive(text) {
        return Some((clock.zone.instant(local)?, zone));
    }
    // `2026-11-22 07:31:42.129 UTC`
    if let Some((local, name)) = text.rsplit_once(' ')
        && let Some(local) = naive(local)
        && name.bytes().all(|byte| byte.is_ascii_alphabetic())
    {
        return match ZONES.iter().find(|(zone, _)| *zone == name) {
            Some((_, minutes)) => {
                let offset = FixedOffset::east_opt(minutes * 60)?;
                Some((offset.from_local_datetime(&local).single()?.to_utc(), Assumed::default()))
            }
            None => Some((clock.zone.instant(local)?, zone)),
        };
    }
    let time = without_year(text, clock)?;
    Some((time, Assumed { year: true, zone: true }))
}

/// Seconds since 1970, or, where the number is too large for those, milliseconds, microseconds or nanoseconds.
fn epoch(text: &str) -> Option<DateTime<Utc>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.parse::<i64>().ok().filter(|whole| *whole > 0)?;
    match whole.ilog10() {
        ..11 => {
            let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
            DateTime::from_timestamp(whole, digits.parse().ok()?)
        }
        11..14 => DateTime::from_timestamp_millis(whole),
        14..17 => DateTime::from_timestamp_micros(whole),
        17.. => Some(DateTime::from_timestamp_nanos(whole)),
    }
}

/// `Nov  7 13:31:58`: of the years in which it is no more than a day after the file was written, the last. A day may lie
/// between, for the zones of the two may differ.
fn without_year(text: &str, clock: &Clock) -> Option<DateTime<Utc>> {
    let latest = clock.as_of.checked_add_days(Days::new(1))?;
    let this = latest.year().saturating_add(1);
    // A 29th of February can be eight years back.
    (this.saturating_sub(9)..=this).rev().find_map(|year| {
        let local = NaiveDateTime::parse_from_str(&format!("{year} {text}"), "%Y %b %d %H:%M:%S%.f").ok()?;
        NaiveDate::from_ymd_opt(year, local.month(), local.day())?;
        clock.zone.instant(local).filter(|time| *time <= latest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(zone: &str) -> Clock {
        Clock { zone: zone.parse().unwrap(), as_of: "2024-03-01T12:00:00Z".parse().unwrap() }
    }

    #[test]
    fn a_time_is_read_as_it_is_written() {
        for (text, zone, expected, year, assumed) in [
            ("2024-01-15T10:30:00Z", "UTC", "2024-01-15T10:30:00Z", false, false),
            ("2025-12-22T09:00:00.000000001Z", "UTC", "2025-12-22T09:00:00.000000001Z", false, false),
            ("10/Oct/2000:13:55:36 -0700", "UTC", "2000-10-10T20:55:36Z", false, false),
            ("2022-12-31T23:59:59.000000000-0800", "UTC", "2023-01-01T07:59:59Z", false, false),
            ("2022-12-31 23:59:59+02", "UTC", "2022-12-31T21:59:59Z", false, false),
            ("2026-11-22 07:31:42.129 UTC", "Europe/Berlin", "2026-11-22T07:31:42.129Z", false, false),
            ("2021-01-22 10:03:22.785 CET", "UTC", "2021-01-22T09:03:22.785Z", false, false),
            ("2021-07-22 10:03:22 IST", "+05:30", "2021-07-22T04:33:22Z", false, true),
            ("1617823834.123", "UTC", "2021-04-07T19:30:34.123Z", false, false),
            ("1729176166108", "UTC", "2024-10-17T14:42:46.108Z", false, false),
            ("2011-09-09 10:42:29.902022", "America/Los_Angeles", "2011-09-09T17:42:29.902022Z", false, true),
            ("Fri Sep 09 10:42:29.902022 2011", "UTC", "2011-09-09T10:42:29.902022Z", false, true),
            ("2021/08/26 16:50:17", "UTC", "2021-08-26T16:50:17Z", false, true),
            // The clocks went forward over it, and back over it.
            ("2024-03-31 02:30:00", "Europe/Berlin", "2024-03-31T01:30:00Z", false, true),
            ("2024-10-27 02:30:00", "Europe/Berlin", "2024-10-27T00:30:00Z", false, true),
            ("Mar  1 11:00:00", "UTC", "2024-03-01T11:00:00Z", true, true),
            ("Mar  3 11:00:00", "UTC", "2023-03-03T11:00:00Z", true, true),
            ("Dec 31 23:59:59", "UTC", "2023-12-31T23:59:59Z", true, true),
            ("Feb 29 08:00:00", "UTC", "2024-02-29T08:00:00Z", true, true),
        ] {
            let (time, left_out) = read(text, &clock(zone)).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(time, expected.parse::<DateTime<Utc>>().unwrap(), "{text}");
            assert_eq!(left_out, Assumed { year, zone: assumed }, "{text}");
        }
        for text in ["", "yesterday", "99999999999999999999", "Feb 30 08:00:00", "2024-13-01T00:00:00Z", "..", "12:00"]
        {
            assert_eq!(read(text, &clock("UTC")), None, "{text}");
        }
    }

    #[test]
    fn a_leap_day_without_a_year_is_of_the_last_leap_year() {
        let as_of = Clock { as_of: "2023-06-01T00:00:00Z".parse().unwrap(), ..clock("UTC") };
        let (time, _) = read("Feb 29 08:00:00", &as_of).unwrap();
        assert_eq!(time, "2020-02-29T08:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }
}
