//! The rules in force, and those that were.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use flightbox_domain::rules::{INITIAL, RuleError, Rules};
use sqlx::SqliteConnection;

use crate::{OpenError, Store, StoreError};

/// The rules in force.
pub(crate) type Current = RwLock<Arc<Rules>>;

/// A set of rules, as it was put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSet {
    /// Its version.
    pub version: i64,
    /// The rules, a line each.
    pub text: String,
    /// When it was put in force.
    pub made_at: DateTime<Utc>,
    /// By whom; nobody for those that a new log starts with.
    pub made_by: Option<String>,
}

/// Reads the rules in force; a new log starts with [`INITIAL`].
pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Current, OpenError> {
    sqlx::query("INSERT OR IGNORE INTO rule_set (version, text, made_at) VALUES (1, ?, 0)")
        .bind(INITIAL)
        .execute(&mut *connection)
        .await?;
    let (version, text): (i64, String) =
        sqlx::query_as("SELECT version, text FROM rule_set ORDER BY version DESC LIMIT 1")
            .fetch_one(connection)
            .await?;
    let rules = Rules::parse(&text, version).map_err(|errors| corrupt(version, &errors))?;
    Ok(RwLock::new(Arc::new(rules)))
}

fn corrupt(version: i64, errors: &[RuleError]) -> StoreError {
    let why = errors.first().map(RuleError::to_string).unwrap_or_default();
    StoreError::Corrupt { table: "rule_set", row: format!("version {version}"), why }
}

impl Store {
    /// The rules that events meet now.
    pub fn rules(&self) -> Arc<Rules> {
        self.shared.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last sets of rules, newest first.
    pub async fn rule_sets(&self, limit: u32) -> Result<Vec<RuleSet>, StoreError> {
        let rows: Vec<(i64, String, i64, Option<String>)> =
            sqlx::query_as("SELECT version, text, made_at, made_by FROM rule_set ORDER BY version DESC LIMIT ?")
                .bind(limit)
                .fetch_all(self.readers())
                .await?;
        let set = |(version, text, made_at, made_by)| RuleSet {
            version,
            text,
            made_at: DateTime::from_timestamp_millis(made_at).unwrap_or_default(),
            made_by,
        };
        Ok(rows.into_iter().map(set).collect())
    }

    /// Puts rules in force that were made from a version; tells the new one's number, or nothing where somebody else
    /// was faster. The text must be one that [`Rules::parse`] reads.
    pub async fn set_rules(
        &self,
        text: &str,
        from: i64,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<i64>, StoreError> {
        let version = from + 1;
        let rules = Rules::parse(text, version).map_err(|errors| corrupt(version, &errors))?;
        let mut connection = self.writing().await;
        let latest: i64 = sqlx::query_scalar("SELECT max(version) FROM rule_set").fetch_one(&mut *connection).await?;
        if latest != from {
            return Ok(None);
        }
        sqlx::query("INSERT INTO rule_set (version, text, made_at, made_by) VALUES (?, ?, ?, ?)")
            .bind(version)
            .bind(text)
            .bind(now.timestamp_millis())
            .bind(by)
            .execute(&mut *connection)
            .await?;
        *self.shared.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
        Ok(Some(version))
    }
}
