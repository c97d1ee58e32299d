//! One transaction of the log: batches in, sequence numbers and leaf hashes out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use flightbox_domain::{keys::Keys, page::Position, record::LeafHash};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{
    AppendError, Appended, Conflict, Prepared, Receipt, StoreError,
    blocks::Blocks,
    identity::{self, Identities},
    novelty::Actors,
    partition::{Partition, Partitions, chunks, placeholders},
    place::Places,
    postings::Postings,
    retention::Portions,
    shapes::Shapes,
    tally::Values,
    transaction::begin_write,
    tree::{Tree, leaf_hash},
};

/// What the writer knows between two transactions.
pub(crate) struct Log {
    blocks: Blocks,
    /// `None` only where it is measured what it costs.
    tree: Option<Tree>,
    pub(crate) partitions: Partitions,
    pub(crate) places: Places,
    identities: Identities,
    pub(crate) actors: Actors,
    pub(crate) values: Values,
    /// Partitions whose indexes may have something to merge.
    untidy: BTreeSet<Partition>,
    pub(crate) shapes: Shapes,
}

/// What comes at once.
pub(crate) struct Batch {
    pub(crate) events: Vec<Prepared>,
    /// Whether an event whose id another one has is left out, rather than all refused for it.
    pub(crate) part: bool,
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
        let blocks = Blocks::load(connection).await?;
        Ok(Self {
            tree: Some(Tree::load(connection, blocks.len().cast_unsigned()).await?),
            blocks,
            places: Places::load(connection, &partitions).await?,
            untidy: partitions.iter().copied().collect(),
            partitions: Partitions::new(partitions),
            identities: Identities::load(connection).await?,
            actors: Actors::load(connection, keys).await?,
            values: Values::load(connection).await?,
            shapes: Shapes::load(connection).await?,
        })
    }

    /// The partitions that have events, now and from now on.
    pub(crate) fn partitions(&self) -> &Partitions {
        &self.partitions
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> i64 {
        self.blocks.len()
    }

    /// Appends batches in one transaction; each is taken or refused on its own. The outer error refuses all.
    pub(crate) async fn append(
        &mut self,
        connection: &mut SqliteConnection,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Appended, AppendError>>, AppendError> {
        let mut transaction = begin_write(connection).await?;
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
        let created = self.write_records(&mut transaction, &new).await?;
        let blocks = self.blocks.with(&mut transaction, new.iter().map(|new| new.position)).await?;
        let tree = match &self.tree {
            Some(tree) => Some(tree.with(&mut transaction, new.iter().map(|new| new.event.leaf)).await?),
            None => None,
        };
        self.values.count(&mut transaction, new.iter().map(|new| (new.position, &new.event.tallied))).await?;
        let events = || new.iter().map(|new| (new.position, new.seq, &new.event));
        self.shapes.remember(&mut transaction, events()).await?;
        Portions::of(events()).add(&mut transaction).await?;
        // The inverted indexes come last, see `postings.rs`.
        let ids: Vec<_> =
            new.iter().filter_map(|new| Some((new.seq, new.event.identity?, new.event.content))).collect();
        identity::insert(&mut transaction, &ids).await?;
        for (partition, rows) in by_partition(&new) {
            let postings = Postings::of(rows.into_iter().map(|new| (new.position.0, &new.event.terms)));
            postings.insert(&mut transaction, &partition.terms(), "t").await?;
        }
        transaction.commit().await?;

        self.values.committed();
        self.shapes.committed();
        self.actors.committed();
        self.blocks = blocks;
        self.tree = tree;
        self.partitions.add(created);
        self.untidy.extend(new.iter().map(|new| Partition::of(new.position)));
        ids.iter().for_each(|(_, identity, _)| self.identities.insert(identity));
        // Thousands of texts: whoever waits need not wait for that.
        tokio::task::spawn_blocking(move || drop(new));
        Ok(answers)
    }

    /// Grows no tree from now on.
    #[cfg(feature = "without-tree")]
    pub(crate) fn forgo_tree(&mut self) {
        self.tree = None;
    }

    /// Notes that a month's index was written anew.
    pub(crate) fn disturb(&mut self, month: Partition) {
        self.untidy.insert(month);
    }

    /// Whether there is something to do in a quiet moment.
    pub(crate) fn is_untidy(&self) -> bool {
        !self.untidy.is_empty()
    }

    /// Merges a little of one index.
    pub(crate) async fn tidy(&mut self, connection: &mut SqliteConnection) {
        let Some(partition) = self.untidy.first().copied() else { return };
        let merged = match self.partitions.contains(partition) {
            true => partition.merge(connection).await,
            false => Ok(false),
        };
        if let Err(error) = &merged {
            tracing::warn!(%error, "an index was not merged; it is slower to read until it is");
        }
        if !merged.unwrap_or(false) {
            self.untidy.remove(&partition);
        }
    }

    /// Decides what of a batch is new. A conflict that refuses the batch leaves `new` and `seen` as they were.
    async fn admit(
        &self,
        connection: &mut SqliteConnection,
        batch: Batch,
        new: &mut Vec<New>,
        seen: &mut HashMap<[u8; 16], (i64, [u8; 8], LeafHash)>,
    ) -> Result<Result<Appended, AppendError>, AppendError> {
        let before = new.len();
        let mut receipts = Vec::with_capacity(batch.events.len());
        let (mut duplicates, mut conflicts) = (0, Vec::new());
        for (index, event) in batch.events.into_iter().enumerate() {
            let earlier = match event.identity {
                Some(identity) => self.earlier(connection, &identity, &event.content, seen).await?,
                None => None,
            };
            match earlier {
                Some(Earlier { seq, same: false, .. }) if batch.part => {
                    conflicts.push(Conflict { index, id: event.id.unwrap_or_default(), seq });
                }
                Some(Earlier { seq, same: false, .. }) => {
                    for undone in new.drain(before..) {
                        undone.event.identity.map(|identity| seen.remove(&identity));
                    }
                    let conflict = Conflict { index, id: event.id.unwrap_or_default(), seq };
                    return Ok(Err(AppendError::Conflict(conflict)));
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
        Ok(Ok(Appended { receipts, duplicates, conflicts }))
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
        let Some(found) = identity::find(&mut *connection, identity).await? else { return Ok(None) };
        let leaf = leaf_hash(connection, found.seq).await?;
        Ok(Some(Earlier { seq: found.seq, same: found.is(content), leaf }))
    }

    /// Writes records, partition by partition; tells which partitions are new.
    async fn write_records(
        &self,
        connection: &mut SqliteConnection,
        new: &[New],
    ) -> Result<Vec<Partition>, AppendError> {
        let mut created = Vec::new();
        for (partition, rows) in by_partition(new) {
            if !self.partitions.contains(partition) {
                partition.create(connection).await?;
                created.push(partition);
            }
            insert_records(connection, partition, &rows).await?;
        }
        Ok(created)
    }
}

/// Events by partition, in order.
fn by_partition(new: &[New]) -> BTreeMap<Partition, Vec<&New>> {
    let mut by_partition: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for new in new {
        by_partition.entry(Partition::of(new.position)).or_default().push(new);
    }
    by_partition.values_mut().for_each(|rows| rows.sort_unstable_by_key(|new| new.position));
    by_partition
}

struct Earlier {
    seq: i64,
    same: bool,
    leaf: LeafHash,
}

async fn insert_records(connection: &mut SqliteConnection, partition: Partition, rows: &[&New]) -> sqlx::Result<()> {
    for chunk in chunks(rows) {
        let (events, values) = (partition.events(), placeholders(chunk.len(), 3));
        let sql = format!("INSERT INTO {events} (position, seq, body) VALUES {values}");
        let mut insert = sqlx::query(AssertSqlSafe(sql));
        for new in chunk {
            insert = insert.bind(new.position.0).bind(new.seq).bind(new.event.body.as_slice());
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}
