//! Opening a data folder's database. What only SQLite needs to be told stands here.

use std::{path::Path, sync::Arc, time::Duration};

use flightbox_domain::{keys::Keys, random::Random};
use sqlx::{
    ConnectOptions, SqliteConnection,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::Mutex;

use crate::{
    Masters, OpenError, Shared, Store, StoreError,
    append::Log,
    cache::Counts,
    glances::Glances,
    reading::{PATIENCE, Readers},
    retention, rules,
    vault::Vault,
    writer::Writer,
};

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// The file in the data folder that holds the log.
pub(crate) const FILE: &str = "flightbox.db";
/// How long a statement waits for a lock that another process has.
pub(crate) const BUSY: Duration = Duration::from_secs(30);
/// Fixed when the file is made.
const PAGE_SIZE: u32 = 8192;
/// Pages after which a commit folds the write-ahead log back: large enough that a page is rewritten many times before.
const CHECKPOINT_PAGES: &str = "8000";
/// KiB of pages that each connection may keep, as SQLite's negative cache size.
const WRITER_CACHE: &str = "-40960";
const READER_CACHE: &str = "-8192";
const READERS: usize = 4;
/// A token is found by its hash: a few pages are all that this one ever reads.
const INTAKE_CACHE: &str = "-256";

/// What `doctor` tells of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The version of the SQLite library.
    pub sqlite: String,
    /// How commits are journalled and synced, as SQLite names it.
    pub journal: String,
    /// SQLite's `synchronous`; 2 is FULL.
    pub synchronous: i64,
    /// The last migration.
    pub schema: i64,
    /// How many events there are.
    pub events: i64,
    /// The size of the database in bytes, its write-ahead log aside.
    pub bytes: i64,
    /// What SQLite's quick check says; `ok` if nothing.
    pub check: String,
}

impl Store {
    /// Opens the log of a folder and its keys, and makes both where there are none.
    pub async fn open(folder: &Path, masters: Masters, random: Random) -> Result<Self, OpenError> {
        let (vault, keys) = Vault::open(folder, masters, random.clone()).await?;
        let options = SqliteConnectOptions::new()
            .filename(folder.join(FILE))
            .busy_timeout(BUSY)
            .statement_cache_capacity(512)
            .disable_statement_logging();
        let mut writing = writer_options(options.clone()).connect().await?;
        migrate(&MIGRATIONS, &mut writing).await?;
        check_key(&mut writing, &keys).await?;
        retention::sweep(&mut writing).await?;
        let rules = rules::load(&mut writing).await?;
        let log = Log::load(&mut writing, &keys).await?;
        let intake = readers(options.clone(), 1, INTAKE_CACHE, false);
        let readers = readers(options, READERS, READER_CACHE, true);
        let writing = Arc::new(Mutex::new(writing));
        let partitions = log.partitions().clone();
        let writer = Writer::start(log, writing.clone())?;
        let (counts, glances, retention) = (Counts::new(), Glances::default(), retention::State::default());
        let shared = Shared {
            keys,
            readers,
            intake,
            writing,
            writer,
            counts,
            glances,
            partitions,
            retention,
            vault,
            rules,
            random,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Whether a folder holds a log.
    pub fn exists(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(self.readers()).await?;
        Ok(())
    }

    /// The state of the database.
    pub async fn facts(&self) -> Result<Facts, StoreError> {
        let mut connection = self.writing().await;
        let connection = &mut *connection;
        Ok(Facts {
            sqlite: sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut *connection).await?,
            journal: sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await?,
            synchronous: sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await?,
            schema: sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&mut *connection).await?,
            events: self.events(),
            bytes: sqlx::query_scalar("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
                .fetch_one(&mut *connection)
                .await?,
            check: sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut *connection).await?,
        })
    }
}

fn writer_options(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .create_if_missing(true)
        .page_size(PAGE_SIZE)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("secure_delete", "ON")
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("cache_size", WRITER_CACHE)
}

fn readers(options: SqliteConnectOptions, count: usize, cache: &'static str, yields: bool) -> Readers {
    let options = options.read_only(true).pragma("query_only", "ON").pragma("cache_size", cache);
    Readers::new(options, count, PATIENCE, yields)
}

pub(crate) async fn migrate(migrations: &Migrator, connection: &mut SqliteConnection) -> Result<(), OpenError> {
    migrations.run_direct(None, connection, false).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => OpenError::Newer(version),
        MigrateError::VersionMismatch(_) => OpenError::Older,
        error => OpenError::Migrate(error),
    })
}

/// A log is bound to the keys it was made with.
async fn check_key(connection: &mut SqliteConnection, keys: &Keys) -> Result<(), OpenError> {
    let check = keys.check().to_vec();
    sqlx::query("INSERT OR IGNORE INTO fact (name, value) VALUES ('key_check', ?)")
        .bind(&check)
        .execute(&mut *connection)
        .await?;
    let stored: Vec<u8> =
        sqlx::query_scalar("SELECT value FROM fact WHERE name = 'key_check'").fetch_one(connection).await?;
    if stored == check { Ok(()) } else { Err(OpenError::OtherKeys) }
}
