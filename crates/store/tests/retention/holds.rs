//! Legal holds: what they hold survives every run.

use flightbox_domain::{hold::Held, scope::Sources};
use flightbox_store::{Kept, RunError};

use super::*;

const NOW: &str = "2026-11-22T12:00:00Z";

async fn filled() -> Fixture {
    let log = Fixture::open().await;
    for source in ["billing", "hr"] {
        for day in 1..=28 {
            let when = format!("2026-01-{day:02}T10:00:00Z");
            let actor = if day % 4 == 0 { "eve" } else { "bob" };
            let action = if day % 7 == 0 { "pay" } else { "read" };
            received(&log.store, source, &when, [event(actor, action, &when)]).await;
        }
    }
    keep(&log.store, "*", 100).await;
    log
}

async fn hold(store: &Store, held: Held, sources: Sources) -> i64 {
    let (name, reason) = ("Case 7".parse().unwrap(), "court order".parse().unwrap());
    store.add_hold((&name, &held, &sources), ("ada", &reason), at("2026-11-20T00:00:00Z")).await.unwrap()
}

fn actor(id: &str) -> Held {
    Held::Actor(id.to_owned())
}

fn query(text: &str) -> Held {
    Held::query(text, &Default::default(), at(NOW)).unwrap()
}

fn hr() -> Sources {
    Sources::Only(["hr".to_owned()].into())
}

#[tokio::test]
async fn what_a_hold_holds_stays_and_the_plan_says_how_much_that_is() {
    let log = filled().await;
    hold(&log.store, actor("eve"), Sources::All).await;
    let (plan, _, done) = run_at(&log.store, NOW).await;
    done.unwrap();
    let told: Vec<_> = plan.parts.iter().map(|part| (part.source.as_str(), part.events, part.kept.events)).collect();
    assert_eq!(told, [("billing", 21, 7), ("hr", 21, 7)]);
    assert!(plan.parts.iter().all(|part| part.kept.bytes > 0));
    assert_eq!((log.count("actor:eve").await, log.count("actor:bob").await), (14, 0));
    // Nothing more goes, and nothing is made anew for it.
    let (plan, _, done) = run_at(&log.store, NOW).await;
    done.unwrap();
    assert_eq!(plan.removes().count(), 0);
    assert_eq!(plan.parts.len(), 2);
    assert_eq!(log.count("").await, 14);
}

#[tokio::test]
async fn a_query_holds_what_it_finds_exactly_also_where_the_index_alone_cannot_tell() {
    for (text, left) in [("action:pay", 8), ("action:~ay actor:eve", 2), ("-actor:eve action:pay", 6), ("seq:3,4", 2)] {
        let log = filled().await;
        hold(&log.store, query(text), Sources::All).await;
        run(&log.store, NOW).await;
        assert_eq!(log.count("").await, left, "{text}");
        assert_eq!(log.count(text).await, left, "{text}");
    }
}

#[tokio::test]
async fn a_hold_reaches_as_far_as_whoever_set_it_could_see() {
    let log = filled().await;
    hold(&log.store, query("action:pay"), hr()).await;
    run(&log.store, NOW).await;
    assert_eq!((log.count("source:hr").await, log.count("source:billing").await), (4, 0));
}

#[tokio::test]
async fn what_two_holds_hold_stays_until_both_are_lifted() {
    let log = filled().await;
    let (one, other) =
        (hold(&log.store, actor("eve"), Sources::All).await, hold(&log.store, query("action:pay"), Sources::All).await);
    let (plan, ..) = run_at(&log.store, NOW).await;
    assert_eq!(plan.parts[0].kept, Kept { events: 10, bytes: plan.parts[0].kept.bytes });
    assert_eq!(log.count("").await, 20);
    let reason = "settled".parse().unwrap();
    assert!(log.store.lift_hold(one, ("bea", &reason), at(NOW)).await.unwrap());
    assert!(!log.store.lift_hold(one, ("bea", &reason), at(NOW)).await.unwrap());
    run(&log.store, NOW).await;
    assert_eq!(log.count("").await, 8);
    log.store.lift_hold(other, ("bea", &reason), at(NOW)).await.unwrap();
    run(&log.store, NOW).await;
    assert_eq!(log.count("").await, 0);
    let lifted = log.store.lifted_holds().await.unwrap();
    assert_eq!(lifted.len(), 2);
    assert_eq!(
        lifted[0].lifted.as_ref().map(|lifted| (lifted.by.as_str(), lifted.reason.as_str())),
        Some(("bea", "settled"))
    );
    assert_eq!(log.store.holds().await.unwrap(), []);
}

