//! The rules, as they were set.

use chrono::{DateTime, Utc};
use flightbox_domain::retention::{Rules, Term};
use sqlx::Row as _;

use crate::{Store, StoreError};

/// Stands for all sources that have no rule of their own: no source's name.
const ALL: &str = "*";

/// A rule that is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleChange {
    /// For all sources that have none of their own.
    All(Term),
    /// For one; without a term it goes by that for all again.
    Source(String, Option<Term>),
}

impl Store {
    /// Every rule.
    pub async fn retention_rules(&self) -> Result<Rules, StoreError> {
        let mut rules = Rules::default();
        for row in sqlx::query("SELECT source, term FROM retention_rule").fetch_all(self.readers()).await? {
            let (source, term): (String, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
            let Some(term) = term else { continue };
            let corrupt = |why: String| StoreError::Corrupt { table: "retention_rule", row: source.clone(), why };
            let term =
                term.parse().map_err(|error: flightbox_domain::retention::BadTerm| corrupt(error.to_string()))?;
            if source == ALL {
                rules.all = term;
            } else {
                rules.of_source.insert(source, term);
            }
        }
        Ok(rules)
    }

    /// Sets a rule. A run that is under way does nothing more by the old one.
    pub async fn set_retention(&self, change: &RuleChange, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (source, term) = match change {
            RuleChange::All(term) => (ALL, Some(*term)),
            RuleChange::Source(source, term) => (source.as_str(), *term),
        };
        let mut connection = self.writing().await;
        let _changing = self.retention().changing();
        sqlx::query("INSERT OR REPLACE INTO retention_rule (source, term, changed_at) VALUES (?, ?, ?)")
            .bind(source)
            .bind(term.map(|term| term.to_string()))
            .bind(now.timestamp_millis())
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    /// When a rule or a hold was last changed, if ever.
    pub async fn retention_changed(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let last = "SELECT max(at) FROM (SELECT max(changed_at) AS at FROM retention_rule
                    UNION ALL SELECT max(lifted_at) FROM hold)";
        let last: Option<i64> = sqlx::query_scalar(last).fetch_one(self.readers()).await?;
        Ok(last.and_then(DateTime::from_timestamp_millis))
    }
}
