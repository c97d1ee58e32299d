//! Looking through a whole log for what was altered, beside a live server or without one: nothing is written.
//!
//! Each chunk is read in a transaction of its own, so that memory stays flat and nobody's write-ahead log has to wait.
//! What comes meanwhile is not looked at, and what retention removes meanwhile is removed in the same transaction that
//! says so. It looks at records, at the table of where they stand, and at the tree. Indexes and counts follow from records
//! and prove nothing; whether they do follow is asked apart ([`Audit::derived`]).

mod derived;
mod found;
mod levels;
mod open;
mod round;
mod rows;

use std::{collections::HashMap, ops::Range};

use chrono::{DateTime, Utc};
use flightbox_domain::{
    flag::Flag,
    keys::Keys,
    page::Position,
    tree::{self, NodeHash},
};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use crate::{
    StoreError, Stored,
    blocks::positions_of,
    codec::decode,
    partition::{Partition, chunks},
    retention::removal_of,
    tree::{hash_at, read, tiles_of},
};
use found::Found;
pub use found::{Audited, Damage, DamageKind};
pub(crate) use open::is_known;
pub use round::Round;

/// Events that are looked at together: as many as a row of `locator` has.
const TOGETHER: i64 = 256;
/// How far beside a damage is looked for a record that tells when that was.
const NEAR: u64 = 1_000;

/// A log that is looked through.
pub struct Audit {
    connection: SqliteConnection,
    keys: Keys,
}

impl Audit {
    /// Proof that an event is in the tree of the first `size` events, made from the tree alone.
    pub async fn inclusion(&mut self, seq: u64, size: u64) -> Result<Option<Vec<NodeHash>>, StoreError> {
        if seq >= size {
            return Ok(None);
        }
        let mut transaction = self.connection.begin().await?;
        let tiles = tiles_of(&mut transaction, tree::inclusion_tiles(seq, size)).await?;
        transaction.commit().await?;
        tree::inclusion(seq, size, tiles).map(Some).map_err(crate::tree::unreadable)
    }

    /// When the first of these events that can be read was received.
    async fn received_near(&mut self, seqs: impl Iterator<Item = u64>) -> Result<Option<DateTime<Utc>>, StoreError> {
        for seq in seqs.take(NEAR as usize) {
            let seq = seq.cast_signed();
            let months = months(&mut self.connection).await?;
            let Some(position) = position(&mut self.connection, seq).await? else { continue };
            let rows = rows_at(&mut self.connection, &months, &[position]).await?;
            let row = rows.get(&position.0).filter(|(number, _)| *number == seq);
            if let Some(Ok(event)) = row.map(|(seq, body)| decode(position.0, *seq, body)) {
                return Ok(Some(event.record.received_at));
            }
        }
        Ok(None)
    }
}

/// What an event's leaf is.
struct Looked {
    /// What the tree says.
    stored: Option<NodeHash>,
    /// What follows from the record; where that was removed, what the tree says.
    computed: NodeHash,
    removed: bool,
}

