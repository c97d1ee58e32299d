//! Counting what goes wrong, so that noise is bounded. Counts live in memory and are forgotten when the server restarts;
//! what must not be stands in [`super::gate`].

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

/// Keys remembered at once. Beyond it the one that began first is forgotten.
const REMEMBERED: usize = 10_000;

/// So many of a kind in so long a time, and then no more until that time is over.
pub struct Throttle<K> {
    limit: u32,
    window: TimeDelta,
    counts: Mutex<HashMap<K, Count>>,
}

#[derive(Clone, Copy)]
struct Count {
    since: DateTime<Utc>,
    taken: u32,
}

/// The limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// After how many seconds it makes sense to try again; at least one.
    pub retry_after: i64,
    /// Whether this is the first refusal of this window, the one worth recording.
    pub first: bool,
}

impl<K: Eq + Hash + Clone> Throttle<K> {
    /// At most `limit` in `window`.
    pub fn new(limit: u32, window: TimeDelta) -> Self {
        Self { limit, window, counts: Mutex::default() }
    }

    /// Counts one more. It is counted before the outcome is known, so that any number at once are counted too.
    pub fn take(&self, key: K, now: DateTime<Utc>) -> Result<(), Exceeded> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= REMEMBERED && !counts.contains_key(&key) {
            self.make_room(&mut counts, now);
        }
        let count = counts.entry(key).or_insert(Count { since: now, taken: 0 });
        if self.is_over(count, now) {
            *count = Count { since: now, taken: 0 };
        }
        count.taken = count.taken.saturating_add(1);
        if count.taken <= self.limit {
            return Ok(());
        }
        let left = (count.since + self.window - now).num_seconds();
        Err(Exceeded { retry_after: left.max(0) + 1, first: count.taken == self.limit + 1 })
    }

    /// A window that begins in the future is over too: the clock was set back, and nobody should wait for it.
    fn is_over(&self, count: &Count, now: DateTime<Utc>) -> bool {
        now >= count.since + self.window || now < count.since
    }

    fn make_room(&self, counts: &mut HashMap<K, Count>, now: DateTime<Utc>) {
        counts.retain(|_, count| !self.is_over(count, now));
        if counts.len() >= REMEMBERED
            && let Some(oldest) = counts.iter().min_by_key(|(_, count)| count.since).map(|(key, _)| key.clone())
        {
            counts.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn the_limit_holds_for_a_key_and_a_window() {
        let throttle = Throttle::new(2, TimeDelta::minutes(15));
        assert_eq!((throttle.take("a", at(0)), throttle.take("a", at(1))), (Ok(()), Ok(())));
        assert_eq!(throttle.take("a", at(2)), Err(Exceeded { retry_after: 899, first: true }));
        assert_eq!(throttle.take("a", at(3)), Err(Exceeded { retry_after: 898, first: false }));
        assert_eq!(throttle.take("b", at(3)), Ok(()));
        assert_eq!(throttle.take("a", at(900)), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_goes_first() {
        let throttle = Throttle::new(1, TimeDelta::minutes(15));
        for key in 0..=REMEMBERED {
            assert_eq!(throttle.take(key, at((key > 0).into())), Ok(()));
        }
        assert_eq!(throttle.counts.lock().unwrap().len(), REMEMBERED);
        assert_eq!(throttle.take(0, at(2)), Ok(()), "forgotten");
        assert!(throttle.take(REMEMBERED, at(2)).is_err(), "remembered");
    }

    #[test]
    fn a_clock_set_back_keeps_nobody_waiting() {
        let throttle = Throttle::new(1, TimeDelta::minutes(15));
        assert_eq!(throttle.take("a", at(10_000)), Ok(()));
        assert_eq!(throttle.take("a", at(0)), Ok(()));
    }
}
