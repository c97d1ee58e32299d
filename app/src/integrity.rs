//! Native only: what is known of the log's integrity. The server keeps it; the pages and the badge on each of them tell it.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use flightbox_domain::tree::{Checkpoint, PublicKey};

pub use crate::parts::badge::State;

/// Tells all of it, as often as it is asked. The server provides it to each page.
#[derive(Clone)]
pub struct Watched(pub Arc<dyn Fn() -> Standing + Send + Sync>);

impl Watched {
    /// Everything that is known.
    pub fn now(&self) -> Standing {
        (self.0)()
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Watched")
    }
}

/// Everything that is known, as it is now.
#[derive(Clone, Debug)]
pub struct Standing {
    /// How many events the log has.
    pub events: u64,
    /// The last checkpoint, and its signed note.
    pub checkpoint: (Checkpoint, String),
    /// Why nothing is signed any more, where nothing is.
    pub refused: Option<String>,
    /// The key that signs, and those before it with the sizes up to which they did.
    pub keys: (PublicKey, Vec<(PublicKey, u64)>),
    /// The anchors.
    pub anchors: Kept,
    /// What came of looking through the log.
    pub found: Found,
}

/// What came of looking through the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The last time that all of it was whole.
    pub whole: Option<Whole>,
    /// What is wrong with it, as far as anybody knows.
    pub damage: Option<Damaged>,
    /// The round that is under way.
    pub round: Option<Round>,
    /// Why the last round was not finished.
    pub trouble: Option<String>,
}

/// A round that found nothing wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// When it ended.
    pub at: DateTime<Utc>,
    /// How many events it looked at.
    pub events: u64,
    /// How many of them retention had removed.
    pub removed: u64,
    /// How many checkpoints they were held against.
    pub held: u64,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// When it was found.
    pub at: DateTime<Utc>,
    /// Each thing in a sentence, the lowest event first.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The first event that it concerns, as far as that is known.
    pub first: u64,
    /// What it is, and when that event was received.
    pub words: String,
}

/// A round that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// How many events it has looked at.
    pub done: u64,
    /// How many it will have.
    pub of: u64,
    /// Who asked for it, where somebody did: then it hurries.
    pub by: Option<String>,
}

/// What is anchored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The file.
    pub path: String,
    /// How many notes it holds.
    pub count: usize,
    /// How many pieces of it are cut off.
    pub torn: usize,
    /// The newest anchor.
    pub newest: Option<Checkpoint>,
    /// Why the last one was not written.
    pub failure: Option<String>,
    /// What became of those for the webhook, where there is one.
    pub delivery: Option<Delivery>,
}

/// How a webhook gets on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its host.
    pub host: String,
    /// The size of the log in the last anchor that arrived, and when.
    pub delivered: Option<(u64, DateTime<Utc>)>,
    /// Why the last try failed, and when, unless it did not.
    pub failure: Option<(String, DateTime<Utc>)>,
}

impl Standing {
    /// The state in one word, for the badge.
    pub fn state(&self) -> State {
        let Found { whole, damage, .. } = &self.found;
        match (damage.is_some() || self.refused.is_some(), whole) {
            (true, _) => State::Damaged,
            (false, Some(_)) => State::Whole,
            (false, None) => State::Checking,
        }
    }
}
