//! The handle beside the layer.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{Counters, Entry, id::Ids, line, now, queue::Queue};

/// Nothing took the event: neither the server nor the spool. As an answer it is a 503 that tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this could not be recorded")]
pub struct Unrecorded;

impl IntoResponse for Unrecorded {
    fn into_response(self) -> Response {
        (StatusCode::SERVICE_UNAVAILABLE, "This cannot be recorded now, and so it is not done.\n").into_response()
    }
}

/// Events that wait were neither sent nor spooled in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{bytes} bytes of events were neither sent nor spooled in time")]
pub struct Unflushed {
    /// How much still waited.
    pub bytes: u64,
}

/// Records what happens outside of requests, counts, and ends the sending in good order.
#[derive(Clone)]
pub struct Recorder(Arc<Shared>);

struct Shared {
    queue: Queue,
    ids: Ids,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Recorder {
    pub(crate) fn new(queue: Queue, ids: Ids, thread: JoinHandle<()>) -> Self {
        Self(Arc::new(Shared { queue, ids, thread: Mutex::new(Some(thread)) }))
    }

    /// Records what no request is behind, such as a nightly job. Returns once it is queued: it is lost, and counted,
    /// only where there is no room and none will come.
    ///
    /// # Errors
    /// [`Unrecorded`] where it was lost.
    pub async fn record(&self, entry: Entry) -> Result<(), Unrecorded> {
        self.queue().put_in_turn(self.line(entry), 1).await
    }

    /// The same, and returns once the server has committed it, or keeps it in quarantine, or the spool has synced it.
    ///
    /// # Errors
    /// [`Unrecorded`] where neither did.
    pub async fn commit(&self, entry: Entry) -> Result<(), Unrecorded> {
        self.queue().settle(self.line(entry), 1).await
    }

    /// What became of the events so far.
    pub fn counters(&self) -> Counters {
        self.queue().tally.read(self.queue().waiting())
    }

    /// Returns once all that was recorded before is the server's or synced to the spool. A server that is away is tried
    /// again and again.
    ///
    /// # Errors
    /// [`Unflushed`] where that takes longer; it still waits then.
    pub async fn flush(&self, within: Duration) -> Result<(), Unflushed> {
        let tries = async {
            // An empty parcel is settled behind all those before it.
            while self.queue().settle(Vec::new(), 0).await.is_err() {
                self.queue().ask().again.notify_one();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let unflushed = |_| Unflushed { bytes: self.queue().waiting() as u64 };
        tokio::time::timeout(within, tries).await.map_err(unflushed)
    }

    /// Flushes, then ends the sender: whatever is recorded afterwards is lost. Call it when the service has answered its
    /// last request.
    ///
    /// # Errors
    /// [`Unflushed`] where events were lost since nothing took them in time.
    pub async fn shutdown(&self, within: Duration) -> Result<(), Unflushed> {
        let flushed = self.flush(within).await;
        self.queue().ask().stop.notify_one();
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // It ends at once, and with it the lock on its spool.
            while !thread.is_finished() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        flushed
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.0.queue
    }

    pub(crate) fn id(&self) -> String {
        self.0.ids.draw()
    }

    fn line(&self, entry: Entry) -> Vec<u8> {
        let Entry { actor, mut event, .. } = entry;
        event.id = Some(self.id());
        event.occurred_at = Some(now());
        event.actor = actor.unwrap_or_else(line::anonymous);
        let mut lines = Vec::new();
        line::push(event, &mut lines);
        lines
    }
}
