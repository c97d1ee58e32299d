//! Second factors that an admin removed, because whoever had them lost them.

use chrono::{DateTime, Utc};
use flightbox_domain::name::PersonName;
use sqlx::SqliteConnection;

use super::{Reading, person::PersonId, session};
use crate::{Store, StoreError, transaction::begin_write};

/// That somebody's second factors were removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorsRemoved {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: PersonName,
}

impl Store {
    /// How many second factors a person has.
    pub async fn count_factors(&self, person: PersonId) -> Result<i64, StoreError> {
        let query = "SELECT count(*) FROM factor WHERE person = ?";
        Ok(sqlx::query_scalar(query).bind(person.0).fetch_one(self.readers()).await?)
    }

    /// Removes every second factor and recovery code of a person and ends their sessions, all at once.
    pub async fn remove_factors(
        &self,
        person: PersonId,
        by: &PersonName,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        for query in ["DELETE FROM factor WHERE person = ?", "DELETE FROM recovery_code WHERE person = ?"] {
            sqlx::query(query).bind(person.0).execute(&mut *transaction).await?;
        }
        let query = "INSERT OR REPLACE INTO factors_removed (person, removed_at, removed_by, told) VALUES (?, ?, ?, 0)";
        let insert = sqlx::query(query).bind(person.0).bind(now.timestamp_millis()).bind(by.as_str());
        insert.execute(&mut *transaction).await?;
        session::end_all(&mut transaction, person, None, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Whether a person is still to be led to the page that says so; from now on they are not.
    pub async fn tell_factors_removed(&self, name: &PersonName) -> Result<bool, StoreError> {
        let query = "UPDATE factors_removed SET told = 1
                     WHERE told = 0 AND person = (SELECT id FROM person WHERE name = ?)";
        let done = sqlx::query(query).bind(name.as_str()).execute(&mut *self.writing().await).await?;
        Ok(done.rows_affected() > 0)
    }

    /// That a person's factors were removed, if they have added none since.
    pub async fn factors_removed(&self, person: PersonId) -> Result<Option<FactorsRemoved>, StoreError> {
        let query = "SELECT removed_at, removed_by FROM factors_removed WHERE person = ?";
        let row = sqlx::query(query).bind(person.0).fetch_optional(self.readers()).await?;
        let read = |row| {
            let key = person.0.to_string();
            let reading = Reading { table: "factors_removed", key: &key, row: &row };
            Ok(FactorsRemoved { at: reading.time("removed_at")?, by: reading.parse("removed_by")? })
        };
        row.map(read).transpose()
    }
}

/// Forgets that they were removed, in the connection's transaction: there is one again.
pub(super) async fn forget(connection: &mut SqliteConnection, person: PersonId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM factors_removed WHERE person = ?").bind(person.0).execute(connection).await?;
    Ok(())
}
