//! The few fields of a record that are counted.

use crate::record::Record;

/// What facets count of a record, wherever it is read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance<'a> {
    /// The source that sent it.
    pub source: &'a str,
    /// Who did it, by id.
    pub actor: &'a str,
    /// What was done.
    pub action: &'a str,
    /// The type of what it was done to.
    pub resource_type: Option<&'a str>,
    /// How it ended.
    pub outcome: &'a str,
    /// The address it came from, as it was seen.
    pub ip: Option<&'a str>,
    /// The request method.
    pub method: Option<&'a str>,
    /// The response status.
    pub status: Option<u16>,
    /// How much it matters.
    pub severity: &'a str,
}

impl<'a> Glance<'a> {
    /// That of a record.
    pub fn of(record: &'a Record) -> Self {
        let event = &record.event;
        let http = event.http.as_ref();
        Self {
            source: &record.source,
            actor: &event.actor.id,
            action: &event.action,
            resource_type: event.resource.as_ref().and_then(|resource| resource.kind.as_deref()),
            outcome: event.outcome.as_str(),
            ip: event.origin.ip.as_deref(),
            method: http.and_then(|http| http.method.as_deref()),
            status: http.and_then(|http| http.status),
            severity: event.severity.as_str(),
        }
    }
}

/// A field of which the busiest values are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// What was done.
    Action,
    /// Who did it, by id.
    Actor,
    /// The type of what it was done to.
    ResourceType,
    /// How it ended.
    Outcome,
    /// The address it came from, as it was seen.
    Ip,
    /// The source that sent it.
    Source,
    /// The request method.
    Method,
    /// The response status by its first digit: `4xx`.
    StatusClass,
    /// How much it matters.
    Severity,
}

impl Facet {
    /// Every facet, in the order in which they are shown.
    pub const ALL: &[Facet] = &[
        Facet::Action,
        Facet::Actor,
        Facet::ResourceType,
        Facet::Outcome,
        Facet::Ip,
        Facet::Source,
        Facet::Method,
        Facet::StatusClass,
        Facet::Severity,
    ];

    /// Its name in the API; that of the query's key where there is one.
    pub fn name(self) -> &'static str {
        match self {
            Facet::Action => "action",
            Facet::Actor => "actor",
            Facet::ResourceType => "resource.type",
            Facet::Outcome => "outcome",
            Facet::Ip => "ip",
            Facet::Source => "source",
            Facet::Method => "method",
            Facet::StatusClass => "status",
            Facet::Severity => "severity",
        }
    }

    /// Whether its values are few enough to be tallied by the hour while events come in.
    pub fn is_tallied(self) -> bool {
        !matches!(self, Facet::Actor | Facet::Ip)
    }

    /// The value that an event has in it.
    pub fn of<'a>(self, glance: &Glance<'a>) -> Option<&'a str> {
        match self {
            Facet::Action => Some(glance.action),
            Facet::Actor => Some(glance.actor),
            Facet::ResourceType => glance.resource_type,
            Facet::Outcome => Some(glance.outcome),
            Facet::Ip => glance.ip,
            Facet::Source => Some(glance.source),
            Facet::Method => glance.method,
            Facet::StatusClass => glance.status.and_then(class),
            Facet::Severity => Some(glance.severity),
        }
    }
}

fn class(status: u16) -> Option<&'static str> {
    const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
    CLASSES.get(usize::from(status / 100).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use flightbox_event::{json, parse_event};

    use super::*;

    #[test]
    fn each_facet_has_the_value_of_its_field() {
        let event = json::parse(
            br#"{"actor":"alice","action":"user.update","resource":"/users/7","outcome":"denied","severity":"notice",
                "origin":{"ip":"10.0.0.1"},"http":{"method":"POST","status":403}}"#,
        );
        let event = parse_event(&event.unwrap()).unwrap();
        let received_at = DateTime::UNIX_EPOCH;
        let record = Record { received_at, source: "billing".to_owned(), rules: 1, event, seals: Vec::new() };
        let glance = Glance::of(&record);
        let values: Vec<_> = Facet::ALL.iter().filter_map(|facet| facet.of(&glance)).collect();
        assert_eq!(values, ["user.update", "alice", "users", "denied", "10.0.0.1", "billing", "POST", "4xx", "notice"]);
    }
}
