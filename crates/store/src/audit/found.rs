//! What an audit finds.

use std::{fmt, ops::RangeInclusive};

use chrono::{DateTime, Utc};
use flightbox_domain::tree::NodeHash;

/// What came of looking through a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// How many events it has.
    pub events: u64,
    /// How many of them retention removed, as it says itself: their leaves are there.
    pub removed: u64,
    /// The roots that were asked for; `None` where the log has fewer events.
    pub roots: Vec<Option<NodeHash>>,
    /// What is wrong, if anything is.
    pub damage: Option<Damage>,
}

/// What is wrong with a log by itself, whatever its checkpoints say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The lowest sequence number that is concerned.
    pub first: u64,
    /// The highest.
    pub last: u64,
    /// What is wrong with the lowest.
    pub kind: DamageKind,
    /// How many places are damaged.
    pub places: u64,
    /// When the last event before was received, as it says; `None` where none can be read.
    pub after: Option<DateTime<Utc>>,
    /// When the first event behind was received.
    pub before: Option<DateTime<Utc>>,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamageKind {
    /// A record does not have the leaf hash that the tree holds.
    Altered,
    /// A record cannot be read.
    Unreadable,
    /// A record is not where it should be, and retention did not remove it.
    Missing,
    /// A record stands at another time than its own.
    Misplaced,
    /// A row belongs to no event.
    Foreign,
    /// The tree has no leaf for an event.
    Leafless,
    /// A hash of the tree does not follow from those below, at that level of tiles.
    Node(u8),
    /// The tree does not end where the events do.
    Edge,
}

impl fmt::Display for DamageKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DamageKind::Altered => out.write_str("its record is not the one that the tree has the hash of"),
            DamageKind::Unreadable => out.write_str("its record cannot be read"),
            DamageKind::Missing => out.write_str("its record is missing, and retention did not remove it"),
            DamageKind::Misplaced => out.write_str("its record stands at another time than its own"),
            DamageKind::Foreign => out.write_str("a row has its number that is not its record"),
            DamageKind::Leafless => out.write_str("the tree has no hash of it"),
            DamageKind::Node(level) => {
                write!(out, "a hash over it, in the tiles of level {level}, does not follow from those below")
            }
            DamageKind::Edge => out.write_str("the tree does not end where the events do"),
        }
    }
}

/// The lowest of what was found so far.
#[derive(Debug, Default)]
pub(super) struct Found(Option<Damage>);

impl Found {
    pub(super) fn add(&mut self, seqs: RangeInclusive<u64>, kind: DamageKind) {
        let (first, last) = seqs.into_inner();
        let found = self.0.get_or_insert(Damage { first, last, kind, places: 0, after: None, before: None });
        if first < found.first {
            (found.first, found.kind) = (first, kind);
        }
        found.last = found.last.max(last);
        found.places += 1;
    }

    pub(super) fn damage(&self) -> Option<&Damage> {
        self.0.as_ref()
    }
}