#[tokio::test]
async fn a_hold_that_is_set_after_the_plan_was_told_stops_the_run() {
    let log = filled().await;
    let turn = log.store.retention_turn().unwrap();
    assert!(log.store.retention_turn().is_none(), "one at a time");
    let plan = log.store.plan_retention(at(NOW)).await.unwrap();
    hold(&log.store, actor("eve"), Sources::All).await;
    let event = received(&log.store, "flightbox", NOW, [event("flightbox", "retention.run", NOW)]).await[0].seq;
    log.store.begin_run(&turn, event, at(NOW)).await.unwrap();
    assert!(matches!(log.store.carry_out(&turn, &plan, event).await, Err(RunError::Changed)));
    assert_eq!(log.count("").await, 56);
    drop(turn);
    run(&log.store, NOW).await;
    assert_eq!(log.count("").await, 14);
}

#[tokio::test]
async fn whoever_is_to_erase_an_actor_is_told_of_every_hold_on_them() {
    let log = filled().await;
    let ids = [
        hold(&log.store, actor("eve"), Sources::All).await,
        hold(&log.store, query("action:~pa"), hr()).await,
        hold(&log.store, actor("nobody"), Sources::All).await,
        hold(&log.store, query("actor:bob"), Sources::All).await,
    ];
    let on = async |sources: Sources, who: &str| {
        let holds = log.store.holds_on_actor(&sources, who).await.unwrap();
        holds.into_iter().map(|hold| hold.id).collect::<Vec<_>>()
    };
    assert_eq!(on(Sources::All, "eve").await, [ids[0], ids[1]]);
    assert_eq!(on(Sources::All, "bob").await, [ids[1], ids[3]]);
    assert_eq!(on(Sources::Only(["billing".to_owned()].into()), "eve").await, [ids[0]]);
    assert_eq!(on(Sources::All, "carol").await, []);
    let eve = log.search("actor:eve source:hr action:pay", 1).await.remove(0);
    let holds = log.store.holds_on(&eve).await.unwrap();
    assert_eq!(holds.iter().map(|hold| hold.id).collect::<Vec<_>>(), [ids[0], ids[1]]);
}

#[tokio::test]
async fn a_hold_on_what_others_did_is_told_to_whoever_is_to_erase_what_is_sealed_in_it() {
    let log = Fixture::open().await;
    let rules = "seal key salary as salary subject details.employee";
    log.store.set_rules(rules, 1, "root", at(NOW)).await.unwrap().unwrap();
    let raise = r#"{"actor":"boss","action":"raise","details":{"employee":"e7","salary":"5000"}}"#;
    log.append("hr", [parsed(raise)]).await.unwrap();
    assert_eq!(log.store.holds_on_actor(&Sources::All, "e7").await.unwrap(), []);
    let ids = [
        hold(&log.store, actor("boss"), Sources::All).await,
        hold(&log.store, query("action:raise"), Sources::All).await,
        hold(&log.store, query("action:other"), Sources::All).await,
    ];
    let holds = log.store.holds_on_actor(&Sources::All, "e7").await.unwrap();
    assert_eq!(holds.iter().map(|hold| hold.id).collect::<Vec<_>>(), ids[..2]);
    assert_eq!(log.store.holds_on_actor(&Sources::All, "e8").await.unwrap(), []);
}
