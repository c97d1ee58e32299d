//! A run: one at a time, by a plan that was told before.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::{Row as _, sqlite::SqliteRow};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    Plan,
    rebuild::Rebuilt,
    swap::{NotSwapped, swap},
};
use crate::{Store, StoreError};

/// Runs that are told of.
const TOLD: i64 = 20;

/// Why a run did not do all of what its plan says. What it did, it did whole, month by month.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A rule or a hold has changed meanwhile: the rest is left to the next run, which goes by it.
    #[error("a rule or a hold was changed meanwhile; what is left is the next run's")]
    Changed,
    /// The log is closing.
    #[error("the server stopped meanwhile; what is left is the next run's")]
    Closing,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for RunError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What a run has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many events it removed.
    pub events: u64,
    /// How many bytes of records these had.
    pub bytes: u64,
}

/// A run that was, or is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The number of the event that says so.
    pub event: i64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; not yet, or it was cut off.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it did not do all that its event says.
    pub failure: Option<String>,
    /// What it did.
    pub done: Progress,
}

/// The right to run retention: one at a time.
pub struct Turn(#[expect(dead_code, reason = "it is held")] OwnedSemaphorePermit);

impl Store {
    /// The right to run retention; `None` while somebody has it.
    pub fn retention_turn(&self) -> Option<Turn> {
        self.retention().running.clone().try_acquire_owned().ok().map(Turn)
    }

    /// Whether somebody has it.
    pub fn is_removing(&self) -> bool {
        self.retention().running.available_permits() == 0
    }

    /// Notes that a run begins, by the event that says what it will do.
    pub async fn begin_run(&self, _turn: &Turn, event: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO retention_run (event, started_at, events, bytes) VALUES (?, ?, 0, 0)")
            .bind(event)
            .bind(now.timestamp_millis())
            .execute(&mut *self.writing().await)
            .await?;
        Ok(())
    }

    /// Removes what a plan says, for a run that has begun. Dropping the future stops it between two steps.
    pub async fn carry_out(&self, turn: &Turn, plan: &Plan, event: i64) -> Result<(), RunError> {
        let removed = self.remove(turn, plan, event).await;
        // Whatever the months came to: what is gone is forgotten, too.
        let sources: BTreeSet<_> = plan.removes().map(|part| part.source.clone()).collect();
        if !sources.is_empty() {
            self.forget_values().await?;
            self.forget_actors(&sources).await?;
            self.forget_shapes(&sources).await?;
        }
        self.drop_emptied().await?;
        if !self.shrink().await? {
            tracing::warn!("somebody was reading all the time: the write-ahead log is folded back by the next run");
        }
        removed
    }

    async fn remove(&self, _turn: &Turn, plan: &Plan, event: i64) -> Result<(), RunError> {
        for (month, sources) in plan.months() {
            let holds = self.hold_tests().await?;
            let rebuilt = match Rebuilt::of(self, month, sources, plan.as_of, holds).await {
                Ok(rebuilt) => rebuilt,
                Err(error) => {
                    self.give_up(month).await;
                    return Err(error.into());
                }
            };
            let (store, changes) = (self.clone(), plan.changes);
            let swapped = self.shared.writer.between(move |log, connection| {
                Box::pin(async move { swap(&store, log, connection, rebuilt, (event, changes)).await })
            });
            match swapped.await {
                Some(Ok(())) => self.erase_swapped(month).await?,
                other => {
                    self.give_up(month).await;
                    return Err(match other {
                        Some(Err(NotSwapped::Store(error))) => error.into(),
                        Some(Err(NotSwapped::Changed)) => RunError::Changed,
                        _ => RunError::Closing,
                    });
                }
            }
        }
        Ok(())
    }

    /// Notes that a run has ended, and why it did not do everything if it did not.
    pub async fn end_run(&self, event: i64, failure: Option<&str>, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("UPDATE retention_run SET ended_at = ?, failure = ? WHERE event = ?")
            .bind(now.timestamp_millis())
            .bind(failure)
            .bind(event)
            .execute(&mut *self.writing().await)
            .await?;
        Ok(())
    }

    /// The latest runs, the last first, twenty at most.
    pub async fn retention_runs(&self) -> Result<Vec<Run>, StoreError> {
        let rows = sqlx::query(
            "SELECT event, started_at, ended_at, failure, events, bytes FROM retention_run ORDER BY event DESC LIMIT ?",
        );
        rows.bind(TOLD).fetch_all(self.readers()).await?.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<Run, StoreError> {
    let number = |at: usize| Ok::<_, StoreError>(row.try_get::<i64, _>(at)?.unsigned_abs());
    Ok(Run {
        event: row.try_get(0)?,
        started_at: DateTime::from_timestamp_millis(row.try_get(1)?).unwrap_or_default(),
        ended_at: row.try_get::<Option<i64>, _>(2)?.and_then(DateTime::from_timestamp_millis),
        failure: row.try_get(3)?,
        done: Progress { events: number(4)?, bytes: number(5)? },
    })
}
