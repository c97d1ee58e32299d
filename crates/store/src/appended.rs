//! What whoever appends is told.

use flightbox_domain::record::LeafHash;

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// One receipt an event, in the order of the batch.
    pub receipts: Vec<Receipt>,
    /// How many of them were there before.
    pub duplicates: usize,
    /// Which of its events are left out; none unless [a part of it](crate::Store::append_part) was to be taken.
    pub conflicts: Vec<Conflict>,
}

/// An event whose id another one has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Its place in its batch.
    pub index: usize,
    /// The id.
    pub id: String,
    /// The sequence number of the one that has it.
    pub seq: i64,
}

/// Proof to a producer that its event is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The producer's id.
    pub id: Option<String>,
    /// The event's sequence number.
    pub seq: i64,
    /// The hash of its record.
    pub leaf: LeafHash,
}
