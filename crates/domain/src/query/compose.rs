//! Queries made of queries: how terms merge, and how the page adds and removes filters.

use chrono::{DateTime, Utc};

use super::{Key, Qualifier, Query, Value};

impl Query {
    /// The parts that all have to hold, each a removable chip of the page; none for [`Query::All`].
    pub fn terms(&self) -> &[Query] {
        match self {
            Self::All => &[],
            Self::And(terms) => terms,
            one => std::slice::from_ref(one),
        }
    }

    /// Both hold. Terms do not merge, as if each side stood in parentheses.
    pub fn and(self, other: Query) -> Query {
        let mut group = Group::default();
        group.add(self);
        group.add(other);
        group.close()
    }

    /// This query with a filter added as if typed after it: another value of a key that is asked for already is OR.
    pub fn with(&self, qualifier: Qualifier) -> Query {
        let mut group = Group::of(self);
        group.merge(qualifier);
        group.close()
    }

    /// This query without what a filter finds.
    pub fn except(&self, qualifier: Qualifier) -> Query {
        self.clone().and(negate(Self::Is(qualifier)))
    }

    /// This query without the term at `index` of [`Query::terms`]; unchanged where there is none.
    pub fn without(&self, index: usize) -> Query {
        let mut group = Group::default();
        self.terms().iter().enumerate().filter(|(at, _)| *at != index).for_each(|(_, term)| group.add(term.clone()));
        group.close()
    }

    /// The same query with every time in it fixed: what `-24h` meant at `now`, it means for good.
    pub fn pinned(&self, now: DateTime<Utc>) -> Query {
        match self {
            Self::All | Self::Text(_) => self.clone(),
            Self::And(parts) => Self::And(parts.iter().map(|part| part.pinned(now)).collect()),
            Self::Or(parts) => Self::Or(parts.iter().map(|part| part.pinned(now)).collect()),
            Self::Not(part) => Self::Not(Box::new(part.pinned(now))),
            Self::Is(Qualifier { key, any_of }) => {
                let pinned = |value: &Value| match value {
                    Value::Time(time) => Value::Time(time.map(|moment| moment.pinned(now))),
                    other => other.clone(),
                };
                Self::Is(Qualifier { key: key.clone(), any_of: any_of.iter().map(pinned).collect() })
            }
        }
    }

    /// Whether a key is asked about anywhere, in negations too.
    pub fn mentions(&self, key: &Key) -> bool {
        match self {
            Self::All | Self::Text(_) => false,
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.mentions(key)),
            Self::Not(part) => part.mentions(key),
            Self::Is(qualifier) => qualifier.key == *key,
        }
    }
}

impl Qualifier {
    /// Whether repeating the key widens the search: every value names what is wanted instead of narrowing it down.
    pub(super) fn merges(&self) -> bool {
        self.any_of.iter().all(|value| value.merges())
    }

    /// Whether the two become one when both stand in the same group.
    pub(super) fn merges_with(&self, other: &Self) -> bool {
        self.key == other.key && self.merges() && other.merges()
    }
}

/// Some part holds.
pub(super) fn any(parts: Vec<Query>) -> Query {
    let mut flat: Vec<Query> = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Query::Or(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if flat.len() == 1 { flat.swap_remove(0) } else { Query::Or(flat) }
}

/// The part does not hold.
pub(super) fn negate(part: Query) -> Query {
    match part {
        Query::Not(inner) => *inner,
        other => Query::Not(Box::new(other)),
    }
}

/// The terms of one AND group while it grows.
#[derive(Default)]
pub(super) struct Group {
    terms: Vec<Query>,
    /// Which of the terms take further values of their key.
    homes: Vec<usize>,
}

impl Group {
    /// The group that a query prints as, in which the first of several qualifiers with one key is without parentheses.
    fn of(query: &Query) -> Self {
        let mut group = Self::default();
        for term in query.terms() {
            match term {
                Query::Is(qualifier) if group.home(qualifier).is_none() => group.merge(qualifier.clone()),
                other => group.add(other.clone()),
            }
        }
        group
    }

    /// Adds a query as it stands, as if in parentheses.
    pub fn add(&mut self, query: Query) {
        match query {
            Query::All => {}
            Query::And(terms) => self.terms.extend(terms),
            other => self.terms.push(other),
        }
    }

    /// Adds a qualifier to the term of its key, or as a term of its own.
    pub fn merge(&mut self, qualifier: Qualifier) {
        match self.home(&qualifier) {
            Some(home) => {
                let new = qualifier.any_of.into_iter().filter(|value| !home.any_of.contains(value)).collect::<Vec<_>>();
                home.any_of.extend(new);
            }
            None => {
                self.homes.push(self.terms.len());
                self.terms.push(Query::Is(qualifier));
            }
        }
    }

    pub fn close(mut self) -> Query {
        match self.terms.len() {
            0 => Query::All,
            1 => self.terms.swap_remove(0),
            _ => Query::And(self.terms),
        }
    }

    fn home(&mut self, newcomer: &Qualifier) -> Option<&mut Qualifier> {
        let at = self
            .homes
            .iter()
            .copied()
            .find(|&at| matches!(&self.terms[at], Query::Is(qualifier) if qualifier.merges_with(newcomer)))?;
        match &mut self.terms[at] {
            Query::Is(qualifier) => Some(qualifier),
            _ => None,
        }
    }
}
