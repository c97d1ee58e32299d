//! Ids that make a retry harmless.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
};

/// Draws ids: 128 random bits for the process, then a number. No two processes share the first, so no two events share
/// an id, and drawing one asks neither clock nor system.
pub(crate) struct Ids {
    process: String,
    next: AtomicU64,
}

impl Ids {
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let mut process = String::with_capacity(32);
        for byte in random {
            let _ = write!(process, "{byte:02x}");
        }
        Ok(Self { process, next: AtomicU64::new(0) })
    }

    pub(crate) fn draw(&self) -> String {
        format!("{}-{}", self.process, self.next.fetch_add(1, Ordering::Relaxed))
    }
}
