//! The one writer: batches wait in a bounded queue and are committed in groups.
//!
//! It has a thread of its own. A transaction is some dozens of statements, each a way to the connection's thread and
//! back: on threads that others keep busy, it would wait for one of them each time.

use std::{io, sync::Arc, thread, time::Duration};

use futures_util::future::BoxFuture;
use sqlx::SqliteConnection;
use tokio::{
    runtime::Builder,
    sync::{Mutex, Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch},
};

use crate::{
    AppendError, Appended, Prepared,
    append::{Batch, Log},
};

/// Batches that may wait.
const WAITING: usize = 256;
/// Memory that waiting batches may hold, in KiB.
const WAITING_KIB: usize = 64 * 1024;
/// Events after which a group is large enough, unless more than as much again waits: then it is half of that. With
/// everything that waits in one, all who sent it would get their answers at once, and send and be read while the writer
/// has nothing to do: the two take turns instead. A larger group writes what its events share once.
const GROUP: usize = 2_000;
/// Events after which a group is large enough in any case: those in it wait for each other.
const LARGEST_GROUP: usize = 8_000;
/// How long nothing must have come before indexes are merged, step by step: whoever comes then waits for one step.
const QUIET: Duration = Duration::from_secs(5);

/// The way to the writer.
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
    chores: mpsc::Sender<Chore>,
    room: Arc<Semaphore>,
    committed: watch::Receiver<i64>,
    told: watch::Receiver<i64>,
    closing: Arc<Notify>,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

/// What became of a batch, once it is known.
pub(crate) type Answer = oneshot::Receiver<Result<Appended, AppendError>>;

/// Something else that the writer does between two transactions of its own, with what it knows of the log at hand.
type Chore = Box<dyn for<'a> FnOnce(&'a mut Log, &'a mut SqliteConnection) -> BoxFuture<'a, ()> + Send>;

struct Job {
    batch: Batch,
    reply: oneshot::Sender<Result<Appended, AppendError>>,
    _room: OwnedSemaphorePermit,
}

/// Who is told of commits.
struct Tell {
    committed: watch::Sender<i64>,
    told: watch::Sender<i64>,
}

impl Tell {
    fn of(events: i64) -> (Self, watch::Receiver<i64>, watch::Receiver<i64>) {
        let ((committed, all), (told, foreign)) = (watch::channel(events), watch::channel(events));
        (Self { committed, told }, all, foreign)
    }
}

impl Writer {
    /// Starts the writer on its connection, as nice as the calling thread.
    pub(crate) fn start(log: Log, connection: Arc<Mutex<SqliteConnection>>) -> io::Result<Self> {
        let (queue, jobs) = mpsc::channel(WAITING);
        let (chores, waiting) = mpsc::channel(1);
        let closing = Arc::new(Notify::new());
        let (tell, committed, told) = Tell::of(log.len());
        let (end, ended) = oneshot::channel();
        let running = run(log, connection, (jobs, waiting), tell, closing.clone());
        let runtime = Builder::new_current_thread().enable_time().build()?;
        thread::Builder::new().name("writer".to_owned()).spawn(move || {
            runtime.block_on(running);
            // Nobody may wait for it.
            let _ = end.send(());
        })?;
        let room = Arc::new(Semaphore::new(WAITING_KIB));
        Ok(Self { queue, chores, room, committed, told, closing, ended: Mutex::new(Some(ended)) })
    }

    /// Queues a batch, at once or not at all, and waits for its commit.
    pub(crate) async fn append(&self, batch: Batch) -> Result<Appended, AppendError> {
        let answer = self.queue(batch)?;
        answer.await.unwrap_or_else(|_| Err(AppendError::Failed("the writer stopped".to_owned())))
    }

