//! Writing to the inverted indexes.
//!
//! FTS5 gathers what a transaction adds in memory and writes it as one segment. But each statement that inserts more
//! than one row opens a savepoint, and with each savepoint every FTS5 table of the transaction writes what it has
//! gathered, however little, to be merged again later. So all rows of an index go into one statement, and these
//! statements are the last of their transaction. One parameter holds all of it as JSON: a statement with a placeholder
//! for each value would have to be prepared anew for every number of rows.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, SqliteConnection};

/// Rows of one statement: a bound on the text that holds them.
pub(crate) const ROWS: usize = 10_000;

/// Rows for an index, as JSON objects of terms by row id.
pub(crate) struct Postings(Vec<String>);

impl Postings {
    /// Rows in ascending order of their ids: FTS5 writes a segment whenever one goes backwards, too. Terms hold neither
    /// quotes nor backslashes nor control characters, so they stand in JSON as they are.
    pub(crate) fn of<T: AsRef<str>>(rows: impl Iterator<Item = (i64, T)>) -> Self {
        let mut statements = Vec::new();
        for (at, (row, terms)) in rows.enumerate() {
            if at % ROWS == 0 {
                statements.push(String::new());
            }
            let Some(json) = statements.last_mut() else { continue };
            let before = if json.is_empty() { '{' } else { ',' };
            // Writing to a string does not fail.
            let _ = write!(json, "{before}\"{row}\":\"{}\"", terms.as_ref());
        }
        statements.iter_mut().for_each(|json| json.push('}'));
        Self(statements)
    }

    /// Adds them to an index.
    pub(crate) async fn insert(self, connection: &mut SqliteConnection, index: &str, column: &str) -> sqlx::Result<()> {
        for json in self.0 {
            let rows = "SELECT CAST(key AS INTEGER), value FROM json_each(?)";
            let sql = format!("INSERT INTO {index} (rowid, {column}) {rows}");
            sqlx::query(AssertSqlSafe(sql)).bind(json).execute(&mut *connection).await?;
        }
        Ok(())
    }
}
