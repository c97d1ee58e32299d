//! Whether what follows from records does: the index of each month, and the counts. Nothing proves either, but a bit that
//! flips there has a search leave out what is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use flightbox_domain::glance::Glance;
use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use super::{Audit, months};
use crate::{
    StoreError, Stored,
    codec::decode,
    partition::Partition,
    tally::{Left, OTHERS, Span, number},
};

/// How many events are counted, by span, start, source, facet and value.
type Counted = BTreeMap<(i64, i64, String, String, String), i64>;

/// The low half of how far into its month a position lies. SQL adds halves: whole ones would exceed what it can add up.
const LOW: i64 = 0xffff_ffff;

/// Which events have which terms, however they are ordered: by the digest of each term, how many events have it, and the
/// halves of their positions, all added up.
#[derive(Default, PartialEq, Eq)]
struct Sum([u64; 3]);

impl Sum {
    fn add(&mut self, term: &str, of_events: [i64; 3]) {
        let mut digest = DefaultHasher::new();
        term.hash(&mut digest);
        let digest = digest.finish();
        for (sum, of_events) in self.0.iter_mut().zip(of_events) {
            *sum = sum.wrapping_add(digest.wrapping_mul(of_events.cast_unsigned()));
        }
    }
}

impl Audit {
    /// What does not follow from the records of a log that is whole: indexes, by their month, or `counts`. All of it is
    /// looked at in one transaction, which has the write-ahead log grow meanwhile: too long for a server that records.
    /// No more than a month's counts are held at once.
    ///
    /// # Errors
    /// Where something cannot be read at all.
    pub async fn derived(&mut self) -> Result<Vec<String>, StoreError> {
        let mut transaction = self.connection.begin().await?;
        let told_apart: BTreeSet<(String, String)> = sqlx::query_as("SELECT facet, value FROM tally_value")
            .fetch_all(&mut *transaction)
            .await?
            .into_iter()
            .collect();
        let (mut wrong, mut counts_follow, mut counts) = (Vec::new(), true, 0);
        for month in months(&mut transaction).await? {
            let (mut said, mut left) = (Sum::default(), BTreeMap::<String, Left>::new());
            let start = month.start().0;
            let rows = format!("SELECT position, seq, body FROM {}", month.events());
            let mut rows = sqlx::query_as::<_, (i64, i64, Vec<u8>)>(AssertSqlSafe(rows)).fetch(&mut *transaction);
            while let Some((position, seq, body)) = rows.try_next().await? {
                let event: Stored = decode(position, seq, &body)?;
                let terms = event.terms(&self.keys);
                let terms: BTreeSet<_> = terms.split_ascii_whitespace().collect();
                let inside = position - start;
                terms.into_iter().for_each(|term| said.add(term, [1, inside & LOW, inside >> 32]));
                left.entry(event.record.source.clone()).or_default().add(event.position, &Glance::of(&event.record));
            }
            drop(rows);
            if said != indexed(&mut transaction, month).await? {
                wrong.push(format!("the index of {}", month.told()));
            }
            let said = counted(left, &told_apart);
            counts += said.len() as i64;
            counts_follow &= said == stored(&mut transaction, month).await?;
        }
        let all: i64 =
            sqlx::query_scalar("SELECT count(*) FROM tally WHERE count <> 0").fetch_one(&mut *transaction).await?;
        if !counts_follow || counts != all {
            wrong.push("the counts".to_owned());
        }
        transaction.commit().await?;
        Ok(wrong)
    }
}

/// What a month's index holds.
async fn indexed(connection: &mut SqliteConnection, month: Partition) -> Result<Sum, StoreError> {
    let mut sum = Sum::default();
    let terms = format!(
        "SELECT term, count(*), sum((doc - ?1) & {LOW}), sum((doc - ?1) >> 32) FROM {} GROUP BY term",
        month.vocabulary()
    );
    let terms = sqlx::query_as::<_, (String, i64, i64, i64)>(AssertSqlSafe(terms)).bind(month.start().0);
    let mut terms = terms.fetch(connection);
    while let Some((term, events, low, high)) = terms.try_next().await? {
        sum.add(&term, [events, low, high]);
    }
    Ok(sum)
}

/// What is counted of a month.
async fn stored(connection: &mut SqliteConnection, month: Partition) -> Result<Counted, StoreError> {
    let rows: Vec<(i64, i64, String, String, String, i64)> = sqlx::query_as(
        "SELECT span, start, s.value, v.facet, v.value, count FROM tally
         JOIN tally_value s ON s.id = tally.source JOIN tally_value v ON v.id = tally.value
         WHERE span IN (0, 1) AND start >= ? AND start < ? AND count <> 0",
    )
    .bind(number(month.start().time()))
    .bind(number(month.end()))
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(span, start, source, facet, value, n)| ((span, start, source, facet, value), n))
        .collect())
}

/// What would be, by the records.
fn counted(left: BTreeMap<String, Left>, told_apart: &BTreeSet<(String, String)>) -> Counted {
    let mut counted = Counted::new();
    for (source, Left(left)) in left {
        for ((hour, facet, value), count) in left {
            let mut value = (facet.name().to_owned(), value);
            if !told_apart.contains(&value) {
                value.1 = OTHERS.to_owned();
            }
            for span in [Span::Hour, Span::Day] {
                let key = (span as i64, span.start(hour), source.clone(), value.0.clone(), value.1.clone());
                *counted.entry(key).or_default() += count;
            }
        }
    }
    counted
}
