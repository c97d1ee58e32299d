//! How much is taken in at once. Batches that come faster than they can be stored would fill the memory before any queue
//! is met: they are turned away while there is no room for them, and read by as many threads as there are processors.

use std::{sync::Arc, thread::available_parallelism};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::LARGEST;

/// Bytes of bodies that may be held, from the first byte of each until its answer.
const ROOM: usize = 128 << 20;
/// A permit's worth.
const KIB: usize = 1 << 10;

/// The way in. Cloning it is cheap.
#[derive(Clone)]
pub struct Intake {
    room: Arc<Semaphore>,
    reading: Arc<Semaphore>,
}

/// Room for one body, until it is dropped.
pub struct Room {
    _held: OwnedSemaphorePermit,
}

impl Intake {
    /// Room for a body of a length; where it is not known, for the largest. `None` while there is none.
    pub fn room(&self, length: Option<usize>) -> Option<Room> {
        let kib = length.unwrap_or(LARGEST).min(LARGEST) / KIB + 1;
        let held = self.room.clone().try_acquire_many_owned(u32::try_from(kib).unwrap_or(u32::MAX));
        Some(Room { _held: held.ok()? })
    }

    /// Waits until a body may be unpacked and read, which it may while this lives.
    pub async fn turn(&self) -> impl Send + use<> {
        // It is never closed.
        self.reading.clone().acquire_owned().await.ok()
    }
}

impl Default for Intake {
    fn default() -> Self {
        let threads = available_parallelism().map_or(1, usize::from);
        Self { room: Arc::new(Semaphore::new(ROOM / KIB)), reading: Arc::new(Semaphore::new(threads)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_few_large_bodies_or_many_small_ones_and_again_once_they_are_gone() {
        let intake = Intake::default();
        let large: Vec<_> = std::iter::from_fn(|| intake.room(None)).collect();
        assert_eq!(large.len(), 7);
        assert!(intake.room(Some(LARGEST)).is_none() && intake.room(Some(2_000)).is_some());
        drop(large);
        assert!(intake.room(Some(usize::MAX)).is_some());
        assert!(std::iter::from_fn(|| intake.room(Some(2_000))).take(60_000).count() > 40_000);
    }
}
