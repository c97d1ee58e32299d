//! How each source fares: what it sends and how late, what of it was refused, what of it is new.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    drift::{Trait, is_learning},
    filter::Expr,
    page::{Direction, Range},
    scope::Scope,
    silence::Silence,
    terms::Field,
};
use sqlx::Row as _;

use crate::{
    SourceListed, Store, StoreError,
    shapes::{self, kind_named},
    tally::hour,
    walk::Walk,
};

/// Hours of which events are told.
const HOURS: i64 = 24;
/// What is new of a source is told for so long.
const NEW_FOR: TimeDelta = TimeDelta::days(7);
/// Events that the lag is told from, the newest.
const LATEST: usize = 20;

/// How a source fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Which.
    pub source: SourceListed,
    /// How many events of it there are.
    pub events: u64,
    /// When the last of them was received.
    pub seen_at: Option<DateTime<Utc>>,
    /// How many events it has by hour, oldest first, for a day; the last hour is the one that has begun.
    pub hours: Vec<u64>,
    /// How much later than it happened an event of it is received: the median of its newest twenty.
    pub lag: Option<TimeDelta>,
    /// How many refused batches of it are kept.
    pub refused: u64,
    /// How many of them came within a day.
    pub refused_lately: u64,
    /// Actions that were new within a week.
    pub new_actions: u64,
    /// Fields that were new within a week.
    pub new_fields: u64,
    /// Its silence, if it is silent.
    pub silence: Option<Silence>,
}

/// An action or a field that a source showed for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTrait {
    /// Which kind.
    pub kind: Trait,
    /// The action; the field, or the path into the details.
    pub name: String,
    /// When the first event with it happened.
    pub at: DateTime<Utc>,
    /// The number of that event.
    pub seq: i64,
}

/// What a source has shown, and what of it was new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// What was new once it was known, newest first.
    pub new: Vec<NewTrait>,
    /// How many there are of that kind in all, which may be more.
    pub all: u64,
    /// How many of each kind were learned before.
    pub learned: [u64; 3],
    /// The kinds of which it has shown as many as are remembered, so that none is new any more.
    pub full: Vec<Trait>,
    /// Whether it is still being learned.
    pub learning: bool,
}

impl Store {
    /// How the sources of a scope fare, by name; also those that have only ever been imported.
    pub async fn figures(&self, scope: &Scope, now: DateTime<Utc>) -> Result<Vec<Figures>, StoreError> {
        let listed = self.sources(scope).await?;
        self.figures_among(scope, listed, now).await
    }

