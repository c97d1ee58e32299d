//! Stored events as rows of a table.

use chrono::DateTime;
use chrono::Utc;
use chrono_tz::Tz;
use flightbox_domain::{query::Key, record::Flag};
use flightbox_event::{Actor, ActorKind};
use flightbox_store::Stored;

use super::{links::Linker, zone};
use crate::parts::table::{ActorCell, Day, Row};

/// Makes rows of one view.
pub struct Rows<'a> {
    /// Where the links of its values come from.
    pub links: Linker<'a>,
    /// The zone of its times.
    pub zone: Tz,
    /// When it is looked at.
    pub now: DateTime<Utc>,
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
        let (links, origin) = (&self.links, &event.origin);
        Row {
            seq: stored.seq,
            url: links.state.url(&format!("/events/{}", stored.seq)),
            // The time it is ordered by: a table whose times jump cannot be read. The event's page shows both.
            time: zone::stamp(stored.position.time(), self.zone, self.now),
            skewed: stored.record.flags().contains(&Flag::ClockSkew),
            actor: self.actor(&event.actor),
            action: links.value(Key::Action, &event.action),
            resource: event.resource.as_ref().map(|resource| links.value(Key::Resource, &resource.id)),
            outcome: links.value(Key::Outcome, event.outcome.as_str()),
            address: origin.ip.as_ref().map(|ip| links.value(Key::Ip, ip)),
            country: origin.country.clone(),
            source: links.value(Key::Source, &stored.record.source),
        }
    }

    /// Who did it.
    pub fn actor(&self, actor: &Actor) -> ActorCell {
        ActorCell {
            name: actor.name.clone().filter(|name| *name != actor.id),
            kind: (actor.kind != ActorKind::User).then(|| actor.kind.to_string()),
            id: self.links.value(Key::Actor, &actor.id),
        }
    }
}
