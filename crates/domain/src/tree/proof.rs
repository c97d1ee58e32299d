//! Roots and proofs, made from tiles.

use std::{collections::BTreeSet, ops::Range};

use super::{NodeHash, ReadError, Tile, span};

/// The tiles that [`root`] reads.
pub fn root_tiles(size: u64) -> BTreeSet<Tile> {
    span::tiles(std::slice::from_ref(&(0..size)), size)
}

/// The tiles that [`inclusion`] reads.
pub fn inclusion_tiles(index: u64, size: u64) -> BTreeSet<Tile> {
    if index < size { span::tiles(&span::inclusion(index, size), size) } else { BTreeSet::new() }
}

/// The tiles that [`consistency`] reads.
pub fn consistency_tiles(old: u64, size: u64) -> BTreeSet<Tile> {
    if (1..=size).contains(&old) { span::tiles(&span::consistency(old, size), size) } else { BTreeSet::new() }
}

/// The root of the first `size` leaves.
pub fn root<E>(size: u64, read: impl FnMut(Tile) -> Result<Vec<NodeHash>, E>) -> Result<NodeHash, ReadError<E>> {
    if size == 0 { Ok(NodeHash::empty()) } else { hash(&(0..size), size, &mut { read }) }
}

/// The audit path of a leaf in a tree of that size, from the leaf up.
///
/// `read` answers a tile with as many hashes as it is wide.
pub fn inclusion<E>(
    index: u64,
    size: u64,
    mut read: impl FnMut(Tile) -> Result<Vec<NodeHash>, E>,
) -> Result<Vec<NodeHash>, ReadError<E>> {
    if index >= size {
        return Err(ReadError::NoLeaf { index, size });
    }
    span::inclusion(index, size).iter().map(|span| hash(span, size, &mut read)).collect()
}

/// Proof that a tree of `size` leaves begins with the tree of `old` leaves; an empty one proves nothing about its
/// successors, so there is none for it.
pub fn consistency<E>(
    old: u64,
    size: u64,
    mut read: impl FnMut(Tile) -> Result<Vec<NodeHash>, E>,
) -> Result<Vec<NodeHash>, ReadError<E>> {
    if !(1..=size).contains(&old) {
        return Err(ReadError::NoGrowth { old, size });
    }
    span::consistency(old, size).iter().map(|span| hash(span, size, &mut read)).collect()
}

/// The hash over a stretch of leaves.
pub(super) fn hash<E>(
    span: &Range<u64>,
    size: u64,
    read: &mut impl FnMut(Tile) -> Result<Vec<NodeHash>, E>,
) -> Result<NodeHash, ReadError<E>> {
    let mut nodes = Vec::new();
    for node in span::perfect(span) {
        let (tile, part) = span::tile_of(node, size).ok_or(ReadError::NoLeaf { index: span.start, size })?;
        let hashes = read(tile).map_err(ReadError::Tile)?;
        let node = hashes.get(part).filter(|_| hashes.len() == tile.width()).and_then(NodeHash::over);
        nodes.push(node.ok_or(ReadError::Width { tile, hashes: hashes.len() })?);
    }
    let folded = nodes.into_iter().rev().reduce(|right, left| NodeHash::above(left, right));
    folded.ok_or(ReadError::NoLeaf { index: span.start, size })
}