    /// How one source fares, if there is one of that name in scope.
    pub async fn figures_of(
        &self,
        scope: &Scope,
        name: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Figures>, StoreError> {
        let listed = self.sources(scope).await?.into_iter().filter(|source| source.name == name).collect();
        Ok(self.figures_among(scope, listed, now).await?.pop())
    }

    async fn figures_among(
        &self,
        scope: &Scope,
        listed: Vec<SourceListed>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Figures>, StoreError> {
        let names: BTreeSet<_> = listed.iter().map(|source| source.name.clone()).collect();
        let first = hour(now) - TimeDelta::hours(HOURS - 1);
        let tallied = self.sources_in(|name| names.contains(name)).await?;
        let mut hours: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for (name, start, count) in self.tallied_by_source(&tallied, &(first..now + TimeDelta::hours(1))).await? {
            let by_hour = hours.entry(name).or_insert_with(|| vec![0; HOURS as usize]);
            let at = usize::try_from((start - first).num_hours()).ok().and_then(|at| by_hour.get_mut(at));
            at.into_iter().for_each(|of_hour| *of_hour += count);
        }
        let (stored, refused, new) = (self.stored().await?, self.refused(now).await?, self.newly_shown(now).await?);
        let silent: BTreeMap<_, _> = self.silent_sources(scope, now).await?.into_iter().collect();
        let mut figures = Vec::with_capacity(listed.len());
        for source in listed {
            let name = source.name.as_str();
            let (events, seen_at) = stored.get(name).copied().unzip();
            let (refused, refused_lately) = refused.get(name).copied().unwrap_or_default();
            let (new_actions, new_fields) = new.get(name).copied().unwrap_or_default();
            figures.push(Figures {
                events: events.unwrap_or_default(),
                seen_at,
                hours: hours.remove(name).unwrap_or_else(|| vec![0; HOURS as usize]),
                lag: self.lag(name).await?,
                refused,
                refused_lately,
                new_actions,
                new_fields,
                silence: silent.get(name).copied(),
                source,
            });
        }
        Ok(figures)
    }

    /// When an event of each source was last received.
    pub async fn received(&self) -> Result<BTreeMap<String, DateTime<Utc>>, StoreError> {
        Ok(self.stored().await?.into_iter().map(|(source, (_, newest))| (source, newest)).collect())
    }

    /// How many events there are of each source, and when the last was received.
    async fn stored(&self) -> Result<BTreeMap<String, (u64, DateTime<Utc>)>, StoreError> {
        let query = "SELECT source, sum(events), max(newest) FROM portion WHERE events > 0 GROUP BY source";
        let mut stored = BTreeMap::new();
        for row in sqlx::query(query).fetch_all(self.readers()).await? {
            let (events, newest): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
            let newest = DateTime::from_timestamp_millis(newest).unwrap_or_default();
            stored.insert(row.try_get(0)?, (events.unsigned_abs(), newest));
        }
        Ok(stored)
    }

    /// How many actions and how many fields were new lately, by source.
    async fn newly_shown(&self, now: DateTime<Utc>) -> Result<BTreeMap<String, (u64, u64)>, StoreError> {
        let query = "SELECT source, sum(kind = 'action'), sum(kind <> 'action') FROM shape
                     WHERE drift = 1 AND at >= ? GROUP BY source";
        let rows = sqlx::query(query).bind((now - NEW_FOR).timestamp_millis()).fetch_all(self.readers()).await?;
        rows.iter()
            .map(|row| {
                let (actions, fields): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
                Ok((row.try_get(0)?, (actions.unsigned_abs(), fields.unsigned_abs())))
            })
            .collect()
    }

    /// How late the newest events of a source were received.
    async fn lag(&self, source: &str) -> Result<Option<TimeDelta>, StoreError> {
        let (term, _) = Field::Source.term(self.keys(), source);
        let walk = Walk { expr: &Expr::Term(term), range: Range::ALL, direction: Direction::Older };
        let events = self.walk(&walk, LATEST).await?;
        let late = |record: &flightbox_domain::record::Record| {
            record.event.occurred_at.map(|occurred| record.received_at - occurred)
        };
        let mut lags: Vec<_> = events.iter().filter_map(|event| late(&event.record)).collect();
        lags.sort_unstable();
        Ok(lags.get(lags.len() / 2).copied())
    }

    /// What a source has shown: the newest of what was new, at most `limit`.
    pub async fn drift(&self, source: &str, limit: u32, now: DateTime<Utc>) -> Result<Drift, StoreError> {
        let query = "SELECT kind, name, at, seq FROM shape WHERE source = ? AND drift = 1
                     ORDER BY at DESC, seq DESC, kind, name LIMIT ?";
        let rows = sqlx::query(query).bind(source).bind(limit).fetch_all(self.readers()).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok::<_, StoreError>(NewTrait {
                kind: kind_named(row.try_get(0)?, source)?,
                name: row.try_get(1)?,
                at: DateTime::from_timestamp_millis(row.try_get(2)?).unwrap_or_default(),
                seq: row.try_get(3)?,
            })
        };
        let mut drift = Drift {
            new: rows.iter().map(read).collect::<Result<_, _>>()?,
            all: 0,
            learned: [0; 3],
            full: Vec::new(),
            learning: true,
        };
        let query = "SELECT kind, count(*), sum(drift) FROM shape WHERE source = ? GROUP BY kind";
        for row in sqlx::query(query).bind(source).fetch_all(self.readers()).await? {
            let kind = kind_named(row.try_get(0)?, source)?;
            let (count, new): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
            drift.all += new.unsigned_abs();
            drift.learned[kind as usize] = (count - new).unsigned_abs();
            if count >= shapes::MOST as i64 {
                drift.full.push(kind);
            }
        }
        let first = sqlx::query_scalar("SELECT at FROM shape WHERE source = ? ORDER BY seq LIMIT 1").bind(source);
        if let Some(first) = first.fetch_optional(self.readers()).await?.and_then(DateTime::from_timestamp_millis) {
            let (events, _) = self.stored().await?.remove(source).unwrap_or_default();
            drift.learning = is_learning(events, now - first);
        }
        Ok(drift)
    }
}
