//! The levels of the tree above its leaves, each hash held against the 256 below.

use flightbox_domain::tree::{HEIGHT, NodeHash, WIDTH};
use sqlx::SqliteConnection;

use super::found::{DamageKind, Found};
use crate::{StoreError, tree::hash_at};

/// The tiles at the right edge.
#[derive(Default)]
pub(super) struct Levels(Vec<Level>);

/// The tile of a level that is not full yet.
#[derive(Default)]
struct Level {
    tiles: u64,
    /// What the tree holds; where that is missing, what follows.
    stored: Vec<NodeHash>,
    /// What follows from below.
    computed: Vec<NodeHash>,
}

impl Levels {
    /// Adds a leaf, as the tree holds it and as it follows from the record. A hash above is sound if it follows from the
    /// one or the other, so that what is wrong below is told once.
    pub(super) async fn push(
        &mut self,
        connection: &mut SqliteConnection,
        leaf: (Option<NodeHash>, NodeHash),
        found: &mut Found,
    ) -> Result<(), StoreError> {
        let (mut stored, mut computed) = leaf;
        for below in 0u8.. {
            if self.0.len() == usize::from(below) {
                self.0.push(Level::default());
            }
            let level = &mut self.0[usize::from(below)];
            level.stored.push(stored.unwrap_or(computed));
            level.computed.push(computed);
            let (Some(from_stored), Some(from_computed)) = level.close() else { break };
            let (number, above) = (level.tiles - 1, below + 1);
            stored = hash_at(connection, above, number).await?;
            computed = if stored == Some(from_stored) { from_stored } else { from_computed };
            if stored != Some(computed) {
                let bits = HEIGHT * u32::from(above);
                found.add(number << bits..=((number + 1) << bits) - 1, DamageKind::Node(above));
            }
        }
        Ok(())
    }
}

impl Level {
    /// The hashes over a tile that is full now, which is forgotten.
    fn close(&mut self) -> (Option<NodeHash>, Option<NodeHash>) {
        if (self.stored.len() as u64) < WIDTH {
            return (None, None);
        }
        self.tiles += 1;
        let over = (NodeHash::over(&self.stored), NodeHash::over(&self.computed));
        self.stored.clear();
        self.computed.clear();
        over
    }
}
