//! Prefixes, and the terms of an index that they stand for.

use super::{Bounds, Expr, Filter, compile::field};
use crate::{
    keys::Keys,
    query::{Key, Kind, Qualifier, Query, Value, address},
    record::Record,
    terms::{Field, Told, lineage},
};

/// Values of a field that start alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    field: Field,
    start: String,
    stem: String,
}

/// The terms of some prefixes: all that an index holds of each.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary(Vec<(Prefix, Vec<String>)>);

impl Prefix {
    /// The values of a key that start like this; `None` where terms do not tell its values.
    pub fn of(key: &Key, start: &str) -> Option<Self> {
        let field = field(key)?;
        let start = if key.kind() == Kind::Caseless { start.to_ascii_uppercase() } else { start.to_owned() };
        Some(Self { stem: field.stem(&start)?, field, start })
    }

    /// What the terms of all these values start with. Others may start with it, too.
    pub fn stem(&self) -> &str {
        &self.stem
    }

    /// Whether a value is one of these.
    fn starts(&self, value: &str) -> bool {
        value.starts_with(&self.start)
    }

    /// What a term tells of its value, if that can be one of these.
    pub fn told(&self, term: &str) -> Option<Told> {
        self.field.told(term).filter(|told| match told {
            Told::Whole(value) => self.starts(value),
            Told::Start(bytes) => bytes.starts_with(self.start.as_bytes()) || self.start.as_bytes().starts_with(bytes),
        })
    }

    /// Those of a record's values that are among these; of an actor whose id and name both are, the id.
    pub fn values_of(&self, record: &Record) -> Vec<String> {
        let (event, origin) = (&record.event, &record.event.origin);
        let mut values: Vec<String> = match self.field {
            Field::Actor => {
                let mut names = [&event.actor.id].into_iter().chain(&event.actor.name);
                names.find(|name| self.starts(name)).into_iter().cloned().collect()
            }
            Field::Action => lineage(&event.action).map(str::to_owned).collect(),
            Field::Resource => event.resource.iter().map(|resource| resource.id.clone()).collect(),
            Field::ResourceKind => event.resource.iter().filter_map(|resource| resource.kind.clone()).collect(),
            Field::Address => origin.ip.iter().map(|seen| canonical(seen)).collect(),
            Field::Country => origin.country.iter().map(|country| country.to_ascii_uppercase()).collect(),
            Field::Agent => origin.user_agent.iter().cloned().collect(),
            Field::Session => origin.session_id.iter().cloned().collect(),
            Field::Source => vec![record.source.clone()],
            // Those of the other fields are known beforehand, or tell nothing.
            _ => Vec::new(),
        };
        values.retain(|value| self.starts(value));
        values
    }

    /// Whether they are ids or names of actors.
    pub fn is_of_actors(&self) -> bool {
        self.field == Field::Actor
    }

    /// The term of one of these values.
    pub fn term(&self, keys: &Keys, value: &str) -> String {
        self.field.term(keys, value).0
    }

    /// What the index can say of events with a term, if its value can be one of these.
    fn bounds(&self, term: &str) -> Option<Bounds> {
        let proves = match self.told(term)? {
            Told::Whole(_) => true,
            Told::Start(bytes) => bytes.len() >= self.start.len(),
        };
        Some(Bounds::of(Expr::term(term), proves))
    }
}

/// An address as the index has it.
fn canonical(seen: &str) -> String {
    address(seen).map_or_else(|| seen.to_owned(), |address| address.to_string())
}

impl Vocabulary {
    /// Adds all terms that start with a prefix's stem.
    pub fn insert(&mut self, prefix: Prefix, terms: Vec<String>) {
        self.0.push((prefix, terms));
    }

    pub(super) fn bounds(&self, prefix: &Prefix) -> Option<Bounds> {
        let (_, terms) = self.0.iter().find(|(known, _)| known == prefix)?;
        Some(Bounds::fold(terms.iter().filter_map(|term| prefix.bounds(term)), Expr::any))
    }
}

impl Filter {
    /// The prefixes that the query asks for and an index could list the terms of, each once.
    pub fn prefixes(&self) -> Vec<Prefix> {
        let mut found = Vec::new();
        collect(&self.query, &mut found);
        found
    }
}

fn collect(query: &Query, found: &mut Vec<Prefix>) {
    match query {
        Query::All | Query::Text(_) => {}
        Query::And(parts) | Query::Or(parts) => parts.iter().for_each(|part| collect(part, found)),
        Query::Not(part) => collect(part, found),
        Query::Is(Qualifier { key, any_of }) => {
            for value in any_of {
                let Value::Prefix(start) = value else { continue };
                found.extend(Prefix::of(key, start).filter(|prefix| !found.contains(prefix)));
            }
        }
    }
}
