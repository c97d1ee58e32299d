//! What can go wrong, by who can do something about it.

use std::path::PathBuf;

use crate::Conflict;

/// A read or a small write failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database did.
    #[error("the database failed: {0}")]
    Sql(sqlx::Error),
    /// It took longer than anybody should wait for; a narrower question takes less.
    #[error("it took too long")]
    TooSlow,
    /// A row says what no row can say: somebody altered it, or a disk did.
    #[error("table {table}, row {row}: {why}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's key.
        row: String,
        /// What is wrong.
        why: String,
    },
}

impl StoreError {
    /// Whether somebody or something altered the file: a row says what none can, or SQLite finds no order in it.
    pub fn is_damage(&self) -> bool {
        match self {
            StoreError::Corrupt { .. } => true,
            StoreError::Sql(error) => is_malformed(error),
            StoreError::TooSlow => false,
        }
    }
}

fn is_malformed(error: &sqlx::Error) -> bool {
    /// SQLite's primary result codes for a malformed file, and for one that is no database.
    const MALFORMED: [u32; 2] = [11, 26];
    let code = error.as_database_error().and_then(|error| error.code());
    // What is more exact stands in the bits above.
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| MALFORMED.contains(&(code & 0xff)))
}

impl From<sqlx::Error> for StoreError {
    /// A statement is interrupted when it takes too long, or when nobody waits for its answer.
    fn from(error: sqlx::Error) -> Self {
        /// SQLite's primary result code for a statement that was interrupted.
        const SQLITE_INTERRUPT: &str = "9";
        match error.as_database_error().and_then(|error| error.code()) {
            Some(code) if code == SQLITE_INTERRUPT => StoreError::TooSlow,
            _ if matches!(error, sqlx::Error::PoolTimedOut) => StoreError::TooSlow,
            _ => StoreError::Sql(error),
        }
    }
}

/// A data folder could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database did not open.
    #[error("cannot open the database: {0}")]
    Sql(#[from] sqlx::Error),
    /// Migrating failed.
    #[error("cannot bring the database up to date: {0}")]
    Migrate(sqlx::migrate::MigrateError),
    /// A later Flightbox has been here.
    #[error("the database was written by a newer Flightbox (migration {0}); run that version, or restore a backup")]
    Newer(i64),
    /// An earlier Flightbox wrote it in a way that this one does not read.
    #[error(
        "the database was written by an earlier Flightbox, in a format that this one does not read; start in an empty \
         folder and import the events anew, or run the earlier version"
    )]
    Older,
    /// The system gave no thread.
    #[error("cannot start the writer: {0}")]
    Writer(#[from] std::io::Error),
    /// The keys were wrapped by another master key.
    #[error("the master key is not the one that keys.db was wrapped with; put back the right one")]
    WrongKey,
    /// The log is there and its keys are not.
    #[error("{0} is missing, but there is a log that needs it; put it back from your newest backup of the keys")]
    KeysMissing(PathBuf),
    /// The keys are those of another log.
    #[error("keys.db belongs to another log; put back the one that was made with this flightbox.db")]
    OtherKeys,
    /// A row that the log cannot start from.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// Whether somebody or something altered the file, where the same log is open under the same keys already: it says
    /// that it is another log, or laid out otherwise.
    pub fn is_damage(&self) -> bool {
        match self {
            OpenError::Sql(error) => is_malformed(error),
            OpenError::Store(error) => error.is_damage(),
            OpenError::Newer(_) | OpenError::Older | OpenError::OtherKeys => true,
            OpenError::Migrate(_) | OpenError::Writer(_) | OpenError::WrongKey | OpenError::KeysMissing(_) => false,
        }
    }
}

/// A batch was not stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The queue is full; try again shortly.
    #[error("too much is waiting to be written; try again shortly")]
    Busy,
    /// An event's id is that of another event.
    #[error("event {}: id {:?} was seen before with other content, as event {}", .0.index, .0.id, .0.seq)]
    Conflict(Conflict),
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The store is closing or cannot write.
    #[error("the store cannot write: {0}")]
    Failed(String),
}

impl From<sqlx::Error> for AppendError {
    fn from(error: sqlx::Error) -> Self {
        /// SQLite's primary result code for a full disk.
        const SQLITE_FULL: &str = "13";
        match error.as_database_error().and_then(|error| error.code()) {
            Some(code) if code == SQLITE_FULL => AppendError::DiskFull,
            _ => AppendError::Failed(error.to_string()),
        }
    }
}

impl From<StoreError> for AppendError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Sql(error) => error.into(),
            other => AppendError::Failed(other.to_string()),
        }
    }
}
