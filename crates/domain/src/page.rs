//! Order and paging: where an event stands, which stretch is wanted, and a cursor nobody can forge.

use chrono::{DateTime, Datelike, Duration, TimeZone, Utc};

/// Low bits of a position, which tell events of one millisecond apart. Each costs an eighth of a byte in every posting;
/// 64 places a millisecond are 64,000 events a second, more than one log takes, so that events whose time is that of
/// their receipt never stand ahead of it for long.
const PLACE_BITS: u32 = 6;
/// How far into the future of its receipt an event may claim to have happened.
const FUTURE: Duration = Duration::minutes(5);

/// Where an event stands in order: its order time in milliseconds, then its place within the millisecond.
/// A greater position is a later event; no two events share one. Events that find their millisecond full stand in the
/// next one that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub i64);

impl Position {
    /// The least position there is.
    pub const FIRST: Position = Position(0);
    /// The greatest position there is.
    pub const LAST: Position = Position(i64::MAX);

    /// How many places a millisecond has.
    pub const PER_MILLISECOND: i64 = 1 << PLACE_BITS;

    /// The least position of a millisecond.
    pub fn start_of(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_millis().max(0) << PLACE_BITS)
    }

    /// The first position of its millisecond.
    pub fn millisecond(self) -> Self {
        Self(self.0 & !(Self::PER_MILLISECOND - 1))
    }

    /// The position after this one.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The order time.
    pub fn time(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0 >> PLACE_BITS).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// A time without what is finer than a position can tell.
    pub fn floor(time: DateTime<Utc>) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(time.timestamp_millis()).unwrap_or(time)
    }

    /// The month it falls in.
    pub fn month(self) -> Month {
        let time = self.time();
        Month(time.year() * 100 + time.month() as i32)
    }
}

/// A month in UTC as the number `YYYYMM`: one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub i32);

/// Order time: what is claimed, within [2000-01-01, receipt + 5 minutes], to the millisecond.
/// Nobody can pin an event to the top for good, or age it out, by lying about time.
pub fn clamp(claimed: DateTime<Utc>, received_at: DateTime<Utc>) -> DateTime<Utc> {
    let earliest = Utc.with_ymd_and_hms(2000, 1, 1, 0, 0, 0).single().unwrap_or(DateTime::UNIX_EPOCH);
    let latest = (received_at + FUTURE).max(earliest);
    Position::floor(claimed.clamp(earliest, latest))
}

/// Positions from `from`, inclusive, to `to`, exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    /// The first position inside.
    pub from: Position,
    /// The first position after.
    pub to: Position,
}

impl Range {
    /// Everything.
    pub const ALL: Range = Range { from: Position::FIRST, to: Position::LAST };

    /// From one time, inclusive, to another, exclusive; open where there is none.
    pub fn between(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Self {
        Self { from: from.map_or(Position::FIRST, ceil), to: to.map_or(Position::LAST, ceil) }
    }

    /// What lies in both.
    pub fn and(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// Whether a position lies inside.
    pub fn contains(self, position: Position) -> bool {
        self.from <= position && position < self.to
    }

    /// Whether nothing lies inside.
    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }
}

/// Bounds are to the millisecond as order times are: a bound within a millisecond leaves that millisecond out.
fn ceil(time: DateTime<Utc>) -> Position {
    let start = Position::start_of(time);
    if Position::floor(time) < time { Position(start.0 + Position::PER_MILLISECOND) } else { start }
}

/// Which way a page goes from its cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards older events.
    Older,
    /// Towards newer events.
    Newer,
}

/// A place between two events: pages continue from it in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last event already seen.
    pub position: Position,
    /// Which way to go on.
    pub direction: Direction,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn nobody_orders_an_event_by_a_lie() {
        let received = at("2026-11-22T12:00:00Z");
        assert_eq!(clamp(at("1999-01-01T00:00:00Z"), received), at("2000-01-01T00:00:00Z"));
        assert_eq!(clamp(at("2999-01-01T00:00:00Z"), received), at("2026-11-22T12:05:00Z"));
        assert_eq!(clamp(at("2026-11-22T11:00:00.123456Z"), received), at("2026-11-22T11:00:00.123Z"));
    }

    #[test]
    fn a_range_includes_its_start_and_not_its_end() {
        let range = Range::between(Some(at("2026-01-01T00:00:00Z")), Some(at("2026-02-01T00:00:00Z")));
        let next_month = Position::start_of(at("2026-02-01T00:00:00Z"));
        assert!(range.contains(Position::start_of(at("2026-01-01T00:00:00Z"))));
        assert!(range.contains(Position(next_month.0 - 1)));
        assert!(!range.contains(next_month));
    }
}
