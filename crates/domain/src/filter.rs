//! A query as an expression over index terms, and as the exact test of a record.

mod bounds;
mod compile;
mod expr;
mod http;
mod shortcut;
mod test;
mod vocabulary;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use bounds::Bounds;
use compile::Compile;
pub use expr::Expr;
pub use vocabulary::{Prefix, Vocabulary};

use crate::{
    flag::Flags,
    keys::Keys,
    page::Range,
    query::{Key, Query, Span, Value},
    record::Record,
    scope::Scope,
};

/// A query ready to be answered: where to look, which postings to walk, and what to test on each record.
#[derive(Clone, Debug)]
pub struct Filter {
    query: Query,
    bounds: Bounds,
    range: Range,
    now: DateTime<Utc>,
    zone: Tz,
    /// What sealed values are known by.
    keys: Keys,
}

impl Filter {
    /// The query's filter; relative times and days without a zone are taken at `now` in `zone`.
    pub fn new(query: &Query, keys: &Keys, now: DateTime<Utc>, zone: Tz) -> Self {
        let compile = Compile { keys, vocabulary: &Vocabulary::default(), now, zone };
        let range = compile.range(query);
        Self { bounds: compile.beside_range(query), query: query.clone(), range, now, zone, keys: keys.clone() }
    }

    /// The same filter, with those prefixes answered by the index that the vocabulary knows.
    pub fn expanded(&self, keys: &Keys, vocabulary: &Vocabulary) -> Self {
        let bounds = Compile { keys, vocabulary, now: self.now, zone: self.zone }.beside_range(&self.query);
        Self { bounds, ..self.clone() }
    }

    /// The positions outside of which nothing matches.
    pub fn range(&self) -> Range {
        self.range
    }

    /// The time that relative times in the query count from.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The postings to walk for a reader of that scope. Every match is among them.
    pub fn at_most(&self, keys: &Keys, scope: &Scope) -> Expr {
        self.bounds.at_most.clone().and(scope.expr(keys))
    }

    /// Postings of which each one within the range is a match.
    pub fn at_least(&self, keys: &Keys, scope: &Scope) -> Expr {
        self.bounds.at_least.clone().and(scope.expr(keys))
    }

    /// Whether every candidate within the range matches, so that none need be tested.
    pub fn is_exact(&self) -> bool {
        self.bounds.at_most == self.bounds.at_least
    }

    /// Whether the record of that sequence number, with those flags, matches.
    pub fn matches(&self, seq: i64, record: &Record, flags: Flags) -> bool {
        test::Test { seq, record, flags, now: self.now, zone: self.zone, keys: &self.keys }.passes(&self.query)
    }

    /// Producers' ids outside of which nothing matches, `id:a,b` being a condition of the whole query; empty where
    /// there is no such condition. The index does not know them: whoever keeps them elsewhere can look them up there,
    /// and has to test what is found.
    pub fn ids(&self) -> Vec<&str> {
        self.only(&Key::Id, |value| match value {
            Value::Exact(id) => Some(id.as_str()),
            _ => None,
        })
    }

    /// Sequence numbers outside of which nothing matches; the same as [`Filter::ids`] for `seq:1,2`.
    pub fn seqs(&self) -> Vec<i64> {
        self.only(&Key::Seq, |value| match value {
            Value::Number(Span::At(seq)) => Some(seq.get() as i64),
            _ => None,
        })
    }

    /// The exact values of a key of which every match has one, if the query says so.
    fn only<'a, T>(&'a self, key: &Key, exact: impl Fn(&'a Value) -> Option<T>) -> Vec<T> {
        let values = self.query.terms().iter().find_map(|term| match term {
            Query::Is(qualifier) if qualifier.key == *key => qualifier.any_of.iter().map(&exact).collect(),
            _ => None,
        });
        values.unwrap_or_default()
    }

    /// Whether the query asks for Flightbox's own record of access.
    pub fn asks_for_access(&self) -> bool {
        self.query.asks_for_access()
    }
}
