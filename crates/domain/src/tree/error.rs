//! What fails, and where.

use super::{NodeHash, Tile};

/// A root or a proof could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError<E> {
    /// There is no such leaf.
    #[error("leaf {index} is not in a tree of {size}")]
    NoLeaf {
        /// Its number.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// There is nothing that grew.
    #[error("a tree of {size} did not grow from one of {old}")]
    NoGrowth {
        /// The size before.
        old: u64,
        /// The size after.
        size: u64,
    },
    /// A tile was not read.
    #[error("{0}")]
    Tile(E),
    /// A tile is not as wide as the tree's size says.
    #[error("{} holds {hashes} hashes, not {}", tile.path(), tile.width())]
    Width {
        /// The tile.
        tile: Tile,
        /// How many hashes it holds.
        hashes: usize,
    },
}

/// A proof does not prove what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is no such leaf.
    #[error("leaf {index} is not in a tree of {size}")]
    NoLeaf {
        /// Its number.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// Leaves are told from left to right.
    #[error("leaf {index} does not come behind the one before it")]
    Passed {
        /// Its number.
        index: u64,
    },
    /// A log only grows.
    #[error("the tree shrank from {old} leaves to {size}")]
    Shrunk {
        /// The size before.
        old: u64,
        /// The size after.
        size: u64,
    },
    /// It has too few hashes, or too many.
    #[error("the proof has {found} hashes, not {expected}")]
    Length {
        /// How many it needs.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// It leads to another root.
    #[error("the proof leads to root {0}, not {1}")]
    Root(NodeHash, NodeHash),
    /// It leads to another root of the tree before.
    #[error("the proof leads to root {0} of the earlier tree, not {1}")]
    OldRoot(NodeHash, NodeHash),
}

/// A checkpoint is not to be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is no signed note.
    #[error("it is not a signed note")]
    Note,
    /// It is a note, but none about a tree.
    #[error("line {line} is not {expected}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// It is about another log.
    #[error("it is of the log {found}, not {expected}")]
    Origin {
        /// The log it should be of.
        expected: String,
        /// The log it is of.
        found: String,
    },
    /// Nobody signed it whose key is known.
    #[error("it is not signed with the key {0}")]
    Unsigned(String),
    /// It was altered after it was signed, or never signed.
    #[error("the signature with the key {0} is wrong")]
    Signature(String),
}

/// A key is not written as it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It has another form.
    #[error("it is not a key of the form NAME+ID+KEY")]
    Form,
    /// It is of another kind.
    #[error("it is not an Ed25519 key")]
    Algorithm,
    /// Its id does not follow from it.
    #[error("the key's id does not belong to it; it was not copied whole")]
    Id,
    /// Its name cannot be that of a log.
    #[error("a log's name has 1 to 200 characters, none of them a space, a plus or a control character")]
    Name,
}
