//! Legal holds: what somebody has to keep whatever else is said about it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::{
    filter::{Expr, Filter},
    flag::Flags,
    keys::Keys,
    name::HoldName,
    query::{Query, QueryError},
    reason::Reason,
    record::Record,
    rules::Rules,
    scope::{Scope, Sources},
    terms::Field,
};

/// What is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Everything that the actor with this id did.
    Actor(String),
    /// Everything that a query finds, in its canonical text. Its times are absolute.
    Query(String),
}

impl Held {
    /// What a query finds from now on; a time that is relative to now is fixed, so that the hold never moves. One that
    /// asks of sealed values what rules do not allow would hold nothing, and is refused as it is anywhere.
    pub fn query(text: &str, rules: &Rules, now: DateTime<Utc>) -> Result<Self, QueryError> {
        let query = Query::parse(text)?;
        rules.allow(&query, text)?;
        Ok(Self::Query(query.pinned(now).to_string()))
    }

    /// The word that names its kind in the database.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Actor(_) => "actor",
            Self::Query(_) => "query",
        }
    }

    /// The id, or the query.
    pub fn text(&self) -> &str {
        match self {
            Self::Actor(text) | Self::Query(text) => text,
        }
    }
}

/// A hold that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub name: HoldName,
    /// What it holds.
    pub held: Held,
    /// In which sources: those that whoever set it could see.
    pub sources: Sources,
    /// Why.
    pub reason: Reason,
    /// Who set it.
    pub by: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A hold ready to be asked of events.
#[derive(Clone, Debug)]
pub struct HoldTest {
    hold: Hold,
    filter: Option<Filter>,
}

impl HoldTest {
    /// That of a hold.
    pub fn of(hold: Hold, keys: &Keys) -> Result<Self, QueryError> {
        let filter = match &hold.held {
            Held::Actor(_) => None,
            // Days are those of UTC: the same for whoever looks.
            Held::Query(text) => Some(Filter::new(&Query::parse(text)?, keys, hold.since, Tz::UTC)),
        };
        Ok(Self { hold, filter })
    }

    /// The hold.
    pub fn hold(&self) -> &Hold {
        &self.hold
    }

    /// Finds every event that is held, and maybe others.
    pub fn expr(&self, keys: &Keys) -> Expr {
        let scope = Scope::new(self.hold.sources.clone(), self.hold.sources == Sources::All);
        match (&self.hold.held, &self.filter) {
            (_, Some(filter)) => filter.at_most(keys, &scope),
            (held, None) => Expr::Term(Field::Actor.term(keys, held.text()).0).and(scope.expr(keys)),
        }
    }

    /// Whether it holds the event of that sequence number.
    pub fn holds(&self, seq: i64, record: &Record, flags: Flags) -> bool {
        self.hold.sources.has(&record.source)
            && match (&self.hold.held, &self.filter) {
                (_, Some(filter)) => filter.matches(seq, record, flags),
                (held, None) => record.event.actor.id == held.text(),
            }
    }
}

#[cfg(test)]
mod tests {
    use flightbox_event::{json, parse_event};

    use super::*;
    use crate::record::NO_RULES;

    fn hold(held: Held, sources: Sources) -> HoldTest {
        let since = "2026-11-22T12:00:00Z".parse().unwrap();
        let (name, reason) = ("Case 7".parse().unwrap(), "court order".parse().unwrap());
        let hold = Hold { id: 1, name, held, sources, reason, by: "ada".to_owned(), since };
        HoldTest::of(hold, &Keys::derive(&[1; 32])).unwrap()
    }

    fn record(source: &str, actor: &str, at: &str) -> Record {
        let event = format!(r#"{{"actor":{{"id":"{actor}","name":"eve"}},"action":"x","occurred_at":"{at}"}}"#);
        let event = parse_event(&json::parse(event.as_bytes()).unwrap()).unwrap();
        Record {
            received_at: at.parse().unwrap(),
            source: source.to_owned(),
            rules: NO_RULES,
            event,
            seals: Vec::new(),
        }
    }

    #[test]
    fn an_actor_is_held_by_id_and_not_by_name_and_within_the_scope_of_who_set_it() {
        let record = |source, actor| record(source, actor, "2026-01-01T00:00:00Z");
        let all = hold(Held::Actor("eve".to_owned()), Sources::All);
        assert!(all.holds(0, &record("hr", "eve"), Flags::default()));
        assert!(!all.holds(0, &record("hr", "bob"), Flags::default()));
        let scoped = hold(Held::Actor("eve".to_owned()), Sources::Only(["hr".to_owned()].into()));
        assert!(scoped.holds(0, &record("hr", "eve"), Flags::default()));
        assert!(!scoped.holds(0, &record("billing", "eve"), Flags::default()));
    }

    #[test]
    fn a_query_of_relative_times_holds_the_same_for_good() {
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let held = Held::query("created:-2d actor:eve", &Rules::default(), now).unwrap();
        assert!(!held.text().contains("-2d"), "{}", held.text());
        let hold = hold(held, Sources::All);
        assert!(hold.holds(0, &record("hr", "u7", "2026-11-21T00:00:00Z"), Flags::default()));
        assert!(!hold.holds(0, &record("hr", "u7", "2026-11-20T00:00:00Z"), Flags::default()));
    }
}
