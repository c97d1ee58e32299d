//! The one transaction in which a month becomes what is left of it.

use sqlx::{AssertSqlSafe, SqliteConnection};
use std::time::Instant;

use super::rebuild::Rebuilt;
use crate::{Store, StoreError, append::Log, partition::Partition, transaction::begin_write};

/// Why a month is still what it was.
pub(super) enum NotSwapped {
    /// A rule or a hold has changed since the plan was made.
    Changed,
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for NotSwapped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for NotSwapped {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Partition {
    /// The table of records that was, until it is erased.
    pub(super) fn gone_events(self) -> String {
        format!("{}_gone", self.events())
    }

    /// The index that was, until it is erased.
    pub(super) fn gone_terms(self) -> String {
        format!("{}_gone", self.terms())
    }
}

/// Swaps a month for what was made beside it, on the writer's own thread of work: no batch is appended meanwhile.
pub(super) async fn swap(
    store: &Store,
    log: &mut Log,
    connection: &mut SqliteConnection,
    mut rebuilt: Rebuilt,
    (run, changes): (i64, u64),
) -> Result<(), NotSwapped> {
    if store.retention().changes() != changes {
        return Err(NotSwapped::Changed);
    }
    let month = rebuilt.month;
    let mut transaction = begin_write(connection).await?;
    rebuilt.finish(&mut transaction, log.len()).await?;
    let (events, terms) = (month.events(), month.terms());
    for statement in [
        format!("DROP TABLE {}", month.vocabulary()),
        format!("ALTER TABLE {events} RENAME TO {}", month.gone_events()),
        format!("ALTER TABLE {terms} RENAME TO {}", month.gone_terms()),
        format!("ALTER TABLE {} RENAME TO {events}", month.next_events()),
        format!("ALTER TABLE {} RENAME TO {terms}", month.next_terms()),
        month.create_vocabulary(),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
    }
    let removed = rebuilt.gone.events();
    for source in &rebuilt.sources {
        let left = rebuilt.left.remove(source).unwrap_or_default();
        log.values.recount(&mut transaction, source, month.start().time()..month.end(), &left).await?;
    }
    rebuilt.portions.replace(&mut transaction, month, rebuilt.sources.iter().map(String::as_str)).await?;
    rebuilt.gone.write(&mut transaction, month, run).await?;
    sqlx::query("UPDATE retention_run SET events = events + ?, bytes = bytes + ? WHERE event = ?")
        .bind(removed as i64)
        .bind(rebuilt.bytes as i64)
        .bind(run)
        .execute(&mut *transaction)
        .await?;
    let any = format!("SELECT EXISTS (SELECT 1 FROM {events})");
    let is_empty = !sqlx::query_scalar::<_, bool>(AssertSqlSafe(any)).fetch_one(&mut *transaction).await?;
    if is_empty {
        sqlx::query("DELETE FROM partition WHERE month = ?").bind(month.0).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;

    log.values.committed();
    log.disturb(month);
    if is_empty {
        log.partitions.remove(month);
        log.places.forget(month);
        store.retention().emptied(Instant::now(), month);
    }
    store.glances().forget();
    store.retention().removed();
    Ok(())
}
