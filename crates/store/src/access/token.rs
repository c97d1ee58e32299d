//! Read tokens: programs that read events.

use chrono::{DateTime, Utc};
use flightbox_domain::{name::TokenName, role::Roles, scope::Sources, secret::SecretHash};
use sqlx::Row;

use super::{AddError, Reading, added};
use crate::{Store, StoreError};

/// A read token that was not revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Its name.
    pub name: TokenName,
    /// What its holder may do.
    pub roles: Roles,
    /// Which sources its holder may see.
    pub sources: Sources,
}

impl Store {
    /// Adds a read token of that hash. Whoever makes it sees to it that it allows no more than they may themselves.
    pub async fn add_token(
        &self,
        name: &TokenName,
        hash: &SecretHash,
        roles: &Roles,
        sources: &Sources,
        now: DateTime<Utc>,
    ) -> Result<(), AddError> {
        let query = "INSERT INTO token (name, hash, roles, sources, created_at) VALUES (?, ?, ?, ?, ?)
                     ON CONFLICT (name) DO NOTHING";
        let done = sqlx::query(query)
            .bind(name.as_str())
            .bind(hash.as_bytes())
            .bind(roles.to_string())
            .bind(sources.to_string())
            .bind(now.timestamp_millis())
            .execute(&mut *self.writing().await)
            .await?;
        added(done.rows_affected())
    }

    /// The token with that hash; `None` once it is revoked.
    pub async fn token_by_hash(&self, hash: &SecretHash) -> Result<Option<TokenRow>, StoreError> {
        let query = "SELECT name, roles, sources FROM token WHERE hash = ? AND revoked_at IS NULL";
        let row = sqlx::query(query).bind(hash.as_bytes()).fetch_optional(self.readers()).await?;
        let Some(row) = row else { return Ok(None) };
        let reading = Reading { table: "token", key: row.try_get("name")?, row: &row };
        let (roles, sources) = reading.grants()?;
        Ok(Some(TokenRow { name: reading.parse("name")?, roles, sources }))
    }

    /// Whether there is or was such a token.
    pub async fn token_exists(&self, name: &TokenName) -> Result<bool, StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM token WHERE name = ?)";
        Ok(sqlx::query_scalar(query).bind(name.as_str()).fetch_one(self.readers()).await?)
    }

    /// Revokes a token for good; `false` if it was before or never was.
    pub async fn revoke_token(&self, name: &TokenName, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE token SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL")
            .bind(now.timestamp_millis())
            .bind(name.as_str())
            .execute(&mut *self.writing().await)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}
