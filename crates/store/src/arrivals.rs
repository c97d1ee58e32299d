//! What has come since somebody last looked.

use std::ops::Range as Span;

use flightbox_domain::{
    page::{Direction, Position},
    scope::Scope,
};
use tokio::sync::watch;

use crate::{Search, Store, StoreError, Stored, blocks, codec::decode, walk::Walk};

/// Candidates that are read at once.
const CHUNK: usize = 256;
/// Candidates that one look may read; what lies beyond them is not told.
const EXAMINED: usize = 2_048;
/// Sequence numbers that one look may look up, to know where in order they begin.
const LOOKED_UP: i64 = 20_000;

/// Matches that were stored within a stretch of sequence numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrivals {
    /// The newest of them in order, newest first.
    pub events: Vec<Stored>,
    /// Whether there may be more than these.
    pub more: bool,
}

impl Store {
    /// How many events the log had when last one came that a reader of that scope might be shown, and word of each such
    /// commit. What Flightbox records of its own readers wakes nobody who cannot see it, and outdates nothing that was
    /// counted for them.
    pub fn growth(&self, scope: &Scope) -> watch::Receiver<i64> {
        let writer = &self.shared.writer;
        if scope.includes_access() { writer.committed() } else { writer.told() }.clone()
    }

    /// The matches of a search, its cursor aside, that have one of these sequence numbers: as many of the newest as it
    /// has room for. What that costs depends on how many there are, not on the size of the log.
    pub async fn arrivals(&self, search: &Search, seqs: Span<i64>) -> Result<Arrivals, StoreError> {
        self.readers().patiently(self.arrived(search, seqs)).await
    }

    async fn arrived(&self, search: &Search, seqs: Span<i64>) -> Result<Arrivals, StoreError> {
        let search = &*self.narrowed(search).await?;
        let expr = search.filter.at_most(self.keys(), &search.effective_scope());
        let exact = search.filter.is_exact();
        let mut range = search.window();
        range.from = range.from.max(self.lowest(&seqs).await?);
        let mut walk = Walk { expr: &expr, range, direction: Direction::Older };
        let (mut events, mut examined) = (Vec::new(), 0);
        loop {
            let mut last = range.from;
            let found = self
                .each(&walk, CHUNK, |row| {
                    last = row.position;
                    if seqs.contains(&row.seq) && events.len() <= search.limit {
                        let event = decode(row.position.0, row.seq, row.body)?;
                        if exact || event.passes(&search.filter) {
                            events.push(event);
                        }
                    }
                    Ok(())
                })
                .await?;
            examined += found;
            let all = found < CHUNK;
            if all || events.len() > search.limit || examined >= EXAMINED {
                let more = !all || events.len() > search.limit;
                events.truncate(search.limit);
                return Ok(Arrivals { events, more });
            }
            walk.advance(last);
        }
    }

    /// A position before which none of these events stands; the first of all where they are too many to look up.
    async fn lowest(&self, seqs: &Span<i64>) -> Result<Position, StoreError> {
        if seqs.end - seqs.start > LOOKED_UP {
            return Ok(Position::FIRST);
        }
        let positions = blocks::positions_of(self.readers(), seqs).await?;
        Ok(positions.into_iter().min().unwrap_or(Position::LAST))
    }
}
