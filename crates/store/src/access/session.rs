//! Sessions: who is signed in. A session lives until it is ended, its person disabled, or a limit reached.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    keys::Keys,
    random::Random,
    record::{hex, unhex},
};
use sqlx::{AssertSqlSafe, Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    Reading, grant,
    person::{self, PersonId, PersonRow},
};
use crate::{Store, StoreError};

/// Random bytes in a session's id.
const BYTES: usize = 16;

/// A session's id: 128 random bits. Alone it opens nothing, yet it is kept out of logs all the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionId(String);

impl SessionId {
    /// Draws a new one.
    pub fn draw(random: &Random) -> Self {
        Self(hex(&random.bytes::<BYTES>()))
    }

    /// Reads one back; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = unhex(text).filter(|bytes| bytes.len() == BYTES)?;
        Some(Self(hex(&bytes)))
    }

    /// Thirty-two lower-case hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the session is called where its id is nobody's business: in the record of access, and on pages.
    pub fn digest(&self, keys: &Keys) -> String {
        hex(&keys.term(&[b"session", self.0.as_bytes()]))
    }
}

/// What a session is called while its id changes: by this it is known for as long as it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionNumber(i64);

impl fmt::Debug for SessionId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SessionId(…)")
    }
}

/// How long a session may live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// After its last use.
    pub idle: TimeDelta,
    /// After it began, used or not.
    pub absolute: TimeDelta,
}

/// Where a session began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The address.
    pub address: String,
    /// What the program said it is.
    pub agent: Option<String>,
}

/// A live session of somebody, as a list of them tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionListed {
    /// Its id.
    pub id: SessionId,
    /// Where it began.
    pub device: Device,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, as far as that was noted.
    pub last_used_at: DateTime<Utc>,
}

/// A live session and its person as they are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Its number.
    pub number: SessionNumber,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, as far as that was noted.
    pub last_used_at: DateTime<Utc>,
    /// Whose it is.
    pub person: PersonRow,
}

impl Store {
    /// Begins a session of a person, under an id that was drawn for it.
    pub async fn start_session(
        &self,
        id: &SessionId,
        person: PersonId,
        device: &Device,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        insert(&mut *self.writing().await, id, person, device, now).await
    }

    /// The live sessions of a person, the one used last first.
    pub async fn sessions_of(
        &self,
        person: PersonId,
        now: DateTime<Utc>,
        limits: &SessionLimits,
    ) -> Result<Vec<SessionListed>, StoreError> {
        let query = "SELECT id, address, agent, created_at, last_used_at FROM session
                     WHERE person = ? AND ended_at IS NULL AND last_used_at > ? AND created_at > ?
                     ORDER BY last_used_at DESC, created_at DESC, id";
        let query = sqlx::query(query)
            .bind(person.0)
            .bind((now - limits.idle).timestamp_millis())
            .bind((now - limits.absolute).timestamp_millis());
        query.fetch_all(self.readers()).await?.iter().map(|row| read(row, person)).collect()
    }

    /// The session, if it is alive now: neither ended nor beyond a limit, its person not disabled. Roles and scope are
    /// those of this moment, not those of its beginning.
    pub async fn session(
        &self,
        id: &SessionId,
        now: DateTime<Utc>,
        limits: &SessionLimits,
    ) -> Result<Option<SessionRow>, StoreError> {
        let query = format!(
            "SELECT session.number, session.created_at, session.last_used_at,
                    person.id, person.name, person.roles, person.sources, person.disabled_at
             FROM session JOIN person ON person.id = session.person WHERE session.id = ?1 AND {ALIVE}"
        );
        let row = sqlx::query(AssertSqlSafe(query))
            .bind(id.as_str())
            .bind((now - limits.idle).timestamp_millis())
            .bind((now - limits.absolute).timestamp_millis())
            .fetch_optional(self.readers())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let person = person::read(&row)?;
        let key = format!("of person {}", person.id.0);
        let reading = Reading { table: "session", key: &key, row: &row };
        let (created_at, last_used_at) = (reading.time("created_at")?, reading.time("last_used_at")?);
        Ok(Some(SessionRow { number: SessionNumber(row.try_get("number")?), created_at, last_used_at, person }))
    }

