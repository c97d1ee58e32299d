//! What an actor has been doing.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use flightbox_domain::{filter::Expr, page::Direction, scope::Scope, terms::Field};
use flightbox_event::{ActorKind, Outcome};

use crate::{Count, Store, StoreError, Stored};

/// Events that the summary of an actor is made from.
const EXAMINED: usize = 2_000;
/// How many of the busiest are told.
const TOP: usize = 8;

/// An actor at a glance. Tops, outcomes and days are among the newest [`Activity::examined`] events.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// The name that its newest event with one gives.
    pub name: Option<String>,
    /// What kind of actor it is, by its newest event.
    pub kind: ActorKind,
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
    /// The busiest addresses.
    pub addresses: Vec<(String, u64)>,
    /// How its actions ended.
    pub outcomes: Vec<(Outcome, u64)>,
    /// Events a day, UTC, oldest first.
    pub days: Vec<(NaiveDate, u64)>,
}

impl Store {
    /// The activity of the actor with this id, as far as the scope reaches; `None` if there is none.
    pub async fn activity(&self, scope: &Scope, actor: &str) -> Result<Option<Activity>, StoreError> {
        let (term, _) = Field::Actor.term(self.keys(), actor);
        let expr = scope.expr(self.keys()).and(Expr::Term(term));
        // The term finds actors of that name, too.
        let is_actor = |event: &Stored| event.record.event.actor.id == actor;
        let mut newest = self.newest(&expr, EXAMINED).await?;
        let walked = newest.len();
        newest.retain(is_actor);
        let (Some(last), Some(oldest)) = (newest.first(), newest.last()) else { return Ok(None) };
        let first = match walked < EXAMINED {
            true => Some(oldest.clone()),
            false => self.first_that(&expr, Direction::Newer, is_actor).await?,
        };
        let all_are_the_actors = newest.len() == walked;
        let events = match walked < EXAMINED {
            true => Count { value: newest.len() as u64, exact: true },
            false if all_are_the_actors => self.count_expr(&expr).await?,
            false => Count { value: newest.len() as u64, exact: false },
        };
        let events_of = |pick: fn(&Stored) -> Option<String>| busiest(newest.iter().filter_map(pick));
        Ok(Some(Activity {
            name: newest.iter().find_map(|event| event.record.event.actor.name.clone()),
            kind: last.record.event.actor.kind,
            first_seen: first.as_ref().unwrap_or(oldest).position.time(),
            last_seen: last.position.time(),
            events,
            examined: newest.len() as u64,
            actions: events_of(|event| Some(event.record.event.action.clone())),
            addresses: events_of(|event| event.record.event.origin.ip.clone()),
            outcomes: tally(newest.iter().map(|event| event.record.event.outcome)).into_iter().collect(),
            days: tally(newest.iter().map(|event| event.position.time().date_naive())).into_iter().collect(),
        }))
    }
}

fn tally<T: Ord>(values: impl Iterator<Item = T>) -> BTreeMap<T, u64> {
    values.fold(BTreeMap::new(), |mut counts, value| {
        *counts.entry(value).or_default() += 1;
        counts
    })
}

fn busiest(values: impl Iterator<Item = String>) -> Vec<(String, u64)> {
    let mut counted: Vec<_> = tally(values).into_iter().collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted.truncate(TOP);
    counted
}
