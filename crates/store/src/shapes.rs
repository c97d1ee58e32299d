//! What the events of each source have shown: actions, fields that change, paths into details. By it a source's drift is
//! told, and queries are completed: terms are digests of paths, so that whoever writes a query could not be offered any.
//! What is new is written within the transaction of its event.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher as _, DefaultHasher, Hash as _, Hasher as _},
};

use chrono::TimeDelta;
use flightbox_domain::{
    drift::{Trait, is_learning},
    page::Position,
    query::Path,
    record::Record,
    terms::scalars,
};
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

use crate::{
    Prepared, StoreError,
    partition::{chunks, placeholders},
};

/// Names of one kind that are remembered of a source: more are made by details that have values for keys, and help nobody.
pub(crate) const MOST: usize = 1_000;
/// Names of one event that are looked at.
const OF_EVENT: usize = 64;
/// The longest name that is remembered, in bytes.
const LONGEST: usize = 200;
/// Shapes of whole events that are known to show nothing new, of one source.
const FAMILIAR: usize = 4_096;

/// The paths into a record's details that a query can name, each once, separated by spaces, which stand in none. A sealed
/// value has a path like any other.
pub(crate) fn paths_of(record: &Record) -> String {
    let mut paths = Names::new(' ');
    each_path(record, |path| {
        if Path::is_one(path) {
            paths.add("", path);
        }
    });
    paths.all
}

/// What a record shows, one name a line, each once: a letter for its kind, then the name.
pub(crate) fn shape_of(record: &Record) -> String {
    let mut names = Names::new('\n');
    let mut add = |kind: Trait, name: &str| names.add(kind.letter().encode_utf8(&mut [0; 4]), name);
    add(Trait::Action, &record.event.action);
    record.event.changes.iter().for_each(|(field, _)| add(Trait::Change, field));
    each_path(record, |path| add(Trait::Detail, path));
    names.all
}

fn each_path(record: &Record, mut each: impl FnMut(&str)) {
    if let Some(details) = &record.event.details {
        scalars(details, |path, _| each(path));
    }
    record.seals.iter().filter_map(|seal| seal.place.detail_path(&record.event)).for_each(|path| each(&path));
}

/// Distinct names, at most as many as are looked at.
struct Names {
    all: String,
    between: char,
    /// Their digests: few of one event are compared with each other.
    digests: Vec<u64>,
}

impl Names {
    fn new(between: char) -> Self {
        Self { all: String::new(), between, digests: Vec::new() }
    }

    fn add(&mut self, kind: &str, name: &str) {
        let room = self.digests.len() < OF_EVENT;
        let fits = room && !name.is_empty() && name.len() <= LONGEST && !name.contains(char::is_control);
        if !fits {
            return;
        }
        let mut hasher = DefaultHasher::new();
        (kind, name).hash(&mut hasher);
        let digest = hasher.finish();
        let known = |known: &str| known.strip_prefix(kind).is_some_and(|known| known == name);
        if self.digests.contains(&digest) && self.all.split(self.between).any(known) {
            return;
        }
        if !self.all.is_empty() {
            self.all.push(self.between);
        }
        self.all.push_str(kind);
        self.all.push_str(name);
        self.digests.push(digest);
    }
}

/// What the writer remembers of them between two transactions.
#[derive(Default)]
pub(crate) struct Shapes {
    of_source: HashMap<String, Known>,
    change: Change,
}

/// What is known of one source.
#[derive(Default)]
struct Known {
    /// When its first event happened, in milliseconds since 1970.
    first: i64,
    events: u64,
    /// Names behind the letters of their kinds.
    names: HashSet<String>,
    /// How many of each kind.
    counts: [usize; 3],
    /// Digests of shapes that show nothing new: most events are like one that came before.
    familiar: HashSet<u64>,
}

/// What no committed transaction holds yet.
#[derive(Default)]
struct Change {
    new: Vec<New>,
    /// How many events came, by source.
    events: HashMap<String, u64>,
}

/// A name that was never seen before.
struct New {
    source: String,
    kind: Trait,
    name: String,
    at: i64,
    seq: i64,
    drift: bool,
}

impl New {
    fn key(&self) -> String {
        format!("{}{}", self.kind.letter(), self.name)
    }
}

