//! Local times that a zone shows twice or never.

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// The first instant at which the zone's clocks show this, or show something later because they skip it.
pub(crate) fn first_instant(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(instant) | MappedLocalTime::Ambiguous(instant, _) => instant.to_utc(),
        MappedLocalTime::None => skip(local, zone),
    }
}

/// The instant from which the zone's clocks never again show anything earlier than this on their way past it.
///
/// Worked out from the last nanosecond before `local`: when clocks are put back from 03:00 to 02:00, what ends at
/// 02:00 ends when they show it first, and what ends at 03:00 ends when they show it for good.
pub(super) fn instant_behind(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let tick = TimeDelta::nanoseconds(1);
    let last = local.checked_sub_signed(tick).unwrap_or(local);
    match zone.from_local_datetime(&last) {
        MappedLocalTime::Single(instant) | MappedLocalTime::Ambiguous(_, instant) => {
            instant.to_utc().checked_add_signed(tick).unwrap_or(DateTime::<Utc>::MAX_UTC)
        }
        MappedLocalTime::None => skip(last, zone),
    }
}

/// The instant at which the clocks skip a local time that they never show.
fn skip(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    GapInfo::new(&local, &zone).and_then(|gap| gap.end).map_or_else(|| local.and_utc(), |end| end.to_utc())
}
