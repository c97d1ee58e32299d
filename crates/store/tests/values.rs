//! Values that are offered while somebody writes a query: what there is, and nothing that they may not see.

mod common;

use std::time::Duration;

use common::{Fixture, parsed};
use flightbox_domain::{
    filter::Prefix,
    query::{Key, Part, Writing},
    scope::{Scope, Sources},
};
use flightbox_store::StoreError;

async fn values(log: &Fixture, scope: &Scope, key: Key, start: &str) -> Vec<String> {
    let prefix = Prefix::of(&key, start).unwrap();
    log.store.values(scope, &prefix, 10).await.unwrap().into_iter().map(|known| known.value).collect()
}

fn only(source: &str) -> Scope {
    Scope::new(Sources::Only([source.to_owned()].into()), false)
}

#[tokio::test]
async fn what_is_busy_comes_first_and_what_is_rare_is_found_once_enough_of_it_is_typed() {
    let log = Fixture::open().await;
    let event = |n: i64, actor: String| {
        parsed(&format!(r#"{{"actor":"{actor}","action":"x","occurred_at":{}}}"#, 1_790_000_000_000 + n))
    };
    // Years before the others, so in a month of its own.
    log.append("billing", [parsed(r#"{"actor":"old-al","action":"x","occurred_at":"2020-01-01T00:00:00Z"}"#)])
        .await
        .unwrap();
    log.append("billing", (0..300).map(|n| event(n, format!("u{n:03}")))).await.unwrap();
    log.append("billing", (300..600).map(|n| event(n, ["busy", "less-busy", "busy"][n as usize % 3].to_owned())))
        .await
        .unwrap();
    let all = log.everything();
    assert_eq!(values(&log, &all, Key::Actor, "").await[..3], ["busy", "less-busy", "u000"]);
    assert_eq!(values(&log, &all, Key::Actor, "u17").await, (170..180).map(|n| format!("u{n}")).collect::<Vec<_>>());
    assert_eq!(values(&log, &all, Key::Actor, "old").await, ["old-al"]);
    assert_eq!(values(&log, &all, Key::Actor, "none").await, [""; 0]);
}

#[tokio::test]
async fn each_value_says_how_many_events_have_it_and_an_actor_what_else_they_are_called() {
    let log = Fixture::open().await;
    let long = "a-name-that-does-not-fit-into-the-forty-bytes-of-a-term";
    let event = |id: &str, name: &str| {
        parsed(&format!(
            r#"{{"actor":{{"id":"{id}","name":"{name}"}},"action":"team.member.add","resource":"/users/7","origin":{{"ip":"::ffff:10.0.0.1","country":"de","user_agent":"{long}"}}}}"#
        ))
    };
    log.append("billing", [event("u_1", "alice"), event("u_1", "alice"), event("u_2", long)]).await.unwrap();
    let all = log.everything();
    let known = log.store.values(&all, &Prefix::of(&Key::Actor, "al").unwrap(), 10).await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!((known[0].value.as_str(), known[0].events.value, known[0].events.exact), ("alice", 2, true));
    assert_eq!(known[0].actor.as_ref().map(|actor| actor.id.as_str()), Some("u_1"));
    for (key, start, expected) in [
        (Key::Actor, "a-name-that-does-not-fit-into-the-forty-b", vec![long]),
        (Key::Actor, "a-name-that-does-not-fit-into-the-forty-c", vec![]),
        (Key::Action, "te", vec!["team", "team.member", "team.member.add"]),
        (Key::Action, "team.m", vec!["team.member", "team.member.add"]),
        (Key::Ip, "10.", vec!["10.0.0.1"]),
        (Key::Country, "d", vec!["DE"]),
        (Key::Resource, "/us", vec!["/users/7"]),
        (Key::ResourceType, "u", vec!["users"]),
        (Key::Agent, "a-", vec![long]),
        (Key::Source, "b", vec!["billing"]),
    ] {
        assert_eq!(values(&log, &all, key.clone(), start).await, expected, "{key}:{start}");
    }
}

#[tokio::test]
async fn a_value_of_a_source_out_of_scope_does_not_exist() {
    let log = Fixture::open().await;
    let event = |actor: &str, n: i64| {
        parsed(&format!(
            r#"{{"actor":"{actor}","action":"{actor}.did","resource":"/{actor}/1","origin":{{"ip":"10.0.0.{n}","session_id":"s-{actor}"}},"occurred_at":{}}}"#,
            1_780_000_000_000 + n * 40_000_000_000
        ))
    };
    log.append("hr", [event("harriet", 1)]).await.unwrap();
    // Enough for the other to be none of the newest.
    log.append("billing", (0..300).map(|_| event("bill", 0))).await.unwrap();
    log.append("flightbox", [event("fred", 2)]).await.unwrap();
    let viewer = Scope::new(Sources::All, false);
    for (scope, seen) in [
        (only("hr"), vec!["harriet"]),
        (only("billing"), vec!["bill"]),
        (viewer, vec!["bill", "harriet"]),
        (only("nothing"), vec![]),
    ] {
        assert_eq!(values(&log, &scope, Key::Actor, "").await, seen);
        for actor in ["harriet", "bill", "fred"] {
            let expected = |value: &str| if seen.contains(&actor) { vec![value.to_owned()] } else { Vec::new() };
            assert_eq!(values(&log, &scope, Key::Actor, &actor[..2]).await, expected(actor));
            assert_eq!(
                values(&log, &scope, Key::Resource, &format!("/{actor}")).await,
                expected(&format!("/{actor}/1"))
            );
        }
    }
    assert_eq!(values(&log, &only("hr"), Key::Source, "").await, ["hr"]);
    assert_eq!(values(&log, &Scope::new(Sources::All, false), Key::Source, "f").await, [""; 0]);
    assert_eq!(values(&log, &log.everything(), Key::Source, "f").await, ["flightbox"]);
    // Counts are of what may be seen, too.
    log.append("hr", [event("bill", 3)]).await.unwrap();
    let known = log.store.values(&only("hr"), &Prefix::of(&Key::Actor, "bill").unwrap(), 10).await.unwrap();
    assert_eq!(known[0].events.value, 1);
}

#[tokio::test]
async fn a_path_that_no_new_event_has_is_remembered_across_a_restart() {
    let mut log = Fixture::open().await;
    let event = |details: &str| parsed(&format!(r#"{{"actor":"a","action":"x","details":{details}}}"#));
    log.append("billing", [event(r#"{"rare":{"path":1}}"#)]).await.unwrap();
    log.append("billing", (0..300).map(|n| event(&format!(r#"{{"usual":{n}}}"#)))).await.unwrap();
    log.append("hr", [event(r#"{"rare":{"secret":1}}"#)]).await.unwrap();
    log.reopen().await;
    let paths = async |scope: &Scope, start: &str| {
        let known = log.store.paths(scope, start, 10).await.unwrap().into_iter();
        known.map(|known| (known.value, known.events.value)).collect::<Vec<_>>()
    };
    let of = |path: &str, events| (path.to_owned(), events);
    assert_eq!(paths(&only("billing"), "").await, [of("usual", 300), of("rare.path", 1)]);
    assert_eq!(paths(&log.everything(), "RARE").await, [of("rare.path", 1), of("rare.secret", 1)]);
    assert_eq!(paths(&only("nobody"), "").await, []);
}

#[tokio::test]
async fn nobody_waits_longer_for_what_is_offered_than_for_anything_else() {
    let log = Fixture::open().await;
    let event =
        |n: usize| parsed(&format!(r#"{{"actor":"u{n}","action":"x","details":{{"n":"v{n}","p{}":1}}}}"#, n % 200));
    log.append("billing", (0..256).map(event)).await.unwrap();
    let (all, most) = (log.everything(), 256);
    let actors = Prefix::of(&Key::Actor, "").unwrap();
    let Some(Writing { part: Part::Value(Key::Detail(path), _), .. }) = Writing::at("@n:", 3) else { panic!() };
    assert_eq!(log.store.values(&all, &actors, most).await.unwrap().len(), 256);
    assert_eq!(log.store.detail_values(&all, &path, "", most).await.unwrap().len(), 256);
    assert_eq!(log.store.paths(&all, "", most).await.unwrap().len(), 201);
    // Time for some of the statements that count one of them each, never for two hundred.
    log.store.set_patience(Duration::from_millis(1));
    let answers = [
        log.store.values(&all, &actors, most).await,
        log.store.detail_values(&all, &path, "", most).await,
        log.store.paths(&all, "", most).await,
    ];
    assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::TooSlow))), "{answers:?}");
}
