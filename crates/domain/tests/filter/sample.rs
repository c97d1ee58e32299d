//! Records to filter.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_domain::{
    filter::{Expr, Filter},
    flag::{Flag, Flags},
    keys::Keys,
    page::Position,
    query::Query,
    record::Record,
    scope::{Scope, Sources},
    terms,
};
use flightbox_event::{json, parse_event};

pub const NOW: &str = "2026-06-15T12:00:00Z";

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A record with its flags, and its terms, in order.
pub struct Sample {
    pub record: Record,
    pub flags: Flags,
    pub terms: Vec<String>,
}

/// A record received now, of these members of an event beside an actor and an action where they have none.
pub fn record(members: &str) -> Sample {
    let lacks = |key: &str| !members.contains(&format!(r#""{key}":"#));
    let mut all: Vec<_> = (!members.is_empty()).then(|| members.to_owned()).into_iter().collect();
    all.extend(lacks("actor").then(|| r#""actor":"alice""#.to_owned()));
    all.extend(lacks("action").then(|| r#""action":"login""#.to_owned()));
    let event = json::parse(format!("{{{}}}", all.join(",")).as_bytes()).unwrap();
    let event = parse_event(&event).unwrap_or_else(|problems| panic!("{members}: {problems:?}"));
    let record = Record { received_at: at(NOW), source: "billing".to_owned(), rules: 1, event, seals: Vec::new() };
    let terms = terms::of(&record, &keys()).split(' ').map(str::to_owned).collect();
    let flags = record.is_skewed().then_some(Flag::ClockSkew).into_iter().collect();
    Sample { record, flags, terms }
}

pub fn keys() -> Keys {
    Keys::derive(&[7; 32])
}

pub fn filter(query: &str) -> Filter {
    let query = Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    Filter::new(&query, &keys(), at(NOW), Tz::UTC)
}

impl Sample {
    /// The same with what the log found out about it.
    pub fn flagged(mut self, flag: Flag) -> Self {
        self.flags.insert(flag);
        self.terms.push(terms::flag_term(&keys(), flag));
        self
    }

    /// What the index says: whether the record can match, and whether it surely does.
    pub fn indexed(&self, filter: &Filter) -> (bool, bool) {
        let everything = Scope::new(Sources::All, true);
        let within = filter.range().contains(Position::start_of(self.record.order_time()));
        let says = |expr: Expr| within && holds(&expr, &self.terms);
        (says(filter.at_most(&keys(), &everything)), says(filter.at_least(&keys(), &everything)))
    }
}

fn holds(expr: &Expr, terms: &[String]) -> bool {
    match expr {
        Expr::All => true,
        Expr::None => false,
        Expr::Term(term) => terms.contains(term),
        Expr::And(parts) => parts.iter().all(|part| holds(part, terms)),
        Expr::Or(parts) => parts.iter().any(|part| holds(part, terms)),
        Expr::Not(inner) => !holds(inner, terms),
    }
}
