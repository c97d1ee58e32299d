//! Who is new, and of whom nothing is: read from what is remembered of actors.

use chrono::{DateTime, Utc};
use flightbox_domain::{
    novelty::{Kind, actor_key},
    page::{Direction, Range},
    scope::Scope,
};
use flightbox_event::Actor;
use sqlx::{AssertSqlSafe, Row as _};

use crate::{Store, StoreError, Subject, novelty::read, partition::placeholders};

/// The actors that are new in a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Newcomers {
    /// How many there are.
    pub count: u64,
    /// Some of them, the newest first.
    pub newest: Vec<Newcomer>,
}

/// An actor whose first event that succeeded is not long ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// Who, as the newest event tells.
    pub actor: Actor,
    /// The source it was seen in.
    pub source: String,
    /// When that first event happened.
    pub first_seen: DateTime<Utc>,
}

impl Store {
    /// The actors of a scope's sources that were first seen within a range; `most` of them by name.
    pub async fn newcomers(&self, scope: &Scope, range: Range, most: usize) -> Result<Newcomers, StoreError> {
        let sources = self.sources_in(|name| scope.allows(name)).await?;
        let sources: Vec<_> = sources.names().collect();
        if sources.is_empty() {
            return Ok(Newcomers::default());
        }
        let sql = format!(
            "SELECT source, id, first, count(*) OVER () FROM actor
             WHERE source IN {} AND first >= ? AND first < ? ORDER BY first DESC, key LIMIT ?",
            placeholders(1, sources.len())
        );
        let query = sources.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, source| query.bind(*source));
        let (from, to) = (range.from.time().timestamp_millis(), range.to.time().timestamp_millis());
        // One row at least: it says how many there are.
        let rows = query.bind(from).bind(to).bind(most.max(1) as i64).fetch_all(self.readers()).await?;
        let mut newcomers = Newcomers::default();
        for row in rows {
            newcomers.count = row.try_get::<i64, _>(3)?.unsigned_abs();
            if newcomers.newest.len() == most {
                break;
            }
            let id: String = row.try_get(1)?;
            newcomers.newest.push(Newcomer {
                actor: self.actor(scope, &id).await?,
                source: row.try_get(0)?,
                first_seen: DateTime::from_timestamp_millis(row.try_get(2)?).unwrap_or_default(),
            });
        }
        Ok(newcomers)
    }

    /// An actor of that id as its newest event tells of it, as far as the scope reaches; the bare id where none does.
    pub async fn actor(&self, scope: &Scope, id: &str) -> Result<Actor, StoreError> {
        let subject = Subject::Actor(id);
        let expr = scope.expr(self.keys()).and(subject.expr(self.keys()));
        let newest = self.first_that(&expr, Direction::Older, |stored| subject.concerns(&stored.record.event)).await?;
        let bare = || Actor { id: id.to_owned(), ..Actor::default() };
        Ok(newest.map_or_else(bare, |stored| stored.record.event.actor))
    }

    /// The kinds of which an actor shows so many values that none is remarkable, by source.
    pub async fn shows_many(&self, scope: &Scope, id: &str) -> Result<Vec<(String, Kind)>, StoreError> {
        let mut many = Vec::new();
        for source in self.sources_in(|name| scope.allows(name)).await?.names() {
            let row = sqlx::query("SELECT key, first, last_day, events, many, shown FROM actor WHERE key = ?");
            let row = row.bind(actor_key(self.keys(), source, id)).fetch_optional(self.readers()).await?;
            let Some((_, memory)) = row.as_ref().map(read).transpose()? else { continue };
            let kinds = Kind::ALL.into_iter().filter(|kind| memory.shows_many(*kind));
            many.extend(kinds.map(|kind| (source.to_owned(), kind)));
        }
        Ok(many)
    }
}
