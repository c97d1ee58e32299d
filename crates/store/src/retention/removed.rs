//! Which events are gone, and by which run: an event's number tells for good.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use flightbox_domain::{page::Position, scope::Scope};
use sqlx::{Row as _, SqliteConnection, SqliteExecutor};

use crate::{Store, StoreError, partition::Partition};

/// Ranges to a row.
const TOGETHER: usize = 2_000;

/// An event that retention removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The number of the event that says so.
    pub run: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The source that it was of.
    pub source: String,
}

/// Sequence numbers that are gone, by source.
#[derive(Debug, Default)]
pub(super) struct Gone(BTreeMap<String, Vec<i64>>);

impl Gone {
    pub(super) fn add(&mut self, source: &str, seq: i64) {
        match self.0.get_mut(source) {
            Some(seqs) => seqs.push(seq),
            None => _ = self.0.insert(source.to_owned(), vec![seq]),
        }
    }

    pub(super) fn events(&self) -> u64 {
        self.0.values().map(|seqs| seqs.len() as u64).sum()
    }

    /// Writes them down, within the transaction that removes them.
    pub(super) async fn write(
        mut self,
        connection: &mut SqliteConnection,
        month: Partition,
        run: i64,
    ) -> sqlx::Result<()> {
        for (source, seqs) in &mut self.0 {
            seqs.sort_unstable();
            for ranges in ranges(seqs).chunks(TOGETHER) {
                let (Some((first, _)), Some((_, last))) = (ranges.first(), ranges.last()) else { continue };
                sqlx::query("INSERT INTO removal (month, source, first, last, run, ranges) VALUES (?, ?, ?, ?, ?, ?)")
                    .bind(month.0)
                    .bind(source.as_str())
                    .bind(first)
                    .bind(last)
                    .bind(run)
                    .bind(pack(ranges))
                    .execute(&mut *connection)
                    .await?;
            }
        }
        Ok(())
    }
}

/// Rising numbers as ranges, both ends in them.
fn ranges(seqs: &[i64]) -> Vec<(i64, i64)> {
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for seq in seqs {
        match ranges.last_mut().filter(|(_, last)| last + 1 == *seq) {
            Some((_, last)) => *last = *seq,
            None => ranges.push((*seq, *seq)),
        }
    }
    ranges
}

/// Each range as how far behind the one before it starts, and how long it is.
fn pack(ranges: &[(i64, i64)]) -> Vec<u8> {
    let mut end = 0;
    let steps: Vec<(u64, u64)> = ranges
        .iter()
        .map(|(first, last)| {
            ((first - std::mem::replace(&mut end, *last)).unsigned_abs(), (last - first).unsigned_abs())
        })
        .collect();
    // Writing to a growing buffer fails only for want of memory, which aborts before it gets here.
    postcard::to_extend(&steps, Vec::new()).unwrap_or_default()
}

/// Whether a number is in packed ranges; `None` if these are none.
fn has(packed: &[u8], seq: i64) -> Option<bool> {
    let steps: Vec<(u64, u64)> = postcard::from_bytes(packed).ok()?;
    let mut end = 0u64;
    Some(steps.into_iter().any(|(step, length)| {
        let first = end.saturating_add(step);
        end = first.saturating_add(length);
        (first..=end).contains(&seq.unsigned_abs())
    }))
}

impl Store {
    /// What became of the event of a number that is no longer there, if it was in scope.
    pub async fn removed(&self, scope: &Scope, seq: i64) -> Result<Option<Removed>, StoreError> {
        let Some(position) = self.position_of(seq).await? else { return Ok(None) };
        let removal = self.removal_of(position, seq).await?;
        Ok(removal.filter(|removed| scope.allows(&removed.source)))
    }

    pub(crate) async fn removal_of(&self, position: Position, seq: i64) -> Result<Option<Removed>, StoreError> {
        removal_of(self.readers(), position, seq).await
    }
}

/// What became of the event that stood there, if retention removed it.
pub(crate) async fn removal_of(
    connection: impl SqliteExecutor<'_>,
    position: Position,
    seq: i64,
) -> Result<Option<Removed>, StoreError> {
    let rows = sqlx::query(
        "SELECT run, started_at, source, ranges FROM removal JOIN retention_run ON event = run
         WHERE month = ? AND first <= ? AND last >= ?",
    );
    let rows = rows.bind(Partition::of(position).0).bind(seq).bind(seq).fetch_all(connection).await?;
    for row in rows {
        let run: i64 = row.try_get(0)?;
        let corrupt = || StoreError::Corrupt {
            table: "removal",
            row: format!("run {run}"),
            why: "does not hold ranges".to_owned(),
        };
        if has(row.try_get(3)?, seq).ok_or_else(corrupt)? {
            let at = DateTime::from_timestamp_millis(row.try_get(1)?).unwrap_or_default();
            return Ok(Some(Removed { run, at, source: row.try_get(2)? }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_they_were_written() {
        let seqs = [0, 1, 2, 7, 9, 10, 1 << 40];
        let ranges = ranges(&seqs);
        assert_eq!(ranges, [(0, 2), (7, 7), (9, 10), (1 << 40, 1 << 40)]);
        let packed = pack(&ranges);
        for seq in 0..12 {
            assert_eq!(has(&packed, seq), Some(seqs.contains(&seq)), "{seq}");
        }
        assert_eq!(has(&packed, 1 << 40), Some(true));
        assert_eq!(has(&packed[..packed.len() - 1], 3), None);
    }
}
