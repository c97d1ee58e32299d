//! Actors and resources at a glance.

mod common;

use common::{Fixture, parsed};
use flightbox_domain::scope::{Scope, Sources};
use flightbox_event::{Actor, Event, Outcome};
use flightbox_store::{Activity, Subject};

/// Something done to a resource on a day of November.
fn done(actor: &str, action: &str, resource: &str, day: u32) -> Event {
    parsed(&format!(
        r#"{{"actor":{actor},"action":"{action}","resource":{resource},"occurred_at":"2026-11-{day:02}T10:00:00Z"}}"#
    ))
}

/// What became of `/users/77`, and of others that look like it.
async fn log() -> Fixture {
    let log = Fixture::open().await;
    let amy = r#"{"id":"amy","name":"Amy Bloggs"}"#;
    let billing = [
        done(amy, "user.create", r#""/users/77""#, 1),
        done(amy, "user.update", r#"{"id":"/users/77","type":"people","name":"Bob"}"#, 2),
        done(r#""bob""#, "user.update", r#"{"id":"/users/77","name":"Robert"}"#, 4),
        done(amy, "user.update", r#"{"id":"/users/78","name":"/users/77"}"#, 5),
        done(r#""/users/77""#, "login", r#""/users/7""#, 6),
        parsed(r#"{"actor":{"id":"other","name":"/users/77"},"action":"logout"}"#),
    ];
    log.append("billing", billing).await.unwrap();
    log.append("hr", [done(r#""hr-bot""#, "user.delete", r#""/users/77""#, 9)]).await.unwrap();
    log
}

fn only(source: &str) -> Scope {
    Scope::new(Sources::Only([source.to_owned()].into()), false)
}

async fn activity(log: &Fixture, scope: &Scope, subject: Subject<'_>) -> Activity {
    log.store.activity(scope, subject).await.unwrap().expect("an activity")
}

fn counts<T: AsRef<str>>(counted: &[(T, u64)]) -> Vec<(&str, u64)> {
    counted.iter().map(|(text, count)| (text.as_ref(), *count)).collect()
}

fn ids(actors: &[(Actor, u64)]) -> Vec<(&str, u64)> {
    actors.iter().map(|(actor, count)| (actor.id.as_str(), *count)).collect()
}

#[tokio::test]
async fn a_resource_tells_who_did_what_to_it_and_when() {
    let log = log().await;
    let seen = activity(&log, &only("billing"), Subject::Resource("/users/77")).await;
    assert_eq!((seen.events.value, seen.events.exact, seen.examined), (3, true, 3));
    assert_eq!(seen.first_seen.to_string(), "2026-11-01 10:00:00 UTC");
    assert_eq!(seen.last_seen.to_string(), "2026-11-04 10:00:00 UTC");
    assert_eq!(counts(&seen.actions), [("user.update", 2), ("user.create", 1)]);
    assert_eq!(ids(&seen.actors), [("amy", 2), ("bob", 1)]);
    assert_eq!(seen.actors[0].0.name.as_deref(), Some("Amy Bloggs"));
    assert_eq!(seen.outcomes, [(Outcome::default(), 3)]);
    assert_eq!(seen.days.iter().map(|(_, count)| count).sum::<u64>(), 3);
}

#[tokio::test]
async fn a_resource_has_the_newest_name_and_type_that_an_event_gives() {
    let log = log().await;
    let seen = activity(&log, &only("billing"), Subject::Resource("/users/77")).await;
    assert_eq!(seen.name.as_deref(), Some("Robert"));
    assert_eq!(seen.kind.as_deref(), Some("users"));
    let unnamed = activity(&log, &only("hr"), Subject::Resource("/users/77")).await;
    assert_eq!(unnamed.name, None);
}

#[tokio::test]
async fn a_name_or_an_id_of_another_kind_is_not_the_id_in_question() {
    let log = log().await;
    let actor = activity(&log, &log.everything(), Subject::Actor("/users/77")).await;
    assert_eq!(counts(&actor.actions), [("login", 1)]);
    assert_eq!(counts(&actor.resources), [("/users/7", 1)]);
    assert_eq!(ids(&actor.actors), [("/users/77", 1)]);
    for nothing in [Subject::Resource("Bob"), Subject::Resource("amy"), Subject::Actor("Amy Bloggs")] {
        assert_eq!(log.store.activity(&log.everything(), nothing).await.unwrap(), None, "{nothing:?}");
    }
}

#[tokio::test]
async fn what_is_out_of_scope_and_what_never_was_look_the_same() {
    let log = log().await;
    let everything = activity(&log, &log.everything(), Subject::Resource("/users/77")).await;
    assert_eq!(everything.events.value, 4);
    let billing = activity(&log, &only("billing"), Subject::Resource("/users/77")).await;
    assert!(billing.actors.iter().all(|(actor, _)| actor.id != "hr-bot"));
    for (scope, subject) in [
        (only("hr"), Subject::Resource("/users/78")),
        (only("hr"), Subject::Actor("amy")),
        (only("elsewhere"), Subject::Resource("/users/77")),
        (log.everything(), Subject::Resource("/users/79")),
        (log.everything(), Subject::Resource("")),
    ] {
        assert_eq!(log.store.activity(&scope, subject).await.unwrap(), None, "{subject:?}");
    }
}

#[tokio::test]
async fn an_actor_tells_of_its_resources_addresses_and_user_agents() {
    let log = Fixture::open().await;
    let used = |resource: u32, ip: &str, agent: &str| {
        parsed(&format!(
            r#"{{"actor":"amy","action":"x","resource":"/orders/{resource}","origin":{{"ip":"{ip}","user_agent":"{agent}"}}}}"#
        ))
    };
    let events = [used(1, "192.0.2.1", "curl"), used(2, "192.0.2.2", "curl"), used(1, "192.0.2.1", "firefox")];
    log.append("billing", events).await.unwrap();
    log.append("billing", (3..20).map(|resource| used(resource, "192.0.2.1", "curl"))).await.unwrap();
    let seen = activity(&log, &log.everything(), Subject::Actor("amy")).await;
    assert_eq!(seen.kind.as_deref(), Some("user"));
    assert_eq!(counts(&seen.resources)[..2], [("/orders/1", 2), ("/orders/10", 1)]);
    assert_eq!(seen.resources.len(), 8, "the busiest alone are told");
    assert_eq!(counts(&seen.addresses), [("192.0.2.1", 19), ("192.0.2.2", 1)]);
    assert_eq!(counts(&seen.agents), [("curl", 19), ("firefox", 1)]);
}
