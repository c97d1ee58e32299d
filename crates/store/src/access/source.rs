//! Producers' sources, each with one ingest token.

use chrono::{DateTime, Utc};
use flightbox_domain::{name::SourceName, scope::Scope, secret::SecretHash};
use sqlx::Row;

use super::{AddError, Reading, added};
use crate::{Store, StoreError};

/// A source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRow {
    /// Its name, under which its events stand.
    pub name: SourceName,
    /// Whether it may not append at present.
    pub disabled: bool,
}

impl Store {
    /// Adds a source that appends with the token of that hash.
    pub async fn add_source(&self, name: &SourceName, token: &SecretHash, now: DateTime<Utc>) -> Result<(), AddError> {
        let query = "INSERT INTO source (name, created_at, token_hash) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING";
        let done = sqlx::query(query)
            .bind(name.as_str())
            .bind(now.timestamp_millis())
            .bind(token.as_bytes())
            .execute(&mut *self.writing().await)
            .await?;
        added(done.rows_affected())
    }

    /// The source whose token has that hash, disabled or not.
    pub async fn source_by_token(&self, token: &SecretHash) -> Result<Option<SourceRow>, StoreError> {
        let query = "SELECT name, disabled_at FROM source WHERE token_hash = ?";
        let row = sqlx::query(query).bind(token.as_bytes()).fetch_optional(self.intake()).await?;
        let Some(row) = row else { return Ok(None) };
        let name = Reading { table: "source", key: row.try_get("name")?, row: &row }.parse("name")?;
        Ok(Some(SourceRow { name, disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some() }))
    }

    /// Whether there is such a source, disabled or not.
    pub async fn source_exists(&self, name: &SourceName) -> Result<bool, StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM source WHERE name = ?)";
        Ok(sqlx::query_scalar(query).bind(name.as_str()).fetch_one(self.readers()).await?)
    }

    /// The names of the sources that a scope shows, in order; Flightbox's own is none of them.
    pub async fn source_names(&self, scope: &Scope) -> Result<Vec<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT name FROM source ORDER BY name");
        let mut names: Vec<String> = query.fetch_all(self.readers()).await?;
        names.retain(|name| scope.allows(name));
        Ok(names)
    }

    /// Bars a source from appending, or lets it again; `false` if there is none.
    pub async fn set_source_disabled(
        &self,
        name: &SourceName,
        disabled: bool,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE source SET disabled_at = ? WHERE name = ?")
            .bind(disabled.then(|| now.timestamp_millis()))
            .bind(name.as_str())
            .execute(&mut *self.writing().await)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}
