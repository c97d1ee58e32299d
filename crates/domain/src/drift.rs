//! What is new about a source: actions it had never sent, fields its events had never had.
//!
//! Until a source is known nothing of it is new. It is being learned for its first [`LEARNING_TIME`], by the times of its
//! events, and until it has sent [`LEARNING`] of them; [`LEARNING_MOST`] is enough for one that sends few.

use std::fmt;

use chrono::TimeDelta;

/// How many events teach.
pub const LEARNING: u64 = 1_000;
/// For how long a source teaches at least.
pub const LEARNING_TIME: TimeDelta = TimeDelta::hours(1);
/// After how long it does no more, however little it has sent.
pub const LEARNING_MOST: TimeDelta = TimeDelta::days(7);

/// Whether a source that has sent so many events is still being learned, so long after the first of them.
pub fn is_learning(events: u64, known_for: TimeDelta) -> bool {
    known_for < LEARNING_TIME || events < LEARNING && known_for < LEARNING_MOST
}

/// What the events of a source can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trait {
    /// An action.
    Action,
    /// A field that changes.
    Change,
    /// A path into the details.
    Detail,
}

impl Trait {
    /// Every kind.
    pub const ALL: [Trait; 3] = [Trait::Action, Trait::Change, Trait::Detail];

    /// The word that names it where it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Trait::Action => "action",
            Trait::Change => "change",
            Trait::Detail => "detail",
        }
    }

    /// The same in one letter.
    pub fn letter(self) -> char {
        match self {
            Trait::Action => 'a',
            Trait::Change => 'c',
            Trait::Detail => 'd',
        }
    }
}

impl fmt::Display for Trait {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_known_after_an_hour_and_a_thousand_events_or_after_a_week() {
        let (minutes, days) = (TimeDelta::minutes, TimeDelta::days);
        assert!(is_learning(1_000_000, minutes(59)), "whatever it sends at first");
        assert!(!is_learning(1_000, minutes(60)));
        assert!(is_learning(999, days(6)));
        assert!(!is_learning(1, days(7)));
        assert!(is_learning(5_000, days(-3)), "what is older than the first that came only teaches");
    }
}