    /// Whether a session is alive now, in the sense of [`Store::session`], whatever its id has become meanwhile.
    pub async fn is_alive(
        &self,
        session: SessionNumber,
        now: DateTime<Utc>,
        limits: &SessionLimits,
    ) -> Result<bool, StoreError> {
        let query = format!(
            "SELECT EXISTS (SELECT 1 FROM session JOIN person ON person.id = session.person
                            WHERE session.number = ?1 AND {ALIVE})"
        );
        let query = sqlx::query_scalar(AssertSqlSafe(query))
            .bind(session.0)
            .bind((now - limits.idle).timestamp_millis())
            .bind((now - limits.absolute).timestamp_millis());
        Ok(query.fetch_one(self.readers()).await?)
    }

    /// Notes that a session was used, or [`StoreError::TooSlow`] where the writer is held up. Time that went backwards
    /// changes nothing, and an ended session stays ended.
    pub async fn touch_session(&self, id: &SessionId, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("UPDATE session SET last_used_at = ?1 WHERE id = ?2 AND ended_at IS NULL AND last_used_at < ?1")
            .bind(now.timestamp_millis())
            .bind(id.as_str())
            .execute(&mut *self.writing_soon().await?)
            .await?;
        Ok(())
    }

    /// Ends a session for good; `false` if it had ended before or never was.
    pub async fn end_session(&self, id: &SessionId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE session SET ended_at = ? WHERE id = ? AND ended_at IS NULL")
            .bind(now.timestamp_millis())
            .bind(id.as_str())
            .execute(&mut *self.writing().await)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends every session of a person, or all but one; how many there were.
    pub async fn end_sessions_of(
        &self,
        person: PersonId,
        but: Option<&SessionId>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        end_all(&mut *self.writing().await, person, but, now).await
    }
}

/// What neither has ended nor was unused since `?2` nor began before `?3`, and whose person is not disabled.
const ALIVE: &str = "session.ended_at IS NULL AND person.disabled_at IS NULL
                     AND session.last_used_at > ?2 AND session.created_at > ?3";

/// Begins a session in the connection's transaction.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    id: &SessionId,
    person: PersonId,
    device: &Device,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let query = "INSERT INTO session (id, person, address, agent, created_at, last_used_at) VALUES (?, ?, ?, ?, ?, ?)";
    sqlx::query(query)
        .bind(id.as_str())
        .bind(person.0)
        .bind(&device.address)
        .bind(device.agent.as_deref())
        .bind(now.timestamp_millis())
        .bind(now.timestamp_millis())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends every session of a person, or all but one, and with them what was granted in them, in the connection's
/// transaction.
pub(super) async fn end_all(
    connection: &mut SqliteConnection,
    person: PersonId,
    but: Option<&SessionId>,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let done = sqlx::query("UPDATE session SET ended_at = ? WHERE person = ? AND ended_at IS NULL AND id IS NOT ?")
        .bind(now.timestamp_millis())
        .bind(person.0)
        .bind(but.map(SessionId::as_str))
        .execute(&mut *connection)
        .await?;
    grant::end_all(connection, person).await?;
    Ok(done.rows_affected())
}

fn read(row: &SqliteRow, person: PersonId) -> Result<SessionListed, StoreError> {
    let key = format!("of person {}", person.0);
    let reading = Reading { table: "session", key: &key, row };
    let id = SessionId::parse(row.try_get("id")?).ok_or_else(|| reading.corrupt("id: no session id".to_owned()))?;
    Ok(SessionListed {
        id,
        device: Device { address: row.try_get("address")?, agent: row.try_get("agent")? },
        created_at: reading.time("created_at")?,
        last_used_at: reading.time("last_used_at")?,
    })
}
