//! Which keys sign session tokens. The keys themselves follow from the master key; here stands which there are.

use chrono::{DateTime, Utc};
use sqlx::{Row, sqlite::SqliteRow};

use super::Reading;
use crate::{Store, StoreError, transaction::begin_write};

/// How many are told at most. Whatever is older has verified nothing for long.
const TOLD: i64 = 16;

/// A key that signs session tokens, or did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionKeyRow {
    /// Its number, from which it follows.
    pub number: i64,
    /// Since when it signs.
    pub created_at: DateTime<Utc>,
    /// Whether it is good for nothing any more.
    pub revoked: bool,
}

impl Store {
    /// The keys, the newest first.
    pub async fn session_keys(&self) -> Result<Vec<SessionKeyRow>, StoreError> {
        let query = "SELECT number, created_at, revoked_at FROM session_key ORDER BY number DESC LIMIT ?";
        let rows = sqlx::query(query).bind(TOLD).fetch_all(self.readers()).await?;
        rows.iter().map(read).collect()
    }

    /// Adds a key, which signs from now on, and revokes all before it if they are to be: both or neither.
    pub async fn add_session_key(&self, revoke_others: bool, now: DateTime<Utc>) -> Result<i64, StoreError> {
        let now = now.timestamp_millis();
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        if revoke_others {
            let revoke = sqlx::query("UPDATE session_key SET revoked_at = ? WHERE revoked_at IS NULL");
            revoke.bind(now).execute(&mut *transaction).await?;
        }
        let add = sqlx::query("INSERT INTO session_key (created_at) VALUES (?)").bind(now);
        let number = add.execute(&mut *transaction).await?.last_insert_rowid();
        transaction.commit().await?;
        Ok(number)
    }
}

fn read(row: &SqliteRow) -> Result<SessionKeyRow, StoreError> {
    let number: i64 = row.try_get("number")?;
    let key = number.to_string();
    let created_at = Reading { table: "session_key", key: &key, row }.time("created_at")?;
    Ok(SessionKeyRow { number, created_at, revoked: row.try_get::<Option<i64>, _>("revoked_at")?.is_some() })
}
