//! One-time links that set a password: the first admin's, an invited person's, one for a password that was lost.

use chrono::{DateTime, Utc};
use flightbox_domain::{
    name::PersonName,
    role::{Role, Roles},
    scope::Sources,
    secret::SecretHash,
};
use sqlx::{Row, SqliteConnection};

use super::{
    AddError,
    person::{self, PasswordHash, PersonId, PersonRow},
    session,
};
use crate::{Store, StoreError, transaction::begin_write};

/// Whom a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkFor {
    /// Whoever uses it becomes the first admin, under a name of their choice.
    FirstAdmin,
    /// This person, who gets a password by it.
    Person(PersonRow),
}

impl Store {
    /// Opens the link that makes the first admin, and closes every other of that kind that was not used.
    pub async fn add_link(&self, hash: &SecretHash, expires_at: DateTime<Utc>) -> Result<(), StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        replace(&mut transaction, None, hash, expires_at).await?;
        Ok(transaction.commit().await?)
    }

    /// Opens a link that gives a person a password, and closes every other of theirs that was not used.
    pub async fn add_person_link(
        &self,
        person: PersonId,
        hash: &SecretHash,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        replace(&mut transaction, Some(person), hash, expires_at).await?;
        Ok(transaction.commit().await?)
    }

    /// Adds a person who has no password yet, and the link that will give them one: both or neither.
    pub async fn invite_person(
        &self,
        name: &PersonName,
        roles: &Roles,
        sources: &Sources,
        (link, expires_at): (&SecretHash, DateTime<Utc>),
        now: DateTime<Utc>,
    ) -> Result<PersonId, AddError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        let person = person::insert(&mut transaction, name, None, roles, sources, now).await?;
        replace(&mut transaction, Some(person), link, expires_at).await?;
        transaction.commit().await?;
        Ok(person)
    }

    /// Whom a link is for, if it can still be used: it is known, unused and not expired; its person is not disabled, or,
    /// where it makes the first admin, nobody was added otherwise.
    pub async fn link(&self, hash: &SecretHash, now: DateTime<Utc>) -> Result<Option<LinkFor>, StoreError> {
        let query = "SELECT person.id, person.name, person.roles, person.sources, person.disabled_at
                     FROM link LEFT JOIN person ON person.id = link.person
                     WHERE link.hash = ? AND link.used_at IS NULL AND link.expires_at > ?
                       AND person.disabled_at IS NULL
                       AND (link.person IS NOT NULL OR NOT EXISTS (SELECT 1 FROM person))";
        let query = sqlx::query(query).bind(hash.as_bytes()).bind(now.timestamp_millis());
        let Some(row) = query.fetch_optional(self.readers()).await? else { return Ok(None) };
        match row.try_get::<Option<i64>, _>("id")? {
            None => Ok(Some(LinkFor::FirstAdmin)),
            Some(_) => Ok(Some(LinkFor::Person(person::read(&row)?))),
        }
    }

    /// Uses up a person's link, gives them this password and ends their sessions, all at once; `false` if the link can no
    /// longer be used, so of any number of attempts at once only one succeeds.
    pub async fn use_link(
        &self,
        link: &SecretHash,
        person: PersonId,
        password: &PasswordHash,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        let query =
            "UPDATE link SET used_at = ?1 WHERE hash = ?2 AND person = ?3 AND used_at IS NULL AND expires_at > ?1
                        AND EXISTS (SELECT 1 FROM person WHERE id = ?3 AND disabled_at IS NULL)";
        let used = sqlx::query(query).bind(now.timestamp_millis()).bind(link.as_bytes()).bind(person.0);
        if used.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        person::set_password(&mut transaction, person, password).await?;
        session::end_all(&mut transaction, person, None, now).await?;
        transaction.commit().await?;
        Ok(true)
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
        let mut transaction = begin_write(&mut writing).await?;
        let query = "UPDATE link SET used_at = ?1
                     WHERE hash = ?2 AND person IS NULL AND used_at IS NULL AND expires_at > ?1
                        AND NOT EXISTS (SELECT 1 FROM person)";
        let used = sqlx::query(query).bind(now.timestamp_millis()).bind(link.as_bytes());
        if used.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(None);
        }
        let roles = Roles::from_iter([Role::Admin]);
        match person::insert(&mut transaction, name, Some(password), &roles, &Sources::All, now).await {
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

/// Closes what a person, or nobody yet, has not used, in the connection's transaction.
pub(super) async fn close_all(connection: &mut SqliteConnection, person: Option<PersonId>) -> Result<(), StoreError> {
    let query = "DELETE FROM link WHERE used_at IS NULL AND person IS ?";
    sqlx::query(query).bind(person.map(|person| person.0)).execute(connection).await?;
    Ok(())
}

async fn replace(
    connection: &mut SqliteConnection,
    person: Option<PersonId>,
    hash: &SecretHash,
    expires_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    close_all(connection, person).await?;
    sqlx::query("INSERT INTO link (hash, person, expires_at) VALUES (?, ?, ?)")
        .bind(hash.as_bytes())
        .bind(person.map(|person| person.0))
        .bind(expires_at.timestamp_millis())
        .execute(connection)
        .await?;
    Ok(())
}
