//! How many events there are in each stretch of time, by outcome.

use std::{ops::Range as Span, sync::Arc};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_domain::{
    bucket::Buckets,
    filter::Expr,
    page::{Direction, Position, Range},
    terms::Field,
};
use flightbox_event::Outcome;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sqlx::{AssertSqlSafe, Row as _};

use crate::{
    Count, Search, Store, StoreError,
    cache::Key,
    codec::decode,
    partition::Partition,
    search::EXAMINED,
    tally::{hour, whole_hours},
    walk::Walk,
};

/// Months that are counted at once: a search runs beside it, and others wait for a connection, too.
const AT_ONCE: usize = 2;
/// Matches after which no older month is counted.
const COUNTED: u64 = 3_000_000;

/// A histogram, stacked by outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// Its bars.
    pub buckets: Buckets,
    /// How many events each bar has, by outcome in the order of [`Outcome::ALL`].
    pub counts: Vec<[u64; 4]>,
    /// How many events that is in all. It is exact unless counting stopped.
    pub total: Count,
    /// Where counting stopped because there was too much to count: older bars say nothing.
    pub counted_back_to: Option<DateTime<Utc>>,
}

impl Store {
    /// The histogram of all matches of a search, its cursor aside, in about `bars` bars at most that are round on the
    /// zone's clocks. It covers the search's window; where that is open, all that the reader may see, up to now where
    /// only its end is open.
    pub async fn histogram(&self, search: &Search, zone: Tz, bars: u32) -> Result<Arc<Histogram>, StoreError> {
        let key = Key::new(self.grown(search), search, zone, bars);
        self.readers().patiently(self.counts().histogram(key, self.count_histogram(search, zone, bars))).await
    }

    async fn count_histogram(&self, search: &Search, zone: Tz, bars: u32) -> Result<Histogram, StoreError> {
        let (from, to) = self.span(search).await?;
        let buckets = Buckets::cut(from, to, zone, bars);
        let counts = vec![[0; 4]; buckets.spans().len()];
        let total = Count { value: 0, exact: true };
        let mut histogram = Histogram { buckets, counts, total, counted_back_to: None };
        let search = &*self.narrowed(search).await?;
        if search.filter.is_exact() {
            self.count_by_outcome(search, &mut histogram).await?;
        } else {
            self.examine_by_outcome(search, &mut histogram).await?;
        }
        let value = histogram.counts.iter().flatten().sum();
        histogram.total = Count { value, exact: histogram.counted_back_to.is_none() };
        Ok(histogram)
    }

    /// The time that a search's histogram covers.
    async fn span(&self, search: &Search) -> Result<(DateTime<Utc>, DateTime<Utc>), StoreError> {
        let (window, now) = (search.window(), search.filter.now());
        let all = search.effective_scope().expr(self.keys());
        let tick = chrono::TimeDelta::milliseconds(1);
        let from = match window.from {
            Position::FIRST => self.edge(&all, Direction::Newer).await?.map_or(now, Position::time),
            from => from.time(),
        };
        let to = match window.to {
            Position::LAST => {
                let last = self.edge(&all, Direction::Older).await?.map(|last| last.time() + tick);
                let least = if window.from == Position::FIRST { last } else { Some(now) };
                last.max(least).unwrap_or(now)
            }
            to => to.time(),
        };
        Ok((from, to.max(from)))
    }

    /// Counts from tallies as far as they answer the query, and from postings where they don't.
    async fn count_by_outcome(&self, search: &Search, histogram: &mut Histogram) -> Result<(), StoreError> {
        let edges = &histogram.buckets.edges;
        let (from, to) = (edges[0], edges[edges.len() - 1]);
        let inner = &edges[1..edges.len() - 1];
        let hours = match search.filter.is_by_source() && inner.iter().all(|edge| *edge == hour(*edge)) {
            true => whole_hours(from, to),
            false => None,
        };
        let Some(hours) = hours else { return self.count_postings_in(search, from..to, histogram).await };
        let days = inner.iter().all(|edge| edge.timestamp() % 86_400 == 0);
        let sources = self.sources_of(search).await?;
        for (start, outcome, count) in self.tallied_outcomes(&sources, &hours, days).await? {
            histogram.add(start, outcome, count);
        }
        self.count_postings_in(search, hours.end..to, histogram).await?;
        self.count_postings_in(search, from..hours.start, histogram).await
    }

