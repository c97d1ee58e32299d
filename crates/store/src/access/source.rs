//! Producers' sources.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use flightbox_domain::{
    name::SourceName,
    scope::{SELF_SOURCE, Scope},
    secret::SecretHash,
};
use sqlx::Row as _;

use super::{AddError, Reading, added, ingest_token};
use crate::{Store, StoreError, transaction::begin_write};

/// A source, as a list tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceListed {
    /// Its name, under which its events stand.
    pub name: String,
    /// When it was added; never, where its events were only imported.
    pub added_at: Option<DateTime<Utc>>,
    /// Since when it may not append.
    pub disabled_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Adds a source that appends with the token of that hash.
    pub async fn add_source(&self, name: &SourceName, token: &SecretHash, now: DateTime<Utc>) -> Result<(), AddError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        let query = "INSERT INTO source (name, created_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING";
        let insert = sqlx::query(query).bind(name.as_str()).bind(now.timestamp_millis());
        added(insert.execute(&mut *transaction).await?.rows_affected())?;
        ingest_token::insert(&mut transaction, name, token, now).await?;
        Ok(transaction.commit().await?)
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

    /// The sources that a scope shows, by name, with those that nobody added and of which events were imported.
    pub async fn sources(&self, scope: &Scope) -> Result<Vec<SourceListed>, StoreError> {
        let mut sources = BTreeMap::new();
        let imported = "SELECT DISTINCT source FROM portion WHERE events > 0
                        UNION SELECT DISTINCT source FROM quarantine";
        for name in sqlx::query_scalar::<_, String>(imported).fetch_all(self.readers()).await? {
            sources.insert(name.clone(), SourceListed { name, added_at: None, disabled_at: None });
        }
        for row in sqlx::query("SELECT name, created_at, disabled_at FROM source").fetch_all(self.readers()).await? {
            let reading = Reading { table: "source", key: row.try_get("name")?, row: &row };
            let (added_at, disabled_at) = (Some(reading.time("created_at")?), reading.time_if_any("disabled_at")?);
            let name = reading.key.to_owned();
            sources.insert(name.clone(), SourceListed { name, added_at, disabled_at });
        }
        Ok(sources.into_values().filter(|source| source.name != SELF_SOURCE && scope.allows(&source.name)).collect())
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
