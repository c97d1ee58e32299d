//! The bars of a histogram: a stretch of time cut where a clock on the wall would cut it.

use std::fmt;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::query::first_instant;

/// How long one bar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Seconds, which divide a day.
    Seconds(u32),
    /// Days, midnight to midnight.
    Days(u32),
    /// Months of the calendar, which divide a year or are years.
    Months(u32),
}

impl Step {
    /// Every step, shortest first.
    pub const ALL: &[Step] = &[
        Step::Seconds(1),
        Step::Seconds(5),
        Step::Seconds(15),
        Step::Seconds(30),
        Step::Seconds(60),
        Step::Seconds(5 * 60),
        Step::Seconds(15 * 60),
        Step::Seconds(30 * 60),
        Step::Seconds(3600),
        Step::Seconds(3 * 3600),
        Step::Seconds(6 * 3600),
        Step::Seconds(12 * 3600),
        Step::Days(1),
        Step::Days(7),
        Step::Months(1),
        Step::Months(3),
        Step::Months(12),
    ];

    /// The shortest step that cuts a stretch into no more bars than `most`; the longest there is if none does.
    pub fn fitting(from: DateTime<Utc>, to: DateTime<Utc>, most: u32) -> Self {
        let length = to - from;
        let fits = |step: &&Step| step.about() * i32::try_from(most).unwrap_or(i32::MAX) >= length;
        *Self::ALL.iter().find(fits).unwrap_or(&Step::Months(12))
    }

    /// Whether each bar starts at a midnight.
    pub fn is_days(self) -> bool {
        !matches!(self, Step::Seconds(_))
    }

    fn about(self) -> TimeDelta {
        match self {
            Step::Seconds(seconds) => TimeDelta::seconds(seconds.into()),
            Step::Days(days) => TimeDelta::days(days.into()),
            Step::Months(months) => TimeDelta::days(30 * i64::from(months)),
        }
    }

    /// The start of the bar that an instant falls into.
    fn start_of(self, time: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let local = time.with_timezone(&zone);
        let date = local.date_naive();
        match self {
            Step::Seconds(seconds) => {
                let offset = i64::from(zone.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc());
                let into = (time.timestamp() + offset).rem_euclid(seconds.into());
                DateTime::from_timestamp(time.timestamp() - into, 0).unwrap_or(time)
            }
            Step::Days(days) => {
                // Weeks start on Mondays, as the first day of the common era was one.
                let into = (date.num_days_from_ce() - 1).rem_euclid(i32::try_from(days).unwrap_or(1));
                midnight(date.checked_sub_days(Days::new(into.unsigned_abs().into())), zone).unwrap_or(time)
            }
            Step::Months(months) => {
                let month0 = date.month0() - date.month0() % months.min(12);
                midnight(NaiveDate::from_ymd_opt(date.year(), month0 + 1, 1), zone).unwrap_or(time)
            }
        }
    }

