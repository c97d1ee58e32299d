//! A query in words: what the table below shows.

use flightbox_domain::query::{Key, Qualifier, Query, Value};
use flightbox_event::{Event, Outcome};

use crate::parts::sentence::Piece;

/// `Denied secret.read events by deploy-bot in the last 24 hours`.
pub fn of_query(query: &Query, window: &str) -> Vec<Piece> {
    let terms = query.terms();
    let mut words = Words::default();
    let outcomes: Vec<_> = positive(terms, Key::Outcome).collect();
    match (outcomes.is_empty(), terms.is_empty()) {
        (true, true) => words.plain("All"),
        (true, false) => {}
        (false, _) => {
            words.plain(&capital(&outcomes.iter().map(|value| adjective(value)).collect::<Vec<_>>().join(" or ")))
        }
    }
    let mut of_actions = positive(terms, Key::Action).peekable();
    if of_actions.peek().is_some() {
        words.values(of_actions);
    }
    words.plain(if words.0.is_empty() { "Events" } else { "events" });
    for (key, before) in [(Key::Actor, "by"), (Key::Resource, "on"), (Key::Ip, "from"), (Key::Source, "sent by")] {
        let mut found = positive(terms, key).peekable();
        if found.peek().is_some() {
            words.plain(before);
            words.values(found);
        }
    }
    for (at, term) in terms.iter().enumerate() {
        words.remainder(term, &terms[..at]);
    }
    if !window.is_empty() {
        words.plain(window);
    }
    words.0
}

/// `alice was denied secret.read on /secrets/prod-db from 10.0.0.1`.
pub fn of_event(event: &Event) -> Vec<Piece> {
    let mut words = Words::default();
    words.value(event.actor.name.as_deref().unwrap_or(&event.actor.id));
    words.plain(match event.outcome {
        Outcome::Success => "did",
        Outcome::Failure => "failed at",
        Outcome::Denied => "was denied",
        Outcome::Unknown => "tried",
    });
    words.value(&event.action);
    if let Some(resource) = &event.resource {
        words.plain("on");
        words.value(resource.name.as_deref().unwrap_or(&resource.id));
    }
    if let Some(ip) = &event.origin.ip {
        words.plain("from");
        words.value(ip);
    }
    words.0
}

/// The values of the one qualifier of a key that all have to hold; those of further ones stand in the remainder.
fn positive(terms: &[Query], key: Key) -> impl Iterator<Item = &Value> {
    let first = terms.iter().find_map(|term| match term {
        Query::Is(qualifier) if qualifier.key == key => Some(&qualifier.any_of),
        _ => None,
    });
    first.into_iter().flatten()
}

fn adjective(value: &Value) -> &'static str {
    let Value::Exact(word) = value else { return "all" };
    match word.parse() {
        Ok(Outcome::Success) => "successful",
        Ok(Outcome::Failure) => "failed",
        Ok(Outcome::Denied) => "denied",
        Ok(Outcome::Unknown) | Err(_) => "unclear",
    }
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

#[derive(Default)]
struct Words(Vec<Piece>);

impl Words {
    fn plain(&mut self, text: &str) {
        self.0.push(Piece::Plain(text.to_owned()));
    }

    fn value(&mut self, text: &str) {
        self.0.push(Piece::Value(text.to_owned()));
    }

    fn values<'a>(&mut self, values: impl Iterator<Item = &'a Value>) {
        for (at, value) in values.enumerate() {
            if at > 0 {
                self.plain("or");
            }
            match value {
                Value::Exists => self.plain("anything"),
                value => self.value(&shown(value)),
            }
        }
    }

    /// What the sentence has no better words for, further qualifiers of one key among it.
    fn remainder(&mut self, term: &Query, before: &[Query]) {
        let again = |key: Key| before.iter().any(|term| matches!(term, Query::Is(other) if other.key == key));
        match term {
            Query::Text(text) => {
                self.plain("mentioning");
                self.value(text);
            }
            Query::Not(inner) => {
                self.plain("without");
                self.value(&inner.to_string());
            }
            Query::Is(Qualifier { key, .. }) if *key != Key::Created && !again(*key) => {}
            other => {
                self.plain("where");
                self.value(&other.to_string());
            }
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Exact(text) => text.clone(),
        Value::Prefix(text) => format!("{text}*"),
        Value::Pattern(pattern) => pattern.parts().join("*"),
        Value::Contains(text) => format!("…{text}…"),
        Value::Exists => "*".to_owned(),
        Value::Network(network) => network.to_string(),
        Value::Time(time) => time.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(query: &str, window: &str) -> String {
        let pieces = of_query(&Query::parse(query).unwrap(), window);
        let words: Vec<_> = pieces.iter().map(|(Piece::Plain(text) | Piece::Value(text))| text.as_str()).collect();
        words.join(" ")
    }

    #[test]
    fn a_query_reads_as_a_sentence() {
        assert_eq!(say("", ""), "All events");
        assert_eq!(say("actor:alice", "in the last hour"), "Events by alice in the last hour");
        assert_eq!(
            say("outcome:denied,failure action:secret ip:10.0.0.0/8 -actor:bob", ""),
            "Denied or failed secret events from 10.0.0.0/8 without actor:bob"
        );
        assert_eq!(say("invoice", ""), "Events mentioning invoice");
        assert_eq!(say("actor:a OR actor:b", ""), "Events where actor:a OR actor:b");
    }
}
