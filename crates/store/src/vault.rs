//! The keys of a log, in a file of their own beside it: `keys.db`.
//!
//! What a key seals is only as lasting as the key, so the file is kept apart from the events and backed up apart, its
//! newest copy alone: a backup of the events can then bring back nothing that was erased. A key is on disk before the
//! first event that is sealed under it.

mod count;
mod erase;
mod rotate;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{PoisonError, RwLock},
};

use chrono::{DateTime, Utc};
use flightbox_domain::{
    keys::{DataKey, Keys, Master, NONCE},
    random::Random,
};
use quick_cache::sync::Cache;
use sqlx::{
    ConnectOptions, SqliteConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::Mutex;

use crate::{OpenError, StoreError, open::migrate, transaction::begin_write};
pub use count::KeyCounts;
pub use erase::Erased;
pub use rotate::RewrapError;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/keys");

/// The file in the data folder that holds the keys.
pub(crate) const FILE: &str = "keys.db";
/// How many subjects' keys are kept in memory.
const REMEMBERED: usize = 10_000;

/// A digest of a subject and its source.
pub(crate) type SubjectDigest = [u8; 16];

/// The master keys that may open what they wrapped.
#[derive(Clone, Debug)]
pub struct Masters {
    /// The one that wraps from now on.
    pub current: Master,
    /// The one before, while what it wrapped is not wrapped anew yet.
    pub previous: Option<Master>,
}

/// A data key, as it is kept.
#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    subject: Vec<u8>,
    master: Vec<u8>,
    wrapped: Option<Vec<u8>>,
}

pub(crate) struct Vault {
    connection: Mutex<SqliteConnection>,
    masters: RwLock<Masters>,
    /// Keys in use, by their subject, with their numbers.
    known: Cache<SubjectDigest, (i64, DataKey)>,
    erased: RwLock<HashSet<i64>>,
    /// Whoever changes the master key.
    rotating: Mutex<()>,
    random: Random,
}

