//! What a query allows a store to answer without walking postings.

use flightbox_event::Outcome;

use super::{Filter, test::is};
use crate::query::{Key, Qualifier, Query, Value};

impl Filter {
    /// What tells this filter from others: two of the same text find the same among the same events.
    pub fn text(&self) -> String {
        format!("{} in {}", self.query.pinned(self.now), self.zone)
    }

    /// Whether sources and times are all that the query asks about, so that counts kept by source answer it.
    pub fn is_by_source(&self) -> bool {
        self.query.terms().iter().all(|term| match term {
            Query::Is(Qualifier { key: Key::Source, .. }) => true,
            Query::Is(Qualifier { key: Key::Created, any_of }) => matches!(any_of.as_slice(), [Value::Time(_)]),
            _ => false,
        })
    }

    /// Whether an event of a source can match.
    pub fn allows_source(&self, source: &str) -> bool {
        self.query.terms().iter().all(|term| match term {
            Query::Is(Qualifier { key: Key::Source, any_of }) => any_of.iter().any(|value| is(source, value)),
            _ => true,
        })
    }

    /// The outcomes that a match can have.
    pub fn outcomes(&self) -> Vec<Outcome> {
        let allowed = |outcome: &Outcome| {
            self.query.terms().iter().all(|term| match term {
                Query::Is(Qualifier { key: Key::Outcome, any_of }) => {
                    any_of.iter().any(|value| is(outcome.as_str(), value))
                }
                _ => true,
            })
        };
        Outcome::ALL.iter().copied().filter(allowed).collect()
    }
}
