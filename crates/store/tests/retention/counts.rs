//! What is counted and remembered agrees with what is left.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use flightbox_domain::{
    glance::{Facet, Glance},
    hold::Held,
    scope::{Scope, Sources},
};
use flightbox_store::Basis;

use super::*;

const NOW: &str = "2026-11-22T12:00:00Z";
const QUERIES: [&str; 6] =
    ["", "source:billing", "-source:hr", "outcome:failure", "actor:~li", "action:te* -actor:bob"];

async fn agree(log: &Fixture, all: &[Stored]) {
    for query in QUERIES {
        let search = log.request(&Query::parse(query).unwrap(), Range::ALL, None, 1_000);
        let seen = |event: &&Stored| event.record.source != "flightbox" && event.passes(&search.filter);
        let found: Vec<_> = all.iter().filter(seen).collect();
        let listed = log.store.search(&search).await.unwrap().events;
        assert_eq!(listed.iter().collect::<Vec<_>>(), found, "{query}");
        assert_eq!(log.store.count(&search).await.unwrap().value, found.len() as u64, "{query}");

        let histogram = log.store.histogram(&search, Tz::UTC, 60).await.unwrap();
        let mut bars = vec![[0; 4]; histogram.counts.len()];
        for event in &found {
            let bar = histogram.buckets.index_of(event.position.time()).unwrap();
            bars[bar][event.record.event.outcome as usize] += 1;
        }
        assert_eq!(histogram.counts, bars, "{query}");

        for counted in log.store.facets(&search).await.unwrap().iter() {
            let mut naive: BTreeMap<String, u64> = BTreeMap::new();
            for event in &found {
                let value = counted.facet.of(&Glance::of(&event.record));
                value.into_iter().for_each(|value| *naive.entry(value.to_owned()).or_default() += 1);
            }
            assert_eq!(counted.basis, Basis::All);
            let values: BTreeMap<_, _> = counted.values.iter().cloned().collect();
            assert!(values.iter().all(|(value, count)| naive[value] == *count), "{query} {:?}", counted.facet);
            let total: u64 = naive.values().sum();
            assert_eq!(values.values().sum::<u64>() + counted.rest, total, "{query} {:?}", counted.facet);
        }
    }
}

#[tokio::test]
async fn after_each_run_every_count_is_that_of_a_naive_look() {
    let mut log = Fixture::open().await;
    let mut dice = common::Dice(11);
    for source in ["billing", "hr", "chatty", "flightbox"] {
        for event in (0..150).map(|_| common::random_event(&mut dice)).collect::<Vec<_>>() {
            let when = event.occurred_at.unwrap().to_rfc3339();
            received(&log.store, source, &when, [event]).await;
        }
    }
    let mut all = everything(&log).await;
    assert_eq!(all.len(), 600);
    // Asked before as well, so that whatever is remembered of it would be found out.
    agree(&log, &all).await;
    let (name, reason) = ("Case 7".parse().unwrap(), "court order".parse().unwrap());
    let held = Held::query("outcome:failure actor:~li", &Default::default(), at(NOW)).unwrap();
    log.store.add_hold((&name, &held, &Sources::All), ("ada", &reason), at(NOW)).await.unwrap();
    for (source, days) in [("chatty", 60), ("hr", 200), ("*", 120), ("billing", 20)] {
        keep(&log.store, source, days).await;
        let (plan, _, done) = run_at(&log.store, NOW).await;
        done.unwrap();
        let left = everything(&log).await;
        let planned: u64 = plan.parts.iter().map(|part| part.events).sum();
        assert_eq!(all.len() as u64 + 1 - planned, left.len() as u64, "{source}");
        assert!(left.iter().filter(|event| event.seq < 600).all(|event| all.contains(event)));
        agree(&log, &left).await;
        all = left;
        if source == "hr" {
            log.reopen().await;
            agree(&log, &all).await;
        }
    }
    assert!(all.iter().any(|event| event.position.time() < at("2026-04-01T00:00:00Z")), "something is held");
    let runs = log.store.retention_runs().await.unwrap();
    assert_eq!(runs.len(), 4);
    assert_eq!(600 + 4 - runs.iter().map(|run| run.done.events).sum::<u64>(), all.len() as u64);
}

#[tokio::test]
async fn what_only_removed_events_have_is_offered_and_told_no_more() {
    let log = Fixture::open().await;
    let (old, new) = ("2026-01-10T10:00:00Z", "2026-11-10T10:00:00Z");
    received(&log.store, "bygone", old, [event("ghost", "haunt", old)]).await;
    received(&log.store, "billing", old, [event("ghost", "pay", old), event("alice", "pay", old)]).await;
    received(&log.store, "billing", new, [event("alice", "read", new)]).await;
    keep(&log.store, "*", 100).await;
    run(&log.store, NOW).await;
    let scope = Scope::new(Sources::All, false);
    let facets = log.store.facets(&log.request(&Query::parse("").unwrap(), Range::ALL, None, 1)).await.unwrap();
    let of = |facet| facets.iter().find(|counts| counts.facet == facet).unwrap().values.clone();
    assert_eq!(of(Facet::Source), [("billing".to_owned(), 1)]);
    assert_eq!(of(Facet::Action), [("read".to_owned(), 1)]);
    let newcomers = log.store.newcomers(&scope, Range::ALL, 10).await.unwrap();
    let names: Vec<_> = newcomers.newest.iter().map(|one| (one.source.as_str(), one.actor.id.as_str())).collect();
    assert_eq!(names, [("billing", "alice")]);
    assert_eq!(newcomers.count, 1);
    let activity = log.store.activity(&scope, flightbox_store::Subject::Actor("alice")).await.unwrap().unwrap();
    assert_eq!((activity.first_seen, activity.events.value), (at(new), 1));
    assert_eq!(log.store.activity(&scope, flightbox_store::Subject::Actor("ghost")).await.unwrap(), None);
    assert_eq!(log.store.last_event(&scope).await.unwrap(), Some(at(new)));
    // The writer forgot them, too: whoever comes again is counted again.
    received(&log.store, "bygone", NOW, [event("ghost", "haunt", NOW)]).await;
    let facets = log.store.facets(&log.request(&Query::parse("").unwrap(), Range::ALL, None, 1)).await.unwrap();
    let of = |facet| facets.iter().find(|counts| counts.facet == facet).unwrap().values.clone();
    assert_eq!(of(Facet::Source), [("billing".to_owned(), 1), ("bygone".to_owned(), 1)]);
    assert_eq!(log.store.newcomers(&scope, Range::ALL, 10).await.unwrap().count, 2);
}

#[tokio::test]
async fn flags_of_what_stays_are_still_found() {
    let log = Fixture::open().await;
    let mut dice = common::Dice(3);
    let events = common::remarkable_events(&mut dice);
    for source in ["billing", "chatty"] {
        received(&log.store, source, NOW, events.clone()).await;
    }
    let queries = ["flag:first-seen-ip", "flag:first-seen-action", "flag:first-seen-agent,first-seen-country"];
    let mut before = Vec::new();
    for query in queries {
        before.push(log.count(&format!("source:billing {query}")).await);
    }
    assert!(before.iter().all(|count| *count > 0), "{before:?}");
    keep(&log.store, "chatty", 10).await;
    run(&log.store, "2027-02-01T00:00:00Z").await;
    assert_eq!(log.count("source:chatty").await, 0);
    for (query, count) in queries.iter().zip(before) {
        assert_eq!(log.count(&format!("source:billing {query}")).await, count, "{query}");
        assert_eq!(log.count(query).await, count, "{query}");
    }
}
