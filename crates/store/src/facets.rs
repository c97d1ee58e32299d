//! The busiest values of the fields that have few enough to choose from.

use std::{collections::HashMap, sync::Arc};

use chrono_tz::Tz;
use flightbox_domain::{
    glance::{Facet, Glance},
    page::{Direction, Position, Range},
};

use crate::{
    Search, Store, StoreError,
    cache::Key,
    codec::{decode, glance},
    search::EXAMINED,
    tally::{OTHERS, whole_hours},
    walk::Walk,
};

/// Values that are told of each facet.
const TOP: usize = 30;

/// How often each value of a facet occurs among the matches of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetCounts {
    /// The facet.
    pub facet: Facet,
    /// Its values, those of most events first; at most thirty.
    pub values: Vec<(String, u64)>,
    /// How many events have any other value.
    pub rest: u64,
    /// What was counted.
    pub basis: Basis,
}

/// Which matches were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// All of them.
    All,
    /// So many, the newest.
    Newest(u64),
}

/// Events by value of each facet.
#[derive(Default)]
pub(crate) struct Counts(HashMap<Facet, HashMap<String, u64>>);

impl Store {
    /// The facets of all matches of a search, its cursor aside, in the order of [`Facet::ALL`]: exact up to 20,000
    /// matches, and beyond where counts that are kept anyway answer the query.
    pub async fn facets(&self, search: &Search) -> Result<Arc<Vec<FacetCounts>>, StoreError> {
        let key = Key::new(self.grown(search), search, Tz::UTC, 0);
        self.readers().patiently(self.counts().facets(key, self.count_facets(search))).await
    }

    async fn count_facets(&self, search: &Search) -> Result<Vec<FacetCounts>, StoreError> {
        let search = &*self.narrowed(search).await?;
        let mut counts = Counts::default();
        let basis = self.count_newest(search, search.window(), &mut counts).await?;
        let tallied = match basis {
            Basis::Newest(_) if search.filter.is_exact() && search.filter.is_by_source() => {
                self.tallies(search).await?
            }
            _ => None,
        };
        let facets = Facet::ALL.iter().map(|facet| match &tallied {
            Some(tallied) if facet.is_tallied() => tallied.of(*facet, Basis::All),
            _ => counts.of(*facet, basis),
        });
        Ok(facets.collect())
    }

    /// Counts the newest matches in a range, as many as one request may decode.
    async fn count_newest(&self, search: &Search, range: Range, counts: &mut Counts) -> Result<Basis, StoreError> {
        let expr = search.filter.at_most(self.keys(), &search.effective_scope());
        let walk = Walk { expr: &expr, range, direction: Direction::Older };
        // One more than is counted tells whether that is all.
        if search.filter.is_exact() {
            let mut positions = self.positions(&walk, EXAMINED + 1).await?;
            let more = positions.len() > EXAMINED;
            positions.truncate(EXAMINED);
            self.count_at(&positions, counts).await?;
            return Ok(if more { Basis::Newest(EXAMINED as u64) } else { Basis::All });
        }
        let (mut seen, mut found) = (0, 0);
        self.each(&walk, EXAMINED + 1, |row| {
            seen += 1;
            let event = decode(row.position.0, row.seq, row.body)?;
            if seen <= EXAMINED && event.passes(&search.filter) {
                found += 1;
                counts.add_all(&Glance::of(&event.record));
            }
            Ok(())
        })
        .await?;
        Ok(if seen > EXAMINED { Basis::Newest(found) } else { Basis::All })
    }

    /// Counts the events that stand at these positions; those not seen lately are read for it.
    async fn count_at(&self, positions: &[Position], counts: &mut Counts) -> Result<(), StoreError> {
        let (unknown, era) = self.glances().count(positions, counts);
        self.each_at(&unknown, |row| {
            glance(&row, |glance| {
                self.glances().remember(era, row.position, glance);
                counts.add_all(glance);
            })
        })
        .await
    }

    /// What is tallied of the search's window, and what its broken first and last hours hold; `None` where these hold
    /// too much.
    async fn tallies(&self, search: &Search) -> Result<Option<Counts>, StoreError> {
        let window = search.window();
        let (from, to) = (window.from.time(), window.to.time());
        let Some(hours) = whole_hours(from, to) else { return Ok(None) };
        let mut counts = Counts::default();
        let ends = [Range::between(Some(from), Some(hours.start)), Range::between(Some(hours.end), Some(to))];
        for end in ends {
            if self.count_newest(search, end, &mut counts).await? != Basis::All {
                return Ok(None);
            }
        }
        let sources = self.sources_of(search).await?;
        for (facet, value, count) in self.tallied(&sources, &hours).await? {
            counts.add(facet, &value, count);
        }
        Ok(Some(counts))
    }
}

impl Counts {
    fn add_all(&mut self, glance: &Glance<'_>) {
        for facet in Facet::ALL {
            facet.of(glance).into_iter().for_each(|value| self.add(*facet, value, 1));
        }
    }

    /// Adds so many events with a value.
    pub(crate) fn add(&mut self, facet: Facet, value: &str, events: u64) {
        let counts = self.0.entry(facet).or_default();
        match counts.get_mut(value) {
            Some(count) => *count += events,
            None => _ = counts.insert(value.to_owned(), events),
        }
    }

    /// The busiest values of a facet, and how many events have any other.
    pub(crate) fn of(&self, facet: Facet, basis: Basis) -> FacetCounts {
        let counts = self.0.get(&facet);
        let named = counts.into_iter().flatten().filter(|(value, _)| *value != OTHERS);
        let mut values: Vec<_> = named.map(|(value, count)| (value.clone(), *count)).collect();
        values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        values.truncate(TOP);
        let all: u64 = counts.into_iter().flatten().map(|(_, count)| count).sum();
        let rest = all - values.iter().map(|(_, count)| count).sum::<u64>();
        FacetCounts { facet, values, rest, basis }
    }
}
