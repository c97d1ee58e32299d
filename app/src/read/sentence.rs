//! A query in words: what the table below shows.

use flightbox_domain::query::{Key, Kind, Operator, Qualifier, Query, Value};
use flightbox_event::{Event, Outcome};

use crate::parts::sentence::Piece;

/// Keys that are told first, in this order, and what leads up to their values. Any other is `with` its name.
const LEADS: &[(Key, &str)] = &[
    (Key::Actor, "by"),
    (Key::Resource, "on"),
    (Key::Ip, "from"),
    (Key::Source, "sent by"),
    (Key::Flag, "flagged"),
    (Key::Created, ""),
    (Key::Received, "received"),
];

/// `Denied secret.read events by deploy-bot with status at least 400 in the last 24 hours`.
pub fn of_query(query: &Query, window: &str) -> Vec<Piece> {
    let mut teller = Teller { terms: query.terms(), told: Vec::new(), words: Words::default() };
    if query.terms().is_empty() {
        teller.words.plain("All");
    }
    teller.outcomes();
    teller.actions();
    teller.words.plain(if teller.words.0.is_empty() { "Events" } else { "events" });
    LEADS.iter().for_each(|(key, _)| teller.clause(key));
    (0..query.terms().len()).for_each(|at| teller.term(at));
    if !window.is_empty() {
        teller.words.plain(window);
    }
    teller.words.0
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

/// A sentence in the making: the terms of a query, and which of them it has told.
struct Teller<'a> {
    terms: &'a [Query],
    told: Vec<usize>,
    words: Words,
}

impl<'a> Teller<'a> {
    /// `Failed or denied`
    fn outcomes(&mut self) {
        let outcomes: Vec<_> = self.before_noun(&Key::Outcome).iter().map(|word| adjective(word)).collect();
        if !outcomes.is_empty() {
            self.words.plain(&capital(&outcomes.join(" or ")));
        }
    }

    fn actions(&mut self) {
        for (at, action) in self.before_noun(&Key::Action).into_iter().enumerate() {
            self.words.or(at);
            self.words.value(action);
        }
    }

    /// Exact values of the first qualifier of a key: they can stand before `events`.
    fn before_noun(&mut self, key: &Key) -> Vec<&'a str> {
        let Some((at, first)) = self.of_key(key).next() else { return Vec::new() };
        let exact = first.any_of.iter().map(|value| match value {
            Value::Exact(text) => Some(text.as_str()),
            _ => None,
        });
        let exact: Vec<_> = exact.collect::<Option<_>>().unwrap_or_default();
        if !exact.is_empty() {
            self.told.push(at);
        }
        exact
    }

    /// What has not been told of a key. Several qualifiers are joined by `and` where no `or` makes that unclear.
    fn clause(&mut self, key: &Key) {
        let mut all: Vec<_> = self.of_key(key).filter(|(at, _)| !self.told.contains(at)).collect();
        if all.iter().any(|(_, qualifier)| qualifier.any_of.len() > 1) {
            all.truncate(1);
        }
        for (nth, (at, qualifier)) in all.into_iter().enumerate() {
            if nth == 0 {
                self.words.lead(qualifier)
            } else {
                self.words.plain("and")
            }
            self.words.values(qualifier);
            self.told.push(at);
        }
    }

    fn term(&mut self, at: usize) {
        match &self.terms[at] {
            _ if self.told.contains(&at) => {}
            Query::Text(text) => {
                self.words.plain("mentioning");
                self.words.value(text);
            }
            Query::Not(inner) => {
                self.words.plain("without");
                self.words.value(&inner.to_string());
            }
            Query::Is(Qualifier { key, .. }) if !self.of_key(key).any(|(at, _)| self.told.contains(&at)) => {
                self.clause(key);
            }
            other => {
                self.words.plain("where");
                self.words.value(&other.to_string());
            }
        }
    }

    fn of_key<'k>(&self, key: &'k Key) -> impl Iterator<Item = (usize, &'a Qualifier)> + use<'a, 'k> {
        self.terms.iter().enumerate().filter_map(move |(at, term)| match term {
            Query::Is(qualifier) if qualifier.key == *key => Some((at, qualifier)),
            _ => None,
        })
    }
}

fn adjective(word: &str) -> &'static str {
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

    fn or(&mut self, at: usize) {
        if at > 0 {
            self.plain("or");
        }
    }

    /// `by`, `with status`; before `any session` the name comes later.
    fn lead(&mut self, qualifier: &Qualifier) {
        match LEADS.iter().find(|(key, _)| *key == qualifier.key) {
            Some((_, "")) => {}
            Some((_, lead)) => self.plain(lead),
            None => {
                self.plain("with");
                if qualifier.any_of.first() != Some(&Value::Exists) {
                    self.name(&qualifier.key);
                }
            }
        }
    }

    /// Each value behind its operator's word.
    fn values(&mut self, Qualifier { key, any_of }: &Qualifier) {
        for (at, value) in any_of.iter().enumerate() {
            self.or(at);
            let operator = value.operator();
            let spec = operator.spec();
            let word = if key.kind() == Kind::Time { spec.when } else { spec.word };
            if !word.is_empty() {
                self.plain(word);
            }
            if operator == Operator::Exists && key.kind() != Kind::Time {
                self.name(key);
            }
            for (at, operand) in value.operands().iter().enumerate() {
                if at > 0 {
                    self.plain("and");
                }
                match operand.strip_prefix('-').filter(|_| key.kind() == Kind::Time) {
                    Some(ago) => self.value(&format!("{ago} ago")),
                    None => self.value(operand),
                }
            }
        }
    }

    fn name(&mut self, key: &Key) {
        match key {
            Key::Detail(_) => self.value(&key.to_string()),
            key => self.plain(&key.to_string().replace('.', " ")),
        }
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

    #[test]
    fn operators_are_words() {
        for (query, sentence) in [
            ("status:>=400 actor:alice", "Events by alice with status at least 400"),
            ("status:>=400 status:<500", "Events with status at least 400 and below 500"),
            ("status:404,>=500", "Events with status 404 or at least 500"),
            ("duration:1000..2000 method:post", "Events with duration between 1000 and 2000 with method POST"),
            (
                "outcome:failure action:login actor:alice method:POST @amount:>100",
                "Failed login events by alice with method POST with @amount above 100",
            ),
            (
                "agent:~terraform path:/admin/*",
                "Events with agent containing terraform with path starting with /admin/",
            ),
            ("actor:* session:*", "Events by any actor with any session"),
            ("actor.type:service", "Events with actor type service"),
            ("action:team.*", "Events with action starting with team."),
            ("created:>=2026-01-01 created:<2026-02-01", "Events since 2026-01-01 and before 2026-02-01"),
            ("created:2026-01-01 received:-24h", "Events on 2026-01-01 received since 24h ago"),
            ("flag:clock-skew", "Events flagged clock-skew"),
            ("actor:a,b (actor:c)", "Events by a or b where actor:c"),
        ] {
            assert_eq!(say(query, ""), sentence);
        }
    }
}
