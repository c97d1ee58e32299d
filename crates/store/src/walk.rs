//! Walking posting lists, partition by partition, from the newest end or the oldest.

use std::collections::BTreeMap;

use flightbox_domain::{
    filter::Expr,
    page::{Direction, Position, Range},
};
use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Row as _};

use crate::{Store, StoreError, Stored, codec::decode, partition::Partition};

/// A walk over positions in one direction.
pub(crate) struct Walk<'a> {
    pub(crate) expr: &'a Expr,
    pub(crate) range: Range,
    pub(crate) direction: Direction,
}

/// A stored event that nobody has decoded yet.
pub(crate) struct Row<'a> {
    pub(crate) position: Position,
    pub(crate) seq: i64,
    pub(crate) body: &'a [u8],
}

impl Store {
    /// The first events of a walk, in its order, undiscriminating.
    pub(crate) async fn walk(&self, walk: &Walk<'_>, wanted: usize) -> Result<Vec<Stored>, StoreError> {
        let mut events = Vec::with_capacity(wanted.min(1024));
        self.each(walk, wanted, |row| {
            events.push(decode(row.position.0, row.seq, row.body)?);
            Ok(())
        })
        .await?;
        Ok(events)
    }

    /// Hands over the first rows of a walk, in its order; tells how many.
    pub(crate) async fn each(
        &self,
        walk: &Walk<'_>,
        wanted: usize,
        mut look: impl FnMut(Row<'_>) -> Result<(), StoreError>,
    ) -> Result<usize, StoreError> {
        let mut seen = 0;
        if *walk.expr == Expr::None || walk.range.is_empty() {
            return Ok(seen);
        }
        for partitions in few_at_once(self.partitions(walk.range, walk.direction)) {
            let sql = one_after_the_other(&partitions, wanted, |partition| {
                let (events, found, order) = (partition.events(), walk.found(partition, wanted), walk.order());
                format!(
                    "SELECT position, seq, body FROM {events} WHERE position IN ({found}) ORDER BY position {order}"
                )
            });
            let query = sqlx::query(AssertSqlSafe(sql)).bind(walk.expr.to_string());
            let mut rows = query.bind(walk.range.from.0).bind(walk.range.to.0).fetch(self.readers());
            while seen < wanted
                && let Some(row) = rows.try_next().await?
            {
                look(Row { position: Position(row.try_get(0)?), seq: row.try_get(1)?, body: row.try_get(2)? })?;
                seen += 1;
            }
            if seen >= wanted {
                break;
            }
        }
        Ok(seen)
    }

    /// Where the first events of a walk stand, in its order; no record is read for it.
    pub(crate) async fn positions(&self, walk: &Walk<'_>, wanted: usize) -> Result<Vec<Position>, StoreError> {
        let mut positions = Vec::new();
        if *walk.expr == Expr::None || walk.range.is_empty() {
            return Ok(positions);
        }
        for partitions in few_at_once(self.partitions(walk.range, walk.direction)) {
            // One row that holds all: thousands of rows of a number each take longer than the walk itself.
            let found = one_after_the_other(&partitions, wanted, |partition| walk.found(partition, wanted));
            let query = sqlx::query_scalar(AssertSqlSafe(format!("SELECT group_concat(rowid, ' ') FROM ({found})")));
            let query = query.bind(walk.expr.to_string()).bind(walk.range.from.0).bind(walk.range.to.0);
            let all: Option<String> = query.fetch_one(self.readers()).await?;
            let all = all.unwrap_or_default();
            positions.extend(all.split_ascii_whitespace().filter_map(|position| position.parse().ok()).map(Position));
            if positions.len() >= wanted {
                positions.truncate(wanted);
                break;
            }
        }
        Ok(positions)
    }

    /// Hands over the rows that stand at these positions, in any order.
    pub(crate) async fn each_at(
        &self,
        positions: &[Position],
        mut look: impl FnMut(Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut by_partition: BTreeMap<Partition, Vec<String>> = BTreeMap::new();
        for position in positions {
            by_partition.entry(Partition::of(*position)).or_default().push(position.0.to_string());
        }
        for (partition, positions) in by_partition {
            let events = partition.events();
            let sql =
                format!("SELECT position, seq, body FROM {events} WHERE position IN (SELECT value FROM json_each(?))");
            let query = sqlx::query(AssertSqlSafe(sql)).bind(format!("[{}]", positions.join(",")));
            let mut rows = query.fetch(self.readers());
            while let Some(row) = rows.try_next().await? {
                look(Row { position: Position(row.try_get(0)?), seq: row.try_get(1)?, body: row.try_get(2)? })?;
            }
        }
        Ok(())
    }

    /// The newest or oldest event that an expression finds, if any passes the test; a bounded look.
    pub(crate) async fn first_that(
        &self,
        expr: &Expr,
        direction: Direction,
        test: impl Fn(&Stored) -> bool,
    ) -> Result<Option<Stored>, StoreError> {
        let mut walk = Walk { expr, range: Range::ALL, direction };
        for wanted in [1, 64, 1024] {
            let found = self.walk(&walk, wanted).await?;
            let Some(last) = found.last().map(|event| event.position) else { return Ok(None) };
            if let Some(event) = found.into_iter().find(&test) {
                return Ok(Some(event));
            }
            walk.advance(last);
        }
        Ok(None)
    }

    /// The position of the last event that an expression finds, or of the first.
    pub(crate) async fn edge(&self, expr: &Expr, direction: Direction) -> Result<Option<Position>, StoreError> {
        let mut edge = None;
        let walk = Walk { expr, range: Range::ALL, direction };
        self.each(&walk, 1, |row| {
            edge = Some(row.position);
            Ok(())
        })
        .await?;
        Ok(edge)
    }

    /// The newest events that an expression finds.
    pub(crate) async fn newest(&self, expr: &Expr, wanted: usize) -> Result<Vec<Stored>, StoreError> {
        self.walk(&Walk { expr, range: Range::ALL, direction: Direction::Older }, wanted).await
    }

    /// The partitions that a range meets, in the order of a direction.
    pub(crate) fn partitions(&self, range: Range, direction: Direction) -> Vec<Partition> {
        self.shared.partitions.meeting(range, direction)
    }
}

/// Partitions for one statement each: the first by itself, which is enough for most pages, and then some together, for
/// the way to a reader's thread and back costs more than to find a month empty.
pub(crate) fn few_at_once(partitions: Vec<Partition>) -> Vec<Vec<Partition>> {
    const TOGETHER: usize = 12;
    let (first, rest) = partitions.split_at(partitions.len().min(1));
    first.chunks(1).chain(rest.chunks(TOGETHER)).map(<[_]>::to_vec).collect()
}

/// A statement that asks partitions in turn: SQLite begins with an arm of `UNION ALL` when it is done with the one before,
/// and never where the limit is reached earlier.
pub(crate) fn one_after_the_other(partitions: &[Partition], most: usize, arm: impl Fn(Partition) -> String) -> String {
    let arms: Vec<_> = partitions.iter().map(|partition| format!("SELECT * FROM ({})", arm(*partition))).collect();
    format!("{} LIMIT {most}", arms.join(" UNION ALL "))
}

impl Walk<'_> {
    fn order(&self) -> &'static str {
        match self.direction {
            Direction::Older => "DESC",
            Direction::Newer => "ASC",
        }
    }

    /// The statement that walks one partition: its parameters are the expression and both ends of the range. The limit
    /// stands in it as a number: as a parameter it would make SQLite plan the statement anew each time.
    fn found(&self, partition: Partition, most: usize) -> String {
        let (terms, order) = (partition.terms(), self.order());
        format!(
            "SELECT rowid FROM {terms} WHERE {terms} MATCH ?1 AND rowid >= ?2 AND rowid < ?3 ORDER BY rowid {order} LIMIT {most}"
        )
    }

    /// Leaves out what was walked.
    pub(crate) fn advance(&mut self, last: Position) {
        match self.direction {
            Direction::Older => self.range.to = last,
            Direction::Newer => self.range.from = last.next(),
        }
    }
}
