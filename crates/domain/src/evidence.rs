//! Evidence: events in one file, with all that it takes to check them elsewhere. The crate's README has the format byte
//! by byte, and says what it proves.
//!
//! The first line is the [`Head`]; then each event stands on a line, in the order of the tree, with what its proof adds to
//! those before; the last line is the export's own event, which names who took the file, why, and, by a digest, what is
//! in it. Each line has one spelling, so that no byte can be another.

mod check;
mod error;
mod head;
mod line;
mod told;

use sha2::{Digest, Sha256};

use crate::record::{LeafHash, hex};

pub use check::Check;
pub use error::{AnchorError, EvidenceError, Wrong};
pub use head::{Anchor, Head, Since, Stamped};
pub use line::{Kind, cut_line, event_line};
pub use told::{Compared, Evidence, Held};

/// So many events go into one file.
pub const MOST: usize = 1_000_000;
/// The action of an export's entry.
pub const ACTION: &str = "events.export";
/// What such an entry calls the file's format.
pub const FORMAT: &str = "evidence";
/// Under which name it has the digest of what is in the file.
pub const CONTENTS: &str = "contents";

/// The digest of what is in a file, which its last event names.
#[derive(Clone, Debug)]
pub struct Contents {
    digest: Sha256,
    events: u64,
}

impl Contents {
    /// Of a file with these anchors and a proof of growth from this size, 0 for none; no event is in it yet.
    pub fn new<'a>(since: u64, anchors: impl ExactSizeIterator<Item = &'a str>) -> Self {
        let mut digest = Sha256::new().chain_update(since.to_be_bytes());
        digest.update((anchors.len() as u64).to_be_bytes());
        for note in anchors {
            digest.update((note.len() as u64).to_be_bytes());
            digest.update(note);
        }
        Self { digest, events: 0 }
    }

    /// Adds an event.
    pub fn push(&mut self, seq: u64, leaf: LeafHash) {
        self.digest.update(seq.to_be_bytes());
        self.digest.update(leaf.0);
        self.events += 1;
    }

    /// How many events there are.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The digest, as the entry has it.
    pub fn finish(self) -> String {
        hex(&self.digest.finalize())
    }
}
