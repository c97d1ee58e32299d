//! Who may send and who may read: people, their second factors, their sessions and what they stepped up for, the views
//! they keep, what they ask each other to approve, sources, tokens and one-time links, and what was tried in vain.
//!
//! Reads go to the pool of readers and see everything committed before they began, so what is taken away from somebody
//! is gone by their next request. Writes are single short transactions on the writer connection, durable when they
//! return. Of secrets only hashes come here.

mod approval;
mod attempt;
mod factor;
mod grant;
mod guess;
mod ingest_token;
mod link;
mod lost;
mod person;
mod second_step;
mod session;
mod session_key;
mod source;
mod token;
mod view;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use flightbox_domain::{role::Roles, scope::Sources};
use sqlx::{Row, sqlite::SqliteRow};

use crate::StoreError;

pub use approval::{Answer, ApprovalAsked, ApprovalId, ApprovalRow, Standing};
pub use attempt::{Attempt, AttemptKey};
pub use factor::{FactorId, FactorKind, FactorRow, NewFactor, UnknownKind};
pub use grant::{GrantRow, Wanted};
pub use guess::{Guess, Place};
pub use ingest_token::{IngestToken, ProducerRow, Rotated};
pub use link::LinkFor;
pub use lost::FactorsRemoved;
pub use person::{Credentials, PasswordHash, PersonChange, PersonId, PersonListed, PersonRow};
pub use session::{Device, SessionId, SessionLimits, SessionListed, SessionNumber, SessionRow};
pub use session_key::SessionKeyRow;
pub use source::SourceListed;
pub use token::{TokenListed, TokenRow};
pub use view::ViewRow;

/// Something could not be added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Its name is taken. But for those of views, names are never given twice, whatever became of their first holder.
    #[error("that name is taken")]
    Exists,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for AddError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// `Ok` if a statement that skips a taken name added its row.
fn added(rows: u64) -> Result<(), AddError> {
    if rows == 0 { Err(AddError::Exists) } else { Ok(()) }
}

/// A row being read: what cannot be parsed back is reported with its table and key.
struct Reading<'r> {
    table: &'static str,
    key: &'r str,
    row: &'r SqliteRow,
}

impl Reading<'_> {
    /// A column of text that stands for something.
    fn parse<T>(&self, column: &str) -> Result<T, StoreError>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        let text: &str = self.row.try_get(column)?;
        text.parse().map_err(|error: T::Err| self.corrupt(format!("{column}: {error}")))
    }

    /// A column of milliseconds since 1970.
    fn time(&self, column: &str) -> Result<DateTime<Utc>, StoreError> {
        let millis = self.row.try_get(column)?;
        DateTime::from_timestamp_millis(millis).ok_or_else(|| self.corrupt(format!("{column}: {millis} is no time")))
    }

    /// The same where there may be none.
    fn time_if_any(&self, column: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.row.try_get::<Option<i64>, _>(column)?.map(|_| self.time(column)).transpose()
    }

    /// Roles and the source scope.
    fn grants(&self) -> Result<(Roles, Sources), StoreError> {
        Ok((self.parse("roles")?, Sources::from(self.row.try_get::<&str, _>("sources")?)))
    }

    fn corrupt(&self, why: String) -> StoreError {
        StoreError::Corrupt { table: self.table, row: self.key.to_owned(), why }
    }
}
