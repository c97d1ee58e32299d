//! Submissions that were refused: sealed, capped, and gone after thirty days.

use std::io::{self, Read as _, Write as _};

use chrono::{DateTime, Duration, Utc};
use flightbox_domain::random::Random;
use sqlx::Row;

use crate::{Store, StoreError};

/// How long a refused submission is kept.
const KEPT: Duration = Duration::days(30);
/// How much of one source is kept, in bytes; the oldest goes first.
const PER_SOURCE: i64 = 256 << 20;
/// No submission is larger, with what is said of it.
const LARGEST: u64 = 64 << 20;

/// A refused submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Its number.
    pub id: i64,
    /// The source that sent it.
    pub source: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The errors and the body, as they were put in; `None` if it cannot be decrypted.
    pub clear: Option<Vec<u8>>,
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
    /// Keeps a refused submission, given in parts, sealed with a key of its own.
    pub async fn quarantine(
        &self,
        source: &str,
        clear: &[&[u8]],
        now: DateTime<Utc>,
        random: &Random,
    ) -> Result<(), StoreError> {
        let sealed = self.keys().seal(random.bytes(), source.as_bytes(), &pack(clear)?);
        let mut connection = self.writing().await;
        sqlx::query("DELETE FROM quarantine WHERE received_at < ?")
            .bind((now - KEPT).timestamp_millis())
            .execute(&mut *connection)
            .await?;
        sqlx::query("INSERT INTO quarantine (source, received_at, size, sealed) VALUES (?, ?, ?, ?)")
            .bind(source)
            .bind(now.timestamp_millis())
            .bind(sealed.len() as i64)
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

    /// What is kept of a source, newest first.
    pub async fn quarantined(&self, source: &str, limit: u32) -> Result<Vec<Quarantined>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, source, received_at, sealed FROM quarantine WHERE source = ? ORDER BY id DESC LIMIT ?",
        )
        .bind(source)
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let (source, sealed): (String, Vec<u8>) = (row.try_get(1)?, row.try_get(3)?);
            Ok(Quarantined {
                id: row.try_get(0)?,
                received_at: DateTime::from_timestamp_millis(row.try_get(2)?).unwrap_or_default(),
                clear: self.keys().open(source.as_bytes(), &sealed).ok().and_then(|packed| unpack(&packed).ok()),
                source,
            })
        };
        rows.iter().map(read).collect()
    }

    /// How many submissions are kept, by source.
    pub async fn quarantine_sizes(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query("SELECT source, count(*) FROM quarantine GROUP BY source ORDER BY source")
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}
