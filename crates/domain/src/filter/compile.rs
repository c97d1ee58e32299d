//! From a query to the stretch of time and the index terms that bound it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_event::{ActorKind, Outcome, Severity};
use ipnet::IpNet;

use super::{Bounds, Expr, Prefix, Vocabulary, http};
use crate::{
    flag::Flag,
    keys::Keys,
    page::Range,
    query::{Key, Path, Qualifier, Query, Value, words},
    terms::{self, Field},
};

pub(super) struct Compile<'a> {
    pub(super) keys: &'a Keys,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) now: DateTime<Utc>,
    pub(super) zone: Tz,
}

impl Compile<'_> {
    /// Times that stand as a condition of the whole query narrow the walk itself.
    pub(super) fn range(&self, query: &Query) -> Range {
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
    pub(super) fn beside_range(&self, query: &Query) -> Bounds {
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
                Bounds::fold(any_of.iter().map(|value| self.value(key, value)), Expr::any)
            }
        }
    }

    fn value(&self, key: &Key, value: &Value) -> Bounds {
        match (key, value) {
            (
                Key::Actor
                | Key::ActorType
                | Key::Action
                | Key::Outcome
                | Key::Source
                | Key::Severity
                | Key::Created
                | Key::Received
                | Key::Sensitive
                | Key::Seq,
                Value::Exists,
            ) => Bounds::exactly(Expr::All),
            (Key::ActorType, Value::Exact(word)) => {
                self.word(Field::ActorKind, ActorKind::WORDS, ActorKind::default().as_str(), word)
            }
            (Key::Outcome, Value::Exact(word)) => {
                self.word(Field::Outcome, Outcome::WORDS, Outcome::default().as_str(), word)
            }
            (Key::Severity, Value::Exact(word)) => {
                self.word(Field::Severity, Severity::WORDS, Severity::default().as_str(), word)
            }
            (Key::Sensitive, Value::Exact(word)) => {
                let sensitive = Expr::term(terms::SENSITIVE);
                Bounds::exactly(if word == "yes" { sensitive } else { sensitive.not() })
            }
            (Key::Flag, Value::Exists) => {
                Bounds::fold(Flag::WORDS.iter().map(|word| self.term(Field::Flag, word)), Expr::any)
            }
            (Key::Method, Value::Exact(method)) => http::method(self.keys, method),
            (Key::Method, Value::Exists) => Bounds::exactly(http::has_method()),
            (Key::Status, Value::Number(range)) => http::status(self.keys, range),
            (Key::Status, Value::Exists) => Bounds::exactly(http::has_status()),
            (Key::Path, Value::Exact(path)) => Bounds::at_most(self.text(path).at_most),
            (Key::Ip, Value::Network(network)) => self.network(*network),
            (Key::Action, Value::Prefix(start)) => self.starting(key, start).unwrap_or_else(|| self.below(start)),
            (Key::Detail(path), value) => self.detail(path, value),
            (key, Value::Prefix(start)) => self.starting(key, start).unwrap_or_else(Bounds::unknown),
            (key, Value::Exact(text)) => field(key).map_or(Bounds::unknown(), |field| self.term(field, text)),
            _ => Bounds::unknown(),
        }
    }

    fn term(&self, field: Field, value: &str) -> Bounds {
        let (term, proves) = field.term(self.keys, value);
        Bounds::of(Expr::Term(term), proves)
    }

    /// One of few words, of which the default has no term.
    fn word(&self, field: Field, words: &[&str], default: &str, wanted: &str) -> Bounds {
        if wanted != default {
            return self.term(field, wanted);
        }
        let others = words.iter().filter(|word| **word != default);
        Bounds::fold(others.map(|word| self.term(field, word)), Expr::any).not()
    }

    fn network(&self, network: IpNet) -> Bounds {
        if let Some(parts) = terms::parts_of(self.keys, network) {
            return Bounds::exactly(Expr::any(parts.into_iter().map(Expr::Term)));
        }
        terms::block_around(self.keys, network).map_or(Bounds::unknown(), |term| Bounds::at_most(Expr::Term(term)))
    }

    fn starting(&self, key: &Key, start: &str) -> Option<Bounds> {
        self.vocabulary.bounds(&Prefix::of(key, start)?)
    }

    /// `team.*` is whatever carries the term of `team`, but for `team` itself.
    fn below(&self, start: &str) -> Bounds {
        match start.strip_suffix('.') {
            Some(parent) if !parent.is_empty() => Bounds::at_most(self.term(Field::Action, parent).at_most),
            _ => Bounds::unknown(),
        }
    }

    /// An event that was cut at the most terms may lack any detail's.
    fn detail(&self, path: &Path, value: &Value) -> Bounds {
        let value = match value {
            Value::Exact(text) => Some(text.as_str()),
            _ => None,
        };
        let term = Expr::Term(terms::detail_term(self.keys, path.as_str(), value));
        Bounds::at_most(Expr::any([term, Expr::term(terms::CUT)]))
    }

    /// An event that was cut at the most terms may lack a word's term although it has the word.
    fn text(&self, text: &str) -> Bounds {
        let words: Vec<_> = words(text).collect();
        let proves = words.len() == 1 && words.iter().all(|word| Field::Word.term(self.keys, word).1);
        let said =
            |word: &Cow<'_, str>| Expr::any(terms::word_terms(self.keys, word).map(|(term, _)| Expr::Term(term)));
        let all = Expr::all(words.iter().map(said));
        let cut = Expr::term(terms::CUT);
        Bounds { at_least: if proves { all.clone() } else { Expr::None }, at_most: Expr::any([all, cut]) }
    }
}

/// The field whose terms tell an exact value of a key.
pub(super) fn field(key: &Key) -> Option<Field> {
    Some(match key {
        Key::Actor => Field::Actor,
        Key::Action => Field::Action,
        Key::Resource => Field::Resource,
        Key::ResourceType => Field::ResourceKind,
        Key::Outcome => Field::Outcome,
        Key::Ip => Field::Address,
        Key::Country => Field::Country,
        Key::Agent => Field::Agent,
        Key::Session => Field::Session,
        Key::Request => Field::Request,
        Key::Source => Field::Source,
        Key::Flag => Field::Flag,
        _ => return None,
    })
}
