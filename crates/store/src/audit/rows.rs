//! The other way round: whether every row is an event's, and the tree no longer than the log.

use std::collections::{HashMap, hash_map::Entry};

use flightbox_domain::{
    page::Position,
    tree::{LEVELS, Tile},
};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use super::{Audit, DamageKind, Found, TOGETHER, months};
use crate::{
    StoreError,
    blocks::{Blocks, positions_of},
    partition::Partition,
    tree::{Tree, hash_count, rows_of},
};

/// Rows that are looked at together.
const ROWS: i64 = 4_096;

impl Audit {
    /// How many events there are, by the list of where they stand or by the leaves, whichever is longer.
    pub(super) async fn events(&mut self) -> Result<i64, StoreError> {
        let mut transaction = self.connection.begin().await?;
        let (last, blocks): (Option<i64>, i64) =
            sqlx::query_as("SELECT max(block), count(*) FROM locator").fetch_one(&mut *transaction).await?;
        let placed = match last {
            None => 0,
            Some(block) => {
                // A row that somebody put far behind the others makes no log that is looked at for ever.
                let first = block.clamp(0, blocks - 1) * TOGETHER;
                let found = positions_of(&mut *transaction, &(first..first + TOGETHER)).await;
                first + found.map_or(1, |positions| positions.len() as i64)
            }
        };
        let hashed = hash_count(&mut transaction).await?;
        transaction.commit().await?;
        Ok(placed.max(hashed))
    }

    /// Looks at the next rows of a month, behind a position; at which it ended, unless there are no more.
    pub(super) async fn look_at_rows(
        &mut self,
        month: Partition,
        after: i64,
        found: &mut Found,
    ) -> Result<Option<i64>, StoreError> {
        let mut transaction = self.connection.begin().await?;
        let sql =
            format!("SELECT position, seq FROM {} WHERE position > ? ORDER BY position LIMIT {ROWS}", month.events());
        let rows = sqlx::query_as::<_, (i64, i64)>(AssertSqlSafe(sql)).bind(after);
        let rows = match rows.fetch_all(&mut *transaction).await {
            Ok(rows) => rows,
            // Retention emptied the month meanwhile.
            Err(_) if !months(&mut transaction).await?.contains(&month) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        foreign(&mut transaction, &rows, found).await?;
        transaction.commit().await?;
        Ok(rows.last().map(|(last, _)| *last))
    }

    /// Looks whether the tree ends where the events do, of which that many were looked at.
    pub(super) async fn look_at_edge(&mut self, looked: u64, found: &mut Found) -> Result<(), StoreError> {
        let mut transaction = self.connection.begin().await?;
        let events = match Blocks::load(&mut transaction).await {
            Ok(blocks) => blocks.len().cast_unsigned(),
            // Told already, unless the row lies behind all that was looked at.
            Err(StoreError::Corrupt { .. }) => {
                found.add(looked..=looked, DamageKind::Edge);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM tree").fetch_one(&mut *transaction).await?;
        let expected: u64 = (0..LEVELS).map(|level| rows_of(Tile::count(level, events))).sum();
        let ends = match Tree::load(&mut transaction, events).await {
            Ok(_) => rows.cast_unsigned() == expected,
            Err(StoreError::Corrupt { .. }) => false,
            Err(error) => return Err(error),
        };
        if !ends {
            found.add(events..=events, DamageKind::Edge);
        }
        Ok(())
    }
}

/// Finds rows that do not stand where the event of their number does.
async fn foreign(connection: &mut SqliteConnection, rows: &[(i64, i64)], found: &mut Found) -> Result<(), StoreError> {
    let mut blocks: HashMap<i64, Vec<Position>> = HashMap::new();
    for (position, seq) in rows {
        let block = seq.div_euclid(TOGETHER);
        if let Entry::Vacant(unread) = blocks.entry(block) {
            let first = block.saturating_mul(TOGETHER);
            let read = positions_of(&mut *connection, &(first..first.saturating_add(TOGETHER))).await;
            let positions = match read {
                Err(StoreError::Corrupt { .. }) => Vec::new(),
                read => read?,
            };
            unread.insert(positions);
        }
        let place = blocks.get(&block).and_then(|block| block.get(seq.rem_euclid(TOGETHER) as usize));
        if *seq < 0 || place != Some(&Position(*position)) {
            let number = seq.cast_unsigned() & i64::MAX.cast_unsigned();
            found.add(number..=number, DamageKind::Foreign);
        }
    }
    Ok(())
}
