//! What a file says that is whole.

use flightbox_event::rfc3339;

use crate::tree::{Checkpoint, CheckpointError, NodeHash, PublicKey};

/// A checkpoint that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The key that signed it.
    pub key: PublicKey,
    /// Whether that key came from elsewhere. A key that the file alone names proves that the file fits together, and not
    /// whose it is.
    pub pinned: bool,
}

/// A file that is whole: what it says, all of it proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The checkpoint that all of it is under.
    pub checkpoint: Held,
    /// Others that its tree grew from.
    pub anchors: Vec<Held>,
    /// How many events there are, the one of the export aside.
    pub events: u64,
    /// The number of the export's own event.
    pub seq: u64,
    /// Who took the file.
    pub who: String,
    /// When, as the server received it, in RFC 3339.
    pub when: String,
    /// Why.
    pub why: String,
    /// What was asked for; empty for everything.
    pub query: String,
    /// From when on.
    pub from: Option<String>,
    /// Until when.
    pub to: Option<String>,
    /// Of which sources.
    pub sources: String,
    /// A size and its root, which the file's tree grew from.
    pub(super) since: Option<(u64, NodeHash)>,
    /// What was believed of the keys that were given; where none was, those of the file.
    pub(super) believed: Vec<PublicKey>,
}

/// What a file says of a checkpoint that somebody kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The file is of the same log, grown.
    Same,
    /// It is of another one: either was altered.
    Other,
    /// The file has nothing that leads from the one to the other.
    Unknown,
}

impl Held {
    /// When it was signed, by the log's own clock, in RFC 3339.
    pub fn signed(&self) -> String {
        rfc3339(self.checkpoint.signed_at)
    }
}

impl Evidence {
    /// Reads a checkpoint that was kept elsewhere, and holds the file against it.
    ///
    /// # Errors
    /// Where none of the keys signed it that were given; where none was given, none of the file's.
    pub fn compare(&self, note: &[u8]) -> Result<(Checkpoint, Compared), CheckpointError> {
        let mut opened = Err(CheckpointError::Note);
        for key in &self.believed {
            opened = Checkpoint::open(note, key);
            if opened.is_ok() {
                break;
            }
        }
        opened.map(|saved| (saved.clone(), self.against(&saved)))
    }

    /// Holds the file against a checkpoint that was kept elsewhere, and is believed.
    pub fn against(&self, saved: &Checkpoint) -> Compared {
        let anchors = self.anchors.iter().chain([&self.checkpoint]).map(|held| &held.checkpoint);
        let roots = anchors.map(|checkpoint| (checkpoint.size, checkpoint.root)).chain(self.since);
        let mut compared = roots.filter(|(size, _)| *size == saved.size).map(|(_, root)| root == saved.root);
        match (saved.origin == self.checkpoint.checkpoint.origin, compared.next()) {
            (false, _) | (true, Some(false)) => Compared::Other,
            (true, Some(true)) => Compared::Same,
            (true, None) if saved.size == 0 && saved.root == NodeHash::empty() => Compared::Same,
            (true, None) => Compared::Unknown,
        }
    }
}
