//! Submissions that were refused: sealed, capped, and gone after thirty days.

use std::{
    collections::BTreeMap,
    io::{self, Read as _, Write as _},
    net::IpAddr,
};

use chrono::{DateTime, Duration, Utc};
use flightbox_domain::random::Random;
use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{Store, StoreError};

/// How long a refused submission is kept.
const KEPT: Duration = Duration::days(30);
/// What came within this time came lately.
const LATELY: Duration = Duration::days(1);
/// How much of one source is kept, in bytes; the oldest goes first.
const PER_SOURCE: i64 = 256 << 20;
/// No submission is larger, with what is said of it.
const LARGEST: u64 = 64 << 20;

/// What a list tells of a refused submission, its source and time aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Whether it has an event a line; otherwise it is one JSON value.
    pub lines: bool,
    /// Where it came from; from nowhere where it was imported.
    pub address: Option<IpAddr>,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// How many records it has; nobody can tell where it is no JSON.
    pub records: Option<u64>,
    /// How many things were wrong with it.
    pub problems: u64,
    /// The first of them: where, and what.
    pub first: Option<(String, String)>,
}

/// A refused submission, as a list tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its number.
    pub id: i64,
    /// The source that sent it.
    pub source: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// What was said of it when it was put in; `None` if that cannot be decrypted.
    pub about: Option<About>,
}

/// A refused submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// What a list tells of it.
    pub refusal: Refusal,
    /// The errors and the body, as they were put in; `None` if it cannot be decrypted.
    pub clear: Option<Vec<u8>>,
}

impl About {
    /// The bytes of it; none could only come of a lack of memory, which aborts before.
    fn write(&self) -> Vec<u8> {
        postcard::to_allocvec(self).unwrap_or_default()
    }
}

/// Parts, one behind the other, compressed: whoever is refused often is refused much.
fn pack(parts: &[&[u8]]) -> Result<Vec<u8>, StoreError> {
    let pack = || {
        let mut encoder = zstd::Encoder::new(Vec::new(), zstd::DEFAULT_COMPRESSION_LEVEL)?;
        parts.iter().try_for_each(|part| encoder.write_all(part))?;
        encoder.finish()
    };
    pack().map_err(|error: io::Error| StoreError::Sql(sqlx::Error::Io(error)))
}

fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut clear = Vec::new();
    zstd::Decoder::with_buffer(packed)?.take(LARGEST + 1).read_to_end(&mut clear)?;
    let whole = clear.len() as u64 <= LARGEST;
    if whole { Ok(clear) } else { Err(io::Error::other("it unpacks to more than was ever put in")) }
}

