//! When things happen.

use chrono::{DateTime, Datelike, Duration, Timelike, Utc};

/// People work by day and from Monday to Friday; programs never sleep.
pub(super) struct Rhythm {
    start: DateTime<Utc>,
    /// How much has happened by the end of each hour.
    done: Vec<f64>,
    hour: usize,
}

impl Rhythm {
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        let hours = ((end - start).num_seconds() as f64 / 3_600.0).max(0.001);
        let mut all = 0.0;
        let done = (0..hours.ceil() as i64).map(|hour| {
            all += busyness(start + Duration::hours(hour)) * (hours - hour as f64).min(1.0);
            all
        });
        Self { start, done: done.collect(), hour: 0 }
    }

    /// When so much of everything has happened, from 0 to 1; asked for in rising order.
    pub fn time_at(&mut self, share: f64) -> DateTime<Utc> {
        let wanted = share * self.done.last().copied().unwrap_or(1.0);
        while self.done.get(self.hour).is_some_and(|done| *done < wanted) {
            self.hour += 1;
        }
        let before = self.hour.checked_sub(1).map_or(0.0, |hour| self.done[hour]);
        let into = (wanted - before) / busyness(self.start + Duration::hours(self.hour as i64));
        self.start + Duration::milliseconds(((self.hour as f64 + into) * 3_600_000.0) as i64)
    }
}

/// How much happens in an hour, as a share of the busiest.
fn busyness(time: DateTime<Utc>) -> f64 {
    let by_day = match time.hour() {
        9..12 | 13..17 => 1.0,
        7..19 => 0.7,
        19..23 => 0.35,
        _ => 0.15,
    };
    if time.weekday().num_days_from_monday() < 5 { by_day } else { 0.12 + by_day * 0.18 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_rise_within_the_span_and_follow_the_working_week() {
        let until = "2026-11-22T15:20:00Z".parse().unwrap();
        for (events, span) in [(5_000, Duration::days(30)), (100, Duration::minutes(30)), (1, Duration::days(1))] {
            let mut rhythm = Rhythm::new(until - span, until);
            let times: Vec<_> = (0..events).map(|n| rhythm.time_at(f64::from(n) / f64::from(events))).collect();
            assert!(times.is_sorted() && times[0] >= until - span && times[times.len() - 1] <= until, "{span}");
        }
        let mut rhythm = Rhythm::new(until - Duration::days(28), until);
        let times: Vec<_> = (0..10_000).map(|n| rhythm.time_at(f64::from(n) / 10_000.0)).collect();
        let on = |day: u32| times.iter().filter(|time| time.weekday().num_days_from_monday() == day).count();
        assert!(on(2) > 2 * on(6), "{} on Wednesdays, {} on Sundays", on(2), on(6));
    }
}
