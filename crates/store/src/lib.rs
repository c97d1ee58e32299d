#![doc = include_str!("../README.md")]

mod access;
mod activity;
mod append;
mod appended;
mod arrivals;
mod audit;
mod backup;
mod blocks;
mod cache;
mod codec;
mod count;
mod details;
mod error;
mod evidence;
mod export;
mod facets;
mod fields;
mod glances;
mod histogram;
mod identity;
mod lookup;
mod newcomers;
mod novelty;
mod open;
mod packed;
mod partition;
mod place;
mod postings;
mod quarantine;
mod reading;
mod retention;
mod rules;
mod seal;
mod sealed;
mod search;
mod shapes;
mod silent;
mod sources;
mod tally;
mod transaction;
mod tree;
mod values;
mod vault;
mod vocabulary;
mod walk;
mod writer;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use flightbox_domain::{
    filter::Filter,
    flag::{Flag, Flags},
    keys::Keys,
    page::Position,
    random::Random,
    record::{LeafHash, NO_RULES, Record},
    terms,
};
use flightbox_event::{Event, Json, mask};
use sqlx::SqliteConnection;
use tokio::sync::{Mutex, MutexGuard};

use crate::append::Batch;

pub use access::*;
pub use activity::{Activity, Subject};
pub use appended::{Appended, Conflict, Receipt};
pub use arrivals::Arrivals;
pub use audit::{Audit, Audited, Damage, DamageKind, Round};
pub use backup::Beside;
pub use cache::CacheUse;
pub use codec::Prepared;
pub use count::Count;
pub use error::{AppendError, OpenError, StoreError};
pub use evidence::{Proving, Records};
pub use export::{Chunk, Export};
pub use facets::{Basis, FacetCounts};
pub use histogram::Histogram;
pub use newcomers::{Newcomer, Newcomers};
pub use open::Facts;
pub use packed::packed;
pub use quarantine::{About, Quarantined, Refusal};
pub use retention::{
    HoldRow, Kept, Lifted, Part, Plan, Progress, Removed, RuleChange, Run, RunError, Turn as RetentionTurn,
};
pub use rules::RuleSet;
pub use seal::{Revealed, Submitted};
pub use search::{Page, Search};
pub use sources::{Drift, Figures, NewTrait};
pub use values::Known;
pub use vault::{Erased, KeyCounts, Masters, RewrapError};

/// The log of one data folder. Cloning it is cheap; all clones share one writer and one pool of readers.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    keys: Keys,
    readers: reading::Readers,
    /// The one reader of those who record: they wait behind no search.
    intake: reading::Readers,
    /// The one connection that writes. The writer task holds it for a transaction at a time.
    writing: Arc<Mutex<SqliteConnection>>,
    writer: writer::Writer,
    counts: cache::Counts,
    glances: glances::Glances,
    partitions: partition::Partitions,
    retention: retention::State,
    vault: vault::Vault,
    rules: rules::Current,
    random: Random,
}

/// An event as it was read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its sequence number: its address, and its leaf in the tree.
    pub seq: i64,
    /// Where it stands in order.
    pub position: Position,
    /// The record.
    pub record: Record,
    /// What is remarkable about it.
    pub flags: Flags,
}

impl Stored {
    /// The hash of its record.
    pub fn leaf(&self, keys: &Keys) -> LeafHash {
        self.record.leaf(keys)
    }

    /// The event as the API returns it.
    pub fn to_json(&self, keys: &Keys) -> Json {
        self.record.to_json(self.seq, self.flags, self.leaf(keys))
    }

    /// Its terms, as they were when it was stored.
    pub(crate) fn terms(&self, keys: &Keys) -> String {
        let mut terms = terms::of(&self.record, keys);
        for flag in self.flags.iter().filter(|flag| *flag != Flag::ClockSkew) {
            terms.push(' ');
            terms.push_str(&terms::flag_term(keys, flag));
        }
        terms
    }

    /// Whether a filter finds it, its range aside.
    pub fn passes(&self, filter: &Filter) -> bool {
        filter.matches(self.seq, &self.record, self.flags)
    }
}

impl Store {
    /// The keys of this data folder.
    pub fn keys(&self) -> &Keys {
        &self.shared.keys
    }

    /// How many events the log has, as of the last commit.
    pub fn events(&self) -> i64 {
        *self.shared.writer.committed().borrow()
    }

    /// Sets how long a question may take from now on; 20 seconds unless somebody does.
    pub fn set_patience(&self, patience: Duration) {
        self.readers().set_patience(patience);
    }