    /// Queues a batch, at once or not at all. It will be committed whether or not anybody waits for the answer.
    pub(crate) fn queue(&self, batch: Batch) -> Result<Answer, AppendError> {
        let weight = batch.events.iter().map(Prepared::weight).sum::<usize>() / 1024 + 1;
        let weight = u32::try_from(weight.min(WAITING_KIB)).unwrap_or(u32::MAX);
        let room = self.room.clone().try_acquire_many_owned(weight).map_err(|_| AppendError::Busy)?;
        let (reply, answer) = oneshot::channel();
        let job = Job { batch, reply, _room: room };
        self.queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => AppendError::Busy,
            mpsc::error::TrySendError::Closed(_) => AppendError::Failed("it is shutting down".to_owned()),
        })?;
        Ok(answer)
    }

    /// Has something done between two transactions, and waits for it; `None` where the writer stopped. It is done whether
    /// or not anybody waits.
    pub(crate) async fn between<T: Send + 'static>(
        &self,
        chore: impl for<'a> FnOnce(&'a mut Log, &'a mut SqliteConnection) -> BoxFuture<'a, T> + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let chore: Chore = Box::new(move |log, connection| {
            let done = chore(log, connection);
            Box::pin(async move {
                // Whoever waited may be gone.
                let _ = reply.send(done.await);
            })
        });
        self.chores.send(chore).await.ok()?;
        answer.await.ok()
    }

    /// How many events are committed, and word of each commit.
    pub(crate) fn committed(&self) -> &watch::Receiver<i64> {
        &self.committed
    }

    /// The same as of the last commit with an event that was sent by a producer, and word of each of these: whoever
    /// cannot be shown Flightbox's own record has no use for more.
    pub(crate) fn told(&self) -> &watch::Receiver<i64> {
        &self.told
    }

    /// Refuses what comes, finishes what waits.
    pub(crate) async fn close(&self) {
        self.closing.notify_one();
        if let Some(ended) = self.ended.lock().await.take() {
            let _ = ended.await;
        }
    }
}

async fn run(
    mut log: Log,
    connection: Arc<Mutex<SqliteConnection>>,
    (mut jobs, mut chores): (mpsc::Receiver<Job>, mpsc::Receiver<Chore>),
    tell: Tell,
    closing: Arc<Notify>,
) {
    let mut pause = QUIET;
    loop {
        let first = tokio::select! {
            biased;
            () = closing.notified() => {
                jobs.close();
                continue;
            }
            // Few, and nothing else would ever let them in while much comes.
            Some(chore) = chores.recv() => {
                chore(&mut log, &mut *connection.lock().await).await;
                continue;
            }
            job = jobs.recv() => job,
            () = tokio::time::sleep(pause), if log.is_untidy() => {
                log.tidy(&mut *connection.lock().await).await;
                pause = Duration::ZERO;
                continue;
            }
        };
        pause = QUIET;
        let Some(first) = first else { return };
        let mut group = vec![first];
        // Whatever has come meanwhile shares this commit's sync to disk.
        let (half, mut events) = (jobs.len() / 2, group[0].batch.events.len());
        while (events < GROUP || events < LARGEST_GROUP && group.len() < half)
            && let Ok(job) = jobs.try_recv()
        {
            events += job.batch.events.len();
            group.push(job);
        }
        commit(&mut log, &connection, &tell, group).await;
    }
}

async fn commit(log: &mut Log, connection: &Mutex<SqliteConnection>, tell: &Tell, group: Vec<Job>) {
    let (batches, waiting): (Vec<_>, Vec<_>) = group.into_iter().map(|job| (job.batch, (job.reply, job._room))).unzip();
    let foreign = batches.iter().flat_map(|batch| &batch.events).any(|event| !event.is_own());
    let answers = log.append(&mut *connection.lock().await, batches).await;
    // Before anybody is answered: who asks after a receipt sees the event counted.
    tell.committed.send_replace(log.len());
    if foreign {
        tell.told.send_replace(log.len());
    }
    if let Err(error) = &answers {
        tracing::error!(%error, batches = waiting.len(), "a group of batches was not stored");
    }
    let mut answers = answers.map(Vec::into_iter);
    for (reply, _room) in waiting {
        let answer = match &mut answers {
            Ok(answers) => answers.next().unwrap_or(Err(AppendError::Failed("no answer".to_owned()))),
            Err(error) => Err(error.clone()),
        };
        // A producer that hung up will retry, and gets the same receipt then.
        let _ = reply.send(answer);
    }
}