    /// The usual outcome is what is left of all when the others are counted: one long walk instead of two.
    async fn count_postings_in(
        &self,
        search: &Search,
        span: Span<DateTime<Utc>>,
        histogram: &mut Histogram,
    ) -> Result<(), StoreError> {
        let outcomes = search.filter.outcomes();
        let Some((usual, others)) = outcomes.split_first() else { return Ok(()) };
        let expr = search.filter.at_most(self.keys(), &search.effective_scope());
        let range = Range::between(Some(span.start), Some(span.end));
        let (mut all, counted) = self.count_bars(&expr, &histogram.buckets, range, COUNTED).await?;
        for outcome in others {
            let (term, _) = Field::Outcome.term(self.keys(), outcome.as_str());
            let expr = expr.clone().and(Expr::Term(term));
            let (counts, _) = self.count_bars(&expr, &histogram.buckets, counted, u64::MAX).await?;
            for (bar, count) in counts.into_iter().enumerate() {
                histogram.counts[bar][*outcome as usize] += count;
                all[bar] = all[bar].saturating_sub(count);
            }
        }
        for (bar, count) in all.into_iter().enumerate() {
            histogram.counts[bar][*usual as usize] += count;
        }
        if counted != range {
            histogram.counted_back_to = Some(counted.from.time());
        }
        Ok(())
    }

    /// Counts what an expression finds in each bar, newest month first, until there are more than `most`; tells which
    /// part of the range that was.
    async fn count_bars(
        &self,
        expr: &Expr,
        buckets: &Buckets,
        range: Range,
        most: u64,
    ) -> Result<(Vec<u64>, Range), StoreError> {
        let mut bars = vec![0; buckets.spans().len()];
        if *expr == Expr::None || range.is_empty() {
            return Ok((bars, range));
        }
        let partitions = self.partitions(range, Direction::Older);
        let mut counts = stream::iter(partitions)
            .map(async |partition| {
                Ok::<_, StoreError>((partition, self.count_bars_in(partition, expr, buckets, range).await?))
            })
            .buffered(AT_ONCE);
        let mut total = 0;
        while let Some((partition, counts)) = counts.try_next().await? {
            for (bar, count) in counts {
                bars[bar] += count;
                total += count;
            }
            if total > most && partition.start() > range.from {
                return Ok((bars, Range { from: partition.start(), ..range }));
            }
        }
        Ok((bars, range))
    }

    async fn count_bars_in(
        &self,
        partition: Partition,
        expr: &Expr,
        buckets: &Buckets,
        range: Range,
    ) -> Result<Vec<(usize, u64)>, StoreError> {
        let stretches: Vec<(usize, Range)> = buckets
            .spans()
            .map(|(start, end)| Range::between(Some(start), Some(end)).and(range))
            .enumerate()
            .filter(|(_, stretch)| partition.meets(*stretch))
            .collect();
        let terms = partition.terms();
        let counts = (0..stretches.len()).map(|at| {
            let (from, to) = (3 * at + 3, 3 * at + 4);
            format!(
                "SELECT ?{}, count(*) FROM {terms} WHERE {terms} MATCH ?1 AND rowid >= ?{from} AND rowid < ?{to}",
                from - 1
            )
        });
        let sql = counts.collect::<Vec<_>>().join(" UNION ALL ");
        if sql.is_empty() {
            return Ok(Vec::new());
        }
        let query = sqlx::query(AssertSqlSafe(sql)).bind(expr.to_string());
        let query = stretches
            .iter()
            .fold(query, |query, (bar, stretch)| query.bind(*bar as i64).bind(stretch.from.0).bind(stretch.to.0));
        let rows = query.fetch_all(self.readers()).await?;
        rows.iter().map(|row| Ok((row.try_get::<i64, _>(0)? as usize, row.try_get::<i64, _>(1)? as u64))).collect()
    }

    /// Counts by testing records, as far as one request may decode them.
    async fn examine_by_outcome(&self, search: &Search, histogram: &mut Histogram) -> Result<(), StoreError> {
        let expr = search.filter.at_most(self.keys(), &search.effective_scope());
        let walk = Walk { expr: &expr, range: search.window(), direction: Direction::Older };
        let (mut seen, mut last) = (0, Position::LAST);
        // One more than is examined tells whether that was all.
        self.each(&walk, EXAMINED + 1, |row| {
            seen += 1;
            if seen > EXAMINED {
                return Ok(());
            }
            last = row.position;
            let event = decode(row.position.0, row.seq, row.body)?;
            if event.passes(&search.filter) {
                histogram.add(row.position.time(), event.record.event.outcome, 1);
            }
            Ok(())
        })
        .await?;
        histogram.counted_back_to = (seen > EXAMINED).then(|| last.time());
        Ok(())
    }
}

impl Histogram {
    fn add(&mut self, time: DateTime<Utc>, outcome: Outcome, count: u64) {
        if let Some(bar) = self.buckets.index_of(time) {
            self.counts[bar][outcome as usize] += count;
        }
    }
}
