//! What somebody proved once more who they are for. A grant belongs to a session, a person and a purpose; one that is
//! good once, to one request as well.

use chrono::{DateTime, Utc};
use flightbox_domain::step_up::{LIFETIME, Method, Purpose};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Reading, person::PersonId, session::SessionId};
use crate::{Store, StoreError, transaction::begin_write};

/// What was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// How the person proved who they are.
    pub method: Method,
    /// When they did.
    pub authenticated_at: DateTime<Utc>,
    /// Up to when it is good.
    pub expires_at: DateTime<Utc>,
}

/// What a grant is asked for with.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The session.
    pub session: &'a SessionId,
    /// Whose it is.
    pub person: PersonId,
    /// What for.
    pub purpose: Purpose,
    /// The very request, by its name; it matters where a grant is good once.
    pub request: &'a str,
}

impl Store {
    /// Grants something to a session of a person who proved who they are, and gives the session another id, both or
    /// neither. The old id is worth nothing from then on; everything else of the session stays, its grants too.
    /// `false` if the session has ended meanwhile.
    pub async fn step_up(
        &self,
        wanted: Wanted<'_>,
        method: Method,
        renamed: &SessionId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        let query = "UPDATE session SET id = ?1, last_used_at = ?2 WHERE id = ?3 AND person = ?4 AND ended_at IS NULL";
        let rename = sqlx::query(query)
            .bind(renamed.as_str())
            .bind(now.timestamp_millis())
            .bind(wanted.session.as_str())
            .bind(wanted.person.0);
        if rename.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("DELETE FROM step_up WHERE expires_at <= ?")
            .bind(now.timestamp_millis())
            .execute(&mut *transaction)
            .await?;
        let query = "INSERT INTO step_up (session, person, purpose, method, request, authenticated_at, expires_at)
                     VALUES (?, ?, ?, ?, ?, ?, ?)";
        sqlx::query(query)
            .bind(renamed.as_str())
            .bind(wanted.person.0)
            .bind(wanted.purpose.as_str())
            .bind(method.as_str())
            .bind(self.request(&wanted))
            .bind(now.timestamp_millis())
            .bind((now + LIFETIME).timestamp_millis())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// What of that is granted now. It changes nothing, so a grant that is good once still is.
    pub async fn grant(&self, wanted: Wanted<'_>, now: DateTime<Utc>) -> Result<Option<GrantRow>, StoreError> {
        let query = format!(
            "SELECT method, authenticated_at, expires_at FROM step_up WHERE {GOOD} ORDER BY expires_at DESC LIMIT 1"
        );
        let row = self.bind_grant(sqlx::query(sqlx::AssertSqlSafe(query)), &wanted, now);
        row.fetch_optional(self.readers()).await?.map(|row| read(&row)).transpose()
    }

    /// The same, and used up if it is good once: of any number at once one gets it.
    pub async fn use_grant(&self, wanted: Wanted<'_>, now: DateTime<Utc>) -> Result<Option<GrantRow>, StoreError> {
        if !wanted.purpose.is_single_use() {
            return self.grant(wanted, now).await;
        }
        let query = format!(
            "DELETE FROM step_up WHERE id = (SELECT id FROM step_up WHERE {GOOD} ORDER BY expires_at LIMIT 1)
             RETURNING method, authenticated_at, expires_at"
        );
        let row = self.bind_grant(sqlx::query(sqlx::AssertSqlSafe(query)), &wanted, now);
        row.fetch_optional(&mut *self.writing().await).await?.map(|row| read(&row)).transpose()
    }

    /// Ends every grant of everybody: time cannot be told any more.
    pub async fn end_grants(&self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM step_up").execute(&mut *self.writing().await).await?;
        Ok(())
    }

    fn bind_grant<'q>(
        &self,
        query: sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
        wanted: &Wanted<'_>,
        now: DateTime<Utc>,
    ) -> sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments> {
        query
            .bind(wanted.session.as_str().to_owned())
            .bind(wanted.person.0)
            .bind(wanted.purpose.as_str())
            .bind(self.request(wanted))
            .bind(now.timestamp_millis())
    }

    /// A digest of the request that a grant is bound to.
    fn request(&self, wanted: &Wanted<'_>) -> Option<Vec<u8>> {
        let digest = || self.keys().step_up(&[b"request", wanted.request.as_bytes()]).to_vec();
        wanted.purpose.is_single_use().then(digest)
    }
}

/// A grant that is good: of this session, which has not ended, this person and this purpose, for this very request, and
/// neither over nor from a time that has not come.
const GOOD: &str = "session = ?1 AND person = ?2 AND purpose = ?3 AND request IS ?4
                    AND authenticated_at <= ?5 AND expires_at > ?5
                    AND EXISTS (SELECT 1 FROM session WHERE id = ?1 AND ended_at IS NULL)";

/// Ends every grant of a person's sessions that have ended, and any second step they are at, in the connection's
/// transaction.
pub(super) async fn end_all(connection: &mut SqliteConnection, person: PersonId) -> Result<(), sqlx::Error> {
    let query = "DELETE FROM step_up
                 WHERE person = ? AND session IN (SELECT id FROM session WHERE ended_at IS NOT NULL)";
    sqlx::query(query).bind(person.0).execute(&mut *connection).await?;
    sqlx::query("DELETE FROM second_step WHERE person = ?").bind(person.0).execute(&mut *connection).await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<GrantRow, StoreError> {
    let reading = Reading { table: "step_up", key: row.try_get("method")?, row };
    Ok(GrantRow {
        method: reading.parse("method")?,
        authenticated_at: reading.time("authenticated_at")?,
        expires_at: reading.time("expires_at")?,
    })
}
