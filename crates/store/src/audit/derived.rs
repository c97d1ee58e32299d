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
    tally::{Left, OTHERS, Span},
};

/// How many events are counted, by span, start, source, facet and value.
type Counted = BTreeMap<(i64, i64, String, String, String), i64>;

/// Terms, however they are ordered: how many there are, and the sum of their digests.
#[derive(Default, PartialEq, Eq)]
struct Sum(u64, u64);

impl Sum {
    fn add(&mut self, position: i64, term: &str) {
        let mut digest = DefaultHasher::new();
        (position, term).hash(&mut digest);
        self.0 += 1;
        self.1 = self.1.wrapping_add(digest.finish());
    }
}

impl Audit {
    /// What does not follow from the records of a log that is whole: indexes, by their month, or `counts`. All of it is
    /// looked at in one transaction, which has the write-ahead log grow meanwhile: too long for a server that records.
    ///
    /// # Errors
    /// Where something cannot be read at all.
    pub async fn derived(&mut self) -> Result<Vec<String>, StoreError> {
        let mut transaction = self.connection.begin().await?;
        let (mut wrong, mut left) = (Vec::new(), BTreeMap::<String, Left>::new());
        for month in months(&mut transaction).await? {
            let mut said = Sum::default();
            let rows = format!("SELECT position, seq, body FROM {}", month.events());
            let mut rows = sqlx::query_as::<_, (i64, i64, Vec<u8>)>(AssertSqlSafe(rows)).fetch(&mut *transaction);
            while let Some((position, seq, body)) = rows.try_next().await? {
                let event: Stored = decode(position, seq, &body)?;
                let terms = event.terms(&self.keys);
                let terms: BTreeSet<_> = terms.split_ascii_whitespace().collect();
                terms.into_iter().for_each(|term| said.add(position, term));
                left.entry(event.record.source.clone()).or_default().add(event.position, &Glance::of(&event.record));
            }
            drop(rows);
            if said != indexed(&mut transaction, month).await? {
                wrong.push(format!("the index of {}", month.told()));
            }
        }
        if stored(&mut transaction).await? != said(&mut transaction, left).await? {
            wrong.push("the counts".to_owned());
        }
        transaction.commit().await?;
        Ok(wrong)
    }
}

/// What a month's index holds.
async fn indexed(connection: &mut SqliteConnection, month: Partition) -> Result<Sum, StoreError> {
    let mut sum = Sum::default();
    let terms = format!("SELECT doc, term FROM {}", month.vocabulary());
    let mut terms = sqlx::query_as::<_, (i64, String)>(AssertSqlSafe(terms)).fetch(connection);
    while let Some((position, term)) = terms.try_next().await? {
        sum.add(position, &term);
    }
    Ok(sum)
}

/// What is counted.
async fn stored(connection: &mut SqliteConnection) -> Result<Counted, StoreError> {
    let rows: Vec<(i64, i64, String, String, String, i64)> = sqlx::query_as(
        "SELECT span, start, s.value, v.facet, v.value, count FROM tally
         JOIN tally_value s ON s.id = tally.source JOIN tally_value v ON v.id = tally.value WHERE count <> 0",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(span, start, source, facet, value, n)| ((span, start, source, facet, value), n))
        .collect())
}

/// What would be, by the records.
async fn said(connection: &mut SqliteConnection, left: BTreeMap<String, Left>) -> Result<Counted, StoreError> {
    let told_apart: BTreeSet<(String, String)> =
        sqlx::query_as("SELECT facet, value FROM tally_value").fetch_all(connection).await?.into_iter().collect();
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
    Ok(counted)
}