impl Shapes {
    pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let mut shapes = Self::default();
        // In the order of record, so that the first row of a source is of its first event.
        let known = "SELECT source, kind, name, at FROM shape ORDER BY seq";
        for row in sqlx::query(known).fetch_all(&mut *connection).await? {
            let (source, kind, name): (String, &str, &str) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let (kind, first) = (kind_named(kind, &source)?, row.try_get(3)?);
            let known = shapes.of_source.entry(source).or_insert_with(|| Known { first, ..Known::default() });
            known.counts[kind as usize] += 1;
            known.names.insert(format!("{}{name}", kind.letter()));
        }
        let events = "SELECT source, sum(events) FROM portion GROUP BY source";
        for row in sqlx::query(events).fetch_all(connection).await? {
            let events: i64 = row.try_get(1)?;
            let known = shapes.of_source.get_mut(row.try_get::<&str, _>(0)?);
            known.into_iter().for_each(|known| known.events = events.unsigned_abs());
        }
        Ok(shapes)
    }

    /// Remembers what is new about events, in the order of record, within the transaction that stores them.
    pub(crate) async fn remember(
        &mut self,
        connection: &mut SqliteConnection,
        events: impl Iterator<Item = (Position, i64, &Prepared)>,
    ) -> sqlx::Result<()> {
        self.undo();
        for (position, seq, event) in events {
            self.learn(event.source(), &event.shape, position.time().timestamp_millis(), seq);
        }
        for chunk in chunks(&self.change.new) {
            let sql = format!(
                "INSERT INTO shape (source, kind, name, at, seq, drift) VALUES {}",
                placeholders(chunk.len(), 6)
            );
            let insert = chunk.iter().fold(sqlx::query(AssertSqlSafe(sql)), |insert, new| {
                let insert = insert.bind(&new.source).bind(new.kind.as_str()).bind(&new.name);
                insert.bind(new.at).bind(new.seq).bind(new.drift)
            });
            insert.execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// The last transaction is committed.
    pub(crate) fn committed(&mut self) {
        self.change = Change::default();
    }

    /// Knows nothing of a source any more.
    pub(crate) fn forget(&mut self, source: &str) {
        self.of_source.remove(source);
    }

    /// Has never heard of an action of a source.
    pub(crate) fn forget_action(&mut self, source: &str, action: &str) {
        let Some(known) = self.of_source.get_mut(source) else { return };
        if known.names.remove(&format!("{}{action}", Trait::Action.letter())) {
            known.counts[Trait::Action as usize] -= 1;
            known.familiar.clear();
        }
    }

    /// Forgets what a transaction that was not committed brought.
    fn undo(&mut self) {
        let Change { new, events } = std::mem::take(&mut self.change);
        for new in new {
            let Some(known) = self.of_source.get_mut(&new.source) else { continue };
            known.names.remove(&new.key());
            known.counts[new.kind as usize] -= 1;
            known.familiar.clear();
        }
        for (source, came) in events {
            let Some(known) = self.of_source.get_mut(&source) else { continue };
            known.events -= came;
            if known.events == 0 {
                self.of_source.remove(&source);
            }
        }
    }

    fn learn(&mut self, source: &str, shape: &str, at: i64, seq: i64) {
        if !self.of_source.contains_key(source) {
            self.of_source.insert(source.to_owned(), Known { first: at, ..Known::default() });
        }
        if !self.change.events.contains_key(source) {
            self.change.events.insert(source.to_owned(), 0);
        }
        let came = self.change.events.get_mut(source);
        let Some((known, came)) = self.of_source.get_mut(source).zip(came) else { return };
        let before = known.events;
        (known.events, *came) = (known.events + 1, *came + 1);
        let digest = known.names.hasher().hash_one(shape);
        if known.familiar.contains(&digest) {
            return;
        }
        let age = TimeDelta::milliseconds(at.saturating_sub(known.first));
        for line in shape.lines() {
            let kind = Trait::ALL.into_iter().find(|kind| line.starts_with(kind.letter()));
            let Some(kind) = kind.filter(|kind| known.counts[*kind as usize] < MOST) else { continue };
            if known.names.contains(line) {
                continue;
            }
            known.names.insert(line.to_owned());
            known.counts[kind as usize] += 1;
            let (source, name) = (source.to_owned(), line[1..].to_owned());
            self.change.new.push(New { source, kind, name, at, seq, drift: !is_learning(before, age) });
        }
        if known.familiar.len() >= FAMILIAR {
            known.familiar.clear();
        }
        known.familiar.insert(digest);
    }
}

/// The kind that a row names.
pub(crate) fn kind_named(word: &str, source: &str) -> Result<Trait, StoreError> {
    let corrupt = || StoreError::Corrupt { table: "shape", row: source.to_owned(), why: format!("{word} is no kind") };
    Trait::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(corrupt)
}

#[cfg(test)]
mod tests;
