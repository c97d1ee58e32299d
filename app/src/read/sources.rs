//! How sources fare, as far as whoever asks may know of them.

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    drift::Trait,
    query::{Key, Qualifier, Query},
    scope::Sources,
    silence::Habit,
};
use flightbox_store::{Figures, IngestToken, NewTrait};

use super::{
    people::Asker,
    queue,
    search::{grouped, plural},
    zone,
};
use crate::{
    context,
    error::AppError,
    look::event_path,
    pages::{
        source::{Drift, NewLine, OneSource, tokens::IngestTokenLine},
        sources::{Refused, SourceLine, SourceList},
    },
    parts::source::{Rate, SourceStanding},
    state::ViewState,
};

/// How much of what is new a page lists.
const NEW: u32 = 100;

/// The sources that an admin sees.
pub async fn list(tz: &str) -> Result<SourceList, AppError> {
    let asker = Asker::new(context::manager()?, tz)?;
    let figures = asker.store.figures(&asker.person.scope(false), asker.now).await.map_err(context::unanswered)?;
    let sources = figures.into_iter().map(|figures| asker.source(&figures)).collect();
    let queue = queue::shown(&asker.person, asker.now);
    Ok(SourceList { sources, may_add: asker.person.sources == Sources::All, queue })
}

/// One of them.
pub async fn one(name: &str, tz: &str) -> Result<OneSource, AppError> {
    let asker = Asker::new(context::manager()?, tz)?;
    let (store, now) = (&asker.store, asker.now);
    let figures = store.figures_of(&asker.person.scope(false), name, now).await.map_err(context::unanswered)?;
    let figures = figures.ok_or_else(|| AppError::Missing(format!("source {name}")))?;
    let habit = store.habit(name, now).await.map_err(context::unanswered)?;
    let tokens = store.ingest_tokens(name, now).await.map_err(context::unanswered)?;
    let drift = store.drift(name, NEW, now).await.map_err(context::unanswered)?;
    let own = Qualifier::equals(Key::Source, name).map_err(context::failed)?;
    Ok(OneSource {
        added: figures.source.added_at.map(|at| asker.stamp(at)),
        disabled: figures.source.disabled_at.map(|at| asker.stamp(at)),
        events: plural(figures.events),
        list: ViewState::default().with_query(Query::Is(own).to_string()).events(),
        habit: habit_words(&figures, habit, now),
        tokens: tokens.into_iter().map(|token| asker.ingest_token(token)).collect(),
        drift: Drift {
            more: (drift.all > drift.new.len() as u64)
                .then(|| format!("These are the newest {}; there are {} in all.", drift.new.len(), grouped(drift.all))),
            known: known(drift.learned),
            learning: drift.learning,
            full: drift.full.iter().map(|kind| full(*kind)).collect(),
            new: drift.new.into_iter().map(|new| asker.new_trait(new)).collect(),
        },
        trail: asker.trail(&format!("resource:/sources/{name}")),
        line: asker.source(&figures),
    })
}

impl Asker {
    fn source(&self, figures: &Figures) -> SourceLine {
        let name = figures.source.name.clone();
        let url = format!("/sources/{name}");
        SourceLine {
            standing: match (&figures.source, &figures.silence) {
                (source, _) if source.disabled_at.is_some() => SourceStanding::Disabled,
                (_, Some(silence)) => SourceStanding::Silent(zone::length(self.now - silence.since)),
                (source, _) if source.added_at.is_none() => SourceStanding::Imported,
                _ if figures.events == 0 => SourceStanding::Waiting,
                _ => SourceStanding::Active,
            },
            seen: figures.seen_at.map(|at| self.stamp(at)),
            rate: rate(&figures.hours),
            lag: figures.lag.map(lag),
            refused: Refused {
                kept: figures.refused,
                lately: figures.refused_lately,
                url: format!("{url}/quarantine"),
            },
            new: new(figures.new_actions, figures.new_fields),
            name,
            url,
        }
    }

