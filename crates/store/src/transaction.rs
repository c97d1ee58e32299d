//! Transactions that write, also after one that failed with the disk.

use sqlx::{Connection as _, Sqlite, SqliteConnection, Transaction};

const BEGIN: &str = "BEGIN IMMEDIATE";

/// Begins one that writes.
///
/// Where the disk is full, or does not sync, SQLite itself ends the transaction. sqlx then fails to roll it back, goes on
/// believing in it, and would refuse every other one until the process ends. So it is given one to roll back.
pub(crate) async fn begin_write(connection: &mut SqliteConnection) -> Result<Transaction<'_, Sqlite>, sqlx::Error> {
    if connection.is_in_transaction() {
        // Perhaps it is only not yet rolled back.
        connection.ping().await?;
    }
    if connection.is_in_transaction() {
        tracing::warn!("a transaction was ended by the disk");
        sqlx::query(BEGIN).execute(&mut *connection).await?;
        // It is refused, and sqlx rolls back what an attempt may have left.
        let _ = connection.begin_with(BEGIN).await;
    }
    connection.begin_with(BEGIN).await
}
