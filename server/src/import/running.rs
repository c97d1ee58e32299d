//! Imports that people make in their browsers: few at a time, and how far each is.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use flightbox_domain::name::{PersonName, SourceName};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::tally::Tally;

/// Imports that may be under way: each holds a few batches of 8 MiB.
const AT_ONCE: u32 = 2;
/// How long whoever comes next waits for one of those to end.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many files are named.
const NAMED: usize = 20;

/// The imports of a server: those under way, and, until the next start, the last of each person into each source.
pub struct Imports {
    turns: Arc<Semaphore>,
    last: Mutex<HashMap<(PersonName, SourceName), Arc<Running>>>,
}

/// One of those that may be under way, until it is dropped.
pub struct Turn {
    _held: OwnedSemaphorePermit,
}

impl Default for Imports {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE as usize)), last: Mutex::default() }
    }
}

impl Imports {
    /// A turn to import, within a moment; `None` while there are enough others.
    pub async fn turn(&self) -> Option<Turn> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        Some(Turn { _held: turn.ok()?.ok()? })
    }

    /// A person's import begins; `false` while another one of theirs into that source is under way.
    pub fn begin(&self, person: &PersonName, running: &Arc<Running>) -> bool {
        let (mut last, key) = (self.last(), (person.clone(), running.source.clone()));
        let is_free = last.get(&key).is_none_or(|former| former.has_ended());
        if is_free {
            last.insert(key, Arc::clone(running));
        }
        is_free
    }

    /// A person's last import into a source.
    pub fn last_of(&self, person: &PersonName, source: &SourceName) -> Option<Arc<Running>> {
        self.last().get(&(person.clone(), source.clone())).cloned()
    }

    /// Whether there are as many as there may be.
    pub fn is_busy(&self) -> bool {
        self.turns.available_permits() == 0
    }

    /// Waits until none is under way, and lets none begin any more.
    pub async fn close(&self) {
        let _all = self.turns.acquire_many(AT_ONCE).await;
        self.turns.close();
    }

    fn last(&self) -> MutexGuard<'_, HashMap<(PersonName, SourceName), Arc<Running>>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One import, while it is under way and after.
pub struct Running {
    /// Where its events go.
    pub source: SourceName,
    /// How many bytes are to come, if that is known.
    pub length: Option<u64>,
    began: Instant,
    received: AtomicU64,
    cancelled: AtomicBool,
    state: Mutex<Standing>,
}

/// How far an import is.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The files that have come, the last one perhaps in part.
    pub files: Files,
    /// What became of their records.
    pub tally: Tally,
    /// How it ended, if it has.
    pub end: Option<End>,
}

/// Files that have come.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// How many.
    pub count: usize,
    /// The names of the first.
    pub first: Vec<Arc<str>>,
    /// The name of the last.
    pub last: Arc<str>,
}

impl Files {
    /// The next one.
    pub(super) fn add(&mut self, name: &Arc<str>) {
        self.count += 1;
        self.last = Arc::clone(name);
        if self.first.len() < NAMED {
            self.first.push(Arc::clone(name));
        }
    }
}

/// How an import ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All that came was read.
    Done,
    /// Whoever sent it left, or was silent for too long.
    Cancelled,
    /// Nothing more could be stored, or might be.
    Stopped(&'static str),
    /// A write failed, so that nobody knows whether the batch under way is stored.
    Failed,
}

impl Running {
    /// One that has not begun yet, and sends so many bytes, if that is known.
    pub fn new(source: SourceName, length: Option<u64>) -> Self {
        Self {
            source,
            length,
            began: Instant::now(),
            received: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    /// Notes that so many bytes have come.
    pub fn receive(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// How many bytes have come, and in which time.
    pub fn received(&self) -> (u64, Duration) {
        (self.received.load(Ordering::Relaxed), self.began.elapsed())
    }

    /// Has it stop after the batch that is being stored.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it is to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Whether it is over.
    pub fn has_ended(&self) -> bool {
        self.state().end.is_some()
    }

    /// How far it is.
    pub fn standing(&self) -> Standing {
        self.state().clone()
    }

    /// Notes how far it is.
    pub(super) fn change(&self, change: impl FnOnce(&mut Standing)) {
        change(&mut self.state());
    }

    fn state(&self) -> MutexGuard<'_, Standing> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
