//! Where every event stands, by its sequence number alone. Many share a row, so that each costs little more than its
//! bytes.

use std::ops::Range;

use flightbox_domain::page::Position;
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

use crate::{
    StoreError,
    partition::{chunks, placeholders},
};

/// Positions to a row of `locator`.
const POSITIONS: i64 = 256;

/// The last row, as far as it is filled.
#[derive(Clone, Default)]
pub(crate) struct Blocks {
    len: i64,
    /// Each position as its difference from the one before, in the variable length of [`push_varint`].
    positions: Vec<u8>,
    last: i64,
}

impl Blocks {
    pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let last = sqlx::query("SELECT block, positions FROM locator ORDER BY block DESC LIMIT 1");
        let Some(row) = last.fetch_optional(&mut *connection).await? else { return Ok(Self::default()) };
        let (block, mut positions): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        let known = unpack(block, &positions)?;
        let len = block.checked_mul(POSITIONS).and_then(|before| before.checked_add(known.len() as i64));
        let beyond = || "is a block beyond all events".to_owned();
        let len = len.ok_or_else(|| StoreError::Corrupt { table: "locator", row: block.to_string(), why: beyond() })?;
        // A row that is full is not gone on with.
        if len % POSITIONS == 0 {
            positions.clear();
        }
        let last = if positions.is_empty() { 0 } else { known.last().map_or(0, |last| last.0) };
        Ok(Self { len, positions, last })
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> i64 {
        self.len
    }

    /// These blocks with more events, which are written; they hold once the transaction is committed.
    pub(crate) async fn with(
        &self,
        connection: &mut SqliteConnection,
        events: impl Iterator<Item = Position>,
    ) -> sqlx::Result<Self> {
        let mut blocks = self.clone();
        let mut locators = Vec::new();
        for position in events {
            push_varint(&mut blocks.positions, position.0.wrapping_sub(blocks.last));
            blocks.last = position.0;
            blocks.len += 1;
            if blocks.len % POSITIONS == 0 {
                locators.push(((blocks.len - 1) / POSITIONS, std::mem::take(&mut blocks.positions)));
                blocks.last = 0;
            }
        }
        if !blocks.positions.is_empty() {
            locators.push((blocks.len / POSITIONS, blocks.positions.clone()));
        }
        write(connection, "locator (block, positions)", &locators).await?;
        Ok(blocks)
    }
}

/// Writes rows of a number and bytes, in place of those that have the number.
pub(crate) async fn write(connection: &mut SqliteConnection, into: &str, rows: &[(i64, Vec<u8>)]) -> sqlx::Result<()> {
    for chunk in chunks(rows) {
        let sql = format!("INSERT OR REPLACE INTO {into} VALUES {}", placeholders(chunk.len(), 2));
        let insert = sqlx::query(AssertSqlSafe(sql));
        let insert = chunk.iter().fold(insert, |insert, (block, bytes)| insert.bind(block).bind(bytes.as_slice()));
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Where an event stands; `None` where there is no such event.
pub(crate) async fn position_of(
    connection: impl sqlx::SqliteExecutor<'_>,
    seq: i64,
) -> Result<Option<Position>, StoreError> {
    let block = seq.div_euclid(POSITIONS);
    let row = sqlx::query_scalar("SELECT positions FROM locator WHERE block = ?").bind(block);
    let Some(positions): Option<Vec<u8>> = row.fetch_optional(connection).await? else { return Ok(None) };
    Ok(unpack(block, &positions)?.get(seq.rem_euclid(POSITIONS) as usize).copied())
}

/// Where the events of a stretch of sequence numbers stand, as many as there are.
pub(crate) async fn positions_of(
    connection: impl sqlx::SqliteExecutor<'_>,
    seqs: &Range<i64>,
) -> Result<Vec<Position>, StoreError> {
    let rows = sqlx::query("SELECT block, positions FROM locator WHERE block BETWEEN ? AND ? ORDER BY block")
        .bind(seqs.start.div_euclid(POSITIONS))
        .bind((seqs.end - 1).div_euclid(POSITIONS));
    let mut found = Vec::new();
    for row in rows.fetch_all(connection).await? {
        let block: i64 = row.try_get(0)?;
        let numbered = (block * POSITIONS..).zip(unpack(block, row.try_get(1)?)?);
        found.extend(numbered.filter(|(seq, _)| seqs.contains(seq)).map(|(_, position)| position));
    }
    Ok(found)
}

/// Where the events of these sequence numbers stand, as far as there are any. The numbers rise.
pub(crate) async fn positions_at(
    connection: impl sqlx::SqliteExecutor<'_>,
    seqs: &[i64],
) -> Result<Vec<Position>, StoreError> {
    let mut blocks: Vec<_> = seqs.iter().map(|seq| seq.div_euclid(POSITIONS)).collect();
    blocks.dedup();
    let wanted: Vec<_> = blocks.iter().map(i64::to_string).collect();
    let rows = sqlx::query("SELECT block, positions FROM locator WHERE block IN (SELECT value FROM json_each(?))")
        .bind(format!("[{}]", wanted.join(",")));
    let mut found = Vec::with_capacity(seqs.len());
    for row in rows.fetch_all(connection).await? {
        let block: i64 = row.try_get(0)?;
        let numbered = (block * POSITIONS..).zip(unpack(block, row.try_get(1)?)?);
        found.extend(numbered.filter(|(seq, _)| seqs.binary_search(seq).is_ok()).map(|(_, position)| position));
    }
    Ok(found)
}

/// Seven bits to a byte, the lowest first, with the sign in the lowest bit: small differences either way stay short.
fn push_varint(out: &mut Vec<u8>, number: i64) {
    let mut rest = ((number << 1) ^ (number >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn unpack(block: i64, bytes: &[u8]) -> Result<Vec<Position>, StoreError> {
    let (mut positions, mut last, mut number, mut shift) = (Vec::with_capacity(POSITIONS as usize), 0i64, 0u64, 0);
    for byte in bytes {
        number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if byte & 0x80 == 0 {
            last = last.wrapping_add((number >> 1).cast_signed() ^ -(number & 1).cast_signed());
            positions.push(Position(last));
            (number, shift) = (0, 0);
        }
    }
    let whole = shift == 0 && positions.len() as i64 <= POSITIONS && !positions.is_empty();
    let why = || "does not hold whole positions".to_owned();
    if whole {
        Ok(positions)
    } else {
        Err(StoreError::Corrupt { table: "locator", row: block.to_string(), why: why() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_as_they_were_written() {
        let written = [0, 1, 1 << 46, 63, i64::MAX, 0, i64::MAX - 1, 127, 1 << 40].map(Position);
        let (mut bytes, mut last) = (Vec::new(), 0);
        for position in written {
            push_varint(&mut bytes, position.0.wrapping_sub(last));
            last = position.0;
        }
        assert_eq!(unpack(0, &bytes).unwrap(), written);
        assert!(unpack(0, &bytes[..bytes.len() - 1]).is_err());
        assert!(unpack(0, &[]).is_err());
    }
}
