//! Proofs that somebody altered.

use flightbox_domain::{
    record::LeafHash,
    tree::{NodeHash, ProofError, verify_consistency, verify_inclusion},
};

use super::grown::{Grown, leaf_of};

const SIZES: [u64; 12] = [1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 513];

/// Each byte of hashes changed by one bit, one after the other.
fn each_byte(hashes: &[NodeHash]) -> impl Iterator<Item = Vec<NodeHash>> {
    (0..hashes.len() * 32).map(|at| {
        let mut altered = hashes.to_vec();
        altered[at / 32].0[at % 32] ^= 1 << (at % 8);
        altered
    })
}

/// One hash less at either end, one more at either end.
fn each_length(hashes: &[NodeHash]) -> Vec<Vec<NodeHash>> {
    let more = NodeHash::empty();
    let mut all = vec![[hashes, &[more]].concat(), [&[more], hashes].concat()];
    if !hashes.is_empty() {
        all.extend([hashes[1..].to_vec(), hashes[..hashes.len() - 1].to_vec()]);
    }
    all
}

#[test]
fn t8_no_altered_proof_of_inclusion_holds() {
    let grown = Grown::of(513);
    for size in SIZES {
        let root = grown.root(size);
        for index in [0, size / 2, size - 1] {
            let (leaf, proof) = (leaf_of(index), grown.inclusion(index, size));
            assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()));
            for altered in each_byte(&proof) {
                let refused = verify_inclusion(leaf, index, size, &altered, root);
                assert!(matches!(refused, Err(ProofError::Root(..))), "{refused:?}");
            }
            for altered in each_length(&proof) {
                let refused = verify_inclusion(leaf, index, size, &altered, root);
                assert!(matches!(refused, Err(ProofError::Length { .. })), "{refused:?}");
            }
            for altered in each_byte(&[leaf.into()]) {
                assert!(verify_inclusion(LeafHash(altered[0].0), index, size, &proof, root).is_err());
            }
            for altered in each_byte(&[root]) {
                assert!(verify_inclusion(leaf, index, size, &proof, altered[0]).is_err());
            }
            for other in (0..size + 2).filter(|other| *other != index) {
                assert!(verify_inclusion(leaf, other, size, &proof, root).is_err(), "as {other} of {size}");
            }
        }
        assert!(verify_inclusion(leaf_of(0), size, size, &[], root).is_err());
        assert!(verify_inclusion(leaf_of(0), u64::MAX, u64::MAX, &[], root).is_err());
    }
    let nothing = verify_inclusion(leaf_of(0), 0, 0, &[], NodeHash::empty());
    assert_eq!(nothing, Err(ProofError::NoLeaf { index: 0, size: 0 }));
}

#[test]
fn t8_no_altered_proof_of_growth_holds() {
    let grown = Grown::of(513);
    for size in SIZES {
        for old in SIZES.into_iter().filter(|old| *old < size) {
            let (before, after, proof) = (grown.root(old), grown.root(size), grown.consistency(old, size));
            assert_eq!(verify_consistency(old, before, size, after, &proof), Ok(()));
            for altered in each_byte(&proof).chain(each_length(&proof)) {
                assert!(verify_consistency(old, before, size, after, &altered).is_err(), "{old} to {size}");
            }
            for altered in each_byte(&[before]) {
                let refused = verify_consistency(old, altered[0], size, after, &proof);
                assert!(refused.is_err(), "{old} to {size}");
            }
            for altered in each_byte(&[after]) {
                let refused = verify_consistency(old, before, size, altered[0], &proof);
                assert!(matches!(refused, Err(ProofError::Root(..))), "{refused:?}");
            }
            assert_eq!(
                verify_consistency(size, after, old, before, &proof),
                Err(ProofError::Shrunk { old: size, size: old })
            );
        }
        let root = grown.root(size);
        assert_eq!(verify_consistency(size, root, size, root, &[]), Ok(()));
        assert!(verify_consistency(size, root, size, NodeHash::empty(), &[]).is_err());
        assert!(verify_consistency(size, root, size, root, &[root]).is_err());
        assert_eq!(verify_consistency(0, NodeHash::empty(), size, root, &[]), Ok(()));
        assert!(verify_consistency(0, root, size, root, &[]).is_err());
        assert!(verify_consistency(0, NodeHash::empty(), size, root, &[root]).is_err());
    }
}

#[test]
fn t8_a_leaf_is_no_node_and_a_node_no_leaf() {
    let grown = Grown::of(4);
    let (left, right) = (NodeHash::above(leaf_of(0).into(), leaf_of(1).into()), grown.inclusion(0, 4)[1]);
    // The tree of four over the same root, told as one of two whose leaves are its inner nodes.
    let told = verify_inclusion(LeafHash(left.0), 0, 2, &[right], grown.root(4));
    assert_eq!(told, Ok(()), "hashes alone cannot tell: a size is only believed from a signed checkpoint");
    assert!(verify_inclusion(LeafHash(left.0), 0, 4, &[right], grown.root(4)).is_err());
    // But nobody has a record whose leaf hash an inner node is: the two are made differently.
    let bytes = [leaf_of(0).0, leaf_of(1).0].concat();
    assert_ne!(LeafHash::of(&bytes).0, left.0);
}
