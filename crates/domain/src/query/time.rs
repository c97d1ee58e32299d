//! Ranges of time, kept as they were written until somebody has a clock and a zone.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::error::{QueryError, shown};
use super::lexer::Raw;
use super::moment::NoMoment;
use super::span::{Scale, Span};
use super::value::bad_value;
use super::{Key, Moment};

/// A range of time.
pub type TimeRange = Span<Moment>;

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
            Self::Above(moment) => (end(moment), None),
            Self::AtLeast(moment) => (start(moment), None),
            Self::Below(moment) => (None, start(moment)),
            Self::AtMost(moment) => (None, end(moment)),
            Self::Between(first, last) => (start(first), end(last)),
        }
    }

    /// Whether it moves with the clock.
    pub fn is_relative(&self) -> bool {
        self.ends().any(|moment| moment.is_relative())
    }
}

impl Scale for Moment {
    const IN_ORDER: &str = "the earlier time first";

    fn read(key: &Key, raw: &Raw, text: &str) -> Result<Self, QueryError> {
        Self::read(text).map_err(|problem| refused(key, raw, text, &problem))
    }

    fn is_before(self, other: Self) -> bool {
        self.is_over_before(other)
    }

    /// A day is that day, but `-24h` is everything since.
    fn alone(self) -> TimeRange {
        if self.is_relative() { Span::AtLeast(self) } else { Span::At(self) }
    }
}

fn refused(key: &Key, raw: &Raw, text: &str, problem: &NoMoment) -> QueryError {
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
