//! Tables that no month has any more: erased, so that nothing of them can be read, and the file made shorter.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, SqliteConnection};

use super::State;
use crate::{Store, StoreError, partition::Partition, reading::PATIENCE};

/// Rows that are erased in one transaction: the writer waits for no more.
const RECORDS: i64 = 2_000;
const BLOCKS: i64 = 256;
/// Pages by which the file becomes shorter in one transaction.
const PAGES: i64 = 512;
/// How long whoever reads may keep the log from being folded back, and how often that is tried.
const BUSY: Duration = Duration::from_millis(500);
const TRIES: usize = 8;
/// How long after a month was emptied nobody has its name any more: no question takes longer.
const FORGOTTEN: Duration = Duration::from_secs(3 * PATIENCE.as_secs());

/// Drops what a process left behind that was stopped in the midst: tables of a month that were not made to the end, that
/// were to be erased, or of a month that has no events. Before anybody reads or writes.
pub(crate) async fn sweep(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let left = "SELECT name FROM sqlite_schema WHERE type = 'table'
          AND (name GLOB 'event_[0-9]*' OR name GLOB 'term_[0-9]*' OR name GLOB 'vocabulary_[0-9]*')
          AND (sql NOT LIKE 'CREATE TABLE%' OR name GLOB 'event_*')
          AND substr(name, instr(name, '_') + 1) NOT IN (SELECT printf('%06d', month) FROM partition)
        ORDER BY name DESC";
    let names: Vec<String> = sqlx::query_scalar(left).fetch_all(&mut *connection).await?;
    for name in names {
        // A name of ours: letters, digits and underscores.
        sqlx::query(AssertSqlSafe(format!("DROP TABLE IF EXISTS {name}"))).execute(&mut *connection).await?;
    }
    Ok(())
}

impl State {
    pub(super) fn emptied(&self, at: Instant, month: Partition) {
        self.emptied.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, month));
    }

    /// The months that were emptied long enough ago; they are told once.
    fn forgotten(&self) -> Vec<Partition> {
        let mut emptied = self.emptied.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (old, new) = emptied.drain(..).partition(|(at, _)| at.elapsed() >= FORGOTTEN);
        *emptied = new;
        let old: Vec<(Instant, Partition)> = old;
        old.into_iter().map(|(_, month)| month).collect()
    }
}

impl Store {
    /// Erases what was swapped away, step by step.
    pub(super) async fn erase_swapped(&self, month: Partition) -> Result<(), StoreError> {
        let (events, terms) = (month.gone_events(), month.gone_terms());
        let blocks = format!("{terms}_data");
        // The first few blocks say what the index is made of.
        for (table, key, most, from) in [(&events, "position", RECORDS, 0), (&blocks, "id", BLOCKS, 11)] {
            let sql = format!(
                "DELETE FROM {table} WHERE {key} IN
                    (SELECT {key} FROM {table} WHERE {key} >= {from} ORDER BY {key} LIMIT {most})"
            );
            while sqlx::query(AssertSqlSafe(sql.clone())).execute(&mut *self.writing().await).await?.rows_affected() > 0
            {
                tokio::task::yield_now().await;
            }
        }
        for table in [events, terms] {
            let drop = AssertSqlSafe(format!("DROP TABLE IF EXISTS {table}"));
            sqlx::query(drop).execute(&mut *self.writing().await).await?;
        }
        Ok(())
    }

    /// Drops the tables of a month that is not to be changed after all.
    /// Where they cannot be dropped, the next start does it: whoever gives up has an error to tell already.
    pub(super) async fn give_up(&self, month: Partition) {
        for table in [month.next_events(), month.next_terms()] {
            let drop = AssertSqlSafe(format!("DROP TABLE IF EXISTS {table}"));
            if let Err(error) = sqlx::query(drop).execute(&mut *self.writing().await).await {
                tracing::warn!(%error, table, "a copy of a month was not dropped; the next start does it");
            }
        }
    }

    /// Drops the tables of months that were emptied long enough ago.
    pub(super) async fn drop_emptied(&self) -> Result<(), StoreError> {
        for month in self.retention().forgotten() {
            let mut connection = self.writing().await;
            // Something may have come late.
            if self.shared.partitions.contains(month) {
                continue;
            }
            for table in [month.vocabulary(), month.terms(), month.events()] {
                let drop = AssertSqlSafe(format!("DROP TABLE IF EXISTS {table}"));
                sqlx::query(drop).execute(&mut *connection).await?;
            }
        }
        Ok(())
    }

    /// Gives the disk what nothing stands in, and folds the write-ahead log back, so that what was erased stands nowhere
    /// any more. Whether the log could be: somebody may be reading all the time, and the next run tries again.
    pub(super) async fn shrink(&self) -> Result<bool, StoreError> {
        let free = "PRAGMA freelist_count";
        let mut before = i64::MAX;
        loop {
            let mut connection = self.writing().await;
            let pages: i64 = sqlx::query_scalar(free).fetch_one(&mut *connection).await?;
            if pages == 0 || pages >= before {
                break;
            }
            before = pages;
            let shorter = AssertSqlSafe(format!("PRAGMA incremental_vacuum({PAGES})"));
            sqlx::query(shorter).fetch_all(&mut *connection).await?;
        }
        for _ in 0..TRIES {
            let mut connection = self.writing().await;
            let wait = |time: Duration| AssertSqlSafe(format!("PRAGMA busy_timeout = {}", time.as_millis()));
            sqlx::query(wait(BUSY)).execute(&mut *connection).await?;
            let busy =
                sqlx::query_scalar::<_, i64>("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await;
            sqlx::query(wait(crate::open::BUSY)).execute(&mut *connection).await?;
            if busy? == 0 {
                return Ok(true);
            }
            drop(connection);
            tokio::task::yield_now().await;
        }
        Ok(false)
    }
}
