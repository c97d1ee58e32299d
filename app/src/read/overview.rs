//! What happened lately, made ready to be shown.

use chrono::TimeDelta;
use flightbox_domain::{
    flag::Flag,
    glance::Facet,
    query::{Key, Qualifier, Query},
    scope::Scope,
    silence::Silence,
};
use flightbox_event::Outcome;
use flightbox_store::{Basis, Count, FacetCounts, Histogram};
use futures_util::future::{try_join, try_join3};

use super::{
    activity,
    remark::together,
    search::{View, grouped},
    summary::BARS,
    window::Window,
    zone,
};
use crate::{
    context,
    error::AppError,
    pages::overview::{Begun, Counted, There},
    parts::{
        bars,
        glance::Figure,
        notable::{Flagged, Newcomer, Notable, Silent},
        overview::{Total, Trend, Way},
    },
};

/// How many events, actors and values each card shows.
const FLAGGED: usize = 8;
const NEWCOMERS: usize = 6;
const BUSIEST: usize = 8;
/// About how many bars the time before is counted in; only their sum is shown.
const FEW: u32 = 8;

impl View {
    /// What stands over the figures.
    pub async fn begin(&self) -> Result<Begun, AppError> {
        let (zone, now) = (self.window.zone, self.window.now);
        let last = self.store().last_event(&scope()?).await.map_err(context::failed)?;
        let there = match last {
            None => There::Nothing,
            Some(last) if self.window.from.is_some_and(|from| last < from) => {
                let end = last + TimeDelta::minutes(1);
                let week = self.state.with_window(&zone::exact(end - TimeDelta::days(7)), &zone::exact(end));
                There::Before(zone::stamp(last, zone, now), week.url("/"))
            }
            Some(_) => There::Something,
        };
        Ok(Begun { window: self.window.view(&self.state, "/"), phrase: self.window.phrase(&self.state), there })
    }

    /// What happened, in figures.
    pub async fn totals(&self) -> Result<Counted, AppError> {
        let before = self.window.before();
        let (now, then) = try_join(self.amounts(&self.window, BARS), async {
            match &before {
                Some(before) => self.amounts(before, FEW).await.map(Some),
                None => Ok(None),
            }
        })
        .await?;
        let total = |label: &str, query: Option<Query>, of: fn(&Amounts) -> Count| Total {
            label: label.to_owned(),
            count: bounded(of(&now)),
            url: query.map(|query| self.state.with_query(query.to_string()).events()),
            trend: then.as_ref().and_then(|then| trend(of(&now), of(then))),
        };
        let ended = |outcome: Outcome| Qualifier::equals(Key::Outcome, outcome.as_str()).ok().map(Query::Is);
        Ok(Counted {
            totals: vec![
                total("Events", Some(Query::All), |amounts| amounts.of(Outcome::ALL)),
                total("Failed", ended(Outcome::Failure), |amounts| amounts.of(&[Outcome::Failure])),
                total("Denied", ended(Outcome::Denied), |amounts| amounts.of(&[Outcome::Denied])),
                total("Never seen before", Some(first_seen()), |amounts| amounts.flagged),
                total("New actors", None, |amounts| amounts.newcomers),
            ],
            compared: before.map(|before| before.as_before()),
            histogram: self.bars(&now.histogram),
        })
    }

    async fn amounts(&self, window: &Window, bars: u32) -> Result<Amounts, AppError> {
        let (scope, store) = (scope()?, self.store());
        let all = self.search_for(&Query::All, window, None, 1);
        let flagged = self.search_for(&first_seen(), window, None, 1);
        let (histogram, flagged, newcomers) = try_join3(
            store.histogram(&all, window.zone, bars),
            store.count(&flagged),
            store.newcomers(&scope, window.range(), 0),
        )
        .await
        .map_err(context::failed)?;
        let newcomers = Count { value: newcomers.count, exact: true };
        Ok(Amounts { histogram: Histogram::clone(&histogram), flagged, newcomers })
    }

    /// What deserves a look.
    pub async fn notable(&self) -> Result<Notable, AppError> {
        let (scope, zone, now) = (scope()?, self.window.zone, self.window.now);
        let query = first_seen();
        let search = self.search_for(&query, &self.window, None, FLAGGED);
        let (page, newcomers, silent) = try_join3(
            self.store().search(&search),
            self.store().newcomers(&scope, self.window.range(), NEWCOMERS),
            self.store().silent_sources(&scope, now),
        )
        .await
        .map_err(context::failed)?;
        let all = self.state.with_query(query.to_string());
        let flagged = page.events.iter().map(|stored| Flagged {
            url: all.url(&format!("/events/{}", stored.seq)),
            time: zone::stamp(stored.position.time(), zone, now),
            sentence: together(stored),
        });
        let more = newcomers.count.saturating_sub(newcomers.newest.len() as u64);
        Ok(Notable {
            flagged: flagged.collect(),
            all_flagged: all.events(),
            more_newcomers: (more > 0).then(|| format!("and {} more", grouped(more))),
            newcomers: newcomers
                .newest
                .into_iter()
                .map(|new| Newcomer {
                    actor: self.rows().actor(&new.actor),
                    source: new.source,
                    first_seen: zone::stamp(new.first_seen, zone, now),
                })
                .collect(),
            silent: silent.into_iter().filter_map(|(source, silence)| self.silent(source, silence)).collect(),
        })
    }

