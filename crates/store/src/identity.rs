//! Producers' ids: has this event been here before?
//!
//! Most ids are new. A Bloom filter over all of them says so without touching the disk; only what it cannot exclude is
//! looked up. It is rebuilt from the database at start.

use fastbloom::BloomFilter;
use futures_util::TryStreamExt;
use sqlx::{Row, SqliteConnection};

use crate::{StoreError, postings::Postings};

/// One in this many new ids is looked up in vain.
const FALSE_POSITIVES: f64 = 0.001;
/// Ids that the first filter holds; each further one holds twice as many.
const FIRST_FILTER: usize = 1 << 17;
/// Base-32 digits of the id's part of a term: eighty bits.
const IDENTITY_DIGITS: usize = 16;
/// Base-32 digits of the content's part: thirty bits, which one conflict in a thousand million would slip through.
const CONTENT_DIGITS: usize = 6;

/// The filter over every id in the database.
pub(crate) struct Identities {
    filters: Vec<BloomFilter>,
    room: usize,
}

/// What is known of an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) seq: i64,
    content: String,
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
        let mut terms = sqlx::query("SELECT term FROM producer_id_term").fetch(connection);
        while let Some(row) = terms.try_next().await? {
            let term: &str = row.try_get(0)?;
            identities.note(term.get(..IDENTITY_DIGITS).unwrap_or(term));
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
        self.filters.iter().any(|filter| filter.contains(digits.as_str()))
    }

    fn note(&mut self, digits: &str) {
        if self.room == 0 {
            self.room = FIRST_FILTER << self.filters.len();
            self.filters.push(BloomFilter::with_false_pos(FALSE_POSITIVES).seed(&0).expected_items(self.room));
        }
        self.room -= 1;
        self.filters.last_mut().map(|filter| filter.insert(digits));
    }
}

/// Looks an id up in the database.
pub(crate) async fn find(connection: &mut SqliteConnection, identity: &[u8; 16]) -> sqlx::Result<Option<Seen>> {
    let digits = identity_digits(identity);
    // `~` sorts after every base-32 digit.
    let row = sqlx::query("SELECT term, doc FROM producer_id_term WHERE term >= ? AND term < ?")
        .bind(digits.as_str())
        .bind(format!("{digits}~"))
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        let term: &str = row.try_get(0)?;
        let content = term.get(IDENTITY_DIGITS..).unwrap_or_default().to_owned();
        Ok(Seen { seq: row.try_get(1)?, content })
    })
    .transpose()
}

/// Writes new ids; sequence numbers must rise.
pub(crate) async fn insert(connection: &mut SqliteConnection, ids: &[(i64, [u8; 16], [u8; 8])]) -> sqlx::Result<()> {
    let terms = ids.iter().map(|(seq, identity, content)| (*seq, identity_digits(identity) + &content_digits(content)));
    Postings::of(terms).insert(connection, "producer_id", "term").await
}

fn identity_digits(identity: &[u8; 16]) -> String {
    base32(u128::from_be_bytes(*identity) >> (128 - 5 * IDENTITY_DIGITS), IDENTITY_DIGITS)
}

fn content_digits(content: &[u8; 8]) -> String {
    base32(u128::from(u64::from_be_bytes(*content)), CONTENT_DIGITS)
}

/// The low bits of a number, five to a digit; the digits sort as their values do.
fn base32(bits: u128, digits: usize) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    (0..digits).rev().map(|digit| char::from(DIGITS[(bits >> (5 * digit)) as usize & 31])).collect()
}