    fn ingest_token(&self, token: IngestToken) -> IngestTokenLine {
        IngestTokenLine {
            number: token.number,
            made: self.stamp(token.created_at),
            ends: token.expires_at.map(|at| (self.stamp(at), zone::length(at - self.now))),
            used: token.used_at.map(|at| zone::ago(self.now - at)),
        }
    }

    fn new_trait(&self, new: NewTrait) -> NewLine {
        let (kind, name) = match new.kind {
            Trait::Action => ("action", new.name),
            Trait::Change => ("changed field", format!("changes.{}", new.name)),
            Trait::Detail => ("detail", format!("details.{}", new.name)),
        };
        NewLine { kind: kind.to_owned(), name, at: self.stamp(new.at), url: event_path(new.seq) }
    }
}

fn rate(hours: &[u64]) -> Rate {
    let (total, most) = (hours.iter().sum::<u64>(), hours.iter().copied().max().unwrap_or_default());
    let hourly = match total {
        0 => None,
        1..24 => Some("under 1 an hour".to_owned()),
        total => Some(format!("{} an hour", grouped((total + 12) / 24))),
    };
    Rate {
        label: format!("{} in 24 hours, at most {} in one hour", plural(total), grouped(most)),
        hours: hours.iter().map(|count| *count as f64 / most.max(1) as f64).collect(),
        total: grouped(total),
        hourly,
    }
}

/// How late, in words.
fn lag(lag: TimeDelta) -> String {
    match lag.num_milliseconds() {
        ..-999 => format!("{} ahead", zone::length(-lag)),
        -999..1_000 => "under a second".to_owned(),
        _ => zone::length(lag),
    }
}

/// How much was new, in words.
fn new(actions: u64, fields: u64) -> Option<String> {
    let some = |count: u64, word: &str| {
        (count > 0).then(|| format!("{} {word}{}", grouped(count), if count == 1 { "" } else { "s" }))
    };
    let words: Vec<_> = [some(actions, "action"), some(fields, "field")].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn known([actions, changes, details]: [u64; 3]) -> String {
    let fields = changes + details;
    format!(
        "It was learned to have {} action{} and {} field{}.",
        grouped(actions),
        if actions == 1 { "" } else { "s" },
        grouped(fields),
        if fields == 1 { "" } else { "s" }
    )
}

fn full(kind: Trait) -> String {
    let what = match kind {
        Trait::Action => "actions",
        Trait::Change => "fields that change",
        Trait::Detail => "paths into details",
    };
    format!("It has shown 1,000 {what}, which is as many as are remembered: others are not noticed any more.")
}

fn habit_words(figures: &Figures, habit: Option<Habit>, now: DateTime<Utc>) -> Vec<String> {
    let Some(habit) = habit else {
        return vec![
            "It has no habit yet by which it would be silent: that takes events in twelve hours of fourteen days."
                .to_owned(),
        ];
    };
    let mut words = vec![format!(
        "In the fourteen days before its last event it never paused for longer than {}. It counts as silent after {}, \
         and the record of access says so, once.",
        zone::length(habit.longest_pause),
        zone::length(habit.patience()),
    )];
    if let Some(silence) = &figures.silence {
        words.insert(0, format!("Its last event happened {}.", zone::ago(now - silence.since)));
    }
    if figures.source.disabled_at.is_some() {
        words.push("While it is disabled, nothing is expected of it.".to_owned());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_said_as_people_would() {
        assert_eq!(lag(TimeDelta::milliseconds(700)), "under a second");
        assert_eq!(lag(TimeDelta::seconds(-5)), "5 seconds ahead");
        assert_eq!(lag(TimeDelta::minutes(90)), "1 hour");
        assert_eq!((new(0, 0), new(1, 2)), (None, Some("1 action, 2 fields".to_owned())));
        assert_eq!(rate(&[0, 1, 3]).hours, [0.0, 1.0 / 3.0, 1.0]);
        assert_eq!(rate(&[100; 24]).hourly.as_deref(), Some("100 an hour"));
    }
}
