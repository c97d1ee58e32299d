//! Producers' ids: has this event been here before?
//!
//! Most ids are new. A Bloom filter over all of them says so without touching the disk; only what it cannot exclude is
//! looked up. It is rebuilt from the database at start.

use fastbloom::BloomFilter;
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use crate::{StoreError, postings::ROWS};

/// One in this many new ids is looked up in vain.
const FALSE_POSITIVES: f64 = 0.001;
/// Ids that the first filter holds; each further one holds twice as many.
const FIRST_FILTER: usize = 1 << 17;
/// Digits of the id's part of a term: seventy bits. Among a thousand million ids, two share them with a chance of 0.0004.
const IDENTITY: usize = 10;
/// Digits of the content's part: 28 bits, which one conflict in two hundred million would slip through.
const CONTENT: usize = 4;
const TERM: usize = IDENTITY + CONTENT;

/// The filter over every id in the database.
pub(crate) struct Identities {
    filters: Vec<BloomFilter>,
    room: usize,
}

/// What is known of an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) seq: i64,
    content: Vec<u8>,
}

impl Seen {
    /// Whether it was this very content.
    pub(crate) fn is(&self, content: &[u8; 8]) -> bool {
        self.content == content_digits(content)
    }
}

impl Identities {
    /// Reads all ids there are.
    pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let mut identities = Self { filters: Vec::new(), room: 0 };
        let mut terms = sqlx::query("SELECT CAST(term AS BLOB) FROM producer_id_term").fetch(connection);
        while let Some(row) = terms.try_next().await? {
            let term: &[u8] = row.try_get(0)?;
            identities.note(term.get(..IDENTITY).unwrap_or(term));
        }
        Ok(identities)
    }

    /// Remembers that an id is in the database, or is about to be: a mistake costs a look-up, nothing more.
    pub(crate) fn insert(&mut self, identity: &[u8; 16]) {
        self.note(&identity_digits(identity));
    }

    /// Whether an id may be in the database.
    pub(crate) fn may_contain(&self, identity: &[u8; 16]) -> bool {
        let digits = identity_digits(identity);
        self.filters.iter().any(|filter| filter.contains(&digits[..]))
    }

    fn note(&mut self, digits: &[u8]) {
        if self.room == 0 {
            self.room = FIRST_FILTER << self.filters.len();
            self.filters.push(BloomFilter::with_false_pos(FALSE_POSITIVES).seed(&0).expected_items(self.room));
        }
        self.room -= 1;
        self.filters.last_mut().map(|filter| filter.insert(digits));
    }
}

/// Looks an id up in the database.
pub(crate) async fn find(connection: impl sqlx::SqliteExecutor<'_>, identity: &[u8; 16]) -> sqlx::Result<Option<Seen>> {
    let digits = identity_digits(identity);
    let sql = "SELECT CAST(term AS BLOB), doc FROM producer_id_term
               WHERE term >= CAST(?1 AS TEXT) AND term < CAST(?2 AS TEXT)";
    // One digit more than any term has, and the last there is: it sorts after all that start like this.
    let end = [&digits[..], &[0xff; CONTENT + 1]].concat();
    let row = sqlx::query(sql).bind(&digits[..]).bind(end).fetch_optional(connection).await?;
    row.map(|row| {
        let term: &[u8] = row.try_get(0)?;
        let content = term.get(IDENTITY..).unwrap_or_default().to_vec();
        Ok(Seen { seq: row.try_get(1)?, content })
    })
    .transpose()
}

/// Writes new ids; sequence numbers must rise. Terms are cut from one parameter, for they are no text that JSON could
/// hold.
pub(crate) async fn insert(connection: &mut SqliteConnection, ids: &[(i64, [u8; 16], [u8; 8])]) -> sqlx::Result<()> {
    for ids in ids.chunks(ROWS) {
        let seqs: Vec<_> = ids.iter().map(|(seq, ..)| seq.to_string()).collect();
        let mut terms = Vec::with_capacity(TERM * ids.len());
        for (_, identity, content) in ids {
            terms.extend(identity_digits(identity));
            terms.extend(content_digits(content));
        }
        let term = format!("CAST(substr(?2, key * {TERM} + 1, {TERM}) AS TEXT)");
        let sql = format!("INSERT INTO producer_id (rowid, term) SELECT value, {term} FROM json_each(?1)");
        let insert = sqlx::query(AssertSqlSafe(sql)).bind(format!("[{}]", seqs.join(",")));
        insert.bind(terms).execute(&mut *connection).await?;
    }
    Ok(())
}

fn identity_digits(identity: &[u8; 16]) -> [u8; IDENTITY] {
    digits(u128::from_be_bytes(*identity))
}

fn content_digits(content: &[u8; 8]) -> [u8; CONTENT] {
    digits(u128::from(u64::from_be_bytes(*content)))
}

/// The low bits of a number, seven to a digit. A digit is a byte that ASCII does not have: the index takes any of these
/// for part of a term, and folds none.
fn digits<const N: usize>(bits: u128) -> [u8; N] {
    std::array::from_fn(|at| 0x80 | (bits >> (7 * (N - 1 - at))) as u8)
}
