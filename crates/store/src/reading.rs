//! Reading connections, whose statements end when nobody waits for them any more, or when they take too long.
//!
//! A statement runs on a thread of its connection. Dropping the future that waits for it stops nothing by itself, so
//! SQLite asks now and then whether it is to go on: not once whoever read is gone, and not past a time limit.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt as _, StreamExt as _, TryStreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    Column as _, ConnectOptions as _, Connection as _, Describe, Either, Execute, Executor, Row as _, SqlStr, Sqlite,
    SqliteConnection, TypeInfo as _,
    sqlite::{SqliteConnectOptions, SqliteQueryResult, SqliteRow, SqliteStatement, SqliteTypeInfo},
};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinHandle,
};

use crate::StoreError;

/// How long a statement may run, and how long a question may take that is answered by several of them. Whoever asked is
/// told; a narrower window takes less.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Instructions of SQLite's machine between two questions whether to go on: some 50 µs of it, or, where it reads long
/// posting lists, some milliseconds.
const INSTRUCTIONS: i32 = 1_000;
/// Bytes of rows that may wait until somebody takes them, and about how many a row without a record counts for. A
/// statement with more waits itself, and keeps its reader meanwhile.
const UNREAD: usize = 16 << 20;
const PLAIN: usize = 128;
/// How often a statement is tried again that found a table renamed: a month is swapped once in a long while.
const TRIES: usize = 3;
/// Rows that wait for their reader, so that the two need not take turns row by row.
const ROWS: usize = 64;

/// A few connections that read, opened when they are first needed. Whoever finds all of them busy waits in line.
#[derive(Clone)]
pub(crate) struct Readers(Arc<Pool>);

struct Pool {
    options: SqliteConnectOptions,
    readers: Vec<Arc<Mutex<Reader>>>,
    /// As many permits as there are readers, in the order in which they were asked for.
    free: Arc<Semaphore>,
    /// In milliseconds.
    patience: AtomicU64,
    /// Whether its statements give the processor back now and then.
    yields: bool,
    /// What limits count from.
    start: Instant,
}

#[derive(Default)]
struct Reader {
    connection: Option<SqliteConnection>,
    /// Up to when its statement may run, in milliseconds.
    until: Arc<AtomicU64>,
    /// Whether its last statement may still be running.
    is_running: bool,
}

/// A reader that reads for somebody. Dropping it stops what it is doing.
struct Reading {
    reader: OwnedMutexGuard<Reader>,
    _permit: OwnedSemaphorePermit,
}

impl Readers {
    pub(crate) fn new(options: SqliteConnectOptions, readers: usize, patience: Duration, yields: bool) -> Self {
        let options = options.row_buffer_size(ROWS);
        let free = Arc::new(Semaphore::new(readers));
        let readers = (0..readers).map(|_| Arc::default()).collect();
        let (none, start) = (AtomicU64::new(0), Instant::now());
        let pool = Self(Arc::new(Pool { options, readers, free, patience: none, yields, start }));
        pool.set_patience(patience);
        pool
    }

    pub(crate) fn set_patience(&self, patience: Duration) {
        self.0.patience.store(millis(patience), Ordering::Relaxed);
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(self.0.patience.load(Ordering::Relaxed))
    }

