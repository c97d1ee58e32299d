//! How many events match: exact up to a budget, and honest beyond it.

use chrono_tz::Tz;
use flightbox_domain::{
    filter::Expr,
    page::{Direction, Range},
};
use sqlx::AssertSqlSafe;

use crate::{
    Store, StoreError,
    cache::Key,
    codec::decode,
    partition::Partition,
    search::Search,
    walk::{Walk, few_at_once, one_after_the_other},
};

/// Matches up to which a count is exact; where the index cannot tell matches, so many records are decoded for it.
const COUNTED: u64 = 10_000;

/// How many matches there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The number.
    pub value: u64,
    /// Whether it is all of them; else there are at least so many.
    pub exact: bool,
}

impl Count {
    /// Whether there are more than were counted, which no further event changes.
    pub(crate) fn is_many(&self) -> bool {
        !self.exact && self.value == COUNTED
    }

    fn to_budget(found: u64) -> Self {
        Self { value: found.min(COUNTED), exact: found <= COUNTED }
    }
}

impl Store {
    /// How many events match: exactly up to a budget, else at least how many.
    pub async fn count(&self, search: &Search) -> Result<Count, StoreError> {
        let key = Key::new(self.grown(search), search, Tz::UTC, 0);
        self.readers().patiently(self.counts().number(key, self.count_to_budget(search))).await
    }

    async fn count_to_budget(&self, search: &Search) -> Result<Count, StoreError> {
        let search = &*self.narrowed(search).await?;
        let (range, scope) = (search.window(), search.effective_scope());
        let at_most = self.count_postings(&search.filter.at_most(self.keys(), &scope), range).await?;
        if search.filter.is_exact() || at_most == 0 {
            return Ok(Count::to_budget(at_most));
        }
        let at_least = self.count_postings(&search.filter.at_least(self.keys(), &scope), range).await?;
        if at_most > COUNTED {
            return Ok(Count { value: at_least.min(COUNTED), exact: false });
        }
        let value = if at_least == at_most { at_most } else { self.count_matches(search, range).await? };
        Ok(Count { value, exact: true })
    }

    /// Counts by testing records one at a time, so that they need not all be held.
    async fn count_matches(&self, search: &Search, range: Range) -> Result<u64, StoreError> {
        let expr = search.filter.at_most(self.keys(), &search.effective_scope());
        let walk = Walk { expr: &expr, range, direction: Direction::Older };
        let mut matches = 0;
        self.each(&walk, COUNTED as usize, |row| {
            let event = decode(row.position.0, row.seq, row.body)?;
            matches += u64::from(event.passes(&search.filter));
            Ok(())
        })
        .await?;
        Ok(matches)
    }

    /// How many events an expression finds.
    pub(crate) async fn count_expr(&self, expr: &Expr) -> Result<Count, StoreError> {
        Ok(Count::to_budget(self.count_postings(expr, Range::ALL).await?))
    }

    /// How many events an expression finds, however many there are.
    pub(crate) async fn count_all(&self, expr: &Expr, range: Range) -> Result<u64, StoreError> {
        if *expr == Expr::None {
            return Ok(0);
        }
        let mut count = 0;
        for partitions in few_at_once(self.partitions(range, Direction::Older)) {
            count += self.count_in(&partitions, expr, range, i64::MAX as usize).await?;
        }
        Ok(count)
    }

    /// Counts postings, to more than the budget at most.
    async fn count_postings(&self, expr: &Expr, range: Range) -> Result<u64, StoreError> {
        if *expr == Expr::None {
            return Ok(0);
        }
        let mut count = 0;
        for partitions in few_at_once(self.partitions(range, Direction::Older)) {
            count += self.count_in(&partitions, expr, range, COUNTED as usize + 1).await?;
            if count > COUNTED {
                break;
            }
        }
        Ok(count)
    }

    async fn count_in(
        &self,
        partitions: &[Partition],
        expr: &Expr,
        range: Range,
        most: usize,
    ) -> Result<u64, StoreError> {
        let matches = one_after_the_other(partitions, most, |partition| {
            let terms = partition.terms();
            format!("SELECT 1 FROM {terms} WHERE {terms} MATCH ?1 AND rowid >= ?2 AND rowid < ?3")
        });
        let query = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM ({matches})")));
        let query = query.bind(expr.to_string()).bind(range.from.0).bind(range.to.0);
        let found: i64 = query.fetch_one(self.readers()).await?;
        Ok(found.unsigned_abs())
    }
}
