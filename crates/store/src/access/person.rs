//! People who may sign in.

use std::fmt;

use chrono::{DateTime, Utc};
use flightbox_domain::{
    name::PersonName,
    role::{Role, Roles},
    scope::Sources,
};
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteRow};

use super::{AddError, Reading, added, session};
use crate::{Store, StoreError};

/// A person's key. People are never deleted, so it is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PersonId(pub(super) i64);

/// A password as Argon2id left it, in the PHC string format.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash in the PHC string format.
    pub fn new(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PasswordHash(…)")
    }
}

/// A person, as they are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// Their key.
    pub id: PersonId,
    /// The name they sign in with.
    pub name: PersonName,
    /// What they may do.
    pub roles: Roles,
    /// Which sources they may see.
    pub sources: Sources,
    /// Whether they may not sign in at present.
    pub disabled: bool,
}

/// A person with what their password is checked against.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The person.
    pub person: PersonRow,
    /// Their password's hash.
    pub password: PasswordHash,
}

/// What became of a change to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonChange {
    /// It was made, and every session of theirs has ended.
    Done,
    /// There is no such person.
    NotFound,
    /// Nobody would be left to manage people: refused.
    LastAdmin,
}

impl Store {
    /// Adds a person.
    pub async fn add_person(
        &self,
        name: &PersonName,
        password: &PasswordHash,
        roles: &Roles,
        sources: &Sources,
        now: DateTime<Utc>,
    ) -> Result<PersonId, AddError> {
        insert(&mut *self.writing().await, name, password, roles, sources, now).await
    }

    /// The person of that name, disabled or not.
    pub async fn person_by_name(&self, name: &PersonName) -> Result<Option<Credentials>, StoreError> {
        let query = "SELECT id, name, roles, sources, disabled_at, password_hash FROM person WHERE name = ?";
        let row = sqlx::query(query).bind(name.as_str()).fetch_optional(self.readers()).await?;
        row.map(|row| Ok(Credentials { person: read(&row)?, password: PasswordHash(row.try_get("password_hash")?) }))
            .transpose()
    }

    /// Whether anybody was ever added.
    pub async fn any_person(&self) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM person)").fetch_one(self.readers()).await?)
    }

    /// Bars a person from signing in, or lets them again, and ends their sessions, all at once.
    pub async fn set_person_disabled(
        &self,
        person: PersonId,
        disabled: bool,
        now: DateTime<Utc>,
    ) -> Result<PersonChange, StoreError> {
        let query = "UPDATE person SET disabled_at = ? WHERE id = ?";
        let update = sqlx::query(query).bind(disabled.then(|| now.timestamp_millis())).bind(person.0);
        self.change_person(person, update, now).await
    }

    /// Gives a person other roles and ends their sessions, all at once.
    pub async fn set_person_roles(
        &self,
        person: PersonId,
        roles: &Roles,
        now: DateTime<Utc>,
    ) -> Result<PersonChange, StoreError> {
        let query = "UPDATE person SET roles = ? WHERE id = ?";
        self.change_person(person, sqlx::query(query).bind(roles.to_string()).bind(person.0), now).await
    }

    /// Gives a person another password and ends their sessions, all at once.
    pub async fn set_person_password(
        &self,
        person: PersonId,
        password: &PasswordHash,
        now: DateTime<Utc>,
    ) -> Result<PersonChange, StoreError> {
        let query = "UPDATE person SET password_hash = ? WHERE id = ?";
        self.change_person(person, sqlx::query(query).bind(password.as_str()).bind(person.0), now).await
    }

    async fn change_person(
        &self,
        person: PersonId,
        update: sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
        now: DateTime<Utc>,
    ) -> Result<PersonChange, StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = writing.begin_with("BEGIN IMMEDIATE").await?;
        let admins = count_admins(&mut transaction).await?;
        if update.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(PersonChange::NotFound);
        }
        // A log without an admin is left as it is, so that it can still be put right; the last one stays.
        if admins > 0 && count_admins(&mut transaction).await? == 0 {
            return Ok(PersonChange::LastAdmin);
        }
        session::end_all(&mut transaction, person, now).await?;
        transaction.commit().await?;
        Ok(PersonChange::Done)
    }
}

/// Adds a person in the connection's transaction.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    name: &PersonName,
    password: &PasswordHash,
    roles: &Roles,
    sources: &Sources,
    now: DateTime<Utc>,
) -> Result<PersonId, AddError> {
    let query = "INSERT INTO person (name, password_hash, roles, sources, created_at) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT (name) DO NOTHING";
    let done = sqlx::query(query)
        .bind(name.as_str())
        .bind(password.as_str())
        .bind(roles.to_string())
        .bind(sources.to_string())
        .bind(now.timestamp_millis())
        .execute(connection)
        .await?;
    added(done.rows_affected()).map(|()| PersonId(done.last_insert_rowid()))
}

/// Reads a person from a row with `id`, `name`, `roles`, `sources` and `disabled_at`.
pub(super) fn read(row: &SqliteRow) -> Result<PersonRow, StoreError> {
    let id: i64 = row.try_get("id")?;
    let key = id.to_string();
    let reading = Reading { table: "person", key: &key, row };
    let (roles, sources) = reading.grants()?;
    let disabled = row.try_get::<Option<i64>, _>("disabled_at")?.is_some();
    Ok(PersonRow { id: PersonId(id), name: reading.parse("name")?, roles, sources, disabled })
}

async fn count_admins(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let query = "SELECT count(*) FROM person WHERE disabled_at IS NULL AND instr(',' || roles || ',', ?) > 0";
    Ok(sqlx::query_scalar(query).bind(format!(",{},", Role::Admin)).fetch_one(connection).await?)
}
