//! What each actor has shown, kept beside the events: loaded where it is needed, written where it changed, within the
//! transaction of the events themselves.

use std::collections::HashMap;

use flightbox_domain::{
    flag::Flag,
    keys::Keys,
    novelty::{Kept, Memory, Shown},
    record::Record,
    terms::flag_term,
};
use quick_cache::unsync::Cache;
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection, sqlite::SqliteRow};

use crate::{
    Prepared, StoreError,
    partition::{chunks, placeholders},
};

/// Actors of one source that are remembered: those that have been silent the longest go, so that one source never
/// makes another's be forgotten.
const MOST: usize = 100_000;
/// Actors whose memory is at hand without a look at the database.
const AT_HAND: usize = 32_768;
/// Keys that one statement looks up.
const LOOK_UP: usize = 64;

/// Whose event it is, and what it shows.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    shown: Shown,
    source: String,
    id: String,
}

impl Seen {
    pub(crate) fn of(record: &Record, keys: &Keys) -> Option<Self> {
        let shown = Shown::of(record, keys)?;
        Some(Self { shown, source: record.source.clone(), id: record.event.actor.id.clone() })
    }
}

/// What the writer knows of actors between two transactions, and what the present one changes.
pub(crate) struct Actors {
    most: usize,
    at_hand: Cache<i64, Memory>,
    /// How many are remembered of each source.
    of_source: HashMap<String, usize>,
    flag_terms: Vec<(Flag, String)>,
    change: Change,
}

/// What no committed transaction holds yet.
#[derive(Default)]
struct Change {
    touched: HashMap<i64, Touched>,
    added: HashMap<String, usize>,
    gone: Vec<(i64, String)>,
}

struct Touched {
    memory: Memory,
    /// Whether the row has to be written, and whether there was none.
    changed: bool,
    new: bool,
    /// An event of this actor.
    event: usize,
}

impl Actors {
    pub(crate) async fn load(connection: &mut SqliteConnection, keys: &Keys) -> Result<Self, StoreError> {
        Self::with_room(connection, keys, MOST, AT_HAND).await
    }

    async fn with_room(
        connection: &mut SqliteConnection,
        keys: &Keys,
        most: usize,
        at_hand: usize,
    ) -> Result<Self, StoreError> {
        let mut of_source = HashMap::new();
        for row in sqlx::query("SELECT source, count(*) FROM actor GROUP BY source").fetch_all(connection).await? {
            of_source.insert(row.try_get(0)?, row.try_get::<i64, _>(1)? as usize);
        }
        let flag_terms = Flag::ALL.iter().map(|flag| (*flag, flag_term(keys, *flag))).collect();
        let change = Change::default();
        Ok(Self { most, at_hand: Cache::new(at_hand), of_source, flag_terms, change })
    }

    /// Flags what is new about each event, in the order of record, and remembers it: for good once the transaction is
    /// committed and [`Actors::committed`] says so, not at all if it never is.
    pub(crate) async fn flag(
        &mut self,
        connection: &mut SqliteConnection,
        events: impl Iterator<Item = &mut Prepared>,
    ) -> Result<(), StoreError> {
        self.change = Change::default();
        let mut events: Vec<&mut Prepared> = events.filter(|event| event.seen.is_some()).collect();
        self.recall(connection, &events).await?;
        for event in &mut events {
            let touched = event.seen.as_ref().and_then(|seen| {
                let touched = self.change.touched.get_mut(&seen.shown.actor)?;
                Some((touched, &seen.shown))
            });
            let Some((touched, shown)) = touched else { continue };
            let (flags, changed) = touched.memory.take_in(shown);
            touched.changed |= changed;
            for (_, term) in self.flag_terms.iter().filter(|(flag, _)| flags.contains(*flag)) {
                event.terms.push(' ');
                event.terms.push_str(term);
            }
            event.flag(flags);
        }
        self.write(connection, &events).await?;
        self.make_room(connection).await
    }

    /// The last transaction that flagged events is committed.
    pub(crate) fn committed(&mut self) {
        let Change { touched, added, gone } = std::mem::take(&mut self.change);
        touched.into_iter().for_each(|(key, touched)| self.at_hand.insert(key, touched.memory));
        added.into_iter().for_each(|(source, count)| *self.of_source.entry(source).or_default() += count);
        for (key, source) in gone {
            self.at_hand.remove(&key);
            self.of_source.entry(source).and_modify(|count| *count -= 1);
        }
    }

