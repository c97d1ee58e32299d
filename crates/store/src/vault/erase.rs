//! Destroying keys.

use crate::transaction::begin_write;
use std::sync::PoisonError;

use chrono::{DateTime, Utc};

use super::{SubjectDigest, Vault};
use crate::StoreError;

/// That a subject was erased, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Vault {
    /// The sources that have keys, in use or erased.
    pub(crate) async fn sources(&self) -> Result<Vec<String>, StoreError> {
        let sources = sqlx::query_scalar("SELECT DISTINCT source FROM data_key ORDER BY source");
        Ok(sources.fetch_all(&mut *self.connection.lock().await).await?)
    }

    /// The numbers of the keys that some subjects have in use.
    pub(crate) async fn in_use(&self, subjects: &[SubjectDigest]) -> Result<Vec<i64>, StoreError> {
        let mut connection = self.connection.lock().await;
        let mut numbers = Vec::new();
        for subject in subjects {
            let of_subject = "SELECT id FROM data_key WHERE subject = ? AND wrapped IS NOT NULL";
            let ids: Vec<i64> = sqlx::query_scalar(of_subject).bind(&subject[..]).fetch_all(&mut *connection).await?;
            numbers.extend(ids);
        }
        Ok(numbers)
    }

    /// Destroys the keys of subjects, for good; tells how many there were. What is sealed for them from now on is under
    /// new keys.
    pub(crate) async fn erase(
        &self,
        subjects: &[SubjectDigest],
        by: &str,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let mut connection = self.connection.lock().await;
        subjects.iter().for_each(|subject| _ = self.known.remove(subject));
        let mut transaction = begin_write(&mut connection).await?;
        let mut gone = Vec::new();
        for subject in subjects {
            let erase = "UPDATE data_key SET wrapped = NULL, erased_at = ?, erased_by = ?, reason = ?
                WHERE subject = ? AND wrapped IS NOT NULL RETURNING id";
            let ids: Vec<i64> = sqlx::query_scalar(erase)
                .bind(now.timestamp_millis())
                .bind(by)
                .bind(reason)
                .bind(&subject[..])
                .fetch_all(&mut *transaction)
                .await?;
            gone.extend(ids);
        }
        transaction.commit().await?;
        self.erased.write().unwrap_or_else(PoisonError::into_inner).extend(&gone);
        // The write-ahead log still has the page with the key on it.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await?;
        Ok(gone.len())
    }

    /// The erasures of some subjects, newest first.
    pub(crate) async fn erasures(&self, subjects: &[SubjectDigest]) -> Result<Vec<Erased>, StoreError> {
        let mut all = Vec::new();
        let mut connection = self.connection.lock().await;
        for subject in subjects {
            let rows: Vec<(i64, String, String)> = sqlx::query_as(
                "SELECT DISTINCT erased_at, erased_by, reason FROM data_key WHERE subject = ? AND wrapped IS NULL",
            )
            .bind(&subject[..])
            .fetch_all(&mut *connection)
            .await?;
            let erased =
                |(at, by, reason)| Erased { at: DateTime::from_timestamp_millis(at).unwrap_or_default(), by, reason };
            all.extend(rows.into_iter().map(erased));
        }
        all.sort_by_key(|erased| std::cmp::Reverse(erased.at));
        all.dedup();
        Ok(all)
    }
}
