//! Sources that have fallen silent, told from the counts by hour.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    filter::Expr,
    page::Direction,
    scope::Scope,
    silence::{Habit, Silence},
    terms::Field,
};

use crate::{Store, StoreError, tally::Sources};

/// A source that has been silent for longer is no longer news.
const NEWS: TimeDelta = TimeDelta::days(30);

impl Store {
    /// The sources of a scope that have sent nothing for longer than their own habit explains, those silent the
    /// longest first. Nothing is expected of one that is disabled.
    pub async fn silent_sources(
        &self,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<Vec<(String, Silence)>, StoreError> {
        let disabled = sqlx::query_scalar("SELECT name FROM source WHERE disabled_at IS NOT NULL");
        let disabled: HashSet<String> = disabled.fetch_all(self.readers()).await?.into_iter().collect();
        let sources = self.sources_in(|name| scope.allows(name) && !disabled.contains(name)).await?;
        let mut silent = Vec::new();
        for (source, hours) in self.busy_hours(&sources, now).await? {
            // Nobody that sent within the hour is silent, and most did.
            if hours.last().is_some_and(|hour| now - *hour < TimeDelta::hours(1)) {
                continue;
            }
            let Some(last) = self.last_of(&source).await? else { continue };
            let silence = Habit::of(&hours, last).and_then(|habit| habit.silence(last, now));
            silent.extend(silence.map(|silence| (source, silence)));
        }
        silent.sort_by_key(|(_, silence)| silence.since);
        Ok(silent)
    }

    /// How a source usually sends, if it has sent enough lately to have a habit.
    pub async fn habit(&self, source: &str, now: DateTime<Utc>) -> Result<Option<Habit>, StoreError> {
        let sources = self.sources_in(|name| name == source).await?;
        let hours = self.busy_hours(&sources, now).await?.remove(source).unwrap_or_default();
        Ok(self.last_of(source).await?.and_then(|last| Habit::of(&hours, last)))
    }

    /// The hours of the time that is news that have events, by source, rising.
    async fn busy_hours(
        &self,
        sources: &Sources,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<String, Vec<DateTime<Utc>>>, StoreError> {
        let mut hours: BTreeMap<String, Vec<DateTime<Utc>>> = BTreeMap::new();
        for (source, hour) in self.hours_with_events(sources, &(now - NEWS..now + TimeDelta::hours(1))).await? {
            hours.entry(source).or_default().push(hour);
        }
        Ok(hours)
    }

    async fn last_of(&self, source: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let (term, _) = Field::Source.term(self.keys(), source);
        Ok(self.edge(&Expr::Term(term), Direction::Older).await?.map(|last| last.time()))
    }

    /// When the last event of a scope happened, if there is any.
    pub async fn last_event(&self, scope: &Scope) -> Result<Option<DateTime<Utc>>, StoreError> {
        let last = self.edge(&scope.expr(self.keys()), Direction::Older).await?;
        Ok(last.map(|position| position.time()))
    }
}
