//! The exact test of one record, whatever the index could say of it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::{
    page::{Position, Range},
    query::{Key, Query, Value, address, words},
    record::Record,
    terms::{lineage, texts},
};

pub(super) struct Test<'a> {
    pub(super) record: &'a Record,
    pub(super) now: DateTime<Utc>,
    pub(super) zone: Tz,
}

impl Test<'_> {
    pub(super) fn passes(&self, query: &Query) -> bool {
        match query {
            Query::All => true,
            Query::And(parts) => parts.iter().all(|part| self.passes(part)),
            Query::Or(parts) => parts.iter().any(|part| self.passes(part)),
            Query::Not(part) => !self.passes(part),
            Query::Text(text) => self.says(text),
            Query::Is(qualifier) => qualifier.any_of.iter().any(|value| self.is(qualifier.key, value)),
        }
    }

    fn is(&self, key: Key, value: &Value) -> bool {
        let event = &self.record.event;
        match key {
            Key::Actor => one_is([Some(event.actor.id.as_str()), event.actor.name.as_deref()], value),
            Key::Action => match value {
                Value::Exact(wanted) => lineage(&event.action).any(|action| action == wanted),
                value => is(&event.action, value),
            },
            Key::Resource => one_is([event.resource.as_ref().map(|resource| resource.id.as_str())], value),
            Key::Outcome => is(event.outcome.as_str(), value),
            Key::Source => is(&self.record.source, value),
            Key::Ip => event.origin.ip.as_deref().is_some_and(|seen| address_is(seen, value)),
            Key::Created => match value {
                Value::Time(time) => {
                    let (from, to) = time.resolve(self.now, self.zone);
                    Range::between(from, to).contains(Position::start_of(self.record.order_time()))
                }
                _ => false,
            },
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

fn one_is<const N: usize>(texts: [Option<&str>; N], value: &Value) -> bool {
    texts.into_iter().flatten().any(|text| is(text, value))
}

pub(super) fn is(text: &str, value: &Value) -> bool {
    match value {
        Value::Exact(wanted) => text == wanted,
        Value::Prefix(start) => text.starts_with(start.as_str()),
        Value::Pattern(pattern) => pattern.matches(text),
        Value::Contains(part) => text.to_lowercase().contains(&part.to_lowercase()),
        Value::Exists => true,
        Value::Network(_) | Value::Time(_) => false,
    }
}

fn address_is(seen: &str, value: &Value) -> bool {
    match (address(seen), value) {
        (Some(address), Value::Network(network)) => network.contains(&address),
        (Some(address), value) => is(&address.to_string(), value),
        (None, value) => is(seen, value),
    }
}
