//! Counts that were made already and still hold: the same question by a reader of the same scope, and not one event
//! more in the log that they could be about.
//!
//! Whoever looks at a page is recorded in the same log. Counts that leave that record out, as nearly all do, are
//! therefore told apart by how long the log was when a *producer's* event came last.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono_tz::Tz;
use flightbox_domain::{
    page::{Position, Range},
    scope::Scope,
};
use quick_cache::sync::Cache;

use crate::{Count, FacetCounts, Histogram, Search, Store, StoreError};

/// How many histograms, and how many sets of facets, are remembered: each takes some kilobytes.
const REMEMBERED: usize = 256;
/// How many counts are remembered.
const NUMBERS: usize = 1024;

/// How many events no log has: what holds however many there are is remembered under it.
const EVER: i64 = -1;

/// What was counted lately.
pub(crate) struct Counts {
    numbers: Cache<Key, Arc<Count>>,
    histograms: Cache<Key, Arc<Histogram>>,
    facets: Cache<Key, Arc<Vec<FacetCounts>>>,
    asked: AtomicU64,
    counted: AtomicU64,
}

/// How often the cache was asked, and how often it did not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheUse {
    /// Questions.
    pub asked: u64,
    /// Questions that had to be counted.
    pub counted: u64,
}

/// A question. Its answer is good for as long as the log has no event more in its scope, never by the clock alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    events: i64,
    /// How often events were removed.
    era: u64,
    scope: Scope,
    query: String,
    range: Range,
    zone: Tz,
    bars: u32,
    /// Where a histogram ends with the present: the minute.
    minute: Option<i64>,
}

impl Key {
    pub(crate) fn new((events, era): (i64, u64), search: &Search, zone: Tz, bars: u32) -> Self {
        let range = search.window();
        let ends_now = range.from != Position::FIRST && range.to == Position::LAST;
        Self {
            events,
            era,
            scope: search.effective_scope(),
            query: search.filter.text(),
            range,
            zone,
            bars,
            minute: ends_now.then(|| search.filter.now().timestamp() / 60),
        }
    }
}

impl Store {
    /// How many events the log had when last one came that a search may be about, and how often events were removed: the
    /// same numbers, the same matches.
    pub(crate) fn grown(&self, search: &Search) -> (i64, u64) {
        (*self.growth(&search.effective_scope()).borrow(), self.retention().era())
    }
}

impl Counts {
    pub(crate) fn new() -> Self {
        let (asked, counted) = Default::default();
        let (histograms, facets) = (Cache::new(REMEMBERED), Cache::new(REMEMBERED));
        Self { numbers: Cache::new(NUMBERS), histograms, facets, asked, counted }
    }

    /// The number of matches, counted once however many ask for it at the same time. That there are more than the budget
    /// holds however many come.
    pub(crate) async fn number(
        &self,
        key: Key,
        count: impl Future<Output = Result<Count, StoreError>>,
    ) -> Result<Count, StoreError> {
        let ever = Key { events: EVER, minute: None, ..key.clone() };
        if let Some(many) = self.numbers.get(&ever) {
            self.asked.fetch_add(1, Ordering::Relaxed);
            return Ok(*many);
        }
        let count = self.numbers.get_or_insert_async(&key, self.noted(count)).await?;
        if count.is_many() {
            self.numbers.insert(ever, count.clone());
        }
        Ok(*count)
    }

    /// The histogram, counted once however many ask for it at the same time.
    pub(crate) async fn histogram(
        &self,
        key: Key,
        count: impl Future<Output = Result<Histogram, StoreError>>,
    ) -> Result<Arc<Histogram>, StoreError> {
        self.histograms.get_or_insert_async(&key, self.noted(count)).await
    }

    /// The facets, counted once however many ask for them at the same time.
    pub(crate) async fn facets(
        &self,
        key: Key,
        count: impl Future<Output = Result<Vec<FacetCounts>, StoreError>>,
    ) -> Result<Arc<Vec<FacetCounts>>, StoreError> {
        self.facets.get_or_insert_async(&key, self.noted(count)).await
    }

    pub(crate) fn usage(&self) -> CacheUse {
        CacheUse { asked: self.asked.load(Ordering::Relaxed), counted: self.counted.load(Ordering::Relaxed) }
    }

    fn noted<T>(
        &self,
        count: impl Future<Output = Result<T, StoreError>>,
    ) -> impl Future<Output = Result<Arc<T>, StoreError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        async {
            self.counted.fetch_add(1, Ordering::Relaxed);
            count.await.map(Arc::new)
        }
    }
}