    /// The start of the bar after the one that starts here.
    fn after(self, start: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let date = start.with_timezone(&zone).date_naive();
        let next = match self {
            Step::Seconds(seconds) => start.checked_add_signed(TimeDelta::seconds(seconds.into())),
            Step::Days(days) => midnight(date.checked_add_days(Days::new(days.into())), zone),
            Step::Months(months) => midnight(date.checked_add_months(Months::new(months)), zone),
        };
        next.unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

fn midnight(date: Option<NaiveDate>, zone: Tz) -> Option<DateTime<Utc>> {
    date?.and_hms_opt(0, 0, 0).map(|local| first_instant(local, zone))
}

/// `5 minutes`
impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match *self {
            Step::Seconds(seconds) if seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
            Step::Seconds(seconds) if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
            Step::Seconds(seconds) => (seconds, "second"),
            Step::Days(7) => (1, "week"),
            Step::Days(days) => (days, "day"),
            Step::Months(months) if months.is_multiple_of(12) => (months / 12, "year"),
            Step::Months(months) => (months, "month"),
        };
        write!(out, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

/// A stretch of time, cut into bars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// How long each bar is, the first and the last maybe shorter.
    pub step: Step,
    /// Where each bar starts, and at last where the stretch ends.
    pub edges: Vec<DateTime<Utc>>,
}

impl Buckets {
    /// Cuts the time from `from` to `to` into at most about `most` bars whose edges are round on the zone's clocks.
    pub fn cut(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz, most: u32) -> Self {
        let step = Step::fitting(from, to, most);
        let mut edges = vec![from];
        let mut next = step.after(step.start_of(from, zone), zone);
        while next < to {
            edges.push(next);
            let after = step.after(next, zone);
            // A clock that is put back can make a bar's end its start again.
            next = if after > next { after } else { next + step.about() };
        }
        edges.push(to.max(from));
        Self { step, edges }
    }

    /// Start and end of each bar.
    pub fn spans(&self) -> impl ExactSizeIterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        self.edges.windows(2).map(|pair| (pair[0], pair[1]))
    }

    /// The bar that an instant falls into.
    pub fn index_of(&self, time: DateTime<Utc>) -> Option<usize> {
        let behind = self.edges.partition_point(|edge| *edge <= time);
        behind.checked_sub(1).filter(|index| *index + 1 < self.edges.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn cut(from: &str, to: &str, zone: &str) -> (String, Vec<String>) {
        let buckets = Buckets::cut(at(from), at(to), zone.parse().unwrap(), 60);
        let edges = buckets.edges.iter().map(|edge| edge.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).collect();
        (buckets.step.to_string(), edges)
    }

    #[test]
    fn a_stretch_is_cut_where_clocks_are_round() {
        let (step, edges) = cut("2026-11-22T09:07:30Z", "2026-11-22T10:02:00Z", "UTC");
        assert_eq!((step.as_str(), edges.len()), ("1 minute", 56));
        assert_eq!(edges[..2], ["2026-11-22T09:07:30Z", "2026-11-22T09:08:00Z"]);
        assert_eq!(edges[54..], ["2026-11-22T10:01:00Z", "2026-11-22T10:02:00Z"]);
        assert_eq!(cut("2026-11-01T00:00:00Z", "2026-11-22T00:00:00Z", "UTC").0, "12 hours");
        assert_eq!(cut("2026-01-01T00:00:00Z", "2026-11-22T00:00:00Z", "UTC").0, "1 week");
        assert_eq!(cut("2000-01-01T00:00:00Z", "2026-11-22T00:00:00Z", "UTC").0, "1 year");
    }

    #[test]
    fn days_are_those_of_the_zone_when_clocks_change_too() {
        let (step, edges) = cut("2026-10-20T00:00:00Z", "2026-11-20T00:00:00Z", "Europe/Berlin");
        assert_eq!(step, "1 day");
        assert!(edges.contains(&"2026-10-24T22:00:00Z".to_owned()), "{edges:?}");
        assert!(edges.contains(&"2026-10-25T23:00:00Z".to_owned()), "{edges:?}");
        let (step, edges) = cut("2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z", "Asia/Kolkata");
        assert_eq!(step, "1 hour");
        assert_eq!(edges[1], "2026-11-20T00:30:00Z");
    }

    #[test]
    fn weeks_start_on_mondays() {
        let (_, edges) = cut("2026-01-01T00:00:00Z", "2026-11-22T00:00:00Z", "UTC");
        assert_eq!(edges[1], "2026-01-05T00:00:00Z");
    }

    #[test]
    fn every_instant_inside_falls_into_one_bar() {
        let buckets = Buckets::cut(at("2026-03-28T13:00:00Z"), at("2026-03-30T13:00:00Z"), Tz::Europe__Berlin, 60);
        for (index, (start, end)) in buckets.spans().enumerate() {
            assert!(start < end);
            assert_eq!(buckets.index_of(start), Some(index));
            assert_eq!(buckets.index_of(end - TimeDelta::milliseconds(1)), Some(index));
        }
        assert_eq!(buckets.index_of(at("2026-03-30T13:00:00Z")), None);
        assert_eq!(buckets.index_of(at("2026-03-28T12:59:59Z")), None);
    }

    #[test]
    fn nothing_is_one_empty_bar() {
        let now = at("2026-11-22T12:00:00Z");
        assert_eq!(Buckets::cut(now, now, Tz::UTC, 60).edges, [now, now]);
    }
}
