//! Sources that have fallen silent, told from the counts by hour.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    filter::Expr,
    page::Direction,
    scope::Scope,
    silence::{Silence, silence},
    terms::Field,
};

use crate::{Store, StoreError};

/// A source that has been silent for longer is no longer news.
const NEWS: TimeDelta = TimeDelta::days(30);

impl Store {
    /// The sources of a scope that have sent nothing for longer than their own habit explains, those silent the
    /// longest first.
    pub async fn silent_sources(
        &self,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<Vec<(String, Silence)>, StoreError> {
        let sources = self.sources_in(|name| scope.allows(name)).await?;
        let mut hours: BTreeMap<String, Vec<DateTime<Utc>>> = BTreeMap::new();
        for (source, hour) in self.hours_with_events(&sources, &(now - NEWS..now + TimeDelta::hours(1))).await? {
            hours.entry(source).or_default().push(hour);
        }
        let mut silent = Vec::new();
        for (source, hours) in hours {
            // Nobody that sent within the hour is silent, and most did.
            if hours.last().is_some_and(|hour| now - *hour < TimeDelta::hours(1)) {
                continue;
            }
            let (term, _) = Field::Source.term(self.keys(), &source);
            let Some(last) = self.edge(&Expr::Term(term), Direction::Older).await? else { continue };
            silent.extend(silence(&hours, last.time(), now).map(|silence| (source, silence)));
        }
        silent.sort_by_key(|(_, silence)| silence.since);
        Ok(silent)
    }

    /// When the last event of a scope happened, if there is any.
    pub async fn last_event(&self, scope: &Scope) -> Result<Option<DateTime<Utc>>, StoreError> {
        let last = self.edge(&scope.expr(self.keys()), Direction::Older).await?;
        Ok(last.map(|position| position.time()))
    }
}
