//! Second factors and recovery codes. What a factor is checked against is sealed; of codes only keyed digests are kept.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use flightbox_domain::{name::FactorName, random::Random, recovery::RecoveryCode};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{AddError, Reading, lost, person::PersonId};
use crate::{Store, StoreError, transaction::begin_write};

/// A factor's key. It means nothing without its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FactorId(i64);

impl fmt::Display for FactorId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for FactorId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What kind of factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactorKind {
    /// An authenticator app that shows codes.
    Totp,
    /// A passkey.
    Passkey,
}

impl FactorKind {
    /// The word that names it.
    pub fn as_str(self) -> &'static str {
        match self {
            FactorKind::Totp => "totp",
            FactorKind::Passkey => "passkey",
        }
    }
}

/// A word that names no kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no kind of factor")]
pub struct UnknownKind;

impl FromStr for FactorKind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        [FactorKind::Totp, FactorKind::Passkey].into_iter().find(|kind| kind.as_str() == word).ok_or(UnknownKind)
    }
}

/// A second factor. `Debug` leaves out what it is checked against.
#[derive(Clone, PartialEq, Eq)]
pub struct FactorRow {
    /// Its key.
    pub id: FactorId,
    /// What it is.
    pub kind: FactorKind,
    /// What its holder calls it.
    pub name: FactorName,
    /// What it is checked against, in clear: a secret, or a public key with its state.
    pub check: Vec<u8>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last used, if ever.
    pub used_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for FactorRow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "FactorRow({} {:?} {:?})", self.id, self.kind, self.name)
    }
}

/// A factor that is to be added.
pub struct NewFactor<'a> {
    /// What it is.
    pub kind: FactorKind,
    /// What its holder calls it.
    pub name: &'a FactorName,
    /// What it is checked against.
    pub check: &'a [u8],
    /// The step of the code that proved it, which is used up with that.
    pub last_step: Option<i64>,
    /// The recovery codes that come with a first factor.
    pub codes: &'a [RecoveryCode],
}

impl Store {
    /// A person's factors, the oldest first.
    pub async fn factors(&self, person: PersonId) -> Result<Vec<FactorRow>, StoreError> {
        let query = "SELECT id, kind, name, sealed, created_at, used_at FROM factor WHERE person = ? ORDER BY id";
        let rows = sqlx::query(query).bind(person.0).fetch_all(self.readers()).await?;
        rows.iter().map(|row| self.read_factor(person, row)).collect()
    }

