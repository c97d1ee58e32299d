//! A tree in memory, kept as tiles alone.

use flightbox_domain::{
    record::LeafHash,
    tree::{self, NodeHash, ReadError, Tile, WIDTH},
};

/// The hashes of each level of tiles.
#[derive(Default)]
pub struct Grown(Vec<Vec<NodeHash>>);

impl Grown {
    pub fn of(leaves: u64) -> Self {
        let mut grown = Self::default();
        (0..leaves).for_each(|leaf| grown.push(leaf_of(leaf)));
        grown
    }

    pub fn push(&mut self, leaf: LeafHash) {
        let mut hash = NodeHash::from(leaf);
        for level in 0.. {
            if self.0.len() == level {
                self.0.push(Vec::new());
            }
            let hashes = &mut self.0[level];
            hashes.push(hash);
            if !(hashes.len() as u64).is_multiple_of(WIDTH) {
                return;
            }
            hash = NodeHash::over(&hashes[hashes.len() - WIDTH as usize..]).unwrap();
        }
    }

    pub fn read(&self, tile: Tile) -> Result<Vec<NodeHash>, ()> {
        let first = tile.first() as usize;
        let hashes = self.0.get(usize::from(tile.level())).and_then(|level| level.get(first..first + tile.width()));
        hashes.map(<[_]>::to_vec).ok_or(())
    }

    pub fn root(&self, size: u64) -> NodeHash {
        tree::root(size, |tile| self.read(tile)).unwrap()
    }

    pub fn inclusion(&self, index: u64, size: u64) -> Vec<NodeHash> {
        tree::inclusion(index, size, |tile| self.read(tile)).unwrap()
    }

    pub fn consistency(&self, old: u64, size: u64) -> Vec<NodeHash> {
        tree::consistency(old, size, |tile| self.read(tile)).unwrap()
    }
}

pub fn leaf_of(leaf: u64) -> LeafHash {
    LeafHash::of(&leaf.to_be_bytes())
}

#[test]
fn only_what_is_announced_is_read() {
    let grown = Grown::of(66_000);
    for (index, size) in [(0, 1), (0, 66_000), (65_535, 65_537), (400, 1000), (255, 256), (256, 257)] {
        let announced = tree::inclusion_tiles(index, size);
        assert!(announced.iter().all(|tile| tile.is_within(size)));
        tree::inclusion(index, size, |tile| if announced.contains(&tile) { grown.read(tile) } else { Err(()) })
            .unwrap();
        let announced = tree::consistency_tiles(index + 1, size);
        let read = |tile| if announced.contains(&tile) { grown.read(tile) } else { Err(()) };
        tree::consistency(index + 1, size, read).unwrap();
        let announced = tree::root_tiles(size);
        tree::root(size, |tile| if announced.contains(&tile) { grown.read(tile) } else { Err(()) }).unwrap();
    }
}

#[test]
fn what_cannot_be_proved_is_told() {
    let grown = Grown::of(300);
    let read = |tile| grown.read(tile);
    assert_eq!(tree::inclusion(300, 300, read), Err(ReadError::NoLeaf { index: 300, size: 300 }));
    assert_eq!(tree::inclusion(0, 0, read), Err(ReadError::NoLeaf { index: 0, size: 0 }));
    assert_eq!(tree::consistency(0, 300, read), Err(ReadError::NoGrowth { old: 0, size: 300 }));
    assert_eq!(tree::consistency(301, 300, read), Err(ReadError::NoGrowth { old: 301, size: 300 }));
    assert_eq!(tree::inclusion(0, 301, read), Err(ReadError::Tile(())));
    let short = |tile| grown.read(tile).map(|mut hashes| hashes.split_off(1));
    let tile = Tile::within(0, 0, 2).unwrap();
    assert_eq!(tree::root(2, short), Err(ReadError::Width { tile, hashes: 1 }));
    assert_eq!(tree::root::<()>(0, |_| Err(())), Ok(NodeHash::empty()));
}
