//! Retention and legal holds: what is no longer kept is removed, month by month, while everybody reads and writes on.
//!
//! A month's index cannot lose a row, so a month that loses events is made anew: what stays is copied beside it, chunk by
//! chunk (`rebuild.rs`), and the two change names in one transaction (`swap.rs`), which also counts anew, notes which
//! events are gone, and fails if a rule or a hold has changed since it was planned. Whoever reads sees the month before
//! or the month after, for SQLite shows each statement one state of the database; the writer goes on between two chunks,
//! and what it adds to the month meanwhile is carried over. A process that is killed leaves the one or the other, and
//! tables beside it that the next start drops (`sweep.rs`).
//!
//! A month that loses everything becomes an empty one first, under its own name: whoever has its name already finds
//! nothing there, and no error. Its tables go later, when nobody can have it any more.

mod hold;
mod plan;
mod portion;
mod rebuild;
mod removed;
mod rules;
mod run;
mod swap;
mod sweep;
mod tidy;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use tokio::sync::Semaphore;

use crate::{Store, partition::Partition};

pub use hold::{HoldRow, Lifted};
pub use plan::{Kept, Part, Plan};
pub(crate) use portion::Portions;
pub use removed::Removed;
pub(crate) use removed::removal_of;
pub use rules::RuleChange;
pub use run::{Progress, Run, RunError, Turn};
pub(crate) use sweep::sweep;

/// What the store knows of retention while it is open.
pub(crate) struct State {
    /// How often a rule or a hold changed. It grows while the writer's connection is held.
    changes: AtomicU64,
    /// How often events were removed.
    era: AtomicU64,
    /// Whoever runs holds its one permit.
    running: Arc<Semaphore>,
    /// Months that were emptied, and when.
    emptied: Mutex<Vec<(Instant, Partition)>>,
}

impl Default for State {
    fn default() -> Self {
        let (changes, era, emptied) = Default::default();
        Self { changes, era, running: Arc::new(Semaphore::new(1)), emptied }
    }
}

impl State {
    /// How often events were removed: what was counted before holds no longer.
    pub(crate) fn era(&self) -> u64 {
        self.era.load(Ordering::Acquire)
    }

    fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    fn removed(&self) {
        self.era.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts a change when it is dropped, which is before the writer's connection is free if it is made after that was
    /// taken: also where nobody waits for the end of the statement, which SQLite carries out all the same.
    fn changing(&self) -> Changing<'_> {
        Changing(&self.changes)
    }
}

struct Changing<'s>(&'s AtomicU64);

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

impl Store {
    /// How often a rule or a hold changed since the log was opened.
    pub fn retention_changes(&self) -> u64 {
        self.retention().changes()
    }

    pub(crate) fn retention(&self) -> &State {
        &self.shared.retention
    }
}
