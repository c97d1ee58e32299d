//! Reading connections, whose statements end when nobody waits for them any more, or when they take too long.
//!
//! A statement runs on a thread of its connection. Dropping the future that waits for it stops nothing by itself, so
//! SQLite asks now and then whether it is to go on: not once whoever read is gone, and not past a time limit.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt as _, StreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    Describe, Either, Execute, Executor, SqlStr, Sqlite, SqliteConnection, SqlitePool,
    pool::PoolConnection,
    sqlite::{SqliteQueryResult, SqliteRow, SqliteStatement, SqliteTypeInfo},
};
use tokio::sync::mpsc;

use crate::StoreError;

/// How long a statement may run, and how long a question may take that is answered by several of them. Whoever asked is
/// told; a narrower window takes less.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Instructions of SQLite's machine between two questions whether to go on: some 50 µs of it, or, where it reads long
/// posting lists, some milliseconds.
const INSTRUCTIONS: i32 = 1_000;
/// Rows that wait for their reader, so that the two need not take turns row by row.
const ROWS: usize = 32;

/// The pool of readers: `sqlx`'s own, but for the end of a statement.
#[derive(Clone)]
pub(crate) struct Readers {
    pool: SqlitePool,
    /// In milliseconds.
    patience: Arc<AtomicU64>,
}

/// A connection that reads for somebody. Dropping it stops what it is doing.
pub(crate) struct Reading {
    connection: PoolConnection<Sqlite>,
    gone: Arc<AtomicBool>,
}

impl Readers {
    pub(crate) fn new(pool: SqlitePool, patience: Duration) -> Self {
        let readers = Self { pool, patience: Arc::default() };
        readers.set_patience(patience);
        readers
    }

    pub(crate) fn set_patience(&self, patience: Duration) {
        self.patience.store(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(self.patience.load(Ordering::Relaxed))
    }

    /// A connection for one statement, or for several that have to be done within the limit together.
    pub(crate) async fn acquire(&self) -> sqlx::Result<Reading> {
        let deadline = Instant::now() + self.patience();
        let mut connection = self.pool.acquire().await?;
        // Others had them all for so long that nobody waits any more.
        if Instant::now() >= deadline {
            return Err(sqlx::Error::PoolTimedOut);
        }
        let gone = Arc::new(AtomicBool::new(false));
        let left = gone.clone();
        let go_on = move || !left.load(Ordering::Relaxed) && Instant::now() < deadline;
        connection.lock_handle().await?.set_progress_handler(INSTRUCTIONS, go_on);
        Ok(Reading { connection, gone })
    }

    /// A question that is answered by any number of statements, or [`StoreError::TooSlow`].
    pub(crate) async fn patiently<T>(
        &self,
        question: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        tokio::time::timeout(self.patience(), question).await.unwrap_or(Err(StoreError::TooSlow))
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
    }
}

impl Deref for Reading {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Reading {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Readers")
    }
}

/// Each statement on a connection of its own, as on a pool.
impl<'c> Executor<'c> for &'c Readers {
    type Database = Sqlite;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Either<SqliteQueryResult, SqliteRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let (send, mut rows) = mpsc::channel(ROWS);
        let read = async move {
            let mut reading = match self.acquire().await {
                Ok(reading) => reading,
                Err(error) => return drop(send.send(Err(error)).await),
            };
            let mut found = reading.fetch_many(query);
            while let Some(row) = found.next().await {
                if send.send(row).await.is_err() {
                    return;
                }
            }
        };
        // Both halves are this stream, so that dropping it drops the reader; the reader borrows from its connection,
        // which is why the rows take the way through a channel.
        let mut read = read.boxed().fuse();
        let next = stream::poll_fn(move |context| {
            if let Poll::Ready(row) = rows.poll_recv(context) {
                return Poll::Ready(row);
            }
            let _ = read.poll_unpin(context);
            rows.poll_recv(context)
        });
        next.boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<SqliteRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        async move { self.acquire().await?.fetch_optional(query).await }.boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [SqliteTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<SqliteStatement>>
    where
        'c: 'e,
    {
        async move { self.acquire().await?.prepare_with(sql, parameters).await }.boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<Describe<Sqlite>>>
    where
        'c: 'e,
    {
        async move { self.acquire().await?.describe(sql).await }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt as _;
    use sqlx::sqlite::SqlitePoolOptions;

    use super::*;

    /// Some minutes of work, of which no row comes before the end.
    const LONG: &str =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n";

    /// With one connection the next statement has to wait for the end of the last.
    async fn one_reader(patience: Duration) -> Readers {
        let options = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false);
        Readers::new(options.connect("sqlite::memory:").await.unwrap(), patience)
    }

    async fn answers(readers: &Readers) -> i64 {
        let next = sqlx::query_scalar("SELECT 7").fetch_one(readers);
        tokio::time::timeout(Duration::from_secs(5), next).await.expect("the last statement ran on").unwrap()
    }

    #[tokio::test]
    async fn a_statement_that_nobody_waits_for_ends() {
        let readers = one_reader(PATIENCE).await;
        for _ in 0..3 {
            let long = sqlx::query(LONG).fetch_all(&readers);
            assert!(tokio::time::timeout(Duration::from_millis(50), long).await.is_err());
            let long = sqlx::query(LONG).fetch_optional(&readers);
            assert!(tokio::time::timeout(Duration::from_millis(50), long).await.is_err());
            assert_eq!(answers(&readers).await, 7);
        }
    }

    #[tokio::test]
    async fn a_statement_that_takes_too_long_ends_and_says_so() {
        let readers = one_reader(Duration::from_millis(100)).await;
        let error = sqlx::query(LONG).fetch_all(&readers).await.unwrap_err();
        assert!(matches!(StoreError::from(error), StoreError::TooSlow));
        assert_eq!(answers(&readers).await, 7);
        let question = readers.patiently(std::future::pending::<Result<(), StoreError>>()).await;
        assert!(matches!(question, Err(StoreError::TooSlow)));
    }

    #[tokio::test]
    async fn every_row_arrives_however_many_there_are() {
        let readers = one_reader(PATIENCE).await;
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n";
        let numbers: Vec<i64> = sqlx::query_scalar(sql).fetch_all(&readers).await.unwrap();
        assert_eq!(numbers, (1..=1000).collect::<Vec<_>>());
        let mut first = sqlx::query_scalar::<_, i64>(sql).fetch(&readers);
        assert_eq!(first.try_next().await.unwrap(), Some(1));
        drop(first);
        assert_eq!(answers(&readers).await, 7);
    }
}
