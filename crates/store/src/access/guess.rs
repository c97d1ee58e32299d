//! Tries at a second factor or a step-up. They are counted here, and before they are evaluated: any number at once are
//! counted, and neither a restart nor another session starts anew. A row a person and a place: unlike the attempts that
//! strangers make, none is ever forgotten for want of room.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row;

use super::person::PersonId;
use crate::{Store, StoreError, transaction::begin_write};

/// Where somebody tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// At the second step of signing in.
    SignIn,
    /// At a step-up.
    StepUp,
}

impl Place {
    fn as_str(self) -> &'static str {
        match self {
            Place::SignIn => "sign-in",
            Place::StepUp => "step-up",
        }
    }
}

/// Whether a try is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// It is.
    Admitted,
    /// It is not: there were too many.
    Exceeded {
        /// After how many seconds it makes sense to try again; at least one.
        retry_after: i64,
        /// Whether this is the first one turned away in its window, the one worth recording.
        first: bool,
    },
}

impl Store {
    /// Counts a try as one that is evaluated, if there were fewer than `limit` in the window.
    pub async fn take_guess(
        &self,
        person: PersonId,
        place: Place,
        limit: i64,
        window: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Guess, StoreError> {
        let (now, window) = (now.timestamp_millis(), window.num_milliseconds());
        let mut writing = self.writing().await;
        let mut transaction = begin_write(&mut writing).await?;
        // A window that begins in the future is over, too: the clock was set back, and nobody should wait for it.
        let query = "INSERT INTO guess (person, place, since, taken, turned, wrong) VALUES (?1, ?2, ?3, 0, 0, 0)
                     ON CONFLICT DO UPDATE SET since = ?3, taken = 0, turned = 0 WHERE since > ?3 OR since + ?4 <= ?3";
        let begin = sqlx::query(query).bind(person.0).bind(place.as_str()).bind(now).bind(window);
        begin.execute(&mut *transaction).await?;
        let query = "UPDATE guess SET taken = taken + (taken < ?3), turned = turned + (taken >= ?3)
                     WHERE person = ?1 AND place = ?2 RETURNING since, turned";
        let count = sqlx::query(query).bind(person.0).bind(place.as_str()).bind(limit);
        let row = count.fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        let (since, turned): (i64, i64) = (row.try_get("since")?, row.try_get("turned")?);
        if turned == 0 {
            return Ok(Guess::Admitted);
        }
        Ok(Guess::Exceeded { retry_after: ((since + window - now) / 1000).max(0) + 1, first: turned == 1 })
    }

    /// A try that was evaluated was right: it is not counted, and what went wrong before is forgiven.
    pub async fn guessed_right(&self, person: PersonId, place: Place) -> Result<(), StoreError> {
        let query = "UPDATE guess SET taken = max(taken - 1, 0), wrong = 0 WHERE person = ? AND place = ?";
        let update = sqlx::query(query).bind(person.0).bind(place.as_str());
        update.execute(&mut *self.writing().await).await?;
        Ok(())
    }

    /// A try that was evaluated was wrong; how many were since the last right one.
    pub async fn guessed_wrong(&self, person: PersonId, place: Place) -> Result<i64, StoreError> {
        let query = "UPDATE guess SET wrong = wrong + 1 WHERE person = ? AND place = ? RETURNING wrong";
        let update = sqlx::query_scalar(query).bind(person.0).bind(place.as_str());
        Ok(update.fetch_one(&mut *self.writing().await).await?)
    }
}
