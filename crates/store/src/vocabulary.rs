//! The terms that the index has: a prefix becomes the few that it stands for.

use std::{borrow::Cow, collections::BTreeSet};

use flightbox_domain::{
    filter::{Prefix, Vocabulary},
    page::Direction,
};
use sqlx::AssertSqlSafe;

use crate::{Search, Store, StoreError, partition::Partition};

/// Terms that a prefix may stand for. Of more than these, a walk that tests each event fills its page sooner.
const FEW: usize = 64;
/// Prefixes of one query that are looked up; what is beyond is tested.
const PREFIXES: usize = 8;

impl Store {
    /// The search with its prefixes as the terms they stand for, where these are few.
    pub(crate) async fn expanded<'a>(&self, search: &'a Search) -> Result<Cow<'a, Search>, StoreError> {
        let prefixes = search.filter.prefixes();
        if prefixes.is_empty() {
            return Ok(Cow::Borrowed(search));
        }
        let partitions = self.partitions(search.window(), Direction::Older);
        let mut vocabulary = Vocabulary::default();
        for prefix in prefixes.into_iter().take(PREFIXES) {
            if let Some(terms) = self.few_terms(&prefix, &partitions).await? {
                vocabulary.insert(prefix, terms.into_iter().collect());
            }
        }
        let filter = search.filter.expanded(self.keys(), &vocabulary);
        Ok(Cow::Owned(Search { filter, ..search.clone() }))
    }

    /// All terms with a prefix's stem in some partitions; `None` where these are many.
    async fn few_terms(
        &self,
        prefix: &Prefix,
        partitions: &[Partition],
    ) -> Result<Option<BTreeSet<String>>, StoreError> {
        let mut terms = BTreeSet::new();
        for partition in partitions {
            terms.extend(self.terms_in(*partition, prefix.stem(), FEW + 1).await?);
            if terms.len() > FEW {
                return Ok(None);
            }
        }
        Ok(Some(terms))
    }

    /// The first terms with a stem in a partition, in order.
    ///
    /// The vocabulary has a row for each event with a term, so that listing it would read every posting. It is asked
    /// for its first row behind each term found instead: one descent into the index for each.
    pub(crate) async fn terms_in(
        &self,
        partition: Partition,
        stem: &str,
        most: usize,
    ) -> Result<Vec<String>, StoreError> {
        let table = partition.vocabulary();
        // U+0001 sorts before every letter of a term, U+10FFFF after.
        let sql = format!(
            "WITH RECURSIVE found (term) AS (
                 SELECT (SELECT term FROM {table} WHERE term >= ?1 AND term < ?1 || char(1114111) LIMIT 1)
                 UNION ALL
                 SELECT (SELECT term FROM {table} WHERE term >= found.term || char(1) AND term < ?1 || char(1114111) LIMIT 1)
                 FROM found WHERE found.term IS NOT NULL
                 LIMIT ?2
             )
             SELECT term FROM found WHERE term IS NOT NULL"
        );
        let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(stem).bind(most as i64);
        Ok(query.fetch_all(self.readers()).await?)
    }
}
