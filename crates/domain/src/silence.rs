//! Whether a source has fallen silent: for longer than its own habit explains.

use chrono::{DateTime, TimeDelta, Utc};

/// How far before its last event a source's habit is looked at.
pub const HABIT: TimeDelta = TimeDelta::days(14);
/// So many times its longest pause is no pause any more.
const PAUSES: i32 = 3;
/// Fewer hours with events make no habit.
const LEAST: usize = 12;

/// A silence that is not usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The last event before it.
    pub since: DateTime<Utc>,
    /// The longest pause that was usual, to the hour.
    pub longest_pause: TimeDelta,
}

/// How a source usually sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habit {
    /// The longest pause of the fourteen days before its last event, to the hour.
    pub longest_pause: TimeDelta,
}

impl Habit {
    /// The habit of a source by the starts of the hours that have events, rising, and its last event; `None` where it has
    /// sent in too few hours to have one.
    pub fn of(hours: &[DateTime<Utc>], last: DateTime<Utc>) -> Option<Self> {
        let habit = &hours[hours.partition_point(|hour| *hour < last - HABIT)..];
        let longest_pause = habit.windows(2).map(|pair| pair[1] - pair[0]).max()?;
        (habit.len() >= LEAST).then_some(Self { longest_pause })
    }

    /// After how long a pause is a silence: three times the longest that was usual.
    pub fn patience(self) -> TimeDelta {
        self.longest_pause * PAUSES
    }

    /// The silence since a source's last event, if it is longer than its habit explains.
    pub fn silence(self, last: DateTime<Utc>, now: DateTime<Utc>) -> Option<Silence> {
        let Self { longest_pause } = self;
        (now - last > self.patience()).then_some(Silence { since: last, longest_pause })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(500_000 + hour)
    }

    fn silent(hours: &[i64], silence_for: i64) -> Option<i64> {
        let hours: Vec<_> = hours.iter().map(|hour| at(*hour)).collect();
        let last = *hours.last()? + TimeDelta::minutes(30);
        let silence = Habit::of(&hours, last)?.silence(last, last + TimeDelta::hours(silence_for));
        silence.map(|silence| silence.longest_pause.num_hours())
    }

    #[test]
    fn a_source_that_sends_every_hour_is_silent_after_three() {
        let hours: Vec<_> = (0..48).collect();
        assert_eq!(silent(&hours, 3), None);
        assert_eq!(silent(&hours, 4), Some(1));
    }

    #[test]
    fn a_source_that_rests_at_night_may_rest_longer() {
        let hours: Vec<_> = (0..10).flat_map(|day| (9..18).map(move |hour| 24 * day + hour)).collect();
        assert_eq!(silent(&hours, 48), None);
        assert_eq!(silent(&hours, 49), Some(16));
    }

    #[test]
    fn only_the_days_before_make_the_habit() {
        let hours: Vec<_> = [0, 300].into_iter().chain(700..760).collect();
        assert_eq!(silent(&hours, 4), Some(1));
    }

    #[test]
    fn a_few_hours_are_no_habit() {
        assert_eq!(silent(&[0, 1, 2, 3], 1_000), None);
        assert_eq!(silent(&[], 1_000), None);
    }
}
