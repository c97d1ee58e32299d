//! What an actor has been doing, and what has been done to a resource.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use flightbox_domain::{filter::Expr, keys::Keys, page::Direction, scope::Scope, terms::Field};
use flightbox_event::{Actor, Event, Outcome};

use crate::{Count, Store, StoreError, Stored};

/// Events that a summary is made from.
const EXAMINED: usize = 2_000;
/// How many of the busiest are told.
const TOP: usize = 8;

/// Whose activity it is. A name is not an id: whatever merely bears it is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The actor with this id.
    Actor(&'a str),
    /// The resource with this id.
    Resource(&'a str),
}

/// A subject at a glance. Tops, outcomes and days are among the newest [`Activity::examined`] events.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// The name that its newest event with one gives.
    pub name: Option<String>,
    /// Its type, by its newest event with one.
    pub kind: Option<String>,
    /// Its first event.
    pub first_seen: DateTime<Utc>,
    /// Its last event.
    pub last_seen: DateTime<Utc>,
    /// How many events it has.
    pub events: Count,
    /// How many were looked at for what follows.
    pub examined: u64,
    /// The busiest actions.
    pub actions: Vec<(String, u64)>,
    /// The busiest actors, each as its newest event tells of it; of an actor's activity, itself alone.
    pub actors: Vec<(Actor, u64)>,
    /// The busiest resources; of a resource's activity, itself alone.
    pub resources: Vec<(String, u64)>,
    /// The busiest addresses.
    pub addresses: Vec<(String, u64)>,
    /// The busiest user agents.
    pub agents: Vec<(String, u64)>,
    /// How its actions ended.
    pub outcomes: Vec<(Outcome, u64)>,
    /// Events a day, UTC, oldest first.
    pub days: Vec<(NaiveDate, u64)>,
}

impl Store {
    /// The activity of a subject, as far as the scope reaches; `None` if there is none.
    pub async fn activity(&self, scope: &Scope, subject: Subject<'_>) -> Result<Option<Activity>, StoreError> {
        self.readers().patiently(self.look_back(scope, subject)).await
    }

    async fn look_back(&self, scope: &Scope, subject: Subject<'_>) -> Result<Option<Activity>, StoreError> {
        let expr = scope.expr(self.keys()).and(subject.expr(self.keys()));
        let concerns = |stored: &Stored| subject.concerns(&stored.record.event);
        let mut newest = self.newest(&expr, EXAMINED).await?;
        let walked = newest.len();
        newest.retain(concerns);
        let (Some(last), Some(oldest)) = (newest.first(), newest.last()) else { return Ok(None) };
        let first = match walked < EXAMINED {
            true => Some(oldest.clone()),
            false => self.first_that(&expr, Direction::Newer, concerns).await?,
        };
        let all_concern_it = newest.len() == walked;
        let events = match walked < EXAMINED {
            true => Count { value: newest.len() as u64, exact: true },
            false if all_concern_it => self.count_expr(&expr).await?,
            false => Count { value: newest.len() as u64, exact: false },
        };
        let told = || newest.iter().map(|stored| &stored.record.event);
        let texts = |pick: fn(&Event) -> Option<&String>| busiest(told().filter_map(pick).cloned());
        Ok(Some(Activity {
            name: told().find_map(|event| subject.name(event)).map(str::to_owned),
            kind: told().find_map(|event| subject.kind(event)).map(str::to_owned),
            first_seen: first.as_ref().unwrap_or(oldest).position.time(),
            last_seen: last.position.time(),
            events,
            examined: newest.len() as u64,
            actions: texts(|event| Some(&event.action)),
            actors: busiest_actors(told().map(|event| &event.actor)),
            resources: texts(|event| event.resource.as_ref().map(|resource| &resource.id)),
            addresses: texts(|event| event.origin.ip.as_ref()),
            agents: texts(|event| event.origin.user_agent.as_ref()),
            outcomes: tally(told().map(|event| event.outcome)).into_iter().collect(),
            days: tally(newest.iter().map(|stored| stored.position.time().date_naive())).into_iter().collect(),
        }))
    }
}

impl Subject<'_> {
    /// Whether an event is one of its own.
    pub fn concerns(self, event: &Event) -> bool {
        match self {
            Self::Actor(id) => event.actor.id == id,
            Self::Resource(id) => event.resource.as_ref().is_some_and(|resource| resource.id == id),
        }
    }

    /// Finds all of its events, and some of others: those of actors of that name.
    pub(crate) fn expr(self, keys: &Keys) -> Expr {
        let (term, _) = match self {
            Self::Actor(id) => Field::Actor.term(keys, id),
            Self::Resource(id) => Field::Resource.term(keys, id),
        };
        Expr::Term(term)
    }

    fn name(self, event: &Event) -> Option<&str> {
        match self {
            Self::Actor(_) => event.actor.name.as_deref(),
            Self::Resource(_) => event.resource.as_ref()?.name.as_deref(),
        }
    }

    fn kind(self, event: &Event) -> Option<&str> {
        match self {
            Self::Actor(_) => Some(event.actor.kind.as_str()),
            Self::Resource(_) => event.resource.as_ref()?.kind.as_deref(),
        }
    }
}

fn tally<T: Ord>(values: impl Iterator<Item = T>) -> BTreeMap<T, u64> {
    values.fold(BTreeMap::new(), |mut counts, value| {
        *counts.entry(value).or_default() += 1;
        counts
    })
}

fn busiest<T: Ord>(values: impl Iterator<Item = T>) -> Vec<(T, u64)> {
    let mut counted: Vec<_> = tally(values).into_iter().collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted.truncate(TOP);
    counted
}

/// Told apart by their ids: a name may come and go.
fn busiest_actors<'a>(actors: impl Iterator<Item = &'a Actor> + Clone) -> Vec<(Actor, u64)> {
    let ids = busiest(actors.clone().map(|actor| &actor.id)).into_iter();
    ids.filter_map(|(id, count)| Some((actors.clone().find(|actor| actor.id == *id)?.clone(), count))).collect()
}