    /// Forgets actors of a source; their rows are gone.
    pub(crate) fn forget(&mut self, source: &str, keys: &[i64]) {
        keys.iter().for_each(|key| _ = self.at_hand.remove(key));
        self.of_source.entry(source.to_owned()).and_modify(|count| *count = count.saturating_sub(keys.len()));
    }

    /// Brings to mind everybody that the events are of.
    async fn recall(&mut self, connection: &mut SqliteConnection, events: &[&mut Prepared]) -> Result<(), StoreError> {
        let mut unknown = Vec::new();
        for (event, seen) in events.iter().enumerate().filter_map(|(at, event)| Some((at, event.seen.as_ref()?))) {
            let key = seen.shown.actor;
            self.change.touched.entry(key).or_insert_with(|| {
                let known = self.at_hand.get(&key).cloned();
                if known.is_none() {
                    unknown.push(key);
                }
                Touched { new: known.is_none(), memory: known.unwrap_or_default(), changed: false, event }
            });
        }
        for keys in unknown.chunks(LOOK_UP) {
            let sql = format!(
                "SELECT key, first, last_day, events, many, shown FROM actor WHERE key IN {}",
                placeholders(1, LOOK_UP)
            );
            // One statement for any number: the last key fills it up.
            let keys = (0..LOOK_UP).map(|at| keys[at.min(keys.len() - 1)]);
            let query = keys.fold(sqlx::query(AssertSqlSafe(sql)), |query, key| query.bind(key));
            for row in query.fetch_all(&mut *connection).await? {
                let (key, memory) = read(&row)?;
                self.change.touched.entry(key).and_modify(|touched| (touched.memory, touched.new) = (memory, false));
            }
        }
        Ok(())
    }

    async fn write(&mut self, connection: &mut SqliteConnection, events: &[&mut Prepared]) -> sqlx::Result<()> {
        let mut changed = Vec::new();
        for (key, touched) in &self.change.touched {
            let Some(seen) = events[touched.event].seen.as_ref().filter(|_| touched.changed) else { continue };
            changed.push((*key, seen, touched.memory.keep()));
            if touched.new {
                *self.change.added.entry(seen.source.clone()).or_default() += 1;
            }
        }
        // Neighbours share a page.
        changed.sort_unstable_by_key(|(key, ..)| *key);
        for chunk in chunks(&changed) {
            let sql = format!(
                "INSERT INTO actor (key, source, id, first, last_day, events, many, shown) VALUES {}
                 ON CONFLICT DO UPDATE SET first = excluded.first, last_day = excluded.last_day,
                     events = excluded.events, many = excluded.many, shown = excluded.shown",
                placeholders(chunk.len(), 8)
            );
            let write = chunk.iter().fold(sqlx::query(AssertSqlSafe(sql)), |write, (key, seen, kept)| {
                let write = write.bind(key).bind(&seen.source).bind(&seen.id).bind(kept.first).bind(kept.last_day);
                write.bind(kept.events).bind(kept.many).bind(kept.values.as_slice())
            });
            write.execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// Forgets a tenth of a source's actors where there are too many.
    async fn make_room(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        for (source, added) in &self.change.added {
            let count = self.of_source.get(source).copied().unwrap_or_default() + added;
            if count <= self.most {
                continue;
            }
            let go = count - self.most + self.most / 10;
            let rows = sqlx::query(
                "DELETE FROM actor WHERE key IN
                     (SELECT key FROM actor WHERE source = ? ORDER BY last_day, first, key LIMIT ?) RETURNING key",
            );
            for row in rows.bind(source).bind(go as i64).fetch_all(&mut *connection).await? {
                let key = row.try_get(0)?;
                self.change.touched.remove(&key);
                self.change.gone.push((key, source.clone()));
            }
        }
        Ok(())
    }
}

/// Reads a row of `key, first, last_day, events, many, shown`.
pub(crate) fn read(row: &SqliteRow) -> Result<(i64, Memory), StoreError> {
    let key: i64 = row.try_get(0)?;
    let kept = Kept {
        first: row.try_get(1)?,
        last_day: row.try_get(2)?,
        events: row.try_get(3)?,
        many: row.try_get(4)?,
        values: row.try_get(5)?,
    };
    let corrupt = || StoreError::Corrupt { table: "actor", row: key.to_string(), why: "is no memory".to_owned() };
    Memory::read(&kept).map(|memory| (key, memory)).ok_or_else(corrupt)
}

#[cfg(test)]
mod tests;