    fn silent(&self, source: String, silence: Silence) -> Option<Silent> {
        let (zone, now) = (self.window.zone, self.window.now);
        let its_own = Qualifier::equals(Key::Source, &source).ok()?;
        Some(Silent {
            url: self.state.zone_only().with_query(Query::Is(its_own).to_string()).events(),
            source,
            length: zone::length(now - silence.since),
            since: zone::stamp(silence.since, zone, now),
            longest_pause: zone::length(silence.longest_pause),
        })
    }

    /// Who and what was busy.
    pub async fn busiest(&self) -> Result<Vec<Figure>, AppError> {
        let search = self.search_for(&Query::All, &self.window, None, 1);
        let facets = self.store().facets(&search).await.map_err(context::failed)?;
        let mut figures = Vec::new();
        for (facet, key, title) in [
            (Facet::Actor, Key::Actor, "Busiest actors"),
            (Facet::Action, Key::Action, "Busiest actions"),
            (Facet::Ip, Key::Ip, "Busiest addresses"),
        ] {
            let Some(counts) = facets.iter().find(|counts| counts.facet == facet && !counts.values.is_empty()) else {
                continue;
            };
            figures.push(self.figure(counts, key, title).await?);
        }
        Ok(figures)
    }

    async fn figure(&self, counts: &FacetCounts, key: Key, title: &str) -> Result<Figure, AppError> {
        let (scope, rows) = (scope()?, self.rows());
        let mut counted = Vec::new();
        for (text, count) in counts.values.iter().take(BUSIEST) {
            let of = match key {
                Key::Actor => {
                    let actor = self.store().actor(&scope, text).await.map_err(context::failed)?;
                    bars::Counted::Actor(rows.actor(&actor))
                }
                _ => bars::Counted::Value(rows.links.value(key.clone(), text)),
            };
            counted.push((of, *count));
        }
        let basis = match counts.basis {
            Basis::All => None,
            Basis::Newest(newest) => Some(format!("among the newest {}", grouped(newest))),
        };
        Ok(Figure { basis, ..activity::figure(title, &counted, Clone::clone) })
    }
}

/// What there was of everything.
struct Amounts {
    histogram: Histogram,
    flagged: Count,
    newcomers: Count,
}

impl Amounts {
    fn of(&self, outcomes: &[Outcome]) -> Count {
        let counts = self.histogram.counts.iter();
        let value = counts.map(|counts| outcomes.iter().map(|outcome| counts[*outcome as usize]).sum::<u64>()).sum();
        Count { value, exact: self.histogram.total.exact }
    }
}

/// What the reader may see, Flightbox's own record aside.
fn scope() -> Result<Scope, AppError> {
    Ok(context::signed_in()?.scope(false))
}

/// Everything that was new for its actor.
fn first_seen() -> Query {
    let new = Flag::ALL.iter().filter(|flag| **flag != Flag::ClockSkew);
    let any_of = new.filter_map(|flag| Qualifier::equals(Key::Flag, flag.as_str()).ok()).flat_map(|flag| flag.any_of);
    Query::Is(Qualifier { key: Key::Flag, any_of: any_of.collect() })
}

fn bounded(count: Count) -> String {
    let bound = if count.exact { "" } else { "over " };
    format!("{bound}{}", grouped(count.value))
}

/// How a figure compares with that of the time before; nothing where either is not known exactly.
fn trend(now: Count, then: Count) -> Option<Trend> {
    if !now.exact || !then.exact {
        return None;
    }
    let (now, then) = (now.value, then.value);
    let by = |more: u64, word: &str| match (100 * more + then / 2) / then.max(1) {
        0 => format!("hardly {word}"),
        percent => format!("{percent}% {word}"),
    };
    let (way, words) = match (now, then) {
        (now, then) if now == then => (Way::Level, "as before".to_owned()),
        (_, 0) => (Way::Up, "none before".to_owned()),
        (0, _) => (Way::Down, format!("{} before", grouped(then))),
        (now, then) if now >= 10 * then => (Way::Up, format!("{} times as many", grouped(now / then))),
        (now, then) if now > then => (Way::Up, by(now - then, "more")),
        (now, then) => (Way::Down, by(then - now, "fewer")),
    };
    Some(Trend { way, words, before: grouped(then) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_compared_as_people_would() {
        let exact = |value| Count { value, exact: true };
        let say = |now, then| trend(exact(now), exact(then)).map(|trend| trend.words).unwrap_or_default();
        assert_eq!(say(112, 100), "12% more");
        assert_eq!(say(90, 100), "10% fewer");
        assert_eq!(say(1_001, 1_000), "hardly more");
        assert_eq!(say(3_000, 250), "12 times as many");
        assert_eq!((say(7, 7), say(0, 0)), ("as before".to_owned(), "as before".to_owned()));
        assert_eq!((say(7, 0), say(0, 1_200)), ("none before".to_owned(), "1,200 before".to_owned()));
        assert_eq!(trend(Count { value: 10_000, exact: false }, exact(3)), None);
    }

    #[test]
    fn everything_new_is_one_query() {
        let query = "flag:first-seen-action,first-seen-ip,first-seen-country,first-seen-agent";
        assert_eq!(first_seen().to_string(), query);
        assert_eq!(Query::parse(query), Ok(first_seen()));
    }
}
