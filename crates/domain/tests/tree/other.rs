//! Against `ct-merkle`, which was written by somebody else.

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
use flightbox_domain::tree::{NodeHash, verify_consistency, verify_inclusion};
use sha2::Sha256;

use super::grown::{Grown, leaf_of};

type Other = MemoryBackedTree<Sha256, [u8; 8]>;

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Both trees, grown together.
struct Both {
    ours: Grown,
    other: Other,
    roots: Vec<RootHash<Sha256>>,
}

impl Both {
    fn new() -> Self {
        Self { ours: Grown::default(), other: Other::new(), roots: vec![Other::new().root()] }
    }

    fn grow_to(&mut self, size: u64) {
        for leaf in self.other.len()..size {
            self.ours.push(leaf_of(leaf));
            self.other.push(leaf.to_be_bytes());
            self.roots.push(self.other.root());
        }
    }

    /// One leaf and one earlier size, each way round: what we make they accept, and is theirs byte by byte.
    fn agree(&self, index: u64, old: u64) {
        let size = self.other.len();
        let (root, theirs) = (self.ours.root(size), &self.roots[size as usize]);
        assert_eq!(&root.0[..], &theirs.as_bytes()[..], "the root of {size}");

        let proof = self.ours.inclusion(index, size);
        let made = self.other.prove_inclusion(index as usize);
        assert_eq!(made.as_bytes(), proof.iter().flat_map(|hash| hash.0).collect::<Vec<_>>(), "{index} in {size}");
        let bytes = proof.iter().flat_map(|hash| hash.0).collect();
        let read = InclusionProof::<Sha256>::try_from_bytes(bytes).unwrap();
        theirs.verify_inclusion(&index.to_be_bytes(), index, &read).unwrap();
        let made = NodeHash::list(made.as_bytes()).unwrap();
        verify_inclusion(leaf_of(index), index, size, &made, root).unwrap();

        let proof = self.ours.consistency(old, size);
        let made = self.other.prove_consistency((size - old) as usize);
        assert_eq!(made.as_bytes(), proof.iter().flat_map(|hash| hash.0).collect::<Vec<_>>(), "{old} to {size}");
        let bytes = proof.iter().flat_map(|hash| hash.0).collect();
        let read = ConsistencyProof::<Sha256>::try_from_bytes(bytes).unwrap();
        theirs.verify_consistency(&self.roots[old as usize], &read).unwrap();
        let made = NodeHash::list(made.as_bytes()).unwrap();
        verify_consistency(old, self.ours.root(old), size, root, &made).unwrap();
    }
}

#[test]
fn ten_thousand_random_proofs_are_the_same_in_another_implementation() {
    let (mut both, mut dice) = (Both::new(), Dice(5));
    for size in 1..=2_000 {
        both.grow_to(size);
        (0..5).for_each(|_| both.agree(dice.below(size), 1 + dice.below(size)));
    }
}

#[test]
fn t8_so_are_those_around_every_power_of_two() {
    let (mut both, mut dice) = (Both::new(), Dice(8));
    for power in 0..=16 {
        for size in [(1 << power) - 1, 1 << power, (1 << power) + 1] {
            if size < both.other.len().max(1) {
                continue;
            }
            both.grow_to(size);
            let ends = [0, size - 1, size / 2, (size / 2).saturating_sub(1)];
            for end in ends.into_iter().chain((0..power + 1).map(|k| ((1 << k) - 1).min(size - 1))) {
                both.agree(end, end + 1);
                both.agree(dice.below(size), 1 + dice.below(size));
            }
        }
    }
    assert_eq!(both.other.len(), (1 << 16) + 1, "three levels of tiles");
}
