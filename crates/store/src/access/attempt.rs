//! Counts of what was tried and went wrong, which survive a restart: so many in so long a time, and then no more until
//! that time is over.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Row, SqliteConnection};

use crate::{Store, StoreError, transaction::begin_write};

/// Keys that are remembered at once. Beyond it the one that began first is forgotten.
const REMEMBERED: i64 = 10_000;

/// What is counted, as a digest: [`Store::attempt_key`].
pub type AttemptKey = [u8; 8];

/// Whether an attempt may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It may, and is counted as failed until [`Store::forgive_attempt`].
    Admitted,
    /// Too many were made.
    Refused {
        /// Until when.
        until: DateTime<Utc>,
        /// Whether none was refused before in this window.
        first: bool,
    },
}

/// How many were made in the window that a key is in.
#[derive(Clone, Copy)]
struct Count {
    since: i64,
    taken: i64,
    refused: i64,
}

impl Store {
    /// The key of something that is counted: what kind it is, and which one.
    pub fn attempt_key(&self, parts: &[&[u8]]) -> AttemptKey {
        let kind: [&[u8]; 1] = [b"attempt"];
        self.keys().term(&[&kind[..], parts].concat())
    }

    /// Counts one more under each key, unless `judge`, which is told how many there were under each, names one of them
    /// as exhausted: then it is refused, and counted as refused under that one. All of it is one transaction, so any
    /// number at once are counted, and counted before their outcome is known.
    pub async fn attempt<const N: usize>(
        &self,
        keys: [AttemptKey; N],
        window: TimeDelta,
        now: DateTime<Utc>,
        judge: impl FnOnce([i64; N]) -> Option<usize>,
    ) -> Result<Attempt, StoreError> {
        let (window, now) = (window.num_milliseconds(), now.timestamp_millis());
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        let mut counts = [Count { since: now, taken: 0, refused: 0 }; N];
        for (key, count) in keys.iter().zip(&mut counts) {
            *count = read(&mut transaction, key, window, now).await?.unwrap_or(*count);
        }
        let refused = judge(counts.map(|count| count.taken)).and_then(|which| keys.get(which).zip(counts.get(which)));
        let answer = match refused {
            Some((key, count)) => {
                let count = Count { refused: count.refused.saturating_add(1), ..*count };
                write(&mut transaction, key, count, window, now).await?;
                let until = DateTime::from_timestamp_millis(count.since.saturating_add(window)).unwrap_or_default();
                Attempt::Refused { until, first: count.refused == 1 }
            }
            None => {
                for (key, count) in keys.iter().zip(counts) {
                    let count = Count { taken: count.taken.saturating_add(1), ..count };
                    write(&mut transaction, key, count, window, now).await?;
                }
                Attempt::Admitted
            }
        };
        transaction.commit().await?;
        Ok(answer)
    }

    /// Takes an attempt back: it did not go wrong after all.
    pub async fn forgive_attempt(&self, keys: &[AttemptKey]) -> Result<(), StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        for key in keys {
            let query = sqlx::query("UPDATE attempt SET taken = max(taken - 1, 0) WHERE key = ?");
            query.bind(&key[..]).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// A count whose window is not over. One that begins in the future is: the clock was set back, and nobody should wait
/// for it.
async fn read(
    connection: &mut SqliteConnection,
    key: &AttemptKey,
    window: i64,
    now: i64,
) -> Result<Option<Count>, StoreError> {
    let query = "SELECT since, taken, refused FROM attempt WHERE key = ? AND since > ? AND since <= ?";
    let query = sqlx::query(query).bind(&key[..]).bind(now - window).bind(now);
    let Some(row) = query.fetch_optional(connection).await? else { return Ok(None) };
    Ok(Some(Count { since: row.try_get("since")?, taken: row.try_get("taken")?, refused: row.try_get("refused")? }))
}

async fn write(
    connection: &mut SqliteConnection,
    key: &AttemptKey,
    count: Count,
    window: i64,
    now: i64,
) -> Result<(), StoreError> {
    let written = sqlx::query("UPDATE attempt SET since = ?, taken = ?, refused = ? WHERE key = ?")
        .bind(count.since)
        .bind(count.taken)
        .bind(count.refused)
        .bind(&key[..])
        .execute(&mut *connection)
        .await?;
    if written.rows_affected() > 0 {
        return Ok(());
    }
    make_room(connection, window, now).await?;
    sqlx::query("INSERT INTO attempt (key, since, taken, refused) VALUES (?, ?, ?, ?)")
        .bind(&key[..])
        .bind(count.since)
        .bind(count.taken)
        .bind(count.refused)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets what means nothing any more, and, where that is not enough, what began first.
async fn make_room(connection: &mut SqliteConnection, window: i64, now: i64) -> Result<(), StoreError> {
    let count = "SELECT count(*) FROM attempt";
    if sqlx::query_scalar::<_, i64>(count).fetch_one(&mut *connection).await? < REMEMBERED {
        return Ok(());
    }
    let over = sqlx::query("DELETE FROM attempt WHERE since <= ? OR since > ?").bind(now - window).bind(now);
    over.execute(&mut *connection).await?;
    let left: i64 = sqlx::query_scalar(count).fetch_one(&mut *connection).await?;
    let first = "DELETE FROM attempt WHERE key IN (SELECT key FROM attempt ORDER BY since, key LIMIT ?)";
    sqlx::query(first).bind((left - REMEMBERED + 1).max(0)).execute(connection).await?;
    Ok(())
}
