//! The Merkle tree over all records, as the hashes of its tiles. It grows in the transaction of the events.

use std::collections::{BTreeSet, HashMap};

use flightbox_domain::{
    record::LeafHash,
    tree::{self, HASH, LEVELS, NodeHash, ReadError, Tile, WIDTH},
};
use sqlx::SqliteConnection;

use crate::{Store, StoreError, blocks::write};

/// Hashes to a row of `tree`: two rows of these fill a page but for 34 bytes, where those of a tile would take three
/// pages for two.
const ROW: u64 = 127;
/// Bits of a row's number below its level.
const NUMBER: u32 = 40;

/// The right edge of the tree, from which it grows: of each level the hashes that a row or a tile to come has.
#[derive(Clone, Default)]
pub(crate) struct Tree {
    levels: Vec<Level>,
}

/// The last hashes of a level.
#[derive(Clone, Default)]
struct Level {
    /// The number of the first of them.
    first: u64,
    hashes: Vec<NodeHash>,
}

impl Level {
    fn count(&self) -> u64 {
        self.first + self.hashes.len() as u64
    }

    /// The hashes from a number on.
    fn from(&self, number: u64) -> &[NodeHash] {
        self.hashes.get((number - self.first) as usize..).unwrap_or_default()
    }
}

impl Tree {
    /// Reads the edge of a tree of that size.
    pub(crate) async fn load(connection: &mut SqliteConnection, size: u64) -> Result<Self, StoreError> {
        let mut levels = Vec::new();
        for level in 0..LEVELS {
            let count = Tile::count(level, size);
            let first = edge(count);
            let block = first / ROW;
            let stored: i64 =
                sqlx::query_scalar("SELECT coalesce(sum(length(hashes)), 0) FROM tree WHERE row >= ? AND row < ?")
                    .bind(row_of(level, block))
                    .bind(row_of(level + 1, 0))
                    .fetch_one(&mut *connection)
                    .await?;
            if stored.cast_unsigned() != (count - block * ROW) * HASH as u64 {
                return Err(corrupt(row_of(level, block), "does not end where the positions of the events do"));
            }
            if count == 0 {
                break;
            }
            levels.push(Level { first, hashes: read(&mut *connection, level, first, count).await? });
        }
        Ok(Self { levels })
    }

    /// This tree with more leaves, whose hashes are written; it holds once the transaction is committed.
    pub(crate) async fn with(
        &self,
        connection: &mut SqliteConnection,
        leaves: impl Iterator<Item = LeafHash>,
    ) -> sqlx::Result<Self> {
        let mut tree = self.clone();
        leaves.for_each(|leaf| tree.push(leaf.into()));
        let mut rows = Vec::new();
        for (number, level) in (0..).zip(&mut tree.levels) {
            let before = self.levels.get(usize::from(number)).map_or(0, Level::count);
            if level.count() > before {
                let from = before / ROW * ROW;
                let chunks = (from / ROW..).zip(level.from(from).chunks(ROW as usize));
                rows.extend(chunks.map(|(block, hashes)| (row_of(number, block), bytes(hashes))));
                let edge = edge(level.count());
                level.hashes = level.from(edge).to_vec();
                level.first = edge;
            }
        }
        write(connection, "tree (row, hashes)", &rows).await?;
        Ok(tree)
    }

    fn push(&mut self, mut hash: NodeHash) {
        for number in 0.. {
            if self.levels.len() == number {
                self.levels.push(Level::default());
            }
            let level = &mut self.levels[number];
            level.hashes.push(hash);
            let count = level.count();
            let full = count.is_multiple_of(WIDTH).then(|| NodeHash::over(level.from(count - WIDTH))).flatten();
            let Some(above) = full else { return };
            hash = above;
        }
    }
}

impl Store {
    /// The hashes of a tile of a tree of that size; `None` where the tree does not have all of it.
    pub async fn tile(&self, tile: Tile, size: u64) -> Result<Option<Vec<NodeHash>>, StoreError> {
        if !tile.is_within(size) {
            return Ok(None);
        }
        hashes(self.readers(), tile).await.map(Some)
    }

    /// The root of the first events.
    pub async fn root(&self, size: u64) -> Result<NodeHash, StoreError> {
        let tiles = self.tiles(tree::root_tiles(size)).await?;
        tree::root(size, tiles).map_err(unreadable)
    }

    /// Proof that an event is in the tree of the first `size` events; `None` where it is not.
    pub async fn inclusion(&self, seq: u64, size: u64) -> Result<Option<Vec<NodeHash>>, StoreError> {
        if seq >= size {
            return Ok(None);
        }
        let tiles = self.tiles(tree::inclusion_tiles(seq, size)).await?;
        tree::inclusion(seq, size, tiles).map(Some).map_err(unreadable)
    }

    /// Proof that the tree of the first `size` events begins with that of the first `old`; `None` where it does not, or
    /// begins with nothing.
    pub async fn consistency(&self, old: u64, size: u64) -> Result<Option<Vec<NodeHash>>, StoreError> {
        if !(1..=size).contains(&old) {
            return Ok(None);
        }
        let tiles = self.tiles(tree::consistency_tiles(old, size)).await?;
        tree::consistency(old, size, tiles).map(Some).map_err(unreadable)
    }

    /// The leaf hash of an event, which stays when the event is removed.
    pub async fn leaf_hash(&self, seq: i64) -> Result<LeafHash, StoreError> {
        leaf_hash(self.readers(), seq).await
    }

