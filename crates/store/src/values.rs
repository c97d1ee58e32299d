//! Values that somebody who writes a query can be offered: each is in some event that they may see.

use std::collections::{BTreeMap, BTreeSet};

use flightbox_domain::{
    filter::{Expr, Prefix},
    page::{Direction, Position, Range},
    scope::Scope,
    terms::Told,
};
use flightbox_event::Actor;

use crate::{Count, Store, StoreError, Stored, walk::Walk};

/// Events that are looked at first, the newest: what is busy now is what is asked for.
const RECENT: usize = 256;
/// Terms that are tried after that.
const TRIED: usize = 64;
/// Months whose terms are tried, the newest that have any.
const MONTHS: usize = 24;

/// A value that some event has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The value.
    pub value: String,
    /// The actor, if it is one's id or name, as one of the newest events tells of it.
    pub actor: Option<Actor>,
    /// How many events have it.
    pub events: Count,
}

/// Values in the order in which they are offered, and an event that has each.
#[derive(Default)]
struct Found {
    values: Vec<(String, Stored)>,
    names: BTreeSet<String>,
}

impl Store {
    /// Values that start alike and that events of the scope have: the most frequent of the newest events, and as many
    /// more as are wanted in alphabetical order; those of most events come first. It looks at a bounded number of events
    /// and terms, so that rare values may be missing until more of them is typed. [`StoreError::TooSlow`] where that takes
    /// longer than anybody waits.
    pub async fn values(&self, scope: &Scope, prefix: &Prefix, most: usize) -> Result<Vec<Known>, StoreError> {
        let values = async {
            let scope = scope.expr(self.keys());
            let mut found = self.recent_values(&scope, prefix).await?;
            if found.values.len() < most {
                self.older_values(&scope, prefix, most, &mut found).await?;
            }
            let mut known = Vec::with_capacity(most);
            for (value, event) in found.values.into_iter().take(most) {
                let term = Expr::Term(prefix.term(self.keys(), &value));
                let events = self.count_expr(&term.and(scope.clone())).await?;
                let actor = event.record.event.actor;
                let is_actor = prefix.is_of_actors() && (actor.id == value || actor.name.as_ref() == Some(&value));
                known.push(Known { actor: is_actor.then_some(actor), value, events });
            }
            known.sort_by_key(|known: &Known| std::cmp::Reverse(known.events.value));
            Ok(known)
        };
        self.readers().patiently(values).await
    }

    async fn recent_values(&self, scope: &Expr, prefix: &Prefix) -> Result<Found, StoreError> {
        let mut seen: BTreeMap<String, (usize, Stored)> = BTreeMap::new();
        for event in self.newest(scope, RECENT).await? {
            for value in prefix.values_of(&event.record) {
                seen.entry(value).or_insert_with(|| (0, event.clone())).0 += 1;
            }
        }
        let mut seen: Vec<_> = seen.into_iter().collect();
        seen.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        let mut found = Found::default();
        seen.into_iter().for_each(|(value, (_, event))| found.add(value, event));
        Ok(found)
    }

    /// Goes through the index's terms, month by month from the newest. A term may be of events out of scope alone.
    async fn older_values(
        &self,
        scope: &Expr,
        prefix: &Prefix,
        most: usize,
        found: &mut Found,
    ) -> Result<(), StoreError> {
        let (mut left, mut end) = (TRIED, Position::LAST);
        for partition in self.partitions(Range::ALL, Direction::Older).into_iter().take(MONTHS) {
            let range = Range { from: partition.start(), to: std::mem::replace(&mut end, partition.start()) };
            for term in self.terms_in(partition, prefix.stem(), left).await? {
                left -= 1;
                if let Some(Told::Whole(value)) = prefix.told(&term)
                    && found.names.contains(&value)
                {
                    continue;
                }
                let expr = Expr::Term(term.clone()).and(scope.clone());
                let event = self.walk(&Walk { expr: &expr, range, direction: Direction::Older }, 1).await?.pop();
                let Some(event) = event else { continue };
                let values = prefix.values_of(&event.record).into_iter();
                values
                    .filter(|value| prefix.term(self.keys(), value) == term)
                    .for_each(|value| found.add(value, event.clone()));
                if found.values.len() >= most {
                    return Ok(());
                }
            }
            if left == 0 {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Found {
    fn add(&mut self, value: String, event: Stored) {
        if self.names.insert(value.clone()) {
            self.values.push((value, event));
        }
    }
}