    /// How much the cache of counts was worth.
    pub fn cache_use(&self) -> CacheUse {
        self.shared.counts.usage()
    }

    pub(crate) fn counts(&self) -> &cache::Counts {
        &self.shared.counts
    }

    pub(crate) fn glances(&self) -> &glances::Glances {
        &self.shared.glances
    }

    /// Makes the record of an event that Flightbox itself reports. It names no secret and nothing personal beyond who
    /// did what, so no rule is asked.
    fn prepare_own(&self, source: &str, mut event: Event, now: DateTime<Utc>) -> Prepared {
        mask(&mut event);
        let now = Position::floor(now);
        event.occurred_at.get_or_insert(now);
        let record = Record { received_at: now, source: source.to_owned(), rules: NO_RULES, event, seals: Vec::new() };
        Prepared::new(record, Default::default(), self.keys())
    }

    /// Appends a batch, whole or not at all, and returns once it is committed and synced to disk. An event seen before
    /// gets the receipt that it got then.
    ///
    /// # Errors
    /// [`AppendError::Busy`] at once where the queue is full. Nothing of the batch is stored on any error, except that
    /// [`AppendError::Failed`] after a lost connection to the disk may have stored all of it: retrying is harmless for
    /// events with an id.
    pub async fn append(&self, batch: Vec<Prepared>) -> Result<Appended, AppendError> {
        self.shared.writer.append(Batch { events: batch, part: false }).await
    }

    /// The same of what of a batch can be taken: events whose ids others have are left out, and told.
    ///
    /// # Errors
    /// As [`append`](Store::append), without [`AppendError::Conflict`].
    pub async fn append_part(&self, batch: Vec<Prepared>) -> Result<Appended, AppendError> {
        self.shared.writer.append(Batch { events: batch, part: true }).await
    }

    /// Grows no tree from now on, to measure what it costs. Nothing that comes can be proved, and the log cannot be opened
    /// again.
    #[cfg(feature = "without-tree")]
    pub async fn forgo_tree(&self) {
        let forgo = self.shared.writer.between(|log, _| {
            log.forgo_tree();
            Box::pin(std::future::ready(()))
        });
        forgo.await;
    }

    /// Appends one event that has no producer id.
    pub async fn record(&self, source: &str, event: Event, now: DateTime<Utc>) -> Result<Receipt, AppendError> {
        let prepared = self.prepare_own(source, event, now);
        let appended = self.append(vec![prepared]).await?;
        appended.receipts.into_iter().next().ok_or(AppendError::Failed("no receipt".to_owned()))
    }

    /// Queues one event, and does not wait for its commit, which it shares with whatever else waits. A commit that fails
    /// is logged; the queue is emptied before the store closes.
    ///
    /// # Errors
    /// [`AppendError::Busy`] where the queue is full, [`AppendError::Failed`] where the store is closing: the event is
    /// not recorded then.
    pub fn note(&self, source: &str, event: Event, now: DateTime<Utc>) -> Result<(), AppendError> {
        let prepared = self.prepare_own(source, event, now);
        self.shared.writer.queue(Batch { events: vec![prepared], part: false }).map(drop)
    }

    /// Refuses new batches, waits for those accepted, and folds the write-ahead logs back into the databases.
    pub async fn close(&self) {
        self.shared.writer.close().await;
        let mut connection = self.writing().await;
        let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await;
        self.shared.readers.close().await;
        self.shared.intake.close().await;
        self.shared.vault.close().await;
    }

    pub(crate) fn readers(&self) -> &reading::Readers {
        &self.shared.readers
    }

    pub(crate) fn intake(&self) -> &reading::Readers {
        &self.shared.intake
    }

    /// Opens the readers of searches anew, once nobody reads. The system runs each as willingly as the calling thread.
    pub async fn open_readers(&self) -> Result<(), StoreError> {
        Ok(self.readers().open().await?)
    }

    /// The writer connection, between two transactions of the writer task. Hold it briefly.
    pub(crate) async fn writing(&self) -> MutexGuard<'_, SqliteConnection> {
        self.shared.writing.lock().await
    }

    /// The same for what is merely noted in passing: whoever is reading does not wait long for a writer that is held up.
    pub(crate) async fn writing_soon(&self) -> Result<MutexGuard<'_, SqliteConnection>, StoreError> {
        const SOON: Duration = Duration::from_secs(1);
        tokio::time::timeout(SOON, self.writing()).await.map_err(|_| StoreError::TooSlow)
    }
}
