//! Walking posting lists, partition by partition, from the newest end or the oldest.

use std::collections::BTreeSet;

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
        let order = match walk.direction {
            Direction::Older => "DESC",
            Direction::Newer => "ASC",
        };
        for partition in self.partitions(walk.range, walk.direction).await? {
            let (table, terms) = (partition.events(), partition.terms());
            let sql = format!(
                "SELECT position, seq, body FROM {table} WHERE position IN (
                     SELECT rowid FROM {terms} WHERE {terms} MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid {order} LIMIT ?
                 ) ORDER BY position {order}"
            );
            let mut rows = sqlx::query(AssertSqlSafe(sql))
                .bind(walk.expr.to_string())
                .bind(walk.range.from.0)
                .bind(walk.range.to.0)
                .bind((wanted - seen) as i64)
                .fetch(self.readers());
            while let Some(row) = rows.try_next().await? {
                look(Row { position: Position(row.try_get(0)?), seq: row.try_get(1)?, body: row.try_get(2)? })?;
                seen += 1;
            }
            if seen >= wanted {
                break;
            }
        }
        Ok(seen)
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

    pub(crate) async fn partitions(&self, range: Range, direction: Direction) -> Result<Vec<Partition>, StoreError> {
        let months: Vec<i32> = sqlx::query_scalar("SELECT month FROM partition").fetch_all(self.readers()).await?;
        let meeting: BTreeSet<_> =
            months.into_iter().map(Partition).filter(|partition| partition.meets(range)).collect();
        Ok(match direction {
            Direction::Older => meeting.into_iter().rev().collect(),
            Direction::Newer => meeting.into_iter().collect(),
        })
    }
}

impl Walk<'_> {
    /// Leaves out what was walked.
    pub(crate) fn advance(&mut self, last: Position) {
        match self.direction {
            Direction::Older => self.range.to = last,
            Direction::Newer => self.range.from = last.next(),
        }
    }
}
