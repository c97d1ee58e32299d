//! How sources fare: what they show, how late they send, what is refused of them.

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::{Fixture, parsed};
use flightbox_domain::{
    drift::Trait,
    scope::{Scope, Sources},
};
use flightbox_event::Event;
use flightbox_store::About;

fn at(hours_ago: i64) -> DateTime<Utc> {
    common::now() - TimeDelta::hours(hours_ago)
}

fn event(hours_ago: i64, members: &str) -> Event {
    parsed(&format!(r#"{{"actor":"a","occurred_at":"{}",{members}}}"#, at(hours_ago).to_rfc3339()))
}

fn only(source: &str) -> Scope {
    Scope::new(Sources::Only([source.to_owned()].into()), false)
}

/// A source that has been known for ten days.
async fn settled() -> Fixture {
    let log = Fixture::open().await;
    log.append("billing", (0..240).rev().map(|hour| event(hour, r#""action":"pay","details":{"amount":1}"#)))
        .await
        .unwrap();
    log
}

async fn new(log: &Fixture, source: &str) -> Vec<(Trait, String, i64)> {
    let drift = log.store.drift(source, 100, common::now()).await.unwrap();
    assert_eq!(drift.all, drift.new.len() as u64);
    drift.new.into_iter().map(|new| (new.kind, new.name, new.seq)).collect()
}

#[tokio::test]
async fn what_a_known_source_shows_for_the_first_time_is_drift_also_after_a_restart() {
    let mut log = settled().await;
    assert_eq!(new(&log, "billing").await, []);
    log.reopen().await;
    let refund =
        r#""action":"refund","details":{"amount":1,"shop":{"brand":"x"}},"changes":{"credit limit":{"after":1}}"#;
    log.append("billing", [event(1, refund), event(0, refund)]).await.unwrap();
    let drift = [
        (Trait::Action, "refund".to_owned(), 240),
        (Trait::Change, "credit limit".to_owned(), 240),
        (Trait::Detail, "shop.brand".to_owned(), 240),
    ];
    assert_eq!(new(&log, "billing").await, drift);
    log.reopen().await;
    log.append("billing", [event(0, refund)]).await.unwrap();
    assert_eq!(new(&log, "billing").await, drift, "it is told once");
    let told = log.store.drift("billing", 1, common::now()).await.unwrap();
    assert_eq!((told.all, told.new.len(), told.learned, told.learning), (3, 1, [1, 0, 1], false));
    let paths = log.store.paths(&only("billing"), "shop", 10).await.unwrap();
    assert_eq!(paths.len(), 1, "queries are completed with it");
    assert!(log.store.paths(&only("billing"), "credit", 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_new_source_is_learned_first() {
    let log = Fixture::open().await;
    let many = |hours_ago| (0..1_100).map(move |n| event(hours_ago, &format!(r#""action":"a{}""#, n % 300)));
    log.append("hr", many(0)).await.unwrap();
    assert_eq!(new(&log, "hr").await, [], "what comes within the hour is its beginning, however much");
    assert!(log.store.drift("hr", 9, common::now()).await.unwrap().learning);
    log.append("crm", many(1).chain([event(0, r#""action":"odd""#)])).await.unwrap();
    assert_eq!(new(&log, "crm").await, [(Trait::Action, "odd".to_owned(), 2_200)]);
}

#[tokio::test]
async fn figures_are_of_the_sources_in_scope_and_of_each_its_own() {
    let log = settled().await;
    log.append("hr", [event(3, r#""action":"hire""#)]).await.unwrap();
    let about = About { lines: true, address: None, bytes: 1, records: Some(1), problems: 1, first: None };
    log.store.quarantine("hr", &about, &[b"x"], common::now() - TimeDelta::days(2), &common::random()).await.unwrap();
    log.store.quarantine("hr", &about, &[b"x"], common::now(), &common::random()).await.unwrap();
    let all = log.store.figures(&Scope::new(Sources::All, true), common::now()).await.unwrap();
    let [billing, hr] = &all[..] else { panic!("{all:?}") };
    assert_eq!((billing.source.name.as_str(), billing.events, billing.hours.clone()), ("billing", 240, vec![1; 24]));
    assert_eq!(billing.lag, Some(TimeDelta::hours(10)), "the median of the newest twenty");
    assert_eq!((hr.hours.iter().sum::<u64>(), hr.hours[20], hr.refused, hr.refused_lately), (1, 1, 2, 1));
    assert_eq!((hr.seen_at, hr.lag), (Some(common::now()), Some(TimeDelta::hours(3))));
    let seen = log.store.figures(&only("hr"), common::now()).await.unwrap();
    assert_eq!(seen, std::slice::from_ref(hr));
    assert_eq!(log.store.figures_of(&only("hr"), "billing", common::now()).await.unwrap(), None);
}
