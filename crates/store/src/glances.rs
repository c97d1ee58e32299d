//! What facets count of the events that were looked at lately: rows need not be read and unpacked again for it.
//!
//! What an event says is never changed, so what is remembered of a position holds until events are removed, whose places
//! others may take: then all is forgotten, and what was read before is not remembered after.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use flightbox_domain::{
    glance::{Facet, Glance},
    page::Position,
};

use crate::{facets::Counts, search::EXAMINED};

/// Events that are remembered, some hundred bytes each: those of a few questions at their bound.
const MOST: usize = 3 * EXAMINED;

/// One for a store.
#[derive(Default)]
pub(crate) struct Glances(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// How often events were removed.
    era: u64,
    /// The ids of its values, by event.
    events: HashMap<Position, Ids>,
    ids: HashMap<Facet, HashMap<Arc<str>, u32>>,
    /// What each id stands for.
    values: Vec<(Facet, Arc<str>)>,
}

/// The time between two removals of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Era(u64);

/// The id of an event's value in each facet that it has one in.
type Ids = [Option<u32>; Facet::ALL.len()];

impl Glances {
    /// Adds what is known of these events to counts; returns the events of which nothing is, and until when it is worth
    /// telling what they are.
    pub(crate) fn count(&self, positions: &[Position], counts: &mut Counts) -> (Vec<Position>, Era) {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut unknown, mut found) = (Vec::new(), vec![0; known.values.len()]);
        for position in positions {
            match known.events.get(position) {
                Some(ids) => ids.iter().flatten().for_each(|id| found[*id as usize] += 1),
                None => unknown.push(*position),
            }
        }
        for ((facet, value), count) in known.values.iter().zip(found).filter(|(_, count)| *count > 0) {
            counts.add(*facet, value, count);
        }
        (unknown, Era(known.era))
    }

    /// Forgets everything, for events were removed.
    pub(crate) fn forget(&self) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Known { era: known.era + 1, ..Known::default() };
    }

    /// Remembers an event that was read in an era. What is full forgets all: the next questions fill it with what is asked
    /// for now.
    pub(crate) fn remember(&self, era: Era, position: Position, glance: &Glance<'_>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.era != era.0 {
            return;
        }
        if known.events.len() >= MOST {
            *known = Known { era: known.era, ..Known::default() };
        }
        let ids = std::array::from_fn(|at| {
            let facet = Facet::ALL[at];
            facet.of(glance).map(|value| known.id(facet, value))
        });
        known.events.insert(position, ids);
    }
}

impl Known {
    fn id(&mut self, facet: Facet, value: &str) -> u32 {
        let ids = self.ids.entry(facet).or_default();
        match ids.get(value) {
            Some(id) => *id,
            None => {
                // There are no more of them than the events that are remembered have.
                let (id, value): (_, Arc<str>) = (self.values.len() as u32, value.into());
                ids.insert(value.clone(), id);
                self.values.push((facet, value));
                id
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_once_is_counted_without_a_look() {
        let (glances, mut counts) = (Glances::default(), Counts::default());
        let (first, second) = (Position(64), Position(128));
        let glance = |actor| Glance { actor, action: "login", outcome: "denied", ..Glance::default() };
        glances.remember(Era(0), first, &glance("alice"));
        glances.remember(Era(0), second, &glance("bob"));
        assert_eq!(glances.count(&[first, Position(65), second, first], &mut counts).0, [Position(65)]);
        let actors = counts.of(Facet::Actor, crate::Basis::All).values;
        assert_eq!(actors, [("alice".to_owned(), 2), ("bob".to_owned(), 1)]);
        assert_eq!(counts.of(Facet::Action, crate::Basis::All).values, [("login".to_owned(), 3)]);
    }

    #[test]
    fn what_is_full_forgets_and_goes_on() {
        let (glances, mut counts) = (Glances::default(), Counts::default());
        for at in 0..=MOST {
            glances.remember(Era(0), Position(at as i64), &Glance { actor: "alice", ..Glance::default() });
        }
        assert_eq!(glances.count(&[Position(0), Position(MOST as i64)], &mut counts).0, [Position(0)]);
    }

    #[test]
    fn what_was_read_before_events_were_removed_is_not_remembered_after() {
        let (glances, mut counts) = (Glances::default(), Counts::default());
        let glance = Glance { actor: "alice", ..Glance::default() };
        let (_, before) = glances.count(&[], &mut counts);
        glances.remember(before, Position(64), &glance);
        glances.forget();
        glances.remember(before, Position(65), &glance);
        let (unknown, after) = glances.count(&[Position(64), Position(65)], &mut counts);
        assert_eq!(unknown, [Position(64), Position(65)]);
        glances.remember(after, Position(64), &glance);
        assert_eq!(glances.count(&[Position(64)], &mut counts).0, []);
    }
}