    /// Adds a factor with the codes that come with it, all at once. [`AddError::Exists`] if its person has one of that
    /// name.
    pub async fn add_factor(
        &self,
        person: PersonId,
        factor: NewFactor<'_>,
        now: DateTime<Utc>,
        random: &Random,
    ) -> Result<(), AddError> {
        let sealed = self.keys().seal_factor(random.bytes(), &bound_to(person, factor.kind), factor.check);
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        let query = "INSERT INTO factor (person, kind, name, sealed, last_step, created_at) VALUES (?, ?, ?, ?, ?, ?)
                     ON CONFLICT DO NOTHING";
        let done = sqlx::query(query)
            .bind(person.0)
            .bind(factor.kind.as_str())
            .bind(factor.name.as_str())
            .bind(sealed)
            .bind(factor.last_step)
            .bind(now.timestamp_millis())
            .execute(&mut *transaction)
            .await?;
        super::added(done.rows_affected())?;
        lost::forget(&mut transaction, person).await?;
        if !factor.codes.is_empty() {
            self.put_codes(&mut transaction, person, factor.codes).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Removes a factor, and with the last one its person's recovery codes; `false` if they have no such factor.
    pub async fn remove_factor(&self, person: PersonId, factor: FactorId) -> Result<bool, StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        let remove = sqlx::query("DELETE FROM factor WHERE id = ? AND person = ?").bind(factor.0).bind(person.0);
        if remove.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let query = "DELETE FROM recovery_code WHERE person = ?1
                        AND NOT EXISTS (SELECT 1 FROM factor WHERE person = ?1)";
        sqlx::query(query).bind(person.0).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Uses up a step of an authenticator app; `false` if it, or a later one, was used before. Of any number at once
    /// one succeeds.
    pub async fn use_step(&self, factor: FactorId, step: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let query = "UPDATE factor SET last_step = ?1, used_at = ?2
                     WHERE id = ?3 AND (last_step IS NULL OR last_step < ?1)";
        let done = sqlx::query(query)
            .bind(step)
            .bind(now.timestamp_millis())
            .bind(factor.0)
            .execute(&mut *self.writing().await)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Notes that a passkey was used, and what it is to be checked against from now on.
    pub async fn use_passkey(
        &self,
        person: PersonId,
        factor: FactorId,
        check: &[u8],
        now: DateTime<Utc>,
        random: &Random,
    ) -> Result<(), StoreError> {
        let sealed = self.keys().seal_factor(random.bytes(), &bound_to(person, FactorKind::Passkey), check);
        sqlx::query("UPDATE factor SET sealed = ?, used_at = ? WHERE id = ? AND person = ?")
            .bind(sealed)
            .bind(now.timestamp_millis())
            .bind(factor.0)
            .bind(person.0)
            .execute(&mut *self.writing().await)
            .await?;
        Ok(())
    }

    /// Gives a person new recovery codes; the old ones are void.
    pub async fn replace_codes(&self, person: PersonId, codes: &[RecoveryCode]) -> Result<(), StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        self.put_codes(&mut transaction, person, codes).await?;
        Ok(transaction.commit().await?)
    }

    /// Uses up a recovery code; `false` if it is none of theirs, or was used before.
    pub async fn use_code(
        &self,
        person: PersonId,
        code: &RecoveryCode,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let query = "UPDATE recovery_code SET used_at = ? WHERE person = ? AND digest = ? AND used_at IS NULL";
        let done = sqlx::query(query)
            .bind(now.timestamp_millis())
            .bind(person.0)
            .bind(self.digest(person, code))
            .execute(&mut *self.writing().await)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// How many recovery codes a person has left.
    pub async fn codes_left(&self, person: PersonId) -> Result<i64, StoreError> {
        let query = "SELECT count(*) FROM recovery_code WHERE person = ? AND used_at IS NULL";
        Ok(sqlx::query_scalar(query).bind(person.0).fetch_one(self.readers()).await?)
    }

    async fn put_codes(
        &self,
        connection: &mut SqliteConnection,
        person: PersonId,
        codes: &[RecoveryCode],
    ) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM recovery_code WHERE person = ?").bind(person.0).execute(&mut *connection).await?;
        for code in codes {
            let insert = sqlx::query("INSERT INTO recovery_code (person, digest) VALUES (?, ?)").bind(person.0);
            insert.bind(self.digest(person, code)).execute(&mut *connection).await?;
        }
        Ok(())
    }

    fn digest(&self, person: PersonId, code: &RecoveryCode) -> Vec<u8> {
        self.keys().step_up(&[b"recovery code", &person.0.to_le_bytes(), code.digits().as_bytes()]).to_vec()
    }

    fn read_factor(&self, person: PersonId, row: &SqliteRow) -> Result<FactorRow, StoreError> {
        let id: i64 = row.try_get("id")?;
        let key = id.to_string();
        let reading = Reading { table: "factor", key: &key, row };
        let kind = reading.parse("kind")?;
        let opened = self.keys().open_factor(&bound_to(person, kind), row.try_get("sealed")?);
        let used_at = row.try_get::<Option<i64>, _>("used_at")?.map(|_| reading.time("used_at")).transpose()?;
        Ok(FactorRow {
            id: FactorId(id),
            kind,
            name: reading.parse("name")?,
            check: opened.map_err(|error| reading.corrupt(error.to_string()))?,
            created_at: reading.time("created_at")?,
            used_at,
        })
    }
}

/// Moved to another person, or taken for another kind, a factor does not open.
fn bound_to(person: PersonId, kind: FactorKind) -> Vec<u8> {
    format!("factor {} {}", person.0, kind.as_str()).into_bytes()
}