impl Vault {
    /// Opens the keys of a folder and derives those of its log; makes both where there are none and there is no log yet.
    pub(crate) async fn open(folder: &Path, masters: Masters, random: Random) -> Result<(Self, Keys), OpenError> {
        let path = folder.join(FILE);
        if !path.exists() && crate::Store::exists(folder) {
            return Err(OpenError::KeysMissing(path));
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .disable_statement_logging();
        let mut connection = options.connect().await?;
        migrate(&MIGRATIONS, &mut connection).await?;
        let wrapped: Option<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as("SELECT master, wrapped FROM log_key").fetch_optional(&mut connection).await?;
        let key = match wrapped {
            Some((master, wrapped)) => masters.unwrap(&master, b"log", &wrapped).ok_or(OpenError::WrongKey)?,
            None => {
                let key = random.bytes();
                sqlx::query("INSERT INTO log_key (only, master, wrapped) VALUES (0, ?, ?)")
                    .bind(&masters.current.fingerprint()[..])
                    .bind(masters.current.wrap(random.bytes::<NONCE>(), b"log", &key))
                    .execute(&mut connection)
                    .await?;
                key
            }
        };
        let wrapped_by: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT DISTINCT master FROM data_key WHERE wrapped IS NOT NULL")
                .fetch_all(&mut connection)
                .await?;
        if wrapped_by.iter().any(|fingerprint| !masters.know(fingerprint)) {
            return Err(OpenError::WrongKey);
        }
        let erased =
            sqlx::query_scalar("SELECT id FROM data_key WHERE wrapped IS NULL").fetch_all(&mut connection).await?;
        let vault = Self {
            connection: Mutex::new(connection),
            masters: RwLock::new(masters),
            known: Cache::new(REMEMBERED),
            erased: RwLock::new(erased.into_iter().collect()),
            rotating: Mutex::default(),
            random,
        };
        Ok((vault, Keys::derive(&key)))
    }

    /// The keys of a folder's log, read beside whoever has them open.
    pub(crate) async fn keys_of(folder: &Path, masters: &Masters) -> Result<Keys, OpenError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Err(OpenError::KeysMissing(path));
        }
        let options = SqliteConnectOptions::new().filename(path).read_only(true).disable_statement_logging();
        let mut connection = options.connect().await?;
        let (master, wrapped): (Vec<u8>, Vec<u8>) =
            sqlx::query_as("SELECT master, wrapped FROM log_key").fetch_one(&mut connection).await?;
        let key = masters.unwrap(&master, b"log", &wrapped).ok_or(OpenError::WrongKey)?;
        Ok(Keys::derive(&key))
    }

    /// Folds its write-ahead log back, so that the file by itself holds all keys.
    pub(crate) async fn close(&self) {
        let mut connection = self.connection.lock().await;
        let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await;
    }

    /// The keys in use of some subjects of a source; makes and commits those that are missing.
    pub(crate) async fn keys_for(
        &self,
        source: &str,
        subjects: HashSet<SubjectDigest>,
        now: DateTime<Utc>,
    ) -> Result<HashMap<SubjectDigest, (i64, DataKey)>, StoreError> {
        let mut keys = HashMap::with_capacity(subjects.len());
        let mut unknown = Vec::new();
        for subject in subjects {
            match self.known.get(&subject) {
                Some(key) => _ = keys.insert(subject, key),
                None => unknown.push(subject),
            }
        }
        if unknown.is_empty() {
            return Ok(keys);
        }
        let mut connection = self.connection.lock().await;
        let mut transaction = begin_write(&mut connection).await?;
        let mut found = Vec::with_capacity(unknown.len());
        for subject in unknown {
            let stored: Option<Row> = sqlx::query_as(
                "SELECT id, subject, master, wrapped FROM data_key WHERE subject = ? AND wrapped IS NOT NULL",
            )
            .bind(&subject[..])
            .fetch_optional(&mut *transaction)
            .await?;
            let key = match stored {
                Some(row) => (row.id, self.unwrap(&row)?),
                None => self.make(&mut transaction, source, &subject, now).await?,
            };
            found.push((subject, key));
        }
        transaction.commit().await?;
        // Still under the lock, and none of those that were known before it was taken: an erasure that came first would
        // be undone here.
        found.iter().for_each(|(subject, key)| self.known.insert(*subject, key.clone()));
        keys.extend(found);
        Ok(keys)
    }

    async fn make(
        &self,
        connection: &mut SqliteConnection,
        source: &str,
        subject: &SubjectDigest,
        now: DateTime<Utc>,
    ) -> Result<(i64, DataKey), StoreError> {
        let key = DataKey(self.random.bytes());
        let master = self.masters().current;
        let made =
            sqlx::query("INSERT INTO data_key (source, subject, master, wrapped, made_at) VALUES (?, ?, ?, ?, ?)")
                .bind(source)
                .bind(&subject[..])
                .bind(&master.fingerprint()[..])
                .bind(master.wrap(self.random.bytes::<NONCE>(), &bound_to(subject), &key.0))
                .bind(now.timestamp_millis())
                .execute(connection)
                .await?;
        Ok((made.last_insert_rowid(), key))
    }

    /// The key of a number; `None` where it was erased.
    pub(crate) async fn key(&self, number: i64) -> Result<Option<DataKey>, StoreError> {
        let row: Option<Row> = sqlx::query_as("SELECT id, subject, master, wrapped FROM data_key WHERE id = ?")
            .bind(number)
            .fetch_optional(&mut *self.connection.lock().await)
            .await?;
        let row = row.ok_or_else(|| corrupt(number, "is missing"))?;
        row.wrapped.is_some().then(|| self.unwrap(&row)).transpose()
    }

    /// Whether the key of a number was erased.
    pub(crate) fn is_erased(&self, number: i64) -> bool {
        self.erased.read().unwrap_or_else(PoisonError::into_inner).contains(&number)
    }

    fn unwrap(&self, row: &Row) -> Result<DataKey, StoreError> {
        let wrapped = row.wrapped.as_deref().unwrap_or_default();
        let key = self.masters().unwrap(&row.master, &bound_to(&row.subject), wrapped);
        key.map(DataKey).ok_or_else(|| corrupt(row.id, "was wrapped by another master key, or altered"))
    }

    fn masters(&self) -> Masters {
        self.masters.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl From<Master> for Masters {
    fn from(current: Master) -> Self {
        Self { current, previous: None }
    }
}

impl Masters {
    fn know(&self, fingerprint: &[u8]) -> bool {
        self.of(fingerprint).is_some()
    }

    fn of(&self, fingerprint: &[u8]) -> Option<&Master> {
        let mut all = [Some(&self.current), self.previous.as_ref()].into_iter().flatten();
        all.find(|master| master.fingerprint() == fingerprint)
    }

    fn unwrap(&self, fingerprint: &[u8], bound_to: &[u8], wrapped: &[u8]) -> Option<[u8; 32]> {
        self.of(fingerprint)?.unwrap(bound_to, wrapped).ok()
    }
}

/// What a data key is wrapped for.
fn bound_to(subject: &[u8]) -> Vec<u8> {
    [b"data ", subject].concat()
}

fn corrupt(number: i64, why: &str) -> StoreError {
    StoreError::Corrupt { table: "data_key", row: format!("id {number}"), why: why.to_owned() }
}
