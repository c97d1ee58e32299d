//! Read tokens: programs that read events.

use chrono::{DateTime, Utc};
use flightbox_domain::{
    name::{PersonName, TokenName},
    role::Roles,
    scope::Sources,
    secret::SecretHash,
};
use sqlx::{Row, sqlite::SqliteRow};

use super::{AddError, PersonId, Reading, added};
use crate::{Store, StoreError};

/// A read token that is good: neither revoked nor expired, its maker not disabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Its name.
    pub name: TokenName,
    /// What its holder may do.
    pub roles: Roles,
    /// Which sources its holder may see.
    pub sources: Sources,
    /// When it was last used, as far as that was noted.
    pub used_at: Option<DateTime<Utc>>,
}

/// A token that was not revoked, as a list of them tells it: with what it was made for, whatever its maker may now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenListed {
    /// The token.
    pub token: TokenRow,
    /// Who made it; nobody where it was made at the command line.
    pub maker: Option<PersonName>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends, if it does of itself.
    pub expires_at: Option<DateTime<Utc>>,
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

    /// Adds a read token of a person, which ends at that time.
    pub async fn add_token_of(
        &self,
        (maker, expires_at): (PersonId, DateTime<Utc>),
        name: &TokenName,
        hash: &SecretHash,
        (roles, sources): (&Roles, &Sources),
        now: DateTime<Utc>,
    ) -> Result<(), AddError> {
        let query = "INSERT INTO token (name, hash, roles, sources, maker, created_at, expires_at)
                     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING";
        let done = sqlx::query(query)
            .bind(name.as_str())
            .bind(hash.as_bytes())
            .bind(roles.to_string())
            .bind(sources.to_string())
            .bind(maker.0)
            .bind(now.timestamp_millis())
            .bind(expires_at.timestamp_millis())
            .execute(&mut *self.writing().await)
            .await?;
        added(done.rows_affected())
    }

    /// The token with that hash, and what it allows now: no more than its maker may at this moment. `None` once it is
    /// revoked or has expired, or its maker is disabled or may nothing of it any more.
    pub async fn token_by_hash(&self, hash: &SecretHash, now: DateTime<Utc>) -> Result<Option<TokenRow>, StoreError> {
        let query = "SELECT token.name, token.roles, token.sources, token.last_used_at,
                            person.id, person.roles AS maker_roles, person.sources AS maker_sources
                     FROM token LEFT JOIN person ON person.id = token.maker
                     WHERE token.hash = ? AND token.revoked_at IS NULL AND person.disabled_at IS NULL
                       AND (token.expires_at IS NULL OR token.expires_at > ?)";
        let query = sqlx::query(query).bind(hash.as_bytes()).bind(now.timestamp_millis());
        let Some(row) = query.fetch_optional(self.readers()).await? else { return Ok(None) };
        let token = read(&row)?;
        if row.try_get::<Option<i64>, _>("id")?.is_none() {
            return Ok(Some(token));
        }
        let reading = Reading { table: "token", key: row.try_get("name")?, row: &row };
        let roles = token.roles.common(&reading.parse("maker_roles")?);
        let sources = token.sources.common(&Sources::from(row.try_get::<&str, _>("maker_sources")?));
        Ok(roles.may_browse().then_some(TokenRow { roles, sources, ..token }))
    }

    /// The tokens that were not revoked, of a person or of everybody, by name.
    pub async fn tokens(&self, of: Option<PersonId>) -> Result<Vec<TokenListed>, StoreError> {
        let query = "SELECT token.name, token.roles, token.sources, token.last_used_at, token.created_at,
                            token.expires_at, person.name AS maker
                     FROM token LEFT JOIN person ON person.id = token.maker
                     WHERE token.revoked_at IS NULL AND (?1 IS NULL OR token.maker = ?1)
                     ORDER BY token.name COLLATE NOCASE, token.name";
        let rows = sqlx::query(query).bind(of.map(|person| person.0)).fetch_all(self.readers()).await?;
        rows.iter().map(read_listed).collect()
    }

    /// Notes that a token was used, or [`StoreError::TooSlow`] where the writer is held up.
    pub async fn touch_token(&self, name: &TokenName, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("UPDATE token SET last_used_at = ? WHERE name = ?")
            .bind(now.timestamp_millis())
            .bind(name.as_str())
            .execute(&mut *self.writing_soon().await?)
            .await?;
        Ok(())
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

/// Reads a token from a row with `name`, `roles`, `sources` and `last_used_at`.
fn read(row: &SqliteRow) -> Result<TokenRow, StoreError> {
    let reading = Reading { table: "token", key: row.try_get("name")?, row };
    let (roles, sources) = reading.grants()?;
    Ok(TokenRow { name: reading.parse("name")?, roles, sources, used_at: reading.time_if_any("last_used_at")? })
}

fn read_listed(row: &SqliteRow) -> Result<TokenListed, StoreError> {
    let token = read(row)?;
    let reading = Reading { table: "token", key: token.name.as_str(), row };
    let maker = row.try_get::<Option<&str>, _>("maker")?.map(|_| reading.parse("maker")).transpose()?;
    let (created_at, expires_at) = (reading.time("created_at")?, reading.time_if_any("expires_at")?);
    Ok(TokenListed { maker, created_at, expires_at, token })
}
