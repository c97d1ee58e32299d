//! Approvals: a second person agrees before sealed values leave in an export. One is good for a day from when it was
//! asked for, once, for that very request of whoever asked, seeing what they saw then.
//!
//! It exists for whoever asked and for those who may see all that would leave.

use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{name::PersonName, scope::Sources};
use futures_util::TryStreamExt as _;
use sqlx::{Row, sqlite::SqliteRow};

use super::Reading;
use crate::{Store, StoreError};

/// How long a request waits, and with it how long an approval is good.
const LIFETIME: TimeDelta = TimeDelta::hours(24);
/// How many requests are listed at most.
const MOST: usize = 200;

/// The key of a request for approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApprovalId(i64);

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct ApprovalAsked<'a> {
    /// The very request, as path and query string.
    pub url: &'a str,
    /// Who asks.
    pub by: &'a PersonName,
    /// What they may see.
    pub sources: &'a Sources,
}

/// A request for approval, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalRow {
    /// Its key.
    pub id: ApprovalId,
    /// The very request, as path and query string.
    pub url: String,
    /// Who asked.
    pub asked_by: PersonName,
    /// What they could see then.
    pub sources: Sources,
    /// Why they asked.
    pub reason: String,
    /// When they did.
    pub asked_at: DateTime<Utc>,
    /// Up to when it is of use.
    pub expires_at: DateTime<Utc>,
    /// What somebody else said to it.
    pub answer: Option<Answer>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
}

/// What somebody said to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who.
    pub by: PersonName,
    /// Whether they approve.
    pub approved: bool,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has answered it yet.
    Waiting,
    /// It was approved, and can be used.
    Approved,
    /// It was declined.
    Declined,
    /// It was approved and used.
    Used,
    /// Its day is over, and it was neither declined nor used.
    Lapsed,
}

impl ApprovalRow {
    /// Where it stands.
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        let approved = self.answer.as_ref().map(|answer| answer.approved);
        match (approved, self.used_at) {
            (Some(false), _) => Standing::Declined,
            (_, Some(_)) => Standing::Used,
            _ if now >= self.expires_at => Standing::Lapsed,
            (Some(true), None) => Standing::Approved,
            (None, None) => Standing::Waiting,
        }
    }

    /// Whether a person who may see these sources may answer it: somebody else, who may see all that would leave.
    pub fn may_be_answered_by(&self, name: &str, sources: &Sources) -> bool {
        self.asked_by.as_str() != name && self.sources.within(sources)
    }

    fn exists_for(&self, name: &str, sources: &Sources) -> bool {
        self.asked_by.as_str() == name || self.sources.within(sources)
    }
}

impl Store {
    /// Asks for approval; `None` if the same is waiting or approved already.
    pub async fn ask_approval(
        &self,
        asked: ApprovalAsked<'_>,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<ApprovalId>, StoreError> {
        let query = format!(
            "INSERT INTO approval (digest, url, asked_by, sources, reason, asked_at, expires_at)
             SELECT ?1, ?3, ?4, ?5, ?6, ?2, ?7 WHERE NOT EXISTS (SELECT 1 FROM approval WHERE {OPEN})"
        );
        let done = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(self.approval_digest(asked))
            .bind(now.timestamp_millis())
            .bind(asked.url)
            .bind(asked.by.as_str())
            .bind(asked.sources.to_string())
            .bind(reason)
            .bind((now + LIFETIME).timestamp_millis())
            .execute(&mut *self.writing().await)
            .await?;
        Ok((done.rows_affected() > 0).then(|| ApprovalId(done.last_insert_rowid())))
    }

