//! How the keys of a log are, and nothing of the keys themselves.

use chrono::{DateTime, Utc};

use super::Vault;
use crate::{Store, StoreError};

/// How many keys there are, and what wraps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyCounts {
    /// The fingerprint of the master key that wraps from now on.
    pub master: [u8; 8],
    /// How many keys, the log's own among them, another master key still wraps.
    pub elsewhere: i64,
    /// How many subjects' keys are in use.
    pub in_use: i64,
    /// When the oldest of those was made.
    pub oldest: Option<DateTime<Utc>>,
    /// When the newest of those was made.
    pub newest: Option<DateTime<Utc>>,
    /// How many were destroyed.
    pub erased: i64,
    /// When the last of them was.
    pub last_erased: Option<DateTime<Utc>>,
}

impl Vault {
    async fn counts(&self) -> Result<KeyCounts, StoreError> {
        let master = self.masters().current.fingerprint();
        let mut connection = self.connection.lock().await;
        let (in_use, elsewhere, oldest, newest): (i64, i64, Option<i64>, Option<i64>) = sqlx::query_as(
            "SELECT count(*), count(*) FILTER (WHERE master <> ?), min(made_at), max(made_at)
             FROM data_key WHERE wrapped IS NOT NULL",
        )
        .bind(&master[..])
        .fetch_one(&mut *connection)
        .await?;
        let log: i64 = sqlx::query_scalar("SELECT count(*) FROM log_key WHERE master <> ?")
            .bind(&master[..])
            .fetch_one(&mut *connection)
            .await?;
        let (erased, last_erased): (i64, Option<i64>) =
            sqlx::query_as("SELECT count(*), max(erased_at) FROM data_key WHERE wrapped IS NULL")
                .fetch_one(&mut *connection)
                .await?;
        let time = |millis: Option<i64>| millis.and_then(DateTime::from_timestamp_millis);
        Ok(KeyCounts {
            master,
            elsewhere: elsewhere + log,
            in_use,
            oldest: time(oldest),
            newest: time(newest),
            erased,
            last_erased: time(last_erased),
        })
    }
}

impl Store {
    /// How many keys there are, and what wraps them. It goes through all of them: for a page that is seldom looked at.
    pub async fn key_counts(&self) -> Result<KeyCounts, StoreError> {
        self.shared.vault.counts().await
    }
}
