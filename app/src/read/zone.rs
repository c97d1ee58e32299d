//! Times as a person in some zone reads them.

use chrono::{DateTime, Datelike, NaiveDate, Offset, SecondsFormat, TimeDelta, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::{
    error::{AppError, WindowProblem},
    parts::stamp::Stamp,
};

/// The zone of that name, in any case; UTC for none.
pub fn zone(name: &str) -> Result<Tz, AppError> {
    if name.is_empty() {
        return Ok(Tz::UTC);
    }
    let same = |zone: &&Tz| zone.name().eq_ignore_ascii_case(name);
    TZ_VARIANTS.iter().find(same).copied().ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> AppError {
    let wanted = name.to_ascii_lowercase().replace(' ', "_");
    let near = TZ_VARIANTS.iter().find(|zone| zone.name().to_ascii_lowercase().contains(&wanted));
    let near = near.map_or("Europe/Berlin", |zone| zone.name());
    let message = format!("\"{name}\" is no time zone. Write UTC or a name such as {near}.");
    AppError::Window(WindowProblem { field: "tz".to_owned(), message })
}

/// The offset at that time: `UTC`, or `UTC+01:00`.
pub fn offset(time: DateTime<Utc>, zone: Tz) -> String {
    if zone == Tz::UTC {
        return "UTC".to_owned();
    }
    format!("UTC{}", time.with_timezone(&zone).offset().fix())
}

/// A time with everything that shows of it.
pub fn stamp(time: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> Stamp {
    let local = time.with_timezone(&zone);
    Stamp {
        iso: local.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        date: local.format("%Y-%m-%d").to_string(),
        clock: local.format("%H:%M:%S").to_string(),
        fraction: local.format("%.3f").to_string(),
        offset: offset(time, zone),
        ago: ago(now - time),
    }
}

/// The same in the zone of that name, or in UTC where there is none.
pub fn stamp_in(name: &str, time: DateTime<Utc>, now: DateTime<Utc>) -> Stamp {
    stamp(time, zone(name).unwrap_or(Tz::UTC), now)
}

/// How long ago, in the largest unit that fits.
pub fn ago(length: TimeDelta) -> String {
    if length < TimeDelta::zero() {
        format!("{} ahead", self::length(-length))
    } else {
        format!("{} ago", self::length(length))
    }
}

/// How long it is, in the largest unit that fits.
pub fn length(length: TimeDelta) -> String {
    let seconds = length.num_seconds().unsigned_abs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// A day in words: `Sunday 22 November 2026`, and whether it is today or yesterday.
pub fn day(date: NaiveDate, zone: Tz, now: DateTime<Utc>) -> String {
    let today = now.with_timezone(&zone).date_naive();
    let words = date.format("%A %-d %B %Y").to_string();
    match (today - date).num_days() {
        0 => format!("Today, {words}"),
        1 => format!("Yesterday, {words}"),
        _ => words,
    }
}

/// A time to the minute, the year left out where it is the current one: `22 Nov 14:30`.
pub fn brief(time: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> String {
    let (local, today) = (time.with_timezone(&zone), now.with_timezone(&zone));
    let format = if local.year() == today.year() { "%-d %b %H:%M" } else { "%-d %b %Y %H:%M" };
    local.format(format).to_string()
}

/// A day, the year left out where it is the current one: `22 Nov`.
pub fn brief_day(time: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> String {
    let (local, today) = (time.with_timezone(&zone), now.with_timezone(&zone));
    let format = if local.year() == today.year() { "%-d %b" } else { "%-d %b %Y" };
    local.format(format).to_string()
}

/// A time as a URL names it: to the millisecond, as events are ordered, or to the second where it is a whole one.
pub fn exact(time: DateTime<Utc>) -> String {
    let format = if time.timestamp_subsec_millis() == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
    time.to_rfc3339_opts(format, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_goes_by_its_name_in_any_case() {
        assert_eq!(zone("europe/berlin"), Ok(Tz::Europe__Berlin));
        assert_eq!(zone(""), Ok(Tz::UTC));
        assert!(zone("berlin").unwrap_err().to_string().contains("Europe/Berlin"));
    }

    #[test]
    fn the_offset_is_that_of_the_time() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(offset(at("2026-11-22T12:00:00Z"), Tz::Europe__Berlin), "UTC+01:00");
        assert_eq!(offset(at("2026-07-22T12:00:00Z"), Tz::Europe__Berlin), "UTC+02:00");
        assert_eq!(offset(at("2026-07-22T12:00:00Z"), Tz::UTC), "UTC");
    }

    #[test]
    fn how_long_ago_reads_like_speech() {
        assert_eq!(ago(TimeDelta::seconds(61)), "1 minute ago");
        assert_eq!(ago(TimeDelta::hours(49)), "2 days ago");
        assert_eq!(ago(TimeDelta::seconds(-5)), "5 seconds ahead");
    }
}
