//! Wrapping all keys anew under another master key, while the log goes on.

use crate::transaction::begin_write;
use std::sync::PoisonError;

use flightbox_domain::keys::{Master, NONCE};

use super::{Masters, Row, Vault, bound_to};
use crate::StoreError;

/// Keys wrapped in one transaction.
const AT_ONCE: i64 = 500;

/// Why keys were not wrapped anew.
#[derive(Debug, thiserror::Error)]
pub enum RewrapError {
    /// Some keys still need the master key before the present one, which a second change would forget.
    #[error("another change of the master key was begun and has not ended; end it first")]
    Unfinished,
    /// The database failed, or a key was altered.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for RewrapError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Wraps with that master key from now on, and, some keys at a time, whatever another one wrapped; tells how many.
    /// It can be cut off anywhere, and goes on from there: each key says which master key it needs.
    pub(crate) async fn rewrap(&self, master: Master) -> Result<u64, RewrapError> {
        let _one_at_a_time = self.rotating.lock().await;
        let masters = self.adopt(master)?;
        let fingerprint = masters.current.fingerprint();
        let mut done = 0;
        loop {
            let wrapped = self.rewrap_some(&masters, &fingerprint).await?;
            done += wrapped;
            if wrapped == 0 {
                break;
            }
        }
        // The log's key comes last: while it needs the previous master key, so may others.
        let mut connection = self.connection.lock().await;
        let log: (Vec<u8>, Vec<u8>) =
            sqlx::query_as("SELECT master, wrapped FROM log_key").fetch_one(&mut *connection).await?;
        if log.0 != fingerprint {
            let unreadable = || super::corrupt(0, "the log's key was wrapped by another master key, or altered");
            let key = masters.unwrap(&log.0, b"log", &log.1).ok_or_else(unreadable)?;
            sqlx::query("UPDATE log_key SET master = ?, wrapped = ?")
                .bind(&fingerprint[..])
                .bind(masters.current.wrap(self.random.bytes::<NONCE>(), b"log", &key))
                .execute(&mut *connection)
                .await?;
            done += 1;
        }
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await?;
        self.masters.write().unwrap_or_else(PoisonError::into_inner).previous = None;
        Ok(done)
    }

    /// From now on wraps with that master key; what the one before wrapped can still be opened.
    fn adopt(&self, master: Master) -> Result<Masters, RewrapError> {
        let mut masters = self.masters.write().unwrap_or_else(PoisonError::into_inner);
        if masters.current != master {
            if masters.previous.is_some() {
                return Err(RewrapError::Unfinished);
            }
            let previous = std::mem::replace(&mut masters.current, master);
            masters.previous = Some(previous);
        }
        Ok(masters.clone())
    }

    async fn rewrap_some(&self, masters: &Masters, fingerprint: &[u8; 8]) -> Result<u64, StoreError> {
        let mut connection = self.connection.lock().await;
        let mut transaction = begin_write(&mut connection).await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, subject, master, wrapped FROM data_key WHERE wrapped IS NOT NULL AND master <> ? LIMIT ?",
        )
        .bind(&fingerprint[..])
        .bind(AT_ONCE)
        .fetch_all(&mut *transaction)
        .await?;
        for row in &rows {
            let key = self.unwrap(row)?;
            sqlx::query("UPDATE data_key SET master = ?, wrapped = ? WHERE id = ?")
                .bind(&fingerprint[..])
                .bind(masters.current.wrap(self.random.bytes::<NONCE>(), &bound_to(&row.subject), &key.0))
                .bind(row.id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(rows.len() as u64)
    }
}
