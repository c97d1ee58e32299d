//! Between password and second factor: somebody who is not signed in yet.

use chrono::{DateTime, Utc};
use flightbox_domain::secret::SecretHash;

use super::person::{self, PersonId, PersonRow};
use crate::{Store, StoreError};

impl Store {
    /// Lets somebody whose password was right go on to their second factor. What expired is cleared away.
    pub async fn start_second_step(
        &self,
        hash: &SecretHash,
        person: PersonId,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut connection = self.writing().await;
        let clear = sqlx::query("DELETE FROM second_step WHERE expires_at <= ?").bind(now.timestamp_millis());
        clear.execute(&mut *connection).await?;
        sqlx::query("INSERT INTO second_step (hash, person, expires_at) VALUES (?, ?, ?)")
            .bind(hash.as_bytes())
            .bind(person.0)
            .bind(expires_at.timestamp_millis())
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    /// Who is on the way to their second factor with a secret of that hash; nobody once it expired, was used, or the
    /// person was disabled or got another password.
    pub async fn second_step(&self, hash: &SecretHash, now: DateTime<Utc>) -> Result<Option<PersonRow>, StoreError> {
        let query = "SELECT person.id, person.name, person.roles, person.sources, person.disabled_at
                     FROM second_step JOIN person ON person.id = second_step.person
                     WHERE second_step.hash = ? AND second_step.expires_at > ? AND person.disabled_at IS NULL";
        let row = sqlx::query(query).bind(hash.as_bytes()).bind(now.timestamp_millis());
        row.fetch_optional(self.readers()).await?.map(|row| person::read(&row)).transpose()
    }

    /// Uses it up; `false` if it was before, so that of any number at once one succeeds.
    pub async fn end_second_step(&self, hash: &SecretHash) -> Result<bool, StoreError> {
        let delete = sqlx::query("DELETE FROM second_step WHERE hash = ?").bind(hash.as_bytes());
        Ok(delete.execute(&mut *self.writing().await).await?.rows_affected() > 0)
    }
}
