//! Prefixes, and the terms of an index that they stand for.

use super::{Bounds, Expr, Filter, compile::field};
use crate::{
    query::{Key, Kind, Qualifier, Query, Value},
    terms::{Field, Told},
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
    pub fn starts(&self, value: &str) -> bool {
        value.starts_with(&self.start)
    }

    /// What a term tells of its value, if that can be one of these.
    pub fn told(&self, term: &str) -> Option<Told> {
        self.field.told(term).filter(|told| match told {
            Told::Whole(value) => self.starts(value),
            Told::Start(bytes) => bytes.starts_with(self.start.as_bytes()) || self.start.as_bytes().starts_with(bytes),
        })
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

impl Vocabulary {
    /// Adds all terms that start with a prefix's stem.
    pub fn insert(&mut self, prefix: Prefix, terms: Vec<String>) {
        self.0.push((prefix, terms));
    }

    /// Whether it knows no prefix.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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
