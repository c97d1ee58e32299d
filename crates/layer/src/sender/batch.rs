//! What is sent, or kept, together.

use std::pin::Pin;

use tokio::sync::oneshot;

use crate::{
    delivery::{Later, Taken},
    queue::Parcel,
    recorder::Unrecorded,
};

/// A batch is sent as soon as it has so many events or bytes.
const MOST_EVENTS: usize = 1_000;
const MOST_BYTES: usize = 1024 * 1024;

/// Events that go together.
#[derive(Default)]
pub(super) struct Batch {
    parcels: Vec<Parcel>,
    bytes: usize,
    pub(super) events: usize,
}

/// What is being posted.
pub(super) struct Flight {
    pub(super) answer: Pin<Box<dyn Future<Output = Result<Taken, Later>>>>,
    pub(super) load: Load,
    pub(super) events: usize,
}

/// Where what is being posted came from.
pub(super) enum Load {
    Memory(Batch),
    Spool(u64),
}

impl Batch {
    pub(super) fn add(&mut self, parcel: Parcel) {
        self.bytes += parcel.lines.len();
        self.events += parcel.events;
        self.parcels.push(parcel);
    }

    pub(super) fn is_full(&self) -> bool {
        self.events >= MOST_EVENTS || self.bytes >= MOST_BYTES || self.parcels.len() >= MOST_EVENTS
    }

    pub(super) fn lines(&self) -> Vec<u8> {
        let mut lines = Vec::with_capacity(self.bytes);
        self.parcels.iter().for_each(|parcel| lines.extend_from_slice(&parcel.lines));
        lines
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parcels.is_empty()
    }

    /// All of it is the server's, or synced. Its room is free before anybody hears of it.
    pub(super) fn settle(self) {
        let waiting: Vec<_> = self.parcels.into_iter().filter_map(|parcel| parcel.settled).collect();
        tell(waiting, Ok(()));
    }

    /// Nothing has it yet. It still goes out if it can, but nobody waits for that.
    pub(super) fn refuse(&mut self) {
        tell(self.parcels.iter_mut().filter_map(|parcel| parcel.settled.take()), Err(Unrecorded));
        self.parcels.retain(|parcel| parcel.events > 0);
    }
}

fn tell(waiting: impl IntoIterator<Item = oneshot::Sender<Result<(), Unrecorded>>>, outcome: Result<(), Unrecorded>) {
    for one in waiting {
        // They may have left.
        let _ = one.send(outcome);
    }
}
