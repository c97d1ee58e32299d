//! A month made anew beside itself, of what stays.

use std::{collections::BTreeMap, collections::BTreeSet, ops::Range};

use flightbox_domain::{glance::Glance, hold::HoldTest, page::Position};
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

use super::{portion::Portions, removed::Gone};
use crate::{
    Store, StoreError, blocks,
    codec::decode,
    partition::{Partition, chunks, placeholders},
    postings::Postings,
    tally::Left,
    transaction::begin_write,
};

/// Events that are read, looked at and copied together. The writer waits for one such transaction at most.
const CHUNK: i64 = 1_000;
/// Events that came meanwhile and are left for the transaction that swaps.
const LAST: i64 = 1_000;

impl Partition {
    /// The table of records that is being made.
    pub(super) fn next_events(self) -> String {
        format!("{}_next", self.events())
    }

    /// The index that is being made.
    pub(super) fn next_terms(self) -> String {
        format!("{}_next", self.terms())
    }
}

/// What becomes of a month: everything about it that the swap needs to know.
pub(super) struct Rebuilt {
    pub(super) month: Partition,
    /// The sources that are over there.
    pub(super) sources: BTreeSet<String>,
    /// What goes.
    pub(super) gone: Gone,
    pub(super) bytes: u64,
    /// What stays of those sources.
    pub(super) left: BTreeMap<String, Left>,
    pub(super) portions: Portions,
    /// Up to this sequence number the month is copied.
    pub(super) copied: i64,
    as_of: i64,
    holds: Vec<HoldTest>,
    store: Store,
}

/// A row on its way: its position, its sequence number, its body.
type Row = (i64, i64, Vec<u8>);

/// A row that stays, with its terms.
struct Staying(Row, String);

impl Rebuilt {
    /// Copies what stays, all but what comes in the last moment.
    pub(super) async fn of(
        store: &Store,
        month: Partition,
        sources: BTreeSet<String>,
        as_of: i64,
        holds: Vec<HoldTest>,
    ) -> Result<Self, StoreError> {
        begin(&mut *store.writing().await, month).await?;
        let (gone, left, portions) = Default::default();
        let (copied, store) = (store.events(), store.clone());
        let mut this = Self { month, sources, gone, bytes: 0, left, portions, copied, as_of, holds, store };
        let (mut from, sql) = (
            0,
            format!(
                "SELECT position, seq, body FROM {} WHERE position >= ? ORDER BY position LIMIT {CHUNK}",
                month.events()
            ),
        );
        loop {
            let query = sqlx::query_as(AssertSqlSafe(sql.clone())).bind(from);
            let mut rows: Vec<Row> = query.fetch_all(this.store.readers()).await?;
            let Some(last) = rows.last().map(|(position, ..)| *position) else { break };
            // What came after the start is carried over by its number, for it may stand behind this place, too.
            rows.retain(|(_, seq, _)| *seq < this.copied);
            let staying;
            (this, staying) = this.sifted(rows).await?;
            this.write(&mut *this.store.writing().await, staying).await?;
            from = last + 1;
        }
        this.catch_up().await
    }

    /// Carries over what has come meanwhile, until little is left to.
    async fn catch_up(mut self) -> Result<Self, StoreError> {
        while self.store.events() - self.copied > LAST {
            let seqs = self.copied..(self.copied + LAST);
            let rows = rows_of(&mut *self.store.writing().await, self.month, &seqs).await?;
            let staying;
            (self, staying) = self.sifted(rows).await?;
            self.write(&mut *self.store.writing().await, staying).await?;
            self.copied = seqs.end;
        }
        Ok(self)
    }

    /// Carries over the rest, within the transaction that swaps.
    pub(super) async fn finish(&mut self, connection: &mut SqliteConnection, events: i64) -> Result<(), StoreError> {
        let rows = rows_of(connection, self.month, &(self.copied..events)).await?;
        let staying = self.sift(rows)?;
        self.insert(connection, staying).await?;
        self.copied = events;
        Ok(())
    }

