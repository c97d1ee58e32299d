//! Checking proofs: the algorithms of [RFC 9162](https://www.rfc-editor.org/rfc/rfc9162), sections 2.1.3.2 and
//! 2.1.4.2, whose proofs are those of RFC 6962.

use super::{NodeHash, ProofError, span};
use crate::record::LeafHash;

/// Checks that a leaf is the one at `index` in the tree of that size and root.
pub fn verify_inclusion(
    leaf: LeafHash,
    index: u64,
    size: u64,
    proof: &[NodeHash],
    root: NodeHash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::NoLeaf { index, size });
    }
    expect(proof, || span::inclusion(index, size).len())?;
    let (mut node, mut last, mut hash) = (index, size - 1, NodeHash::from(leaf));
    for beside in proof {
        hash = match is_left(&mut node, &mut last) {
            true => NodeHash::above(*beside, hash),
            false => NodeHash::above(hash, *beside),
        };
    }
    same(hash, root, ProofError::Root)
}

/// Checks that the tree of `size` and `root` begins with the one of `old` and `old_root`. Every tree begins with the
/// empty one, which needs no proof.
pub fn verify_consistency(
    old: u64,
    old_root: NodeHash,
    size: u64,
    root: NodeHash,
    proof: &[NodeHash],
) -> Result<(), ProofError> {
    if old > size {
        return Err(ProofError::Shrunk { old, size });
    }
    if old == 0 || old == size {
        expect(proof, || 0)?;
        let before = if old == 0 { NodeHash::empty() } else { root };
        return same(before, old_root, ProofError::OldRoot);
    }
    expect(proof, || span::consistency(old, size).len())?;
    let (mut node, mut last) = (old - 1, size - 1);
    while node & 1 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    // An old tree that is perfect is a node of the new one, and its root is not repeated.
    let (first, rest) = match proof.split_first() {
        Some((first, rest)) if !old.is_power_of_two() => (*first, rest),
        _ => (old_root, proof),
    };
    let (mut before, mut after) = (first, first);
    for beside in rest {
        if is_left(&mut node, &mut last) {
            before = NodeHash::above(*beside, before);
            after = NodeHash::above(*beside, after);
        } else {
            after = NodeHash::above(after, *beside);
        }
    }
    same(before, old_root, ProofError::OldRoot)?;
    same(after, root, ProofError::Root)
}

/// Whether the next hash of a proof stands to the left of a node; then goes up to where the one after it stands. A node
/// that is the last of its level has nothing to its right, and goes up until it has something to its left.
fn is_left(node: &mut u64, last: &mut u64) -> bool {
    let left = *node & 1 == 1 || *node == *last;
    if left {
        while *node & 1 == 0 && *node != 0 {
            (*node, *last) = (*node >> 1, *last >> 1);
        }
    }
    (*node, *last) = (*node >> 1, *last >> 1);
    left
}

fn expect(proof: &[NodeHash], hashes: impl FnOnce() -> usize) -> Result<(), ProofError> {
    let (expected, found) = (hashes(), proof.len());
    if expected == found { Ok(()) } else { Err(ProofError::Length { expected, found }) }
}

fn same(
    proved: NodeHash,
    claimed: NodeHash,
    error: impl FnOnce(NodeHash, NodeHash) -> ProofError,
) -> Result<(), ProofError> {
    if proved == claimed { Ok(()) } else { Err(error(proved, claimed)) }
}
