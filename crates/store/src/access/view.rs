//! Views that people keep, for themselves or for everybody. A view of somebody else that is not shared does not exist.

use chrono::{DateTime, Utc};
use flightbox_domain::{
    name::{PersonName, ViewName},
    slug::Slug,
};
use sqlx::{Row, sqlite::SqliteRow};

use super::{AddError, Reading, added};
use crate::{Store, StoreError};

/// How many views are listed at most. Nobody reads more, and every page asks.
const MOST: i64 = 500;

/// A view that somebody keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewRow {
    /// Where it is found. It stays what it is, whatever becomes of the name.
    pub slug: Slug,
    /// Who keeps it.
    pub owner: PersonName,
    /// What they call it: each of theirs by another name.
    pub name: ViewName,
    /// What it shows, as the query string of its URL.
    pub state: String,
    /// Whether everybody may use it.
    pub shared: bool,
}

impl Store {
    /// Adds a view. [`AddError::Exists`] if its owner has one of that name, or, which chance may bring about, its slug
    /// is taken.
    pub async fn add_view(&self, view: &ViewRow, now: DateTime<Utc>) -> Result<(), AddError> {
        let query = "INSERT INTO view (slug, owner, name, state, shared, created_at) VALUES (?, ?, ?, ?, ?, ?)
                     ON CONFLICT DO NOTHING";
        let done = sqlx::query(query)
            .bind(view.slug.as_str())
            .bind(view.owner.as_str())
            .bind(view.name.as_str())
            .bind(&view.state)
            .bind(view.shared)
            .bind(now.timestamp_millis())
            .execute(&mut *self.writing().await)
            .await?;
        added(done.rows_affected())
    }

    /// The views that a person of that name can open: their own, then what others share, each by name, 500
    /// at most.
    pub async fn views(&self, reader: &str) -> Result<Vec<ViewRow>, StoreError> {
        let query = "SELECT slug, owner, name, state, shared FROM view WHERE owner = ?1 OR shared
                     ORDER BY owner <> ?1, name COLLATE NOCASE, slug LIMIT ?2";
        let rows = sqlx::query(query).bind(reader).bind(MOST).fetch_all(self.readers()).await?;
        rows.iter().map(read).collect()
    }

    /// The view of that slug, if a person of that name can open it.
    pub async fn view(&self, reader: &str, slug: &Slug) -> Result<Option<ViewRow>, StoreError> {
        let query = "SELECT slug, owner, name, state, shared FROM view WHERE slug = ? AND (owner = ? OR shared)";
        let row = sqlx::query(query).bind(slug.as_str()).bind(reader).fetch_optional(self.readers()).await?;
        row.as_ref().map(read).transpose()
    }

    /// Gives a view another name and shares it or no longer; `false` if its owner has no such view.
    pub async fn change_view(
        &self,
        owner: &PersonName,
        slug: &Slug,
        name: &ViewName,
        shared: bool,
    ) -> Result<bool, AddError> {
        let update = sqlx::query("UPDATE view SET name = ?, shared = ? WHERE slug = ? AND owner = ?")
            .bind(name.as_str())
            .bind(shared)
            .bind(slug.as_str())
            .bind(owner.as_str())
            .execute(&mut *self.writing().await)
            .await;
        match update {
            Ok(done) => Ok(done.rows_affected() > 0),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(AddError::Exists),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a view; `false` if its owner has no such view.
    pub async fn delete_view(&self, owner: &PersonName, slug: &Slug) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM view WHERE slug = ? AND owner = ?")
            .bind(slug.as_str())
            .bind(owner.as_str())
            .execute(&mut *self.writing().await)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(row: &SqliteRow) -> Result<ViewRow, StoreError> {
    let reading = Reading { table: "view", key: row.try_get("slug")?, row };
    Ok(ViewRow {
        slug: reading.parse("slug")?,
        owner: reading.parse("owner")?,
        name: reading.parse("name")?,
        state: row.try_get("state")?,
        shared: row.try_get("shared")?,
    })
}
