//! Events in the order of the tree, with their proofs, for files that are checked elsewhere.

use std::collections::{BTreeSet, HashMap};

use flightbox_domain::{
    evidence::Contents,
    record::LeafHash,
    tree::{NodeHash, Series, Tile, WIDTH},
};
use tokio::task::spawn_blocking;

use crate::{
    Export, Store, StoreError, Stored, blocks,
    codec::decode,
    tree::{self, unreadable},
};

/// Tiles that are kept for the next proof: it reads most of those that the one before did.
const TILES: usize = 256;

/// Proves events one behind the other.
pub struct Proving {
    series: Series,
    tiles: Tiles,
}

/// Tiles of a tree, read when they are first asked for.
struct Tiles {
    store: Store,
    read: HashMap<Tile, Vec<NodeHash>>,
}

/// Events that nobody has decoded yet.
pub struct Records {
    rows: Vec<(i64, i64, Vec<u8>)>,
}

impl Export {
    /// The numbers of all its matches, in the order of the tree; `None` where there are more than `most`.
    pub async fn numbers(mut self, most: usize) -> Result<Option<Vec<i64>>, StoreError> {
        let mut numbers = Vec::new();
        while let Some(chunk) = self.next().await? {
            let found = spawn_blocking(move || chunk.numbers()).await.map_err(|_| sqlx::Error::WorkerCrashed)??;
            numbers.extend(found);
            if numbers.len() > most {
                return Ok(None);
            }
        }
        numbers.sort_unstable();
        Ok(Some(numbers))
    }
}

impl Store {
    /// Adds events to what a file is going to hold, by the hashes that the tree has of them.
    pub async fn add_contents(&self, numbers: &[i64], contents: &mut Contents) -> Result<(), StoreError> {
        let size = self.events().cast_unsigned();
        let mut tiles = Tiles::of(self);
        for seq in numbers.iter().map(|seq| seq.cast_unsigned()) {
            let tile = Tile::within(0, seq / WIDTH, size);
            tiles.load(tile.into_iter().collect()).await?;
            let hash = tile.and_then(|tile| tiles.read.get(&tile)?.get((seq % WIDTH) as usize));
            contents.push(seq, LeafHash(hash.ok_or_else(|| gone(seq.cast_signed()))?.0));
        }
        Ok(())
    }

    /// Starts to prove events in the tree of that size and root.
    pub fn proving(&self, size: u64, root: NodeHash) -> Proving {
        Proving { series: Series::new(size, root), tiles: Tiles::of(self) }
    }

    /// The events of these numbers, which rise.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where one is missing, be it that retention removed it.
    pub async fn records(&self, numbers: &[i64]) -> Result<Records, StoreError> {
        let positions = blocks::positions_at(self.readers(), numbers).await?;
        let mut rows = Vec::with_capacity(numbers.len());
        self.each_at(&positions, |row| {
            rows.push((row.position.0, row.seq, row.body.to_vec()));
            Ok(())
        })
        .await?;
        rows.sort_unstable_by_key(|(_, seq, _)| *seq);
        let found = rows.iter().map(|(_, seq, _)| *seq);
        let missing = numbers.iter().zip(found.map(Some).chain(std::iter::repeat(None)));
        match missing.into_iter().find(|(wanted, found)| Some(**wanted) != *found) {
            Some((seq, _)) => Err(gone(*seq)),
            None => Ok(Records { rows }),
        }
    }
}

impl Records {
    /// The events, in the order of their numbers.
    pub fn decode(self) -> Result<Vec<Stored>, StoreError> {
        self.rows.into_iter().map(|(position, seq, body)| decode(position, seq, &body)).collect()
    }
}

impl Proving {
    /// What the next event's proof adds to those before.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where the tree does not lead to the root that was signed: nobody is handed a proof that
    /// does not hold.
    pub async fn prove(&mut self, seq: i64, leaf: LeafHash) -> Result<Vec<NodeHash>, StoreError> {
        let index = seq.cast_unsigned();
        self.tiles.load(self.series.tiles(index)).await?;
        let read = |tile| self.tiles.read.get(&tile).cloned().ok_or_else(|| gone(seq));
        let proof = self.series.proof(index, read).map_err(unreadable)?;
        let accepted = self.series.accept(leaf, index, &proof);
        accepted.map_err(|error| StoreError::Corrupt { table: "tree", row: row(seq), why: error.to_string() })?;
        Ok(proof)
    }
}

impl Tiles {
    fn of(store: &Store) -> Self {
        Self { store: store.clone(), read: HashMap::new() }
    }

    async fn load(&mut self, wanted: BTreeSet<Tile>) -> Result<(), StoreError> {
        if self.read.len() > TILES {
            self.read.retain(|tile, _| wanted.contains(tile));
        }
        for tile in wanted {
            if !self.read.contains_key(&tile) {
                let hashes = tree::hashes(self.store.readers(), tile).await?;
                self.read.insert(tile, hashes);
            }
        }
        Ok(())
    }
}

fn row(seq: i64) -> String {
    format!("seq {seq}")
}

fn gone(seq: i64) -> StoreError {
    StoreError::Corrupt { table: "event", row: row(seq), why: "is missing, or was removed meanwhile".to_owned() }
}
