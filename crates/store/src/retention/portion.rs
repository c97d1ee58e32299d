//! What each month holds of each source, kept while events come in.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use flightbox_domain::{glance::Facet, page::Position};
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection, sqlite::SqliteRow};

use crate::{
    Prepared, StoreError,
    partition::{Partition, chunks, placeholders},
};

/// A source's events of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Portion {
    pub(crate) events: i64,
    pub(crate) bytes: i64,
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// When the newest was received, in milliseconds since 1970.
    pub(crate) newest: i64,
}

impl Portion {
    fn one(seq: i64, bytes: usize, received_at: DateTime<Utc>) -> Self {
        Self { events: 1, bytes: bytes as i64, first: seq, last: seq, newest: received_at.timestamp_millis() }
    }

    fn and(self, other: Self) -> Self {
        Self {
            events: self.events + other.events,
            bytes: self.bytes + other.bytes,
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            newest: self.newest.max(other.newest),
        }
    }

    /// When the newest was received.
    pub(crate) fn newest(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.newest).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// Several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Portions(BTreeMap<(Partition, String), Portion>);

impl Portions {
    /// Those of events that are to be stored.
    pub(crate) fn of<'e>(events: impl Iterator<Item = (Position, i64, &'e Prepared)>) -> Self {
        let mut portions = Self::default();
        for (position, seq, event) in events {
            let source = event.tallied.iter().find(|(facet, _)| *facet == Facet::Source);
            let Some((_, source)) = source else { continue };
            portions.put(Partition::of(position), source, seq, event.body.len(), event.received_at);
        }
        portions
    }

    /// Counts one event more.
    pub(crate) fn put(&mut self, month: Partition, source: &str, seq: i64, bytes: usize, received_at: DateTime<Utc>) {
        let one = Portion::one(seq, bytes, received_at);
        self.0.entry((month, source.to_owned())).and_modify(|known| *known = known.and(one)).or_insert(one);
    }

    /// Adds them to those that there are, within the transaction of their events.
    pub(crate) async fn add(&self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        let portions: Vec<_> = self.0.iter().collect();
        for chunk in chunks(&portions) {
            let sql = format!(
                "INSERT INTO portion (month, source, events, bytes, first, last, newest) VALUES {}
                 ON CONFLICT DO UPDATE SET events = events + excluded.events, bytes = bytes + excluded.bytes,
                     first = min(first, excluded.first), last = max(last, excluded.last),
                     newest = max(newest, excluded.newest)",
                placeholders(chunk.len(), 7)
            );
            let insert = chunk.iter().fold(sqlx::query(AssertSqlSafe(sql)), |insert, ((month, source), portion)| {
                let insert = insert.bind(month.0).bind(source).bind(portion.events).bind(portion.bytes);
                insert.bind(portion.first).bind(portion.last).bind(portion.newest)
            });
            insert.execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// Puts what is left of some sources of a month in place of what there was, within the transaction that removes the
    /// rest.
    pub(crate) async fn replace(
        &self,
        connection: &mut SqliteConnection,
        month: Partition,
        sources: impl Iterator<Item = &str>,
    ) -> sqlx::Result<()> {
        for source in sources {
            sqlx::query("DELETE FROM portion WHERE month = ? AND source = ?")
                .bind(month.0)
                .bind(source)
                .execute(&mut *connection)
                .await?;
        }
        self.add(connection).await
    }
}

/// All there are, oldest first.
pub(crate) async fn all(
    executor: impl sqlx::SqliteExecutor<'_>,
) -> Result<Vec<(Partition, String, Portion)>, StoreError> {
    let rows =
        sqlx::query("SELECT month, source, events, bytes, first, last, newest FROM portion ORDER BY month, source");
    let read = |row: &SqliteRow| {
        let portion = Portion {
            events: row.try_get(2)?,
            bytes: row.try_get(3)?,
            first: row.try_get(4)?,
            last: row.try_get(5)?,
            newest: row.try_get(6)?,
        };
        Ok((Partition(row.try_get(0)?), row.try_get(1)?, portion))
    };
    rows.fetch_all(executor).await?.iter().map(read).collect()
}
