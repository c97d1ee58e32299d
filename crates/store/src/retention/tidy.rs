//! What else was known of events that are gone.

use std::collections::BTreeSet;

use flightbox_domain::{filter::Expr, page::Direction, terms::Field};
use sqlx::{AssertSqlSafe, Row as _};

use super::RunError;
use crate::{
    Store, StoreError, Subject,
    partition::{Partition, placeholders},
    tally::Values,
    transaction::begin_write,
};

/// Actors that are looked for before some are forgotten.
const ACTORS: i64 = 256;
const DAY_MS: i64 = 86_400_000;

impl Store {
    /// Forgets values that no event has any more, which nobody is to be offered.
    pub(super) async fn forget_values(&self) -> Result<(), RunError> {
        let forgotten = self.shared.writer.between(|log, connection| {
            Box::pin(async move {
                let mut transaction = begin_write(connection).await?;
                let gone = Values::delete_unused(&mut transaction).await?;
                transaction.commit().await?;
                log.values.forget(&gone.into_iter().collect());
                Ok::<_, StoreError>(())
            })
        });
        Ok(forgotten.await.ok_or(RunError::Closing)??)
    }

    /// Forgets the actors of sources that have no event left, and what they have shown.
    pub(super) async fn forget_actors(&self, sources: &BTreeSet<String>) -> Result<(), RunError> {
        for source in sources {
            let last = "SELECT max(month) FROM removal WHERE source = ?";
            let last: Option<i32> = sqlx::query_scalar(last).bind(source).fetch_one(self.readers()).await?;
            let Some(month) = last.map(Partition) else { continue };
            // Whoever was seen after the last month that lost anything has that event still.
            let before = month.end().timestamp_millis() / DAY_MS;
            let mut after = i64::MIN;
            loop {
                let rows = sqlx::query(
                    "SELECT key, id, last_day FROM actor WHERE source = ? AND last_day < ? AND key > ? ORDER BY key LIMIT ?",
                );
                let rows = rows.bind(source).bind(before).bind(after).bind(ACTORS).fetch_all(self.readers()).await?;
                let Some(row) = rows.last() else { break };
                after = row.try_get(0)?;
                let mut gone: Vec<(i64, i64)> = Vec::new();
                for row in rows {
                    if !self.has_events(source, row.try_get(1)?).await? {
                        gone.push((row.try_get(0)?, row.try_get(2)?));
                    }
                }
                self.forget(source.clone(), gone).await?;
            }
        }
        Ok(())
    }

    /// Forgets what sources have shown that have no event left, and actions that none of their events has any more. Names
    /// of fields, which are nobody's data, stay as long as the source has an event.
    pub(super) async fn forget_shapes(&self, sources: &BTreeSet<String>) -> Result<(), RunError> {
        for source in sources {
            let gone = self.actions_gone(source).await?;
            let source = source.clone();
            let forgotten = self.shared.writer.between(move |log, connection| {
                Box::pin(async move {
                    for action in gone {
                        let delete = "DELETE FROM shape WHERE source = ? AND kind = 'action' AND name = ?";
                        sqlx::query(delete).bind(&source).bind(&action).execute(&mut *connection).await?;
                        log.shapes.forget_action(&source, &action);
                    }
                    let delete = "DELETE FROM shape WHERE source = ?1
                        AND NOT EXISTS (SELECT 1 FROM portion WHERE source = ?1 AND events > 0)";
                    let gone = sqlx::query(delete).bind(&source).execute(&mut *connection).await?.rows_affected();
                    if gone > 0 {
                        log.shapes.forget(&source);
                    }
                    Ok::<_, StoreError>(())
                })
            });
            forgotten.await.ok_or(RunError::Closing)??;
        }
        Ok(())
    }

    /// The actions that a source has shown, and that no event of it has any more.
    async fn actions_gone(&self, source: &str) -> Result<Vec<String>, StoreError> {
        let query = "SELECT name FROM shape WHERE source = ? AND kind = 'action'";
        let actions: Vec<String> = sqlx::query_scalar(query).bind(source).fetch_all(self.readers()).await?;
        let (of_source, _) = Field::Source.term(self.keys(), source);
        let mut gone = Vec::new();
        for action in actions {
            let (of_action, _) = Field::Action.term(self.keys(), &action);
            let expr = Expr::Term(of_source.clone()).and(Expr::Term(of_action));
            if self.edge(&expr, Direction::Older).await?.is_none() {
                gone.push(action);
            }
        }
        Ok(gone)
    }

    async fn has_events(&self, source: &str, actor: &str) -> Result<bool, StoreError> {
        let (of_source, _) = Field::Source.term(self.keys(), source);
        let expr = Subject::Actor(actor).expr(self.keys()).and(Expr::Term(of_source));
        Ok(self.edge(&expr, Direction::Older).await?.is_some())
    }

    /// Forgets some actors, unless they have been seen again meanwhile.
    async fn forget(&self, source: String, gone: Vec<(i64, i64)>) -> Result<(), RunError> {
        if gone.is_empty() {
            return Ok(());
        }
        let forgotten = self.shared.writer.between(move |log, connection| {
            Box::pin(async move {
                let sql = format!(
                    "DELETE FROM actor WHERE (key, last_day) IN (VALUES {}) RETURNING key",
                    placeholders(gone.len(), 2)
                );
                let delete = gone
                    .iter()
                    .fold(sqlx::query_scalar(AssertSqlSafe(sql)), |delete, (key, day)| delete.bind(*key).bind(*day));
                let keys: Vec<i64> = delete.fetch_all(&mut *connection).await?;
                log.actors.forget(&source, &keys);
                Ok::<_, StoreError>(())
            })
        });
        Ok(forgotten.await.ok_or(RunError::Closing)??)
    }
}
