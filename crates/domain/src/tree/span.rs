//! Stretches of leaves: which of them a proof is made of, and which tiles their hashes follow from.

use std::{collections::BTreeSet, ops::Range};

use super::tile::{HEIGHT, Tile, WIDTH};

/// The greatest power of two below a number of leaves, two at least: where RFC 6962 splits them.
pub(super) fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// What the path of a leaf consists of, from the leaf up (section 2.1.1).
pub(super) fn inclusion(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut here, mut path) = (0..size, Vec::new());
    while here.end - here.start > 1 {
        let middle = here.start + split(here.end - here.start);
        let (mine, other) = match index < middle {
            true => (here.start..middle, middle..here.end),
            false => (middle..here.end, here.start..middle),
        };
        path.push(other);
        here = mine;
    }
    path.reverse();
    path
}

/// What a proof that a tree grew from another consists of, in order (section 2.1.2). Neither may be empty.
pub(super) fn consistency(old: u64, size: u64) -> Vec<Range<u64>> {
    let (mut here, mut proof) = (0..size, Vec::new());
    while here.end > old {
        let middle = here.start + split(here.end - here.start);
        let (mine, other) = match old <= middle {
            true => (here.start..middle, middle..here.end),
            false => (middle..here.end, here.start..middle),
        };
        proof.push(other);
        here = mine;
    }
    // The old root itself is known to whoever checks.
    if here.start > 0 {
        proof.push(here);
    }
    proof.reverse();
    proof
}

/// The perfect subtrees that a stretch consists of, from the left, each as its height and its number at that height.
pub(super) fn perfect(span: &Range<u64>) -> Vec<(u32, u64)> {
    let (mut at, mut found) = (span.start, Vec::new());
    while at < span.end {
        let height = (span.end - at).ilog2().min(at.trailing_zeros());
        found.push((height, at >> height));
        at += 1 << height;
    }
    found
}

/// The tile that a perfect subtree's hash follows from, and which of its hashes.
pub(super) fn tile_of((height, number): (u32, u64), size: u64) -> Option<(Tile, Range<usize>)> {
    let (level, rest) = (height / HEIGHT, height % HEIGHT);
    let first = number << rest;
    let tile = Tile::within(u8::try_from(level).ok()?, first / WIDTH, size)?;
    let from = (first % WIDTH) as usize;
    Some((tile, from..from + (1 << rest)))
}

/// Every tile that stretches need.
pub(super) fn tiles(spans: &[Range<u64>], size: u64) -> BTreeSet<Tile> {
    spans.iter().flat_map(perfect).filter_map(|node| tile_of(node, size)).map(|(tile, _)| tile).collect()
}
