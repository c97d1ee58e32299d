//! What is wrong with a file, and where.

use crate::tree::{CheckpointError, ProofError};

/// The first place where a file is not what was taken from the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} (from byte {offset}){}: {wrong}", .event.map(|seq| format!(", event {seq}")).unwrap_or_default())]
pub struct EvidenceError {
    /// The line, from 1.
    pub line: u64,
    /// Where in the file it begins, in bytes from 0.
    pub offset: u64,
    /// The event that the line is about, as far as that is readable.
    pub event: Option<u64>,
    /// What is wrong there.
    pub wrong: Wrong,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The file is another one.
    #[error("this is no evidence of Flightbox; its first line has another form from byte {0} of it on")]
    Head(usize),
    /// A line is none of evidence.
    #[error("it has another form than a line of evidence, from byte {0} of it on")]
    Form(usize),
    /// A line that would not end.
    #[error("it is longer than any line of evidence")]
    Long,
    /// The checkpoint is not signed with the key beside it.
    #[error("the checkpoint: {0}")]
    Checkpoint(CheckpointError),
    /// The checkpoint is not signed with a key that is believed.
    #[error("the checkpoint is signed with the key {0}, which is none of those that you gave")]
    Stranger(String),
    /// An anchor, by its number from 1.
    #[error("anchor {0}: {1}")]
    Anchor(usize, AnchorError),
    /// The tree of the file did not grow from the one that it says.
    #[error("the proof of growth: {0}")]
    Since(ProofError),
    /// Record, number or proof are not those of the log.
    #[error("its record, number or proof is not what was signed for: {0}")]
    Proof(ProofError),
    /// The server could not go on.
    #[error("the file was cut off when it was made: {0}")]
    Cut(String),
    /// The last line is missing, or not whole.
    #[error("the file ends here, before the event of its own export: the rest is missing")]
    Ended,
    /// Something stands behind the last line.
    #[error("something stands behind the event of the file's own export")]
    After,
    /// The last event is one of the log, but not that of this file.
    #[error("this event does not tell of this file: {0}")]
    Export(&'static str),
}

/// Why an anchor is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub enum AnchorError {
    /// It is not signed.
    Checkpoint(#[from] CheckpointError),
    /// The log did not grow from it.
    Proof(#[from] ProofError),
}
