//! Stored events as rows of a table.

use std::{cell::RefCell, collections::HashMap};

use chrono::DateTime;
use chrono::Utc;
use chrono_tz::Tz;
use flightbox_domain::query::Key;
use flightbox_event::{Actor, ActorKind, Event};
use flightbox_store::Stored;

use super::{links::Linker, remark::remarks, zone};
use crate::parts::{
    columns::Column,
    table::{ActorCell, Cell, Day, Row},
    value::Value,
};

/// Makes rows of one view.
pub struct Rows<'a> {
    /// Where the links of its values come from.
    pub links: Linker<'a>,
    /// The zone of its times.
    pub zone: Tz,
    /// When it is looked at.
    pub now: DateTime<Utc>,
    /// The columns of its table.
    pub columns: Vec<&'static Column>,
    /// Values with their links that it has made already: most of a page’s values stand in it more than once, each with up
    /// to three URLs to write.
    pub known: RefCell<HashMap<(Key, String), Value>>,
}

impl Rows<'_> {
    /// The rows by day of the zone, in the order given.
    pub fn days(&self, events: &[Stored]) -> Vec<Day> {
        let mut days: Vec<Day> = Vec::new();
        for stored in events {
            let time = stored.position.time();
            let row = self.row(stored);
            match days.last_mut().filter(|day| day.date == row.time.date) {
                Some(day) => day.rows.push(row),
                None => days.push(Day {
                    label: zone::day(time.with_timezone(&self.zone).date_naive(), self.zone, self.now),
                    date: row.time.date.clone(),
                    offset: row.time.offset.clone(),
                    rows: vec![row],
                }),
            }
        }
        days
    }

    /// One event as a row.
    pub fn row(&self, stored: &Stored) -> Row {
        let event = &stored.record.event;
        let origin = &event.origin;
        Row {
            seq: stored.seq,
            url: self.links.state.event_page(stored.seq),
            // The time it is ordered by: a table whose times jump cannot be read. The event's page shows both.
            time: zone::stamp(stored.position.time(), self.zone, self.now),
            remarks: remarks(stored, self.links.state),
            sealed: !stored.record.seals.is_empty(),
            actor: self.actor(&event.actor),
            action: self.value(Key::Action, &event.action),
            resource: event.resource.as_ref().map(|resource| self.value(Key::Resource, &resource.id)),
            outcome: self.value(Key::Outcome, event.outcome.as_str()),
            address: origin.ip.as_ref().map(|ip| self.value(Key::Ip, ip)),
            country: origin.country.clone(),
            source: self.value(Key::Source, &stored.record.source),
            more: self.more(event),
        }
    }

    /// A value with its links.
    fn value(&self, key: Key, text: &str) -> Value {
        let mut known = self.known.borrow_mut();
        known
            .entry((key, text.to_owned()))
            .or_insert_with_key(|(key, text)| self.links.value(key.clone(), text))
            .clone()
    }

    /// What an event says in the columns that are not there unless somebody chose them.
    fn more(&self, event: &Event) -> Vec<Cell> {
        let (origin, http) = (&event.origin, event.http.as_ref());
        let link = |key, text: Option<&str>| text.map(|text| self.value(key, text));
        let cell = |column: &&Column| {
            let value = match column.name {
                "method" => link(Key::Method, http.and_then(|http| http.method.as_deref())),
                "status" => link(Key::Status, http.and_then(|http| http.status).map(|it| it.to_string()).as_deref()),
                "path" => link(Key::Path, http.and_then(|http| http.path.as_deref())),
                "session" => link(Key::Session, origin.session_id.as_deref()),
                "request" => link(Key::Request, origin.request_id.as_deref()),
                "agent" => link(Key::Agent, origin.user_agent.as_deref()),
                "severity" => link(Key::Severity, Some(event.severity.as_str())),
                "reason" => {
                    let reason = event.reason.clone();
                    reason.map(|text| Value { key: "reason".to_owned(), text, only: None, without: None, page: None })
                }
                _ => None,
            };
            Cell { column: column.name.to_owned(), value }
        };
        self.columns.iter().filter(|column| !column.usual).map(cell).collect()
    }

    /// Who did it.
    pub fn actor(&self, actor: &Actor) -> ActorCell {
        ActorCell {
            name: actor.name.clone().filter(|name| *name != actor.id),
            kind: (actor.kind != ActorKind::User).then(|| actor.kind.to_string()),
            id: self.value(Key::Actor, &actor.id),
        }
    }
}
