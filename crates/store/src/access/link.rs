//! The one-time link that makes the first admin.

use chrono::{DateTime, Utc};
use flightbox_domain::{
    name::PersonName,
    role::{Role, Roles},
    scope::Sources,
    secret::SecretHash,
};
use sqlx::Connection;

use super::{
    AddError,
    person::{self, PasswordHash, PersonId},
};
use crate::{Store, StoreError};

impl Store {
    /// Opens a link, and closes every other that was not used.
    pub async fn add_link(&self, hash: &SecretHash, expires_at: DateTime<Utc>) -> Result<(), StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = writing.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM link WHERE used_at IS NULL").execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO link (hash, expires_at) VALUES (?, ?)")
            .bind(hash.as_bytes())
            .bind(expires_at.timestamp_millis())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Whether a link can still be used: it is known, unused and not expired, and nobody was added otherwise.
    pub async fn link_is_open(&self, hash: &SecretHash, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM link WHERE hash = ? AND used_at IS NULL AND expires_at > ?)
                        AND NOT EXISTS (SELECT 1 FROM person)";
        let open = sqlx::query_scalar(query).bind(hash.as_bytes()).bind(now.timestamp_millis());
        Ok(open.fetch_one(self.readers()).await?)
    }

    /// Uses up a link and adds the first admin, who sees every source: both or neither. `None` if the link is not open,
    /// so of any number of attempts at once only one succeeds.
    pub async fn first_admin(
        &self,
        link: &SecretHash,
        name: &PersonName,
        password: &PasswordHash,
        now: DateTime<Utc>,
    ) -> Result<Option<PersonId>, StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = writing.begin_with("BEGIN IMMEDIATE").await?;
        let query = "UPDATE link SET used_at = ?1 WHERE hash = ?2 AND used_at IS NULL AND expires_at > ?1
                        AND NOT EXISTS (SELECT 1 FROM person)";
        let used = sqlx::query(query).bind(now.timestamp_millis()).bind(link.as_bytes());
        if used.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(None);
        }
        let roles = Roles::from_iter([Role::Admin]);
        match person::insert(&mut transaction, name, password, &roles, &Sources::All, now).await {
            Ok(person) => {
                transaction.commit().await?;
                Ok(Some(person))
            }
            // Nobody was there a line above, in this very transaction.
            Err(AddError::Exists) => Ok(None),
            Err(AddError::Store(error)) => Err(error),
        }
    }
}
