//! Ingest tokens: what producers append to their source with. A source has one, and two while another takes its place.

use chrono::{DateTime, Utc};
use flightbox_domain::{name::SourceName, secret::SecretHash};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::Reading;
use crate::{Store, StoreError, transaction::begin_write};

/// How many tokens of a source are good at once.
const MOST: i64 = 2;

/// Whoever has a token that is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerRow {
    /// The source that the token appends to.
    pub source: SourceName,
    /// Whether that may not append at present.
    pub disabled: bool,
    /// The number of the token in its source.
    pub token: i64,
    /// When it was last used, as far as that was noted.
    pub used_at: Option<DateTime<Utc>>,
}

/// An ingest token that is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngestToken {
    /// Its number in its source, from 1; numbers are never given twice.
    pub number: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends, if it does of itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, as far as that was noted.
    pub used_at: Option<DateTime<Utc>>,
}

/// What came of making another token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// It has this number.
    Done(i64),
    /// As many are good as can be.
    Enough,
}

/// The tokens that are good at a time.
const GOOD: &str = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)";

impl Store {
    /// Whoever has the token of that hash, unless it was revoked or has ended. Its source may be disabled.
    pub async fn producer_by_token(
        &self,
        token: &SecretHash,
        now: DateTime<Utc>,
    ) -> Result<Option<ProducerRow>, StoreError> {
        let query = sqlx::AssertSqlSafe(format!(
            "SELECT source, number, last_used_at, disabled_at FROM ingest_token JOIN source ON name = source
             WHERE hash = ?1 AND {GOOD}"
        ));
        let query = sqlx::query(query).bind(token.as_bytes()).bind(now.timestamp_millis());
        let Some(row) = query.fetch_optional(self.intake()).await? else { return Ok(None) };
        let reading = Reading { table: "ingest_token", key: row.try_get("source")?, row: &row };
        Ok(Some(ProducerRow {
            source: reading.parse("source")?,
            disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some(),
            token: row.try_get("number")?,
            used_at: reading.time_if_any("last_used_at")?,
        }))
    }

    /// Notes that a token was used, or [`StoreError::TooSlow`] where the writer is held up.
    pub async fn touch_ingest_token(&self, producer: &ProducerRow, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("UPDATE ingest_token SET last_used_at = ? WHERE source = ? AND number = ?")
            .bind(now.timestamp_millis())
            .bind(producer.source.as_str())
            .bind(producer.token)
            .execute(&mut *self.writing_soon().await?)
            .await?;
        Ok(())
    }

    /// The tokens of a source that are good, oldest first.
    pub async fn ingest_tokens(&self, source: &str, now: DateTime<Utc>) -> Result<Vec<IngestToken>, StoreError> {
        let query = sqlx::AssertSqlSafe(format!(
            "SELECT number, created_at, expires_at, last_used_at FROM ingest_token WHERE source = ?1 AND {GOOD}
             ORDER BY number"
        ));
        let rows = sqlx::query(query).bind(source).bind(now.timestamp_millis()).fetch_all(self.readers()).await?;
        let read = |row: &SqliteRow| {
            let reading = Reading { table: "ingest_token", key: source, row };
            Ok(IngestToken {
                number: row.try_get("number")?,
                created_at: reading.time("created_at")?,
                expires_at: reading.time_if_any("expires_at")?,
                used_at: reading.time_if_any("last_used_at")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Adds another token to a source, beside the one that it has, which ends at `until` if it goes on no longer. A source
    /// that nobody added is added with it.
    pub async fn rotate_ingest_token(
        &self,
        source: &SourceName,
        hash: &SecretHash,
        until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Rotated, StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM ingest_token WHERE source = ?1 AND {GOOD}"));
        let good = sqlx::query_scalar::<_, i64>(query).bind(source.as_str()).bind(now.timestamp_millis());
        if good.fetch_one(&mut *transaction).await? >= MOST {
            return Ok(Rotated::Enough);
        }
        if let Some(until) = until {
            let query = sqlx::AssertSqlSafe(format!(
                "UPDATE ingest_token SET expires_at = min(coalesce(expires_at, ?3), ?3) WHERE source = ?1 AND {GOOD}"
            ));
            let end = sqlx::query(query).bind(source.as_str()).bind(now.timestamp_millis());
            end.bind(until.timestamp_millis()).execute(&mut *transaction).await?;
        }
        sqlx::query("INSERT INTO source (name, created_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING")
            .bind(source.as_str())
            .bind(now.timestamp_millis())
            .execute(&mut *transaction)
            .await?;
        let number = insert(&mut transaction, source, hash, now).await?;
        transaction.commit().await?;
        Ok(Rotated::Done(number))
    }

    /// Revokes a token of a source for good; `false` if it was before or never was.
    pub async fn revoke_ingest_token(
        &self,
        source: &SourceName,
        number: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let query = "UPDATE ingest_token SET revoked_at = ? WHERE source = ? AND number = ? AND revoked_at IS NULL";
        let done = sqlx::query(query)
            .bind(now.timestamp_millis())
            .bind(source.as_str())
            .bind(number)
            .execute(&mut *self.writing().await)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

/// Adds a token to a source; its number.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    source: &SourceName,
    hash: &SecretHash,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let query = "INSERT INTO ingest_token (source, number, hash, created_at)
                 VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM ingest_token WHERE source = ?1), ?2, ?3)
                 RETURNING number";
    let insert = sqlx::query_scalar(query).bind(source.as_str()).bind(hash.as_bytes()).bind(now.timestamp_millis());
    insert.fetch_one(connection).await
}
