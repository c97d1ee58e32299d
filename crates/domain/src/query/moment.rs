//! One written time: a day, a time to some precision, or a time ago.

mod text;
mod zone;

pub(crate) use zone::first_instant;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset as _, TimeDelta, Utc};
use chrono_tz::Tz;

pub(super) use text::NoMoment;

/// A time as it was written. It lasts as long as the smallest part that was written: a day, a minute, a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// A whole day in the view's zone: `2026-01-31`.
    Day(NaiveDate),
    /// A date and time: `2026-01-31T09:30`, `2026-01-31T09:30:00.250+01:00`.
    Time {
        /// What the clock on the wall shows.
        local: NaiveDateTime,
        /// The smallest part that was written.
        precision: Precision,
        /// The offset that was written; without one, the view's zone counts.
        offset: Option<FixedOffset>,
    },
    /// An instant before now: `-24h`. A day is 24 hours here, whatever the clocks do.
    Ago {
        /// How many units; read from text, at most 99,999.
        count: u32,
        /// Of what length.
        unit: Unit,
    },
}

/// The smallest part of a time that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// `09:30`
    Minute,
    /// `09:30:15`
    Second,
    /// `09:30:15.250`: so many digits, 1 to 9.
    Fraction(u8),
}

/// The unit of a time ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`, 24 hours
    Day,
    /// `w`, 7 days
    Week,
}

/// How a moment lies in time.
enum Extent {
    /// From start to end on a wall's clock, the end not in it.
    Wall { start: NaiveDateTime, end: NaiveDateTime, offset: Option<FixedOffset> },
    /// So long before now.
    Ago(TimeDelta),
}

impl Moment {
    /// The same instant, told in a way that does not move with the clock.
    pub fn pinned(self, now: DateTime<Utc>) -> Self {
        match self {
            Self::Ago { .. } => Self::Time {
                local: DateTime::from_timestamp_millis(self.start(now, Tz::UTC).timestamp_millis())
                    .unwrap_or(now)
                    .naive_utc(),
                precision: Precision::Fraction(3),
                offset: Some(Utc.fix()),
            },
            fixed => fixed,
        }
    }

    /// Whether it moves with the clock.
    pub fn is_relative(self) -> bool {
        matches!(self, Self::Ago { .. })
    }

    /// The first instant of it.
    pub fn start(self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        match self.extent() {
            Extent::Wall { start, offset: Some(offset), .. } => utc(start, offset).and_utc(),
            Extent::Wall { start, offset: None, .. } => zone::first_instant(start, zone),
            Extent::Ago(length) => now.checked_sub_signed(length).unwrap_or(DateTime::<Utc>::MIN_UTC),
        }
    }

    /// The first instant behind it; for a time ago, which does not last, the instant itself.
    pub fn end(self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        match self.extent() {
            Extent::Wall { end, offset: Some(offset), .. } => utc(end, offset).and_utc(),
            Extent::Wall { end, offset: None, .. } => zone::instant_behind(end, zone),
            Extent::Ago(_) => self.start(now, zone),
        }
    }

    /// Whether it is over before `other` starts, whatever the hour and the zone.
    pub(super) fn is_over_before(self, other: Self) -> bool {
        match (self.extent(), other.extent()) {
            (Extent::Ago(length), Extent::Ago(other)) => length > other,
            (Extent::Wall { end, offset, .. }, Extent::Wall { start, offset: other, .. }) => {
                let (end, start) =
                    (offset.map_or(end, |offset| utc(end, offset)), other.map_or(start, |offset| utc(start, offset)));
                // Between a time in UTC and one in a zone yet unknown, nothing is sure within a day.
                let unsure = if offset.is_some() == other.is_some() { TimeDelta::zero() } else { TimeDelta::days(1) };
                end <= start && start - end >= unsure
            }
            _ => false,
        }
    }

    fn extent(self) -> Extent {
        match self {
            Self::Day(day) => {
                let start = day.and_time(NaiveTime::MIN);
                let end = start.checked_add_days(Days::new(1)).unwrap_or(NaiveDateTime::MAX);
                Extent::Wall { start, end, offset: None }
            }
            Self::Time { local: start, precision, offset } => {
                let end = start.checked_add_signed(precision.length()).unwrap_or(NaiveDateTime::MAX);
                Extent::Wall { start, end, offset }
            }
            Self::Ago { count, unit } => Extent::Ago(TimeDelta::seconds(i64::from(count) * unit.seconds())),
        }
    }
}

impl Precision {
    fn length(self) -> TimeDelta {
        match self {
            Self::Minute => TimeDelta::minutes(1),
            Self::Second => TimeDelta::seconds(1),
            Self::Fraction(digits) => TimeDelta::nanoseconds(fraction_unit(digits).into()),
        }
    }
}

impl Unit {
    fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Week => 604_800,
        }
    }
}

/// The nanoseconds that one unit of the last of so many digits stands for.
fn fraction_unit(digits: u8) -> u32 {
    10_u32.pow(9_u32.saturating_sub(digits.into()))
}

fn utc(local: NaiveDateTime, offset: FixedOffset) -> NaiveDateTime {
    local.checked_sub_offset(offset).unwrap_or(local)
}
