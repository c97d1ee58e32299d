//! Pages and single events: every read takes a scope, and answers what lies in it alone.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use flightbox_domain::{
    filter::{Expr, Filter},
    page::{Cursor, Direction, Position, Range},
    scope::Scope,
};
use sqlx::{AssertSqlSafe, Row, sqlite::SqliteRow};

use crate::{Store, StoreError, Stored, append::BLOCK, codec::decode, partition::Partition};

/// Records that one request may decode to find matches that the index alone cannot tell.
const EXAMINED: usize = 20_000;

/// What to look for.
#[derive(Clone, Debug)]
pub struct Search {
    /// Which events.
    pub filter: Filter,
    /// Which of them the reader may see.
    pub scope: Scope,
    /// Between which positions.
    pub range: Range,
    /// Where to go on from; from the newest where there is none.
    pub cursor: Option<Cursor>,
    /// How many events make a page.
    pub limit: usize,
}

/// One page of matches.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The matches, newest first.
    pub events: Vec<Stored>,
    /// Where newer ones are, if there are any.
    pub newer: Option<Cursor>,
    /// Where older ones are, if there are any.
    pub older: Option<Cursor>,
    /// The search stopped here, at its bound on examined records, before the page was full. Going on is one click.
    pub searched_back_to: Option<DateTime<Utc>>,
}

/// A walk over positions in one direction.
pub(crate) struct Walk<'a> {
    pub(crate) expr: &'a Expr,
    pub(crate) range: Range,
    pub(crate) direction: Direction,
}

impl Search {
    /// The positions in question, the cursor aside.
    pub(crate) fn window(&self) -> Range {
        self.range.and(self.filter.range())
    }

    /// Flightbox's own record is left out unless the query asks for it.
    pub(crate) fn effective_scope(&self) -> Scope {
        if self.filter.asks_for_access() { self.scope.clone() } else { self.scope.without_access() }
    }
}

impl Store {
    /// One page of a search, newest first.
    pub async fn search(&self, search: &Search) -> Result<Page, StoreError> {
        let Some(cursor) = search.cursor else { return self.page(search, Direction::Older, search.window()).await };
        let beyond = match cursor.direction {
            Direction::Older => Range { from: Position::FIRST, to: cursor.position },
            Direction::Newer => Range { from: cursor.position.next(), to: Position::LAST },
        };
        let page = self.page(search, cursor.direction, search.window().and(beyond)).await?;
        // What is newer than the cursor may not fill a page; the first page shows it, and what was there before.
        if cursor.direction == Direction::Newer && page.newer.is_none() {
            let first = Search { cursor: None, ..search.clone() };
            return self.page(&first, Direction::Older, first.window()).await;
        }
        Ok(page)
    }

    async fn page(&self, search: &Search, direction: Direction, range: Range) -> Result<Page, StoreError> {
        let expr = search.filter.at_most(self.keys(), &search.effective_scope());
        let exact = search.filter.is_exact();
        let mut walk = Walk { expr: &expr, range, direction };
        let (mut events, mut examined, mut stopped) = (Vec::new(), 0, None);
        while events.len() <= search.limit {
            let wanted = if exact { search.limit + 1 - events.len() } else { search.limit.max(256) };
            let found = self.walk(&walk, wanted).await?;
            let Some(last) = found.last().map(|event| event.position) else { break };
            examined += found.len();
            events.extend(found.into_iter().filter(|event| exact || search.filter.matches(event.seq, &event.record)));
            walk.advance(last);
            if !exact && examined >= EXAMINED && events.len() <= search.limit {
                stopped = Some(last);
                break;
            }
        }
        Ok(assemble(search, direction, events, stopped))
    }

    /// The first events of a walk, in its order, undiscriminating.
    pub(crate) async fn walk(&self, walk: &Walk<'_>, wanted: usize) -> Result<Vec<Stored>, StoreError> {
        let mut events = Vec::with_capacity(wanted.min(1024));
        if *walk.expr == Expr::None || walk.range.is_empty() {
            return Ok(events);
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
            let rows = sqlx::query(AssertSqlSafe(sql))
                .bind(walk.expr.to_string())
                .bind(walk.range.from.0)
                .bind(walk.range.to.0)
                .bind((wanted - events.len()) as i64)
                .fetch_all(self.readers())
                .await?;
            for row in &rows {
                events.push(stored(row)?);
            }
            if events.len() >= wanted {
                break;
            }
        }
        Ok(events)
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

    /// The newest events that an expression finds.
    pub(crate) async fn newest(&self, expr: &Expr, wanted: usize) -> Result<Vec<Stored>, StoreError> {
        self.walk(&Walk { expr, range: Range::ALL, direction: Direction::Older }, wanted).await
    }

    /// The event of a sequence number, if it is in scope.
    pub async fn event(&self, scope: &Scope, seq: i64) -> Result<Option<Stored>, StoreError> {
        let (Some(block), Some(offset)) = (seq.checked_div(BLOCK), seq.checked_rem(BLOCK)) else { return Ok(None) };
        let position: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT substr(positions, ?, 8) FROM locator WHERE block = ?")
                .bind(offset * 8 + 1)
                .bind(block)
                .fetch_optional(self.readers())
                .await?;
        let Some(position) = position.filter(|_| seq >= 0).and_then(|bytes| bytes.try_into().ok()) else {
            return Ok(None);
        };
        let position = i64::from_be_bytes(position);
        let events = Partition::of(Position(position)).events();
        let sql = format!("SELECT position, seq, body FROM {events} WHERE position = ?");
        let row = sqlx::query(AssertSqlSafe(sql)).bind(position).fetch_optional(self.readers()).await?;
        let found = row.as_ref().map(stored).transpose()?.filter(|event| event.seq == seq);
        let missing =
            || StoreError::Corrupt { table: "event", row: format!("seq {seq}"), why: "is missing".to_owned() };
        let event = found.ok_or_else(missing)?;
        Ok(scope.allows(&event.record.source).then_some(event))
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
    fn advance(&mut self, last: Position) {
        match self.direction {
            Direction::Older => self.range.to = last,
            Direction::Newer => self.range.from = last.next(),
        }
    }
}

/// The page of what was found in walking order: at most one more than the limit, which tells that there is more.
fn assemble(search: &Search, direction: Direction, mut events: Vec<Stored>, stopped: Option<Position>) -> Page {
    let more = events.len() > search.limit;
    events.truncate(search.limit);
    if direction == Direction::Newer {
        events.reverse();
    }
    let at = |event: Option<&Stored>, direction| event.map(|event| Cursor { position: event.position, direction });
    let ahead = match stopped {
        Some(position) => Some(Cursor { position, direction }),
        None if more => at(if direction == Direction::Older { events.last() } else { events.first() }, direction),
        None => None,
    };
    let (newer, older) = match direction {
        Direction::Older => {
            // Whatever lay on the cursor's other side is still there.
            let behind = search.cursor.map(|cursor| cursor.position);
            let first = events.first().map(|event| event.position).or(behind.map(|at| Position(at.0 - 1)));
            (first.filter(|_| behind.is_some()).map(|position| Cursor { position, direction: Direction::Newer }), ahead)
        }
        Direction::Newer => (ahead, at(events.last(), Direction::Older)),
    };
    Page { searched_back_to: stopped.map(Position::time), events, newer, older }
}

fn stored(row: &SqliteRow) -> Result<Stored, StoreError> {
    let body: &[u8] = row.try_get(2)?;
    decode(row.try_get(0)?, row.try_get(1)?, body)
}
