//! The paths into details that each source's events have: terms are digests of them, so that whoever writes a query
//! could not be offered any. The first of each source are remembered, within the transaction of their events.

use std::collections::{HashMap, HashSet};

use flightbox_domain::{query::Path, record::Record, terms::scalars};
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

use crate::{
    Prepared, StoreError,
    partition::{chunks, placeholders},
};

/// Paths of one source that are remembered: more are made by details that have values for keys, and help nobody.
const MOST: usize = 1_000;
/// Paths of one event that are looked at.
const OF_EVENT: usize = 64;
/// The longest path that is remembered, in bytes.
const LONGEST: usize = 200;

/// The paths of a record that a query can name, each once, separated by spaces, which stand in none. A sealed value has a
/// path like any other.
pub(crate) fn paths_of(record: &Record) -> String {
    let mut paths = String::new();
    let mut left = OF_EVENT;
    let mut add = |path: &str| {
        if left == 0 || path.len() > LONGEST || !Path::is_one(path) || paths.split(' ').any(|known| known == path) {
            return;
        }
        if !paths.is_empty() {
            paths.push(' ');
        }
        paths.push_str(path);
        left -= 1;
    };
    if let Some(details) = &record.event.details {
        scalars(details, |path, _| add(path));
    }
    record.seals.iter().filter_map(|seal| seal.place.detail_path(&record.event)).for_each(|path| add(&path));
    paths
}

/// What the writer remembers of them between two transactions.
#[derive(Default)]
pub(crate) struct Paths {
    of_source: HashMap<String, HashSet<String>>,
    /// Those that no committed transaction has written yet.
    unwritten: Vec<(String, String)>,
}

impl Paths {
    pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let mut paths = Self::default();
        for row in sqlx::query("SELECT source, path FROM detail_path").fetch_all(connection).await? {
            paths.of_source.entry(row.try_get(0)?).or_default().insert(row.try_get(1)?);
        }
        Ok(paths)
    }

    /// Remembers what is new about events, within the transaction that stores them.
    pub(crate) async fn remember(
        &mut self,
        connection: &mut SqliteConnection,
        events: impl Iterator<Item = &Prepared>,
    ) -> sqlx::Result<()> {
        for event in events.filter(|event| !event.paths.is_empty()) {
            self.learn(event.source(), &event.paths);
        }
        for chunk in chunks(&self.unwritten) {
            let sql =
                format!("INSERT OR IGNORE INTO detail_path (source, path) VALUES {}", placeholders(chunk.len(), 2));
            let insert = chunk
                .iter()
                .fold(sqlx::query(AssertSqlSafe(sql)), |insert, (source, path)| insert.bind(source).bind(path));
            insert.execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// The last transaction is committed.
    pub(crate) fn committed(&mut self) {
        self.unwritten.clear();
    }

    /// Knows nothing of a source any more.
    pub(crate) fn forget(&mut self, source: &str) {
        self.of_source.remove(source);
    }

    fn learn(&mut self, source: &str, paths: &str) {
        if !self.of_source.contains_key(source) {
            self.of_source.insert(source.to_owned(), HashSet::new());
        }
        let Some(known) = self.of_source.get_mut(source) else { return };
        for path in paths.split(' ') {
            if known.len() < MOST && !known.contains(path) {
                known.insert(path.to_owned());
                self.unwritten.push((source.to_owned(), path.to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_of_each_source_are_remembered_and_no_more() {
        let mut paths = Paths::default();
        for n in 0..MOST + 10 {
            paths.learn("billing", &format!("n{n} amount"));
        }
        paths.learn("hr", "salary");
        assert_eq!((paths.of_source["billing"].len(), paths.unwritten.len()), (MOST, MOST + 1));
    }
}
