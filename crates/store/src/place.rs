//! Where new events stand in order: each millisecond has 64 places, and who finds its own full moves on.

use std::collections::{BTreeMap, BTreeSet};

use flightbox_domain::page::Position;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use crate::partition::{Partition, chunks};

/// Crowded milliseconds whose overflow is remembered.
const CROWDED: usize = 64;

/// What the writer knows of the places that are taken. It may be wrong towards caution: a transaction that failed
/// leaves places behind that are free after all, and nothing needs to know.
#[derive(Default)]
pub(crate) struct Places {
    /// The last place taken in each partition: whatever comes later is free.
    last: BTreeMap<Partition, Position>,
    /// Where the overflow of a full millisecond ended, so that a log whose times are days is not searched each time.
    overflow: BTreeMap<Position, Position>,
}

impl Places {
    /// Reads which places are taken.
    pub(crate) async fn load(connection: &mut SqliteConnection, partitions: &[Partition]) -> sqlx::Result<Self> {
        let mut places = Self::default();
        for partition in partitions {
            let sql = format!("SELECT max(position) FROM {}", partition.events());
            let last: Option<i64> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *connection).await?;
            places.last.extend(last.map(|last| (*partition, Position(last))));
        }
        Ok(places)
    }

    /// Forgets a partition that has no events any more.
    pub(crate) fn forget(&mut self, partition: Partition) {
        self.last.remove(&partition);
    }

    /// Gives each event a place of its own, at or after the start of its millisecond, earlier events first.
    pub(crate) async fn assign(
        &mut self,
        connection: &mut SqliteConnection,
        starts: &[Position],
    ) -> sqlx::Result<Vec<Position>> {
        let mut order: Vec<usize> = (0..starts.len()).collect();
        order.sort_by_key(|at| starts[*at]);
        let taken = self.taken(connection, starts).await?;
        let mut places = vec![Position::FIRST; starts.len()];
        let mut before: Option<Position> = None;
        for at in order {
            let start = starts[at];
            let free = taken.get(&start).map_or(start, |last| last.next());
            let mut place = before.map_or(free, |before| free.max(before.next()));
            let known = |place: Position| {
                place.millisecond() == start || before.is_some_and(|before| before.millisecond() == place.millisecond())
            };
            if !known(place) {
                place = self.beyond(connection, start, place).await?;
            }
            (places[at], before) = (place, Some(place));
        }
        for place in &places {
            let last = self.last.entry(Partition::of(*place)).or_insert(*place);
            *last = (*last).max(*place);
        }
        Ok(places)
    }

    /// The first free place at or after one in another millisecond than the event's own.
    async fn beyond(
        &mut self,
        connection: &mut SqliteConnection,
        start: Position,
        place: Position,
    ) -> sqlx::Result<Position> {
        let mut place = self.overflow.get(&start).map_or(place, |end| place.max(*end));
        while let Some(last) = self.taken(connection, &[place.millisecond()]).await?.get(&place.millisecond())
            && *last >= place
        {
            place = last.next();
        }
        self.overflow.insert(start, place.next());
        if self.overflow.len() > CROWDED {
            self.overflow.pop_first();
        }
        Ok(place)
    }

    /// The last place taken in each of these milliseconds, where one is.
    async fn taken(
        &self,
        connection: &mut SqliteConnection,
        starts: &[Position],
    ) -> sqlx::Result<BTreeMap<Position, Position>> {
        let mut in_doubt: BTreeMap<Partition, BTreeSet<Position>> = BTreeMap::new();
        for start in starts {
            let partition = Partition::of(*start);
            if self.last.get(&partition).is_some_and(|last| start <= last) {
                in_doubt.entry(partition).or_default().insert(*start);
            }
        }
        let mut taken = BTreeMap::new();
        for (partition, starts) in in_doubt {
            let starts: Vec<_> = starts.into_iter().collect();
            for chunk in chunks(&starts) {
                let sql = format!(
                    "SELECT column1, (SELECT max(position) FROM {} WHERE position >= column1 AND position < column1 + {})
                     FROM (VALUES {})",
                    partition.events(),
                    Position::PER_MILLISECOND,
                    vec!["(?)"; chunk.len()].join(","),
                );
                let query = chunk.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, start| query.bind(start.0));
                for row in query.fetch_all(&mut *connection).await? {
                    let last: Option<i64> = row.try_get(1)?;
                    taken.extend(
                        last.map(|last| row.try_get(0).map(|start| (Position(start), Position(last)))).transpose()?,
                    );
                }
            }
        }
        Ok(taken)
    }
}
