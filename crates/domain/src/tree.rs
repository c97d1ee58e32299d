//! The Merkle tree over all records, as [RFC 6962](https://www.rfc-editor.org/rfc/rfc6962) section 2.1 defines it, in
//! [tiles](https://c2sp.org/tlog-tiles), and the [checkpoints](https://c2sp.org/tlog-checkpoint) that sign its size and
//! root. What is proved here is checked here, too, with nothing but hashes at hand.

mod checkpoint;
mod error;
mod frontier;
mod key;
mod note;
mod proof;
mod series;
mod span;
mod tile;
mod verify;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use crate::record::{LeafHash, hex, unhex};

pub use checkpoint::{Checkpoint, Origin};
pub use error::{CheckpointError, KeyError, ProofError, ReadError};
pub use frontier::Frontier;
pub use key::{PublicKey, SecretKey};
pub use proof::{consistency, consistency_tiles, inclusion, inclusion_tiles, root, root_tiles};
pub use series::Series;
pub use tile::{HEIGHT, LEVELS, Tile, WIDTH};
pub use verify::{verify_consistency, verify_inclusion};

/// Bytes of a hash.
pub const HASH: usize = 32;

/// The hash of a node, or a root. That of a leaf is one, too, once it stands in the tree; never the other way round.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeHash(pub [u8; HASH]);

impl NodeHash {
    /// The root of a tree without leaves: SHA-256 of nothing.
    pub fn empty() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// The node above two others: SHA-256 over a one byte and both.
    pub fn above(left: Self, right: Self) -> Self {
        Self(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
    }

    /// The root of a perfect subtree, from as many hashes as a power of two; `None` for any other number.
    pub fn over(hashes: &[Self]) -> Option<Self> {
        if !hashes.len().is_power_of_two() {
            return None;
        }
        let mut level = hashes.to_vec();
        while level.len() > 1 {
            level = level.chunks(2).map(|pair| Self::above(pair[0], pair[1])).collect();
        }
        level.first().copied()
    }

    /// Hashes that lie one behind the other; `None` where one is cut off.
    pub fn list(bytes: &[u8]) -> Option<Vec<Self>> {
        let (hashes, rest) = bytes.as_chunks::<HASH>();
        rest.is_empty().then(|| hashes.iter().map(|hash| Self(*hash)).collect())
    }

    /// What [`std::fmt::Display`] writes, in either case; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        unhex(text)?.try_into().ok().map(Self)
    }

    /// Base64 as checkpoints have it, padded.
    pub fn to_base64(self) -> String {
        BASE64_STANDARD.encode(self.0)
    }

    /// What [`Self::to_base64`] writes; `None` for anything else.
    pub fn from_base64(text: &str) -> Option<Self> {
        BASE64_STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl From<LeafHash> for NodeHash {
    fn from(leaf: LeafHash) -> Self {
        Self(leaf.0)
    }
}

/// Sixty-four lower-case hexadecimal digits.
impl std::fmt::Display for NodeHash {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&hex(&self.0))
    }
}

impl std::fmt::Debug for NodeHash {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "NodeHash({self})")
    }
}
