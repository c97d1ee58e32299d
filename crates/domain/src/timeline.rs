//! An actor's events as a person would tell them: by day, and within a day by session.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;

/// Silence after which what follows is another session, where events name none.
pub const SILENCE: Duration = Duration::minutes(30);

/// What a timeline needs to know of an event.
pub trait Moment {
    /// When it happened.
    fn time(&self) -> DateTime<Utc>;
    /// The session it names.
    fn session_id(&self) -> Option<&str>;
}

/// One day's sessions, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day<T> {
    /// The day in the view's zone.
    pub date: NaiveDate,
    /// Its sessions.
    pub sessions: Vec<Session<T>>,
}

/// Events that belong together, newest first; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session<T> {
    /// The session that the events name.
    pub id: Option<String>,
    /// The events.
    pub events: Vec<T>,
}

/// Splits events, newest first, into days of the zone and their sessions: by the session an event names, else where
/// [`SILENCE`] lies between two events. Sessions that overlap are kept apart, each where its newest event stands.
pub fn days<T: Moment>(events: Vec<T>, zone: Tz) -> Vec<Day<T>> {
    let mut days: Vec<Day<T>> = Vec::new();
    for event in events {
        let date = event.time().with_timezone(&zone).date_naive();
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => place(&mut day.sessions, event),
            None => days.push(Day { date, sessions: vec![Session::of(event)] }),
        }
    }
    days
}

fn place<T: Moment>(sessions: &mut Vec<Session<T>>, event: T) {
    let same = |session: &&mut Session<T>| match event.session_id() {
        Some(id) => session.id.as_deref() == Some(id),
        None => session.id.is_none() && session.start().is_some_and(|start| start - event.time() < SILENCE),
    };
    match sessions.iter_mut().rev().find(same) {
        Some(session) => session.events.push(event),
        None => sessions.push(Session::of(event)),
    }
}

impl<T: Moment> Session<T> {
    fn of(event: T) -> Self {
        Self { id: event.session_id().map(str::to_owned), events: vec![event] }
    }

    /// When its first event of the day happened.
    pub fn start(&self) -> Option<DateTime<Utc>> {
        self.events.last().map(Moment::time)
    }

    /// When its last event of the day happened.
    pub fn end(&self) -> Option<DateTime<Utc>> {
        self.events.first().map(Moment::time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Moment for (&'static str, Option<&'static str>) {
        fn time(&self) -> DateTime<Utc> {
            self.0.parse().unwrap()
        }

        fn session_id(&self) -> Option<&str> {
            self.1
        }
    }

    #[test]
    fn half_an_hour_of_silence_ends_a_session() {
        let events = vec![
            ("2026-11-22T12:30:00Z", None),
            ("2026-11-22T12:00:01Z", None),
            ("2026-11-22T11:30:01Z", None),
            ("2026-11-22T11:29:00Z", None),
        ];
        let days = days(events, Tz::UTC);
        let sizes: Vec<_> = days[0].sessions.iter().map(|session| session.events.len()).collect();
        assert_eq!((days.len(), sizes), (1, vec![2, 2]));
    }

    #[test]
    fn overlapping_sessions_are_kept_apart_by_their_ids() {
        let events = vec![
            ("2026-11-22T12:03:00Z", Some("a")),
            ("2026-11-22T12:02:00Z", Some("b")),
            ("2026-11-22T12:01:00Z", Some("a")),
            ("2026-11-22T12:00:30Z", None),
        ];
        let days = days(events, Tz::UTC);
        let ids: Vec<_> =
            days[0].sessions.iter().map(|session| (session.id.as_deref(), session.events.len())).collect();
        assert_eq!(ids, [(Some("a"), 2), (Some("b"), 1), (None, 1)]);
    }

    #[test]
    fn a_day_is_a_day_of_the_zone() {
        let events = vec![("2026-11-22T23:30:00Z", None), ("2026-11-22T22:30:00Z", None)];
        assert_eq!(days(events.clone(), Tz::Europe__Berlin).len(), 2);
        assert_eq!(days(events, Tz::UTC).len(), 1);
    }
}
