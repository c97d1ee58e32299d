//! Why nothing is signed.

use std::{io, path::PathBuf};

use flightbox_domain::tree::{CheckpointError, KeyError, Origin, ProofError};
use flightbox_store::StoreError;

/// Why the log cannot be signed for at all.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The file system refused.
    #[error("{path}: {error}")]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
    /// Others could read the key.
    #[error("{0} can be read by others; make it yours alone (chmod 600), and consider it known")]
    Exposed(PathBuf),
    /// It was altered.
    #[error("{path} holds no key: {error}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: KeyError,
    },
    /// There are checkpoints, and nothing to go on with.
    #[error("{0} is missing, but checkpoints were signed with it; put it back")]
    Missing(PathBuf),
    /// A log's origin is fixed.
    #[error("this log's origin is {0}, which cannot be changed; leave FLIGHTBOX_ORIGIN out, or set it to that")]
    OtherOrigin(Origin),
    /// It was altered.
    #[error("{0} does not hold a size and a public key of this log a line; put it back")]
    Retired(PathBuf),
    /// The origin that is asked for cannot be one.
    #[error("FLIGHTBOX_ORIGIN cannot be used: {0}")]
    Origin(KeyError),
    /// The last checkpoint is not this log's.
    #[error("{path} was not signed with this log's key: {error}")]
    Last {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: CheckpointError,
    },
    /// Nothing of what is anchored is this log's.
    #[error(
        "the file of anchors is another log's: none of them was signed with this log's keys; put the right file or the \
         right keys back, or name another file in FLIGHTBOX_ANCHORS"
    )]
    OtherAnchors,
    /// The first checkpoint was not signed.
    #[error("the log's first checkpoint was not signed: {0}")]
    First(#[from] Unsigned),
}

/// Why a checkpoint was not signed.
#[derive(Debug, thiserror::Error)]
pub enum Unsigned {
    /// The log is not the one that the last checkpoint was of.
    #[error("the log is not what the checkpoint of {size} events says that it was: {error}")]
    Inconsistent {
        /// The size of the last checkpoint.
        size: u64,
        /// What does not hold.
        error: ProofError,
    },
    /// The tree was not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was not written down, so nobody was shown it.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
    /// It cannot be written as a note.
    #[error(transparent)]
    Note(#[from] CheckpointError),
}

impl Unsigned {
    /// Whether the reason is that the log was altered.
    pub fn is_altered(&self) -> bool {
        matches!(self, Self::Inconsistent { .. } | Self::Store(StoreError::Corrupt { .. }))
    }
}
