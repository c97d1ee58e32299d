//! The few fields of a record that are counted, read without reading the rest.

use std::borrow::Cow;

use serde::Deserialize;

use crate::record::{Corrupt, Record};

/// What facets count of a record. Reading it costs a fraction of reading the record whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Glance<'a> {
    #[serde(borrow)]
    source: Text<'a>,
    #[serde(borrow)]
    event: Event<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    actor: Actor<'a>,
    #[serde(borrow)]
    action: Text<'a>,
    #[serde(borrow)]
    resource: Option<Resource<'a>>,
    #[serde(borrow)]
    outcome: Text<'a>,
    #[serde(borrow)]
    severity: Text<'a>,
    #[serde(borrow, default)]
    origin: Origin<'a>,
    #[serde(borrow, default)]
    http: Http<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Actor<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Resource<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Origin<'a> {
    #[serde(borrow)]
    ip: Option<Text<'a>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Http<'a> {
    #[serde(borrow)]
    method: Option<Text<'a>>,
    status: Option<u16>,
}

/// A string that is copied only where JSON escapes something in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Glance<'a> {
    /// Reads it out of a record's canonical bytes.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, Corrupt> {
        serde_json::from_slice(bytes).map_err(|error| Corrupt::new(error.to_string()))
    }

    /// That of a record that has been read.
    pub fn of(record: &'a Record) -> Self {
        let text = |text: &'a str| Text(Cow::Borrowed(text));
        let event = &record.event;
        let http = event.http.as_ref();
        Self {
            source: text(&record.source),
            event: Event {
                actor: Actor { id: text(&event.actor.id) },
                action: text(&event.action),
                resource: event.resource.as_ref().map(|resource| Resource { kind: resource.kind.as_deref().map(text) }),
                outcome: text(event.outcome.as_str()),
                severity: text(event.severity.as_str()),
                origin: Origin { ip: event.origin.ip.as_deref().map(text) },
                http: Http {
                    method: http.and_then(|http| http.method.as_deref()).map(text),
                    status: http.and_then(|http| http.status),
                },
            },
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
    pub fn of<'a>(self, glance: &'a Glance<'_>) -> Option<&'a str> {
        let event = &glance.event;
        match self {
            Facet::Action => Some(&event.action.0),
            Facet::Actor => Some(&event.actor.id.0),
            Facet::ResourceType => event.resource.as_ref()?.kind.as_ref().map(|kind| &*kind.0),
            Facet::Outcome => Some(&event.outcome.0),
            Facet::Ip => event.origin.ip.as_ref().map(|ip| &*ip.0),
            Facet::Source => Some(&glance.source.0),
            Facet::Method => event.http.method.as_ref().map(|method| &*method.0),
            Facet::StatusClass => event.http.status.and_then(class),
            Facet::Severity => Some(&event.severity.0),
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
    use crate::{record::RULES, sample::Plan};

    fn record(event: &str) -> Record {
        let event = parse_event(&json::parse(event.as_bytes()).unwrap()).unwrap();
        Record {
            record_id: "00".repeat(16),
            received_at: DateTime::UNIX_EPOCH,
            source: "billing".to_owned(),
            rules: RULES,
            event,
        }
    }

    #[test]
    fn a_glance_at_the_bytes_shows_what_the_record_says() {
        let odd = r#"{"actor":"a\"\\\u0000é","action":"x","origin":{"ip":"::1"},"http":{"method":"GET","status":404}}"#;
        let samples = Plan::fixed(500, 3).events().map(|event| event.to_string());
        for event in samples.chain([odd.to_owned()]) {
            let record = record(&event);
            let bytes = record.to_bytes();
            assert_eq!(Glance::from_bytes(&bytes), Ok(Glance::of(&record)), "{event}");
        }
    }

    #[test]
    fn each_facet_has_the_value_of_its_field() {
        let record = record(
            r#"{"actor":"alice","action":"user.update","resource":"/users/7","outcome":"denied","severity":"notice",
                "origin":{"ip":"10.0.0.1"},"http":{"method":"POST","status":403}}"#,
        );
        let glance = Glance::of(&record);
        let values: Vec<_> = Facet::ALL.iter().filter_map(|facet| facet.of(&glance)).collect();
        assert_eq!(values, ["user.update", "alice", "users", "denied", "10.0.0.1", "billing", "POST", "4xx", "notice"]);
    }
}