    /// Reads tiles at once, to be asked for one by one.
    async fn tiles(
        &self,
        tiles: BTreeSet<Tile>,
    ) -> Result<impl FnMut(Tile) -> Result<Vec<NodeHash>, StoreError>, StoreError> {
        let mut found = HashMap::with_capacity(tiles.len());
        for tile in tiles {
            found.insert(tile, hashes(self.readers(), tile).await?);
        }
        Ok(asked_for(found))
    }
}

/// The leaf hash of an event.
pub(crate) async fn leaf_hash(connection: impl sqlx::SqliteExecutor<'_>, seq: i64) -> Result<LeafHash, StoreError> {
    let seq = seq.cast_unsigned();
    let hashes = read(connection, 0, seq, seq + 1).await?;
    hashes.first().map(|hash| LeafHash(hash.0)).ok_or_else(|| corrupt(row_of(0, seq / ROW), MISSING))
}

/// A hash of a level; `None` where the tree does not have it.
pub(crate) async fn hash_at(
    connection: &mut SqliteConnection,
    level: u8,
    number: u64,
) -> Result<Option<NodeHash>, StoreError> {
    match read(connection, level, number, number + 1).await {
        Ok(hashes) => Ok(hashes.first().copied()),
        Err(StoreError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// How many leaves there are, by the last of their rows, and no more than there are rows for.
pub(crate) async fn hash_count(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let last: Option<(i64, i64, i64)> = sqlx::query_as(
        "SELECT row, length(hashes), (SELECT count(*) FROM tree WHERE row BETWEEN 0 AND ?1)
         FROM tree WHERE row BETWEEN 0 AND ?1 ORDER BY row DESC LIMIT 1",
    )
    .bind(row_of(1, 0) - 1)
    .fetch_optional(connection)
    .await?;
    let hashes = |bytes: i64| (bytes / HASH as i64).min(ROW.cast_signed());
    Ok(last.map_or(0, |(row, bytes, rows)| row.min(rows - 1) * ROW.cast_signed() + hashes(bytes)))
}

/// How many rows that many hashes of a level take.
pub(crate) fn rows_of(hashes: u64) -> u64 {
    hashes.div_ceil(ROW)
}

/// Reads tiles with one connection, to be asked for one by one.
pub(crate) async fn tiles_of(
    connection: &mut SqliteConnection,
    tiles: BTreeSet<Tile>,
) -> Result<impl FnMut(Tile) -> Result<Vec<NodeHash>, StoreError> + use<>, StoreError> {
    let mut found = HashMap::with_capacity(tiles.len());
    for tile in tiles {
        found.insert(tile, hashes(&mut *connection, tile).await?);
    }
    Ok(asked_for(found))
}

/// Answers from tiles that were read.
fn asked_for(found: HashMap<Tile, Vec<NodeHash>>) -> impl FnMut(Tile) -> Result<Vec<NodeHash>, StoreError> {
    move |tile: Tile| {
        found.get(&tile).cloned().ok_or_else(|| corrupt(row_of(tile.level(), tile.first() / ROW), MISSING))
    }
}

const MISSING: &str = "does not hold the hashes that a tree of this size has there";

/// The first hash of a level that a row or a tile to come has.
fn edge(count: u64) -> u64 {
    (count / ROW * ROW).min(count / WIDTH * WIDTH)
}

fn row_of(level: u8, block: u64) -> i64 {
    i64::from(level) << NUMBER | block.cast_signed()
}

/// The hashes of a tile; all of them or an error.
pub(crate) async fn hashes(connection: impl sqlx::SqliteExecutor<'_>, tile: Tile) -> Result<Vec<NodeHash>, StoreError> {
    read(connection, tile.level(), tile.first(), tile.first() + tile.width() as u64).await
}

/// The hashes of a level from one number up to another; all of them or an error.
pub(crate) async fn read(
    connection: impl sqlx::SqliteExecutor<'_>,
    level: u8,
    from: u64,
    to: u64,
) -> Result<Vec<NodeHash>, StoreError> {
    let first = from / ROW;
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT row, hashes FROM tree WHERE row BETWEEN ? AND ? ORDER BY row")
            .bind(row_of(level, first))
            .bind(row_of(level, to.div_ceil(ROW).max(first + 1) - 1))
            .fetch_all(connection)
            .await?;
    let mut hashes = Vec::with_capacity((to - from) as usize + 2 * ROW as usize);
    for (block, (row, stored)) in (first..).zip(&rows) {
        let whole = NodeHash::list(stored).filter(|list| *row == row_of(level, block) && list.len() as u64 <= ROW);
        let whole = whole.filter(|list| list.len() as u64 >= ROW.min(to - block * ROW));
        hashes.extend(whole.ok_or_else(|| corrupt(row_of(level, block), MISSING))?);
    }
    let skip = (from - first * ROW) as usize;
    let found = hashes.get(skip..skip + (to - from) as usize);
    found.map(<[_]>::to_vec).ok_or_else(|| corrupt(row_of(level, first + rows.len() as u64), MISSING))
}

fn bytes(hashes: &[NodeHash]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(hashes.len() * HASH);
    hashes.iter().for_each(|hash| bytes.extend(hash.0));
    bytes
}

fn corrupt(row: i64, why: &str) -> StoreError {
    let row = format!("{} of level {}", row & ((1 << NUMBER) - 1), row >> NUMBER);
    StoreError::Corrupt { table: "tree", row, why: why.to_owned() }
}

pub(crate) fn unreadable(error: ReadError<StoreError>) -> StoreError {
    match error {
        ReadError::Tile(error) => error,
        other => StoreError::Corrupt { table: "tree", row: "any".to_owned(), why: other.to_string() },
    }
}
