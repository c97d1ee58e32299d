//! A query as an expression over index terms, and as the exact test of a record.

mod expr;
mod shortcut;
mod test;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ipnet::IpNet;

pub use expr::Expr;

use crate::{
    keys::Keys,
    page::Range,
    query::{Key, Qualifier, Query, Value, words},
    record::Record,
    scope::{SELF_SOURCE, Scope},
    terms::{self, Field},
};

/// A query ready to be answered: where to look, which postings to walk, and what to test on each record.
#[derive(Clone, Debug)]
pub struct Filter {
    query: Query,
    bounds: Bounds,
    range: Range,
    now: DateTime<Utc>,
    zone: Tz,
}

/// What the index can say of a part of a query.
#[derive(Clone, Debug, PartialEq)]
struct Bounds {
    /// Finds every match, and maybe more.
    at_most: Expr,
    /// Finds only matches, and maybe not all.
    at_least: Expr,
}

impl Filter {
    /// The query's filter; relative times and days without a zone are taken at `now` in `zone`.
    pub fn new(query: &Query, keys: &Keys, now: DateTime<Utc>, zone: Tz) -> Self {
        let compile = Compile { keys, now, zone };
        let range = compile.range(query);
        Self { bounds: compile.beside_range(query), query: query.clone(), range, now, zone }
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

    /// Whether a record matches.
    pub fn matches(&self, record: &Record) -> bool {
        test::Test { record, now: self.now, zone: self.zone }.passes(&self.query)
    }

    /// Whether the query asks for Flightbox's own record of access.
    pub fn asks_for_access(&self) -> bool {
        fn asks(query: &Query) -> bool {
            match query {
                Query::And(parts) | Query::Or(parts) => parts.iter().any(asks),
                Query::Is(Qualifier { key: Key::Source, any_of }) => {
                    any_of.iter().any(|value| matches!(value, Value::Exact(name) if name == SELF_SOURCE))
                }
                _ => false,
            }
        }
        asks(&self.query)
    }
}

struct Compile<'a> {
    keys: &'a Keys,
    now: DateTime<Utc>,
    zone: Tz,
}

impl Compile<'_> {
    /// Times that stand as a condition of the whole query narrow the walk itself.
    fn range(&self, query: &Query) -> Range {
        match query {
            Query::And(parts) => parts.iter().map(|part| self.range(part)).fold(Range::ALL, Range::and),
            Query::Is(Qualifier { key: Key::Created, any_of }) => match any_of.as_slice() {
                [Value::Time(time)] => {
                    let (from, to) = time.resolve(self.now, self.zone);
                    Range::between(from, to)
                }
                _ => Range::ALL,
            },
            _ => Range::ALL,
        }
    }

    /// The bounds of what [`Compile::range`] has not answered already.
    fn beside_range(&self, query: &Query) -> Bounds {
        let answered = |part: &Query| self.range(part) != Range::ALL && matches!(part, Query::Is(_));
        match query {
            Query::And(parts) => {
                let rest = parts.iter().filter(|part| !answered(part));
                Bounds::fold(rest.map(|part| self.bounds(part)), Expr::all)
            }
            query if answered(query) => Bounds::exactly(Expr::All),
            query => self.bounds(query),
        }
    }

    fn bounds(&self, query: &Query) -> Bounds {
        match query {
            Query::All => Bounds::exactly(Expr::All),
            Query::And(parts) => Bounds::fold(parts.iter().map(|part| self.bounds(part)), Expr::all),
            Query::Or(parts) => Bounds::fold(parts.iter().map(|part| self.bounds(part)), Expr::any),
            Query::Not(part) => self.bounds(part).not(),
            Query::Text(text) => self.text(text),
            Query::Is(Qualifier { key, any_of }) => {
                Bounds::fold(any_of.iter().map(|value| self.value(*key, value)), Expr::any)
            }
        }
    }

    fn value(&self, key: Key, value: &Value) -> Bounds {
        match (key, value) {
            (Key::Created, _) => Bounds::unknown(),
            (Key::Ip, Value::Network(network)) => self.network(*network),
            (Key::Actor, Value::Exact(text)) => self.term(Field::Actor, text),
            (Key::Action, Value::Exact(text)) => self.term(Field::Action, text),
            (Key::Resource, Value::Exact(text)) => self.term(Field::Resource, text),
            (Key::Outcome, Value::Exact(text)) => self.term(Field::Outcome, text),
            (Key::Source, Value::Exact(text)) => self.term(Field::Source, text),
            (Key::Ip, Value::Exact(text)) => self.term(Field::Address, text),
            (Key::Actor | Key::Action | Key::Outcome | Key::Source, Value::Exists) => Bounds::exactly(Expr::All),
            _ => Bounds::unknown(),
        }
    }

    fn term(&self, field: Field, value: &str) -> Bounds {
        let (term, proves) = field.term(self.keys, value);
        Bounds::of(Expr::Term(term), proves)
    }

    fn network(&self, network: IpNet) -> Bounds {
        match terms::block_term(self.keys, network) {
            Some((term, same)) => Bounds::of(Expr::Term(term), same),
            None => Bounds::unknown(),
        }
    }

    /// An event that was cut at the most terms may lack a word's term although it has the word.
    fn text(&self, text: &str) -> Bounds {
        let found: Vec<_> = words(text).map(|word| Field::Word.term(self.keys, &word)).collect();
        let proves = found.len() == 1 && found.iter().all(|(_, proves)| *proves);
        let all = Expr::all(found.into_iter().map(|(term, _)| Expr::Term(term)));
        let cut = Expr::Term(terms::CUT.to_owned());
        Bounds { at_least: if proves { all.clone() } else { Expr::None }, at_most: Expr::any([all, cut]) }
    }
}

impl Bounds {
    fn exactly(expr: Expr) -> Self {
        Self { at_most: expr.clone(), at_least: expr }
    }

    /// Only the record tells.
    fn unknown() -> Self {
        Self { at_most: Expr::All, at_least: Expr::None }
    }

    fn of(expr: Expr, proves: bool) -> Self {
        Self { at_least: if proves { expr.clone() } else { Expr::None }, at_most: expr }
    }

    fn fold(parts: impl Iterator<Item = Bounds>, join: fn(Vec<Expr>) -> Expr) -> Self {
        let (at_most, at_least) = parts.map(|part| (part.at_most, part.at_least)).unzip();
        Self { at_most: join(at_most), at_least: join(at_least) }
    }

    /// At least the matches, negated, is at most the matches.
    fn not(self) -> Self {
        Self { at_most: self.at_least.not(), at_least: self.at_most.not() }
    }
}
