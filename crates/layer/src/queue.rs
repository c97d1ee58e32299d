//! From requests to the sender: a queue that is bounded by the bytes of its events.

use std::sync::Arc;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use crate::{counters::Tally, recorder::Unrecorded};

/// What a parcel takes beside its lines.
const AROUND: usize = 128;

/// Lines of events on their way. The room they take in memory is given back when it is dropped.
pub(crate) struct Parcel {
    pub(crate) lines: Vec<u8>,
    pub(crate) events: usize,
    /// Told once they are the server's or synced to the spool, or that they are neither.
    pub(crate) settled: Option<oneshot::Sender<Result<(), Unrecorded>>>,
    _room: OwnedSemaphorePermit,
}

/// What is asked of the sender beside sending.
#[derive(Default)]
pub(crate) struct Asked {
    /// Not to wait for a batch to fill.
    pub(crate) hurry: Notify,
    /// Not to wait until the server is to be tried again.
    pub(crate) again: Notify,
    /// To end, whatever is left.
    pub(crate) stop: Notify,
}

/// Whether anything takes events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Nobody knows yet.
    Untried,
    /// The server or the spool took the last ones.
    Open,
    /// Neither did.
    Closed,
}

/// The sending half.
pub(crate) struct Queue {
    inbox: mpsc::UnboundedSender<Parcel>,
    room: Arc<Semaphore>,
    memory: usize,
    asked: Arc<Asked>,
    gate: watch::Receiver<Gate>,
    pub(crate) tally: Arc<Tally>,
    /// Whether it is worth waiting for room: it will come, for something takes events also while the server is away.
    patient: bool,
}

/// The receiving half.
pub(crate) struct Outlet {
    pub(crate) inbox: mpsc::UnboundedReceiver<Parcel>,
    pub(crate) asked: Arc<Asked>,
    pub(crate) gate: watch::Sender<Gate>,
    pub(crate) tally: Arc<Tally>,
}

pub(crate) fn queue(memory: usize, patient: bool, gate: Gate) -> (Queue, Outlet) {
    let (sender, inbox) = mpsc::unbounded_channel();
    let (opened, gate) = watch::channel(gate);
    let (asked, tally) = (Arc::new(Asked::default()), Arc::new(Tally::default()));
    let room = Arc::new(Semaphore::new(memory));
    let queue = Queue { inbox: sender, room, memory, asked: asked.clone(), gate, tally: tally.clone(), patient };
    (queue, Outlet { inbox, asked, gate: opened, tally })
}

impl Queue {
    /// Hands lines over if there is room for them, and does not wait for anything.
    pub(crate) fn try_put(&self, lines: Vec<u8>, events: usize) -> Result<(), Unrecorded> {
        let room = self.room.clone().try_acquire_many_owned(weight(&lines));
        let Ok(room) = room else { return self.no_room(events) };
        self.put(Parcel { lines, events, settled: None, _room: room })
    }

    /// Hands lines over, and waits for room where that will come.
    pub(crate) async fn put_in_turn(&self, lines: Vec<u8>, events: usize) -> Result<(), Unrecorded> {
        let Some(room) = self.room(&lines).await else { return self.no_room(events) };
        self.put(Parcel { lines, events, settled: None, _room: room })
    }

    /// Hands lines over, and waits until they are the server's or synced to the spool.
    pub(crate) async fn settle(&self, lines: Vec<u8>, events: usize) -> Result<(), Unrecorded> {
        let Some(room) = self.room(&lines).await else { return self.no_room(events) };
        let (settled, told) = oneshot::channel();
        self.put(Parcel { lines, events, settled: Some(settled), _room: room })?;
        told.await.unwrap_or(Err(Unrecorded))
    }

    /// Whether what is done from now on can be recorded, as far as anybody can know before.
    pub(crate) async fn admits(&self) -> bool {
        let mut gate = self.gate.clone();
        let known = gate.wait_for(|gate| *gate != Gate::Untried).await.map(|gate| *gate);
        // What is under way already has its room, or some of the last eighth.
        matches!(known, Ok(Gate::Open)) && self.room.available_permits() > self.memory / 8
    }

    /// Bytes that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.memory - self.room.available_permits()
    }

    /// What is asked of the sender.
    pub(crate) fn ask(&self) -> &Asked {
        &self.asked
    }

    fn put(&self, parcel: Parcel) -> Result<(), Unrecorded> {
        let (hurry, events) = (parcel.settled.is_some() || self.waiting() > self.memory / 2, parcel.events);
        if self.inbox.send(parcel).is_err() {
            return self.no_room(events);
        }
        if hurry {
            self.asked.hurry.notify_one();
        }
        Ok(())
    }

    async fn room(&self, lines: &[u8]) -> Option<OwnedSemaphorePermit> {
        let weight = weight(lines);
        if let Ok(room) = self.room.clone().try_acquire_many_owned(weight) {
            return Some(room);
        }
        let mut gate = self.gate.clone();
        let coming = self.room.clone().acquire_many_owned(weight);
        tokio::select! {
            room = coming, if self.patient => room.ok(),
            // Where nothing takes events any more, no room will come either.
            _ = gate.wait_for(|gate| !self.patient || *gate == Gate::Closed) => None,
        }
    }

    fn no_room(&self, events: usize) -> Result<(), Unrecorded> {
        self.tally.dropped.add(events);
        Err(Unrecorded)
    }
}

fn weight(lines: &[u8]) -> u32 {
    u32::try_from(lines.len() + AROUND).unwrap_or(u32::MAX)
}
