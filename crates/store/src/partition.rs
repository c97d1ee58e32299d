//! A month's tables: the records, their inverted index, and a view of that index's terms.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, Months, TimeZone as _, Utc};
use flightbox_domain::page::{Direction, Month, Position, Range};
use sqlx::{AssertSqlSafe, SqliteConnection};

/// Events before this month share one partition: imports of old logs must not make a table a month for decades.
const FIRST_OF_ITS_OWN: Month = Month(201601);
/// The partition of all that is older.
const OLD: Month = Month(0);

/// One partition. Its name is made of a number alone, so it can stand in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Partition(pub(crate) i32);

impl Partition {
    /// The partition of a position.
    pub(crate) fn of(position: Position) -> Self {
        let month = position.month();
        Self(if month < FIRST_OF_ITS_OWN { OLD.0 } else { month.0 })
    }

    /// Whether a position within the range can lie here.
    pub(crate) fn meets(self, range: Range) -> bool {
        !range.is_empty() && Self::of(range.from) <= self && self <= Self::of(Position(range.to.0 - 1))
    }

    /// The first position that can lie here.
    pub(crate) fn start(self) -> Position {
        let first = Utc.with_ymd_and_hms(self.0 / 100, (self.0 % 100).unsigned_abs(), 1, 0, 0, 0).single();
        first.map_or(Position::FIRST, Position::start_of)
    }

    /// Where the next one starts.
    pub(crate) fn end(self) -> DateTime<Utc> {
        let next = if self == Self(OLD.0) { Some(Self(FIRST_OF_ITS_OWN.0)) } else { None };
        next.map_or_else(|| self.start().time() + Months::new(1), |next| next.start().time())
    }

    /// As people write it: `2026-11`; for the partition of all that is older, `before 2016-01`.
    pub(crate) fn told(self) -> String {
        let told = |month: i32| format!("{:04}-{:02}", month / 100, month % 100);
        if self.0 == OLD.0 { format!("before {}", told(FIRST_OF_ITS_OWN.0)) } else { told(self.0) }
    }

    /// The table of records.
    pub(crate) fn events(self) -> String {
        format!("event_{:06}", self.0)
    }

    /// The inverted index.
    pub(crate) fn terms(self) -> String {
        format!("term_{:06}", self.0)
    }

    /// The terms of the inverted index, in order: as much a table as SQL can ask of, and not a byte on disk.
    pub(crate) fn vocabulary(self) -> String {
        format!("vocabulary_{:06}", self.0)
    }

    /// The statement that makes a table of records.
    pub(crate) fn create_events(table: &str) -> String {
        format!(
            "CREATE TABLE IF NOT EXISTS {table} (position INTEGER PRIMARY KEY, seq INTEGER NOT NULL, body BLOB NOT NULL) STRICT"
        )
    }

    /// The statement that makes an inverted index.
    pub(crate) fn create_terms(table: &str) -> String {
        format!(
            "CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5(t, content='', detail=none, columnsize=0, tokenize='ascii')"
        )
    }

    /// The statement by which as few as two segments of a size are worth merging: it is done in quiet moments.
    pub(crate) fn merge_early(table: &str) -> String {
        format!("INSERT INTO {table} ({table}, rank) VALUES ('usermerge', 2)")
    }

    /// The statement that makes the view of its terms.
    pub(crate) fn create_vocabulary(self) -> String {
        format!("CREATE VIRTUAL TABLE IF NOT EXISTS {} USING fts5vocab({}, instance)", self.vocabulary(), self.terms())
    }

    /// Makes the tables, within the transaction of the first event they are needed for. Those of a month that was emptied
    /// may still be there.
    pub(crate) async fn create(self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        let statements = [
            Self::create_events(&self.events()),
            Self::create_terms(&self.terms()),
            Self::merge_early(&self.terms()),
            self.create_vocabulary(),
            format!("INSERT INTO partition (month) VALUES ({})", self.0),
        ];
        for statement in statements {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

impl Partition {
    /// Merges some of the index's segments, in a transaction of its own; tells whether there was anything to merge.
    /// Each write adds a segment, and a walk has to look into each of them.
    pub(crate) async fn merge(self, connection: &mut SqliteConnection) -> sqlx::Result<bool> {
        const PAGES: u32 = 256;
        let changes = "SELECT total_changes()";
        let before: i64 = sqlx::query_scalar(changes).fetch_one(&mut *connection).await?;
        let merge = format!("INSERT INTO {0} ({0}, rank) VALUES ('merge', {PAGES})", self.terms());
        sqlx::query(AssertSqlSafe(merge)).execute(&mut *connection).await?;
        let after: i64 = sqlx::query_scalar(changes).fetch_one(connection).await?;
        // The statement itself counts as one.
        Ok(after - before > 1)
    }
}

/// The partitions that have events. All clones know the same: the writer adds one with the commit of its first event.
#[derive(Clone)]
pub(crate) struct Partitions(Arc<RwLock<BTreeSet<Partition>>>);

impl Partitions {
    pub(crate) fn new(partitions: impl IntoIterator<Item = Partition>) -> Self {
        Self(Arc::new(RwLock::new(partitions.into_iter().collect())))
    }

    pub(crate) fn contains(&self, partition: Partition) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&partition)
    }

    pub(crate) fn add(&self, partitions: Vec<Partition>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).extend(partitions);
    }

    /// Nobody who asks from now on looks there.
    pub(crate) fn remove(&self, partition: Partition) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&partition);
    }

    /// Those that a range meets, in the order of a direction.
    pub(crate) fn meeting(&self, range: Range, direction: Direction) -> Vec<Partition> {
        let partitions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let meeting = partitions.iter().copied().filter(|partition| partition.meets(range));
        match direction {
            Direction::Older => meeting.rev().collect(),
            Direction::Newer => meeting.collect(),
        }
    }
}

/// Rows that one statement takes, largest first. Each statement is a way to the connection's thread and back, which costs
/// more than some rows: any number of them takes few. A handful of sizes lets each statement be prepared once.
const ROWS: [usize; 6] = [1024, 256, 64, 16, 4, 1];

/// Splits rows into statements' worth.
pub(crate) fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = ROWS.into_iter().find(|size| *size <= rows.len())?;
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

/// `(?,?),(?,?)…`: placeholders for a statement that inserts many rows at once.
pub(crate) fn placeholders(rows: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(","));
    vec![row; rows].join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_meets_the_months_it_touches() {
        let at = |text: &str| Some(text.parse().unwrap());
        let november = Partition(202611);
        assert!(november.meets(Range::ALL));
        assert!(november.meets(Range::between(at("2026-11-30T23:59:59Z"), None)));
        assert!(!november.meets(Range::between(at("2026-12-01T00:00:00Z"), None)));
        assert!(!november.meets(Range::between(None, at("2026-11-01T00:00:00Z"))));
        assert!(Partition(0).meets(Range::between(None, at("2001-01-01T00:00:00Z"))));
        assert_eq!(Partition::of(november.start()), november);
        assert_eq!(Partition::of(Position(november.start().0 - 1)), Partition(202610));
        assert_eq!(Partition(0).start(), Position::FIRST);
        assert_eq!(november.end(), Partition(202612).start().time());
        assert_eq!(Partition(202612).end(), Partition(202701).start().time());
        assert_eq!(Partition(0).end(), Partition(201601).start().time());
        assert_eq!((november.told(), Partition(0).told()), ("2026-11".to_owned(), "before 2016-01".to_owned()));
    }
}