    /// [`Rebuilt::sift`] on a thread that may be busy for a while.
    async fn sifted(mut self, rows: Vec<Row>) -> Result<(Self, Vec<Staying>), StoreError> {
        let sifted = tokio::task::spawn_blocking(move || {
            let staying = self.sift(rows)?;
            Ok((self, staying))
        });
        sifted.await.unwrap_or_else(|error| Err(StoreError::Sql(sqlx::Error::Protocol(error.to_string()))))
    }

    /// Tells what stays of rows, and notes what goes.
    fn sift(&mut self, rows: Vec<Row>) -> Result<Vec<Staying>, StoreError> {
        let mut staying = Vec::with_capacity(rows.len());
        for row in rows {
            let (position, seq, body) = &row;
            let event = decode(*position, *seq, body)?;
            let source = event.record.source.as_str();
            if self.sources.contains(source) {
                // What came after the plan was made is not what it is about.
                if *seq < self.as_of && !self.holds.iter().any(|test| event.is_held(test)) {
                    self.gone.add(source, *seq);
                    self.bytes += body.len() as u64;
                    continue;
                }
                self.left.entry(source.to_owned()).or_default().add(event.position, &Glance::of(&event.record));
                self.portions.put(self.month, source, *seq, body.len(), event.record.received_at);
            }
            let terms = event.terms(self.store.keys());
            staying.push(Staying(row, terms));
        }
        Ok(staying)
    }

    async fn write(&self, connection: &mut SqliteConnection, staying: Vec<Staying>) -> Result<(), StoreError> {
        let mut transaction = begin_write(&mut *connection).await?;
        self.insert(&mut transaction, staying).await?;
        Ok(transaction.commit().await?)
    }

    async fn insert(&self, connection: &mut SqliteConnection, mut staying: Vec<Staying>) -> Result<(), StoreError> {
        staying.sort_unstable_by_key(|Staying((position, ..), _)| *position);
        for chunk in chunks(&staying) {
            let (events, values) = (self.month.next_events(), placeholders(chunk.len(), 3));
            let sql = format!("INSERT INTO {events} (position, seq, body) VALUES {values}");
            let insert = chunk.iter().fold(sqlx::query(AssertSqlSafe(sql)), |insert, Staying((at, seq, body), _)| {
                insert.bind(at).bind(seq).bind(body.as_slice())
            });
            insert.execute(&mut *connection).await?;
        }
        let postings = Postings::of(staying.iter().map(|Staying((position, ..), terms)| (*position, terms)));
        Ok(postings.insert(connection, &self.month.next_terms(), "t").await?)
    }
}

/// Makes the tables beside the month's own, empty whatever was there.
async fn begin(connection: &mut SqliteConnection, month: Partition) -> Result<(), StoreError> {
    let (events, terms) = (month.next_events(), month.next_terms());
    let mut transaction = begin_write(&mut *connection).await?;
    for statement in [
        format!("DROP TABLE IF EXISTS {events}"),
        format!("DROP TABLE IF EXISTS {terms}"),
        // What an earlier run has swapped away and could not erase.
        format!("DROP TABLE IF EXISTS {}", month.gone_events()),
        format!("DROP TABLE IF EXISTS {}", month.gone_terms()),
        Partition::create_events(&events),
        Partition::create_terms(&terms),
        Partition::merge_early(&terms),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}

/// The rows of a stretch of sequence numbers that stand in a month.
async fn rows_of(
    connection: &mut SqliteConnection,
    month: Partition,
    seqs: &Range<i64>,
) -> Result<Vec<Row>, StoreError> {
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let positions = blocks::positions_of(&mut *connection, seqs).await?.into_iter();
    let here = positions.filter(|position| Partition::of(*position) == month);
    let here: Vec<_> = here.map(|Position(position)| position.to_string()).collect();
    let sql = format!(
        "SELECT position, seq, body FROM {} WHERE position IN (SELECT value FROM json_each(?)) AND seq >= ?",
        month.events()
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(format!("[{}]", here.join(","))).bind(seqs.start);
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
}