    /// The latest request for this.
    pub async fn approval_for(&self, asked: ApprovalAsked<'_>) -> Result<Option<ApprovalRow>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM approval WHERE digest = ? ORDER BY asked_at DESC, id DESC LIMIT 1");
        let row = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(self.approval_digest(asked))
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Uses up an approval: of any number at once one gets it.
    pub async fn use_approval(&self, id: ApprovalId, now: DateTime<Utc>) -> Result<Option<ApprovalRow>, StoreError> {
        let query = format!(
            "UPDATE approval SET used_at = ?2 WHERE id = ?1 AND approved = 1 AND used_at IS NULL AND expires_at > ?2
             RETURNING {COLUMNS}"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(id.0)
            .bind(now.timestamp_millis())
            .fetch_optional(&mut *self.writing().await)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Ends the day of a request now, so that the same can be asked for again.
    pub async fn end_approval(&self, id: ApprovalId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let query = "UPDATE approval SET expires_at = ?2 WHERE id = ?1 AND used_at IS NULL AND expires_at > ?2";
        let end = sqlx::query(query).bind(id.0).bind(now.timestamp_millis());
        end.execute(&mut *self.writing().await).await?;
        Ok(())
    }

    /// The latest requests that exist for a person who may see these sources, newest first, 200 at most.
    pub async fn approvals(&self, name: &str, sources: &Sources) -> Result<Vec<ApprovalRow>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM approval ORDER BY asked_at DESC, id DESC");
        let mut rows = sqlx::query(sqlx::AssertSqlSafe(query)).fetch(self.readers());
        let mut known = Vec::new();
        // It is read as far as that takes, so that what does not exist for somebody takes no place of what does.
        while known.len() < MOST
            && let Some(row) = rows.try_next().await?
        {
            let row = read(&row)?;
            if row.exists_for(name, sources) {
                known.push(row);
            }
        }
        Ok(known)
    }

    /// One request, if it exists for a person who may see these sources.
    pub async fn approval(
        &self,
        id: ApprovalId,
        name: &str,
        sources: &Sources,
    ) -> Result<Option<ApprovalRow>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM approval WHERE id = ?");
        let row = sqlx::query(sqlx::AssertSqlSafe(query)).bind(id.0).fetch_optional(self.readers()).await?;
        let row = row.as_ref().map(read).transpose()?;
        Ok(row.filter(|row| row.exists_for(name, sources)))
    }

    /// How many requests wait for an answer that a person who may see these sources may give.
    pub async fn approvals_waiting(
        &self,
        name: &str,
        sources: &Sources,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM approval WHERE answered_at IS NULL AND expires_at > ?");
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(query)).bind(now.timestamp_millis()).fetch_all(self.readers()).await?;
        let rows: Vec<_> = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(rows.iter().filter(|row| row.may_be_answered_by(name, sources)).count())
    }

    /// Answers a request; `false` if it does not wait any more, or is one's own.
    pub async fn answer_approval(&self, id: ApprovalId, answer: &Answer) -> Result<bool, StoreError> {
        let query = "UPDATE approval SET answered_by = ?1, approved = ?2, answer = ?3, answered_at = ?4
                     WHERE id = ?5 AND answered_at IS NULL AND expires_at > ?4 AND asked_by <> ?1";
        let done = sqlx::query(query)
            .bind(answer.by.as_str())
            .bind(answer.approved)
            .bind(&answer.reason)
            .bind(answer.at.timestamp_millis())
            .bind(id.0)
            .execute(&mut *self.writing().await)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    fn approval_digest(&self, asked: ApprovalAsked<'_>) -> Vec<u8> {
        let sources = asked.sources.to_string();
        let parts = [b"approval", asked.by.as_str().as_bytes(), asked.url.as_bytes(), sources.as_bytes()];
        self.keys().step_up(&parts).to_vec()
    }
}

const COLUMNS: &str = "id, url, asked_by, sources, reason, asked_at, expires_at, answered_by, approved, answer,
                       answered_at, used_at";

/// A request for this, `?1`, that is waiting or approved and of use now, `?2`.
const OPEN: &str = "digest = ?1 AND used_at IS NULL AND expires_at > ?2 AND approved IS NOT 0";

fn read(row: &SqliteRow) -> Result<ApprovalRow, StoreError> {
    let reading = Reading { table: "approval", key: row.try_get("url")?, row };
    let answer = match row.try_get::<Option<bool>, _>("approved")? {
        Some(approved) => Some(Answer {
            by: reading.parse("answered_by")?,
            approved,
            reason: row.try_get("answer")?,
            at: reading.time("answered_at")?,
        }),
        None => None,
    };
    let used: Option<i64> = row.try_get("used_at")?;
    Ok(ApprovalRow {
        id: ApprovalId(row.try_get("id")?),
        url: row.try_get("url")?,
        asked_by: reading.parse("asked_by")?,
        sources: Sources::from(row.try_get::<&str, _>("sources")?),
        reason: row.try_get("reason")?,
        asked_at: reading.time("asked_at")?,
        expires_at: reading.time("expires_at")?,
        answer,
        used_at: used.map(|_| reading.time("used_at")).transpose()?,
    })
}

impl fmt::Display for ApprovalId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for ApprovalId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