/// Looks at events that share a row of `locator`.
async fn look(
    connection: &mut SqliteConnection,
    keys: &Keys,
    seqs: Range<i64>,
    found: &mut Found,
) -> Result<Vec<Looked>, StoreError> {
    let positions = match positions_of(&mut *connection, &seqs).await {
        Err(StoreError::Corrupt { .. }) => Vec::new(),
        read => read?,
    };
    let months = months(connection).await?;
    let mut rows = rows_at(connection, &months, &positions).await?;
    let leaves = leaves(connection, &seqs).await?;
    let mut looked = Vec::with_capacity(leaves.len());
    for (at, (seq, stored)) in seqs.zip(leaves).enumerate() {
        let number = seq.unsigned_abs();
        let mut bad = |kind| found.add(number..=number, kind);
        let position = positions.get(at).copied();
        let row = position.and_then(|position| Some((position, rows.remove(&position.0)?)));
        let mut removed = false;
        let computed = match (position, row.filter(|(_, (found, _))| *found == seq)) {
            (_, Some((position, (_, body)))) => match decode(position.0, seq, &body) {
                Ok(event) => {
                    let leaf = NodeHash::from(event.leaf(keys));
                    if stored.is_some_and(|stored| stored != leaf) {
                        bad(DamageKind::Altered);
                    } else if !is_in_place(&event) {
                        bad(DamageKind::Misplaced);
                    }
                    Some(leaf)
                }
                Err(_) => {
                    bad(DamageKind::Unreadable);
                    None
                }
            },
            (Some(position), None) if is_removed(&mut *connection, position, seq).await? => {
                removed = true;
                None
            }
            _ => {
                bad(DamageKind::Missing);
                None
            }
        };
        if stored.is_none() {
            bad(DamageKind::Leafless);
        }
        let computed = computed.or(stored).unwrap_or_else(NodeHash::empty);
        looked.push(Looked { stored, computed, removed });
    }
    Ok(looked)
}

/// Whether retention lists it; not if the list itself cannot be read.
async fn is_removed(connection: &mut SqliteConnection, position: Position, seq: i64) -> Result<bool, StoreError> {
    match removal_of(connection, position, seq).await {
        Err(StoreError::Corrupt { .. }) => Ok(false),
        read => Ok(read?.is_some()),
    }
}

/// Whether what stands beside the record, which no hash covers, follows from it: an event stands at its time or, where
/// that was full, after it.
fn is_in_place(event: &Stored) -> bool {
    let time = event.position.time();
    event.record.order_time() <= time && event.flags.contains(Flag::ClockSkew) == event.record.is_skewed()
}

/// The leaf hashes of these events, as far as the tree has them.
async fn leaves(connection: &mut SqliteConnection, seqs: &Range<i64>) -> Result<Vec<Option<NodeHash>>, StoreError> {
    let (from, to) = (seqs.start.cast_unsigned(), seqs.end.cast_unsigned());
    match read(&mut *connection, 0, from, to).await {
        Ok(hashes) => Ok(hashes.into_iter().map(Some).collect()),
        Err(StoreError::Corrupt { .. }) => {
            let mut leaves = Vec::new();
            for seq in from..to {
                leaves.push(hash_at(connection, 0, seq).await?);
            }
            Ok(leaves)
        }
        Err(error) => Err(error),
    }
}

/// The months whose events can be read.
async fn months(connection: &mut SqliteConnection) -> Result<Vec<Partition>, StoreError> {
    let months: Vec<i32> = sqlx::query_scalar(
        "SELECT month FROM partition JOIN sqlite_master ON name = printf('event_%06d', month) ORDER BY month",
    )
    .fetch_all(connection)
    .await?;
    Ok(months.into_iter().map(Partition).collect())
}

async fn position(connection: &mut SqliteConnection, seq: i64) -> Result<Option<Position>, StoreError> {
    match positions_of(connection, &(seq..seq + 1)).await {
        Ok(positions) => Ok(positions.first().copied()),
        Err(StoreError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The rows that stand there: their numbers and bodies, by position.
async fn rows_at(
    connection: &mut SqliteConnection,
    months: &[Partition],
    positions: &[Position],
) -> Result<HashMap<i64, (i64, Vec<u8>)>, StoreError> {
    let mut rows = HashMap::with_capacity(positions.len());
    for month in months {
        let here: Vec<_> = positions.iter().filter(|position| Partition::of(**position) == *month).collect();
        for chunk in chunks(&here) {
            let events = month.events();
            let places = vec!["?"; chunk.len()].join(",");
            let sql = format!("SELECT position, seq, body FROM {events} WHERE position IN ({places})");
            let query = chunk.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, position| query.bind(position.0));
            for row in query.fetch_all(&mut *connection).await? {
                rows.insert(row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?));
            }
        }
    }
    Ok(rows)
}
