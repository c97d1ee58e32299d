//! Leaves proved one behind the other.

use flightbox_domain::{
    record::LeafHash,
    tree::{NodeHash, ProofError, Series},
};

use super::grown::{Grown, leaf_of};

/// All leaves, none of them neighbours, the ends, a few in a heap: of trees of every shape.
fn selections(size: u64) -> Vec<Vec<u64>> {
    vec![
        (0..size).collect(),
        (0..size).step_by(3).collect(),
        vec![0, size - 1],
        vec![size - 1],
        (0..size).filter(|leaf| leaf % 64 < 5 || leaf * leaf % 7 == 2).collect(),
    ]
}

#[test]
fn leaves_are_proved_from_left_to_right_by_what_was_not_proved_before() {
    let grown = Grown::of(1_100);
    for size in (1..70).chain([255, 256, 257, 511, 513, 1_000, 1_100]) {
        for mut leaves in selections(size) {
            leaves.dedup();
            let (mut series, mut hashes) = (Series::new(size, grown.root(size)), 0);
            for index in &leaves {
                let announced = series.tiles(*index);
                let read = |tile| if announced.contains(&tile) { grown.read(tile) } else { Err(()) };
                let proof = series.proof(*index, read).unwrap();
                assert!(proof.len() <= grown.inclusion(*index, size).len());
                series.accept(leaf_of(*index), *index, &proof).unwrap();
                hashes += proof.len() as u64;
            }
            if leaves.len() as u64 == size {
                assert_eq!(hashes, size - 1, "each leaf but the first is a hash that one of the others needs");
            }
        }
    }
}

#[test]
fn t8_no_altered_proof_holds_and_none_out_of_its_turn() {
    let grown = Grown::of(300);
    let mut series = Series::new(300, grown.root(300));
    for index in [3, 4, 90, 255, 256, 299] {
        let proof = series.proof(index, |tile| grown.read(tile)).unwrap();
        for at in 0..proof.len() * 32 {
            let mut altered = proof.clone();
            altered[at / 32].0[at % 32] ^= 1 << (at % 8);
            let refused = series.accept(leaf_of(index), index, &altered);
            assert!(matches!(refused, Err(ProofError::Root(..))), "{refused:?}");
        }
        let longer = [&proof[..], &[NodeHash::empty()]].concat();
        assert!(matches!(series.accept(leaf_of(index), index, &longer), Err(ProofError::Length { .. })));
        assert!(series.accept(LeafHash([0; 32]), index, &proof).is_err());
        for other in (0..305).filter(|other| *other != index) {
            assert!(series.accept(leaf_of(index), other, &proof).is_err(), "{index} as {other}");
        }
        series.accept(leaf_of(index), index, &proof).unwrap();
        assert_eq!(series.accept(leaf_of(index), index, &proof), Err(ProofError::Passed { index }));
    }
    let nothing = Series::new(0, NodeHash::empty()).accept(leaf_of(0), 0, &[]);
    assert_eq!(nothing, Err(ProofError::NoLeaf { index: 0, size: 0 }));
}
