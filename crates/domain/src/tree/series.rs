//! Leaves that are proved from left to right, each by what those before it have not proved already.

use std::{collections::BTreeSet, ops::Range};

use super::{NodeHash, ProofError, ReadError, Tile, proof::hash, span, verify_inclusion};
use crate::record::LeafHash;

/// What is proved of a tree to the right of the last leaf.
///
/// A leaf's path ends where it meets a hash that an earlier path has proved: in a stretch of neighbours each needs one
/// hash on average, where whole paths would repeat twenty. Nothing but those hashes is held, one a level.
#[derive(Clone, Debug)]
pub struct Series {
    size: u64,
    /// Stretches whose hashes are proved, the nearest last.
    ahead: Vec<(Range<u64>, NodeHash)>,
}

impl Series {
    /// Before its first leaf: nothing is known but the root.
    pub fn new(size: u64, root: NodeHash) -> Self {
        Self { size, ahead: vec![(0..size, root)] }
    }

    /// The tiles that [`Series::proof`] reads.
    pub fn tiles(&self, index: u64) -> BTreeSet<Tile> {
        self.path(index).map(|path| span::tiles(&path, self.size)).unwrap_or_default()
    }

    /// The hashes that prove the next leaf, from the leaf up. `read` answers a tile with as many hashes as it is wide.
    pub fn proof<E>(
        &self,
        index: u64,
        mut read: impl FnMut(Tile) -> Result<Vec<NodeHash>, E>,
    ) -> Result<Vec<NodeHash>, ReadError<E>> {
        let path = self.path(index).ok_or(ReadError::NoLeaf { index, size: self.size })?;
        path.iter().map(|span| hash(span, self.size, &mut read)).collect()
    }

    /// Checks the next leaf, and remembers what its proof proves of those to come.
    ///
    /// # Errors
    /// Where the leaf does not come behind the one before, too; nothing is remembered then.
    pub fn accept(&mut self, leaf: LeafHash, index: u64, proof: &[NodeHash]) -> Result<(), ProofError> {
        let (depth, (stretch, root)) = self.stretch(index).ok_or(match index < self.size {
            true => ProofError::Passed { index },
            false => ProofError::NoLeaf { index, size: self.size },
        })?;
        verify_inclusion(leaf, index - stretch.start, stretch.end - stretch.start, proof, *root)?;
        let path = path(stretch, index);
        self.ahead.truncate(depth);
        let proved = path.into_iter().zip(proof.iter().copied()).rev();
        self.ahead.extend(proved.filter(|(span, _)| span.start > index));
        Ok(())
    }

    fn path(&self, index: u64) -> Option<Vec<Range<u64>>> {
        self.stretch(index).map(|(_, (stretch, _))| path(stretch, index))
    }

    /// The proved stretch that holds a leaf, and how many lie behind it.
    fn stretch(&self, index: u64) -> Option<(usize, &(Range<u64>, NodeHash))> {
        self.ahead.iter().enumerate().rev().find(|(_, (stretch, _))| stretch.contains(&index))
    }
}

/// What the path of a leaf consists of within a stretch that is a tree by itself.
fn path(stretch: &Range<u64>, index: u64) -> Vec<Range<u64>> {
    let within = span::inclusion(index - stretch.start, stretch.end - stretch.start);
    within.into_iter().map(|span| span.start + stretch.start..span.end + stretch.start).collect()
}
