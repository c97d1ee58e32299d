//! What became of the events so far.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What became of the events so far, and what still waits. Each number but the last two only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Events that the server has committed.
    pub sent: u64,
    /// Events that were synced to the spool; they count as sent, too, once the server has them.
    pub spooled: u64,
    /// Events that had no room: nothing took them, and they are lost.
    pub dropped: u64,
    /// Requests that were answered 503 since they could not be recorded.
    pub refused: u64,
    /// Times that the server did not take a batch, which is sent again.
    pub retried: u64,
    /// Events that the server found invalid, and keeps in its quarantine.
    pub quarantined: u64,
    /// Events that the server takes in no batch; where there is a spool they stand in its file `refused.ndjson`.
    pub unwanted: u64,
    /// Bytes of events that wait in memory.
    pub waiting: u64,
    /// Bytes of events that wait in the spool.
    pub backlog: u64,
}

/// The same, while it is counted.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) sent: Count,
    pub(crate) spooled: Count,
    pub(crate) dropped: Count,
    pub(crate) refused: Count,
    pub(crate) retried: Count,
    pub(crate) quarantined: Count,
    pub(crate) unwanted: Count,
    pub(crate) backlog: Count,
}

#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: usize) {
        self.0.fetch_add(more as u64, Relaxed);
    }

    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Tally {
    pub(crate) fn read(&self, waiting: usize) -> Counters {
        Counters {
            sent: self.sent.get(),
            spooled: self.spooled.get(),
            dropped: self.dropped.get(),
            refused: self.refused.get(),
            retried: self.retried.get(),
            quarantined: self.quarantined.get(),
            unwanted: self.unwanted.get(),
            waiting: waiting as u64,
            backlog: self.backlog.get(),
        }
    }
}