impl Store {
    /// Keeps a refused submission, given in parts, and what a list tells of it, each sealed with a key of its own.
    pub async fn quarantine(
        &self,
        source: &str,
        about: &About,
        clear: &[&[u8]],
        now: DateTime<Utc>,
        random: &Random,
    ) -> Result<(), StoreError> {
        let (about, sealed) =
            (self.seal_refused(source, &[&about.write()], random)?, self.seal_refused(source, clear, random)?);
        let mut connection = self.writing().await;
        expire(&mut connection, now).await?;
        sqlx::query("INSERT INTO quarantine (source, received_at, size, about, sealed) VALUES (?, ?, ?, ?, ?)")
            .bind(source)
            .bind(now.timestamp_millis())
            .bind(sealed.len() as i64)
            .bind(about)
            .bind(sealed)
            .execute(&mut *connection)
            .await?;
        let over = "DELETE FROM quarantine WHERE source = ?1 AND id <= (
            SELECT max(id) FROM (
                SELECT id, sum(size) OVER (ORDER BY id DESC) AS newer FROM quarantine WHERE source = ?1
            ) WHERE newer > ?2)";
        sqlx::query(over).bind(source).bind(PER_SOURCE).execute(&mut *connection).await?;
        Ok(())
    }

    /// Puts what is left of a refused submission in its place; `false` if it is gone.
    pub async fn keep_rest(
        &self,
        refusal: &Refusal,
        about: &About,
        clear: &[&[u8]],
        random: &Random,
    ) -> Result<bool, StoreError> {
        let source = refusal.source.as_str();
        let (about, sealed) =
            (self.seal_refused(source, &[&about.write()], random)?, self.seal_refused(source, clear, random)?);
        let done = sqlx::query("UPDATE quarantine SET about = ?, sealed = ?, size = ? WHERE id = ?")
            .bind(about)
            .bind(&sealed)
            .bind(sealed.len() as i64)
            .bind(refusal.id)
            .execute(&mut *self.writing().await)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Deletes a refused submission for good; `false` if it is gone.
    pub async fn discard(&self, id: i64) -> Result<bool, StoreError> {
        let delete = sqlx::query("DELETE FROM quarantine WHERE id = ?").bind(id);
        Ok(delete.execute(&mut *self.writing().await).await?.rows_affected() > 0)
    }

    /// Deletes what has been kept for as long as it is.
    pub async fn expire_quarantine(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let over: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM quarantine WHERE received_at < ?)")
            .bind((now - KEPT).timestamp_millis())
            .fetch_one(self.readers())
            .await?;
        if over { expire(&mut *self.writing().await, now).await } else { Ok(()) }
    }

    /// What is kept of a source, newest first.
    pub async fn refusals(&self, source: &str, limit: u32, now: DateTime<Utc>) -> Result<Vec<Refusal>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, source, received_at, about FROM quarantine WHERE source = ? AND received_at >= ?
             ORDER BY id DESC LIMIT ?",
        )
        .bind(source)
        .bind((now - KEPT).timestamp_millis())
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(|row| self.refusal(row)).collect()
    }

    /// One of them, with what was sent.
    pub async fn quarantined(
        &self,
        source: &str,
        id: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<Quarantined>, StoreError> {
        let row = sqlx::query(
            "SELECT id, source, received_at, about, sealed FROM quarantine
             WHERE source = ? AND id = ? AND received_at >= ?",
        )
        .bind(source)
        .bind(id)
        .bind((now - KEPT).timestamp_millis())
        .fetch_optional(self.readers())
        .await?;
        let read = |row: SqliteRow| {
            let clear = self.open_refused(source, row.try_get(4)?);
            Ok(Quarantined { refusal: self.refusal(&row)?, clear })
        };
        row.map(read).transpose()
    }

    /// How many submissions are kept, by source, and how many of them came within a day.
    pub async fn refused(&self, now: DateTime<Utc>) -> Result<BTreeMap<String, (u64, u64)>, StoreError> {
        let query = "SELECT source, count(*), sum(received_at >= ?) FROM quarantine WHERE received_at >= ?
                     GROUP BY source";
        let query = sqlx::query(query).bind((now - LATELY).timestamp_millis()).bind((now - KEPT).timestamp_millis());
        let read = |row: &SqliteRow| {
            let (all, lately): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
            Ok((row.try_get(0)?, (all.unsigned_abs(), lately.unsigned_abs())))
        };
        query.fetch_all(self.readers()).await?.iter().map(read).collect()
    }

    /// Reads a row of `id, source, received_at, about`.
    fn refusal(&self, row: &SqliteRow) -> Result<Refusal, StoreError> {
        let source: String = row.try_get(1)?;
        Ok(Refusal {
            id: row.try_get(0)?,
            received_at: DateTime::from_timestamp_millis(row.try_get(2)?).unwrap_or_default(),
            about: self.open_refused(&source, row.try_get(3)?).and_then(|about| postcard::from_bytes(&about).ok()),
            source,
        })
    }

    fn seal_refused(&self, source: &str, clear: &[&[u8]], random: &Random) -> Result<Vec<u8>, StoreError> {
        Ok(self.keys().seal(random.bytes(), source.as_bytes(), &pack(clear)?))
    }

    fn open_refused(&self, source: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        self.keys().open(source.as_bytes(), sealed).ok().and_then(|packed| unpack(&packed).ok())
    }
}

async fn expire(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Result<(), StoreError> {
    let over = sqlx::query("DELETE FROM quarantine WHERE received_at < ?").bind((now - KEPT).timestamp_millis());
    over.execute(connection).await?;
    Ok(())
}
