//! The exact test of one record, whatever the index could say of it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_event::Json;

use crate::{
    flag::{Flag, Flags},
    keys::Keys,
    page::{Position, Range},
    query::{Key, Path, Query, Value, address, number, words},
    record::Record,
    seal::Seal,
    terms::{detail_digest, lineage, scalars, texts},
};

pub(super) struct Test<'a> {
    pub(super) seq: i64,
    pub(super) record: &'a Record,
    pub(super) flags: Flags,
    pub(super) now: DateTime<Utc>,
    pub(super) zone: Tz,
    pub(super) keys: &'a Keys,
}

impl Test<'_> {
    pub(super) fn passes(&self, query: &Query) -> bool {
        match query {
            Query::All => true,
            Query::And(parts) => parts.iter().all(|part| self.passes(part)),
            Query::Or(parts) => parts.iter().any(|part| self.passes(part)),
            Query::Not(part) => !self.passes(part),
            Query::Text(text) => self.says(text),
            Query::Is(qualifier) => qualifier.any_of.iter().any(|value| self.is(&qualifier.key, value)),
        }
    }

    fn is(&self, key: &Key, value: &Value) -> bool {
        let (record, event) = (self.record, &self.record.event);
        let (resource, origin, http) = (event.resource.as_ref(), &event.origin, event.http.as_ref());
        match key {
            Key::Actor => some_is([event.actor.id.as_str()].into_iter().chain(event.actor.name.as_deref()), value),
            Key::ActorType => is(event.actor.kind.as_str(), value),
            Key::Action => match value {
                Value::Exact(wanted) => lineage(&event.action).any(|action| action == wanted),
                value => is(&event.action, value),
            },
            Key::Resource => some_is(resource.map(|resource| resource.id.as_str()), value),
            Key::ResourceType => some_is(resource.and_then(|resource| resource.kind.as_deref()), value),
            Key::Outcome => is(event.outcome.as_str(), value),
            Key::Ip => origin.ip.as_deref().is_some_and(|seen| address_is(seen, value)),
            Key::Country => caseless_is(origin.country.as_deref(), value),
            Key::Agent => some_is(origin.user_agent.as_deref(), value),
            Key::Method => caseless_is(http.and_then(|http| http.method.as_deref()), value),
            Key::Path => some_is(http.and_then(|http| http.path.as_deref()), value),
            Key::Status => number_is(http.and_then(|http| http.status).map(f64::from), value),
            Key::Duration => number_is(http.and_then(|http| http.duration_ms.as_ref()).and_then(double), value),
            Key::Session => some_is(origin.session_id.as_deref(), value),
            Key::Request => some_is(origin.request_id.as_deref(), value),
            Key::Source => is(&record.source, value),
            Key::Severity => is(event.severity.as_str(), value),
            Key::Created => self.time_is(record.order_time(), value),
            Key::Received => self.time_is(record.received_at, value),
            Key::Sensitive => is(if record.is_sensitive() { "yes" } else { "no" }, value),
            Key::Flag => some_is(self.flags.iter().map(Flag::as_str), value),
            Key::Id => some_is(event.id.as_deref(), value),
            Key::Seq => number_is(Some(self.seq as f64), value),
            Key::Detail(path) => {
                let clear = event.details.as_ref().is_some_and(|details| detail_is(details, path, value));
                clear || record.seals.iter().any(|seal| self.sealed_is(seal, path, value))
            }
        }
    }

    /// Whether a value is sealed at this path, and, where it can be searched for, whether it is this one.
    fn sealed_is(&self, seal: &Seal, path: &Path, value: &Value) -> bool {
        let is_there = || seal.place.detail_path(&self.record.event).as_deref() == Some(path.as_str());
        match value {
            Value::Exists => is_there(),
            Value::Exact(wanted) => {
                seal.lookup.is_some_and(|digest| digest == detail_digest(self.keys, path.as_str(), wanted))
                    && is_there()
            }
            _ => false,
        }
    }

    fn time_is(&self, time: DateTime<Utc>, value: &Value) -> bool {
        match value {
            Value::Exists => true,
            Value::Time(range) => {
                let (from, to) = range.resolve(self.now, self.zone);
                Range::between(from, to).contains(Position::start_of(time))
            }
            _ => false,
        }
    }

    /// Whether the words stand next to each other, in this order, in one of the event's texts.
    fn says(&self, phrase: &str) -> bool {
        let wanted: Vec<_> = words(phrase).collect();
        let mut found = false;
        texts(&self.record.event, |text| {
            let said: Vec<_> = words(text).collect();
            found |= said.windows(wanted.len().max(1)).any(|window| window == wanted);
        });
        found || wanted.is_empty()
    }
}

fn some_is<'a>(texts: impl IntoIterator<Item = &'a str>, value: &Value) -> bool {
    texts.into_iter().any(|text| is(text, value))
}

pub(super) fn is(text: &str, value: &Value) -> bool {
    match value {
        Value::Exact(wanted) => text == wanted,
        Value::Prefix(start) => text.starts_with(start.as_str()),
        Value::Pattern(pattern) => pattern.matches(text),
        Value::Contains(part) => text.to_lowercase().contains(&part.to_lowercase()),
        Value::Exists => true,
        Value::Network(_) | Value::Time(_) | Value::Number(_) => false,
    }
}

/// The value is in ASCII capitals already.
fn caseless_is(text: Option<&str>, value: &Value) -> bool {
    text.is_some_and(|text| is(&text.to_ascii_uppercase(), value))
}

fn number_is(number: Option<f64>, value: &Value) -> bool {
    number.is_some_and(|number| match value {
        Value::Number(range) => range.contains(number),
        value => *value == Value::Exists,
    })
}

fn double(json: &Json) -> Option<f64> {
    match json {
        Json::Number(number) => Some(number.as_f64()),
        _ => None,
    }
}

/// Whether some scalar at this path has the value. A text that writes a number compares like one.
fn detail_is(details: &Json, path: &Path, value: &Value) -> bool {
    let mut found = false;
    scalars(details, |at, text| {
        found |= at == path.as_str()
            && match value {
                Value::Number(range) => number(text).is_some_and(|number| range.contains(number)),
                value => is(text, value),
            }
    });
    found
}

fn address_is(seen: &str, value: &Value) -> bool {
    match (address(seen), value) {
        (Some(address), Value::Network(network)) => network.contains(&address),
        (Some(address), value) => is(&address.to_string(), value),
        (None, value) => is(seen, value),
    }
}