    /// A reader for one statement.
    async fn acquire(&self) -> sqlx::Result<Reading> {
        let (pool, deadline) = (&*self.0, Instant::now() + self.patience());
        // Others may have them all for so long that nobody waits any more.
        let permit = tokio::time::timeout_at(deadline.into(), pool.free.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        let reader = pool.readers.iter().find_map(|reader| reader.clone().try_lock_owned().ok());
        let mut reader = reader.ok_or(sqlx::Error::PoolTimedOut)?;
        reader.settle(pool).await?;
        // The line can have been so long, too, that there is no time left for the statement.
        if deadline <= Instant::now() {
            return Err(sqlx::Error::PoolTimedOut);
        }
        reader.until.store(millis(deadline - pool.start), Ordering::Relaxed);
        reader.is_running = true;
        Ok(Reading { reader, _permit: permit })
    }

    /// A question that is answered by any number of statements, or [`StoreError::TooSlow`].
    pub(crate) async fn patiently<T>(
        &self,
        question: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        tokio::time::timeout(self.patience(), question).await.unwrap_or(Err(StoreError::TooSlow))
    }

    /// Opens all of them, anew where they were open.
    pub(crate) async fn open(&self) -> sqlx::Result<()> {
        let all = u32::try_from(self.0.readers.len()).unwrap_or(u32::MAX);
        let _nobody_reads = self.0.free.acquire_many(all).await.map_err(|_| sqlx::Error::PoolClosed)?;
        for reader in &self.0.readers {
            let mut reader = reader.lock().await;
            reader.connection = None;
            reader.settle(&self.0).await?;
            reader.is_running = false;
        }
        Ok(())
    }

    /// Refuses further statements, and waits for those under way.
    pub(crate) async fn close(&self) {
        self.0.free.close();
        for reader in &self.0.readers {
            if let Some(connection) = reader.lock().await.connection.take() {
                // What does not close in good order closes all the same.
                let _ = connection.close().await;
            }
        }
    }
}

impl Reader {
    /// Opens its connection, or sees to it that nothing runs there any more.
    async fn settle(&mut self, pool: &Pool) -> sqlx::Result<()> {
        match &mut self.connection {
            Some(connection) if self.is_running => drop(connection.lock_handle().await?),
            Some(_) => {}
            None => {
                let mut connection = pool.options.connect().await?;
                let (until, yields, start) = (self.until.clone(), pool.yields, pool.start);
                let go_on = move || {
                    // An event on its way to the log passes from thread to thread, and should wait at none until a
                    // whole slice of the processor's time is over.
                    if yields {
                        thread::yield_now();
                    }
                    millis(start.elapsed()) < until.load(Ordering::Relaxed)
                };
                connection.lock_handle().await?.set_progress_handler(INSTRUCTIONS, go_on);
                self.connection = Some(connection);
            }
        }
        Ok(())
    }
}

impl Reading {
    fn connection(&mut self) -> sqlx::Result<&mut SqliteConnection> {
        self.reader.connection.as_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// Its statement has ended.
    fn end(mut self) {
        self.reader.is_running = false;
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.reader.until.store(0, Ordering::Relaxed);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Readers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Readers")
    }
}

type Row = Either<SqliteQueryResult, SqliteRow>;

/// How much of the room for rows that nobody has taken yet a row needs.
fn size(row: &Row) -> u32 {
    let Either::Right(row) = row else { return 1 };
    let blobs = row.columns().iter().filter(|column| matches!(column.type_info().name(), "BLOB"));
    let bytes = blobs.filter_map(|column| row.try_get_unchecked::<&[u8], _>(column.ordinal()).ok()).map(<[u8]>::len);
    u32::try_from((PLAIN + bytes.sum::<usize>()).min(UNREAD)).unwrap_or(u32::MAX)
}

/// Whether a table changed its name while a statement was about to read it. SQLite prepares such a statement anew by
/// itself, but fails where the table is an index: the connection has to look again.
fn is_new_schema(error: &sqlx::Error) -> bool {
    const SCHEMA: &str = "17";
    error.as_database_error().is_some_and(|error| error.code().as_deref() == Some(SCHEMA))
}

/// A statement that runs on a task of its own, until it has ended or nobody takes its rows any more.
struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Readers {
    /// Starts a statement. It goes on by itself, and its reader is free when it has ended, whether or not somebody has
    /// taken its rows by then: a page begins with all of its questions at once and takes their answers in turn, and
    /// would otherwise wait for readers that its own later questions hold.
    fn start<'q>(&self, mut query: impl Execute<'q, Sqlite>) -> BoxStream<'static, sqlx::Result<Row>> {
        let (send, mut rows) = mpsc::unbounded_channel();
        let room = Arc::new(Semaphore::new(UNREAD));
        let (readers, arguments) = (self.clone(), query.take_arguments().map_err(sqlx::Error::Encode));
        let sql = query.sql();
        let running = Running(tokio::spawn(async move {
            let read = async {
                let (mut reading, arguments) = (readers.acquire().await?, arguments?);
                let (mut tries, mut sent) = (TRIES, false);
                loop {
                    let mut found = reading.connection()?.fetch_many((sql.clone(), arguments.clone()));
                    let row = loop {
                        let row = found.try_next().await;
                        let Ok(Some(row)) = row else { break row };
                        let taken = room.clone().acquire_many_owned(size(&row)).await;
                        let taken = taken.map_err(|_| sqlx::Error::WorkerCrashed)?;
                        if send.send(Ok(Some((row, taken)))).is_err() {
                            return Ok(None);
                        }
                        sent = true;
                    };
                    match row {
                        Err(error) if is_new_schema(&error) && !sent && tries > 0 => tries -= 1,
                        Err(error) => return Err(error),
                        Ok(_) => break,
                    }
                }
                reading.end();
                Ok(None)
            };
            // Nobody may be left to hear it.
            let _ = send.send(read.await);
        }));
        let mut ended = false;
        let next = stream::poll_fn(move |context| {
            let _alive = &running;
            if ended {
                return Poll::Ready(None);
            }
            let row = std::task::ready!(rows.poll_recv(context));
            // Whoever takes a row makes room for another.
            let row = row.unwrap_or(Err(sqlx::Error::WorkerCrashed)).transpose();
            let row = row.map(|row| row.map(|(row, _taken)| row));
            ended = !matches!(row, Some(Ok(_)));
            Poll::Ready(row)
        });
        next.boxed()
    }
}

/// Each statement on a reader of its own.
impl<'c> Executor<'c> for &'c Readers {
    type Database = Sqlite;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Row>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        self.start(query)
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<SqliteRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let rows = self.start(query).try_filter_map(|row| async move { Ok(row.right()) });
        let read = async move {
            let mut rows = std::pin::pin!(rows);
            let row = rows.try_next().await?;
            // Most have one row: their reader is free at once if the end is waited for, too.
            if row.is_some() {
                rows.try_next().await?;
            }
            Ok(row)
        };
        read.boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [SqliteTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<SqliteStatement>>
    where
        'c: 'e,
    {
        async move { self.acquire().await?.connection()?.prepare_with(sql, parameters).await }.boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<Describe<Sqlite>>>
    where
        'c: 'e,
    {
        async move { self.acquire().await?.connection()?.describe(sql).await }.boxed()
    }
}

#[cfg(test)]
mod tests;
