//! People who may sign in.

use std::fmt;

use chrono::{DateTime, Utc};
use flightbox_domain::{
    name::PersonName,
    role::{Role, Roles},
    scope::Sources,
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    AddError, Reading, added, link,
    session::{self, Device, SessionId},
};
use crate::{Store, StoreError, transaction::begin_write};

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
    /// Their password's hash; none until an invited person has chosen one.
    pub password: Option<PasswordHash>,
}

/// A person with what is told of them beside what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonListed {
    /// The person.
    pub person: PersonRow,
    /// Whether they were invited and have chosen no password yet.
    pub invited: bool,
    /// When they were added.
    pub created_at: DateTime<Utc>,
    /// When a session of theirs was last used, whether it still lives or not.
    pub seen_at: Option<DateTime<Utc>>,
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

/// What a change to a person ends beside: an invitation outlives a change of roles.
enum Ends {
    Sessions,
    SessionsAndLinks,
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
        insert(&mut *self.writing().await, name, Some(password), roles, sources, now).await
    }

    /// The person of that name, disabled or not.
    pub async fn person_by_name(&self, name: &PersonName) -> Result<Option<Credentials>, StoreError> {
        let query = "SELECT id, name, roles, sources, disabled_at, password_hash FROM person WHERE name = ?";
        let row = sqlx::query(query).bind(name.as_str()).fetch_optional(self.readers()).await?;
        let credentials = |row: &SqliteRow| {
            let password = row.try_get::<Option<String>, _>("password_hash")?.map(PasswordHash);
            Ok(Credentials { person: read(row)?, password })
        };
        row.as_ref().map(credentials).transpose()
    }

    /// Everybody who was ever added, by name.
    pub async fn people(&self) -> Result<Vec<PersonListed>, StoreError> {
        let query = format!("{LISTED} ORDER BY person.name COLLATE NOCASE, person.name");
        let rows = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(self.readers()).await?;
        rows.iter().map(read_listed).collect()
    }

    /// The same of the person of that name alone.
    pub async fn person_listed(&self, name: &PersonName) -> Result<Option<PersonListed>, StoreError> {
        let query = sqlx::AssertSqlSafe(format!("{LISTED} WHERE person.name = ?"));
        let row = sqlx::query(query).bind(name.as_str()).fetch_optional(self.readers()).await?;
        row.as_ref().map(read_listed).transpose()
    }

    /// Whether anybody was ever added.
    pub async fn any_person(&self) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM person)").fetch_one(self.readers()).await?)
    }

    /// Bars a person from signing in, or lets them again, and ends their sessions and closes their links, all at once.
    pub async fn set_person_disabled(
        &self,
        person: PersonId,
        disabled: bool,
        now: DateTime<Utc>,
    ) -> Result<PersonChange, StoreError> {
        let query = "UPDATE person SET disabled_at = ? WHERE id = ?";
        let update = sqlx::query(query).bind(disabled.then(|| now.timestamp_millis())).bind(person.0);
        self.change_person(person, update, Ends::SessionsAndLinks, now).await
    }

    /// Gives a person other roles and another scope and ends their sessions, all at once.
    pub async fn set_person_grants(
        &self,
        person: PersonId,
        roles: &Roles,
        sources: &Sources,
        now: DateTime<Utc>,
    ) -> Result<PersonChange, StoreError> {
        let query = "UPDATE person SET roles = ?, sources = ? WHERE id = ?";
        let update = sqlx::query(query).bind(roles.to_string()).bind(sources.to_string()).bind(person.0);
        self.change_person(person, update, Ends::Sessions, now).await
    }

    /// Gives a person another password and ends their sessions and closes their links, all at once.
    pub async fn set_person_password(
        &self,
        person: PersonId,
        password: &PasswordHash,
        now: DateTime<Utc>,
    ) -> Result<PersonChange, StoreError> {
        let query = "UPDATE person SET password_hash = ? WHERE id = ?";
        let update = sqlx::query(query).bind(password.as_str()).bind(person.0);
        self.change_person(person, update, Ends::SessionsAndLinks, now).await
    }

    /// The same for a person who goes on: every session of theirs ends, and this one begins in their place.
    pub async fn renew_password(
        &self,
        person: PersonId,
        password: &PasswordHash,
        session: &SessionId,
        device: &Device,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        set_password(&mut transaction, person, password).await?;
        session::end_all(&mut transaction, person, None, now).await?;
        link::close_all(&mut transaction, Some(person)).await?;
        session::insert(&mut transaction, session, person, device, now).await?;
        Ok(transaction.commit().await?)
    }

    async fn change_person(
        &self,
        person: PersonId,
        update: sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
        ends: Ends,
        now: DateTime<Utc>,
    ) -> Result<PersonChange, StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        let admins = count_admins(&mut transaction).await?;
        if update.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(PersonChange::NotFound);
        }
        // A log without an admin is left as it is, so that it can still be put right; the last one stays.
        if admins > 0 && count_admins(&mut transaction).await? == 0 {
            return Ok(PersonChange::LastAdmin);
        }
        session::end_all(&mut transaction, person, None, now).await?;
        if matches!(ends, Ends::SessionsAndLinks) {
            link::close_all(&mut transaction, Some(person)).await?;
        }
        transaction.commit().await?;
        Ok(PersonChange::Done)
    }
}

/// Everybody, with what is told of them.
const LISTED: &str = "
    SELECT person.id, person.name, person.roles, person.sources, person.disabled_at, person.created_at,
           person.password_hash IS NULL AS invited,
           (SELECT max(last_used_at) FROM session WHERE session.person = person.id) AS seen_at
    FROM person";

/// Adds a person in the connection's transaction.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    name: &PersonName,
    password: Option<&PasswordHash>,
    roles: &Roles,
    sources: &Sources,
    now: DateTime<Utc>,
) -> Result<PersonId, AddError> {
    let query = "INSERT INTO person (name, password_hash, roles, sources, created_at) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT (name) DO NOTHING";
    let done = sqlx::query(query)
        .bind(name.as_str())
        .bind(password.map(PasswordHash::as_str))
        .bind(roles.to_string())
        .bind(sources.to_string())
        .bind(now.timestamp_millis())
        .execute(connection)
        .await?;
    added(done.rows_affected()).map(|()| PersonId(done.last_insert_rowid()))
}

/// Replaces a person's password in the connection's transaction.
pub(super) async fn set_password(
    connection: &mut SqliteConnection,
    person: PersonId,
    password: &PasswordHash,
) -> Result<(), StoreError> {
    let query = sqlx::query("UPDATE person SET password_hash = ? WHERE id = ?");
    query.bind(password.as_str()).bind(person.0).execute(connection).await?;
    Ok(())
}

fn read_listed(row: &SqliteRow) -> Result<PersonListed, StoreError> {
    let person = read(row)?;
    let key = person.id.0.to_string();
    let reading = Reading { table: "person", key: &key, row };
    let seen = row.try_get::<Option<i64>, _>("seen_at")?;
    Ok(PersonListed {
        invited: row.try_get("invited")?,
        created_at: reading.time("created_at")?,
        seen_at: seen.map(|_| reading.time("seen_at")).transpose()?,
        person,
    })
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

/// How many can manage people: whoever has no password yet cannot.
async fn count_admins(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let query = "SELECT count(*) FROM person
                 WHERE disabled_at IS NULL AND password_hash IS NOT NULL AND instr(',' || roles || ',', ?) > 0";
    Ok(sqlx::query_scalar(query).bind(format!(",{},", Role::Admin)).fetch_one(connection).await?)
}
