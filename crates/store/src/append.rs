//! One transaction of the log: batches in, sequence numbers and leaf hashes out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use flightbox_domain::{keys::Keys, page::Position, record::LeafHash};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::{
    AppendError, Prepared, StoreError,
    blocks::{Blocks, leaf_hash},
    identity::{self, Identities},
    novelty::Actors,
    partition::{Partition, chunks, placeholders},
    place::Places,
    tally::Values,
};

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// One receipt an event, in the order of the batch.
    pub receipts: Vec<Receipt>,
    /// How many of them were there before.
    pub duplicates: usize,
}

/// Proof to a producer that its event is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The producer's id.
    pub id: Option<String>,
    /// The event's sequence number.
    pub seq: i64,
    /// The hash of its record.
    pub leaf: LeafHash,
}

/// What the writer knows between two transactions.
pub(crate) struct Log {
    blocks: Blocks,
    partitions: BTreeSet<Partition>,
    places: Places,
    identities: Identities,
    actors: Actors,
    values: Values,
}

/// An event that is not in the log yet.
struct New {
    seq: i64,
    /// Its place in order; until it has one, the start of its millisecond.
    position: Position,
    event: Prepared,
}

impl Log {
    /// Reads where the log stands.
    pub(crate) async fn load(connection: &mut SqliteConnection, keys: &Keys) -> Result<Self, StoreError> {
        let months: Vec<i32> = sqlx::query_scalar("SELECT month FROM partition").fetch_all(&mut *connection).await?;
        let partitions: Vec<_> = months.into_iter().map(Partition).collect();
        Ok(Self {
            blocks: Blocks::load(connection).await?,
            places: Places::load(connection, &partitions).await?,
            partitions: partitions.into_iter().collect(),
            identities: Identities::load(connection).await?,
            actors: Actors::load(connection, keys).await?,
            values: Values::load(connection).await?,
        })
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> i64 {
        self.blocks.len()
    }

    /// Appends batches in one transaction; each is taken or refused on its own. The outer error refuses all.
    pub(crate) async fn append(
        &mut self,
        connection: &mut SqliteConnection,
        batches: Vec<Vec<Prepared>>,
    ) -> Result<Vec<Result<Appended, AppendError>>, AppendError> {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut new = Vec::new();
        let mut seen = HashMap::new();
        let mut answers = Vec::with_capacity(batches.len());
        for batch in batches {
            answers.push(self.admit(&mut transaction, batch, &mut new, &mut seen).await?);
        }
        if new.is_empty() {
            transaction.rollback().await?;
            return Ok(answers);
        }
        let starts: Vec<_> = new.iter().map(|new| new.position).collect();
        let places = self.places.assign(&mut transaction, &starts).await?;
        for (new, place) in new.iter_mut().zip(places) {
            new.position = place;
            new.event.place(place);
        }
        self.actors.flag(&mut transaction, new.iter_mut().map(|new| &mut new.event)).await?;
        let created = self.write(&mut transaction, &new).await?;
        let blocks = new.iter().map(|new| (new.position, new.event.leaf));
        let blocks = self.blocks.with(&mut transaction, blocks).await?;
        let ids: Vec<_> =
            new.iter().filter_map(|new| Some((new.seq, new.event.identity?, new.event.content))).collect();
        identity::insert(&mut transaction, &ids).await?;
        self.values.count(&mut transaction, new.iter().map(|new| (new.position, &new.event.tallied))).await?;
        transaction.commit().await?;

        self.values.committed();
        self.actors.committed();
        self.blocks = blocks;
        self.partitions.extend(created);
        ids.iter().for_each(|(_, identity, _)| self.identities.insert(identity));
        Ok(answers)
    }

    /// Decides what of a batch is new. A conflict refuses the batch and leaves `new` and `seen` as they were.
    async fn admit(
        &self,
        connection: &mut SqliteConnection,
        batch: Vec<Prepared>,
        new: &mut Vec<New>,
        seen: &mut HashMap<[u8; 16], (i64, [u8; 8], LeafHash)>,
    ) -> Result<Result<Appended, AppendError>, AppendError> {
        let before = new.len();
        let mut receipts = Vec::with_capacity(batch.len());
        let mut duplicates = 0;
        for (index, event) in batch.into_iter().enumerate() {
            let earlier = match event.identity {
                Some(identity) => self.earlier(connection, &identity, &event.content, seen).await?,
                None => None,
            };
            match earlier {
                Some(Earlier { seq, same: false, .. }) => {
                    for undone in new.drain(before..) {
                        undone.event.identity.map(|identity| seen.remove(&identity));
                    }
                    let id = event.id.unwrap_or_default();
                    return Ok(Err(AppendError::Conflict { index, id, seq }));
                }
                Some(Earlier { seq, leaf, .. }) => {
                    duplicates += 1;
                    receipts.push(Receipt { id: event.id, seq, leaf });
                }
                None => {
                    let seq = self.len() + new.len() as i64;
                    event.identity.map(|identity| seen.insert(identity, (seq, event.content, event.leaf)));
                    receipts.push(Receipt { id: event.id.clone(), seq, leaf: event.leaf });
                    new.push(New { seq, position: Position::start_of(event.order_time), event });
                }
            }
        }
        Ok(Ok(Appended { receipts, duplicates }))
    }

    /// The event that has the id already, in this transaction or in the database.
    async fn earlier(
        &self,
        connection: &mut SqliteConnection,
        identity: &[u8; 16],
        content: &[u8; 8],
        seen: &HashMap<[u8; 16], (i64, [u8; 8], LeafHash)>,
    ) -> Result<Option<Earlier>, AppendError> {
        if let Some((seq, known, leaf)) = seen.get(identity) {
            return Ok(Some(Earlier { seq: *seq, same: known == content, leaf: *leaf }));
        }
        if !self.identities.may_contain(identity) {
            return Ok(None);
        }
        let Some(found) = identity::find(connection, identity).await? else { return Ok(None) };
        let leaf = leaf_hash(connection, found.seq).await?;
        Ok(Some(Earlier { seq: found.seq, same: found.is(content), leaf }))
    }

    /// Writes records and terms, partition by partition; tells which partitions are new.
    async fn write(&self, connection: &mut SqliteConnection, new: &[New]) -> Result<Vec<Partition>, AppendError> {
        let mut by_partition: BTreeMap<Partition, Vec<usize>> = BTreeMap::new();
        for (at, new) in new.iter().enumerate() {
            by_partition.entry(Partition::of(new.position)).or_default().push(at);
        }
        let mut created = Vec::new();
        for (partition, members) in &mut by_partition {
            if !self.partitions.contains(partition) {
                partition.create(connection).await?;
                created.push(*partition);
            }
            // The index flushes whenever a rowid goes backwards.
            members.sort_unstable_by_key(|at| new[*at].position);
            let rows: Vec<&New> = members.iter().map(|at| &new[*at]).collect();
            insert(connection, *partition, &rows).await?;
        }
        Ok(created)
    }
}

struct Earlier {
    seq: i64,
    same: bool,
    leaf: LeafHash,
}

async fn insert(connection: &mut SqliteConnection, partition: Partition, rows: &[&New]) -> sqlx::Result<()> {
    let (events, terms) = (partition.events(), partition.terms());
    for chunk in chunks(rows) {
        let sql = format!("INSERT INTO {events} (position, seq, body) VALUES {}", placeholders(chunk.len(), 3));
        let mut records = sqlx::query(AssertSqlSafe(sql));
        let sql = format!("INSERT INTO {terms} (rowid, t) VALUES {}", placeholders(chunk.len(), 2));
        let mut postings = sqlx::query(AssertSqlSafe(sql));
        for new in chunk {
            records = records.bind(new.position.0).bind(new.seq).bind(new.event.body.as_slice());
            postings = postings.bind(new.position.0).bind(new.event.terms.as_str());
        }
        records.execute(&mut *connection).await?;
        postings.execute(&mut *connection).await?;
    }
    Ok(())
}
