//! Histograms and facets against a naive count of every match.

mod common;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use common::{Dice, Fixture, parsed};
use flightbox_domain::{
    glance::{Facet, Glance},
    page::Range,
    query::Query,
    scope::{Scope, Sources},
};
use flightbox_store::{Basis, Count, Search, Stored};

/// Four hundred events in three sources, all over a year and crowded in one afternoon.
async fn filled() -> (Fixture, Vec<Stored>) {
    let log = Fixture::open().await;
    let mut dice = Dice(5);
    for source in ["billing", "hr", "flightbox"] {
        log.append(source, (0..100).map(|_| common::random_event(&mut dice))).await.unwrap();
    }
    let crowd = (0..100).map(|_| {
        parsed(&format!(
            r#"{{"actor":"u{}","action":"pay","occurred_at":{},"http":{{"method":"{}","status":{}}}}}"#,
            dice.below(9),
            1_795_000_000_000 + 1000 * dice.below(9000) as i64,
            dice.pick(&["GET", "POST"]),
            dice.pick(&["200", "404", "403", "500"]),
        ))
    });
    log.append("billing", crowd).await.unwrap();
    let mut all = log.search("", 1000).await;
    all.extend(log.search("source:flightbox", 1000).await);
    assert_eq!(all.len(), 400);
    (log, all)
}

fn random_search(log: &Fixture, dice: &mut Dice) -> (String, Search) {
    let query = match dice.below(3) {
        0 => dice
            .pick(&["", "source:billing", "source:hr,billing", "-source:hr", "created:2026-02-01..2026-09-30"])
            .to_owned(),
        _ => common::random_query(dice),
    };
    let times = [
        None,
        Some("2026-02-03T04:05:06.789Z"),
        Some("2026-11-18T10:00:00Z"),
        Some("2026-11-18T11:31:00Z"),
        Some("2026-11-18T12:00:00.001Z"),
    ];
    let mut time = || times[dice.below(times.len())].map(|text| text.parse::<DateTime<Utc>>().unwrap());
    let range = Range::between(time(), time());
    let search = log.request(&Query::parse(&query).unwrap(), range, None, 50);
    (format!("{query} in {range:?}"), search)
}

fn matches<'a>(search: &Search, all: &'a [Stored]) -> Vec<&'a Stored> {
    let inside =
        |event: &&Stored| search.range.contains(event.position) && search.filter.range().contains(event.position);
    let seen = |event: &&Stored| search.filter.asks_for_access() || event.record.source != "flightbox";
    all.iter().filter(|event| inside(event) && seen(event) && event.passes(&search.filter)).collect()
}

#[tokio::test]
async fn a_count_of_a_log_that_was_empty_is_counted_anew() {
    let log = Fixture::open().await;
    assert_eq!(log.count("").await, 0);
    log.append("billing", [parsed(r#"{"actor":"a","action":"x"}"#)]).await.unwrap();
    assert_eq!(log.count("").await, 1);
}

#[tokio::test]
async fn every_bar_of_a_histogram_holds_what_a_naive_count_finds_there() {
    let (log, all) = filled().await;
    let mut dice = Dice(17);
    for _ in 0..150 {
        let (name, search) = random_search(&log, &mut dice);
        let zone: Tz = dice.pick(&["UTC", "Europe/Berlin", "Asia/Kolkata"]).parse().unwrap();
        let histogram = log.store.histogram(&search, zone, 60).await.unwrap();
        let mut naive = vec![[0; 4]; histogram.counts.len()];
        let found = matches(&search, &all);
        for event in &found {
            let bar = histogram.buckets.index_of(event.position.time());
            naive[bar.unwrap_or_else(|| panic!("{name}: no bar"))][event.record.event.outcome as usize] += 1;
        }
        assert_eq!(histogram.counts, naive, "{name}");
        assert_eq!((histogram.total.value, histogram.total.exact), (found.len() as u64, true), "{name}");
        assert_eq!(histogram.counted_back_to, None, "{name}");
    }
}

#[tokio::test]
async fn every_facet_counts_what_a_naive_count_finds() {
    let (log, all) = filled().await;
    let mut dice = Dice(23);
    for _ in 0..150 {
        let (name, search) = random_search(&log, &mut dice);
        let found = matches(&search, &all);
        for facet in log.store.facets(&search).await.unwrap().iter() {
            let mut naive: BTreeMap<&str, u64> = BTreeMap::new();
            let glances: Vec<_> = found.iter().map(|event| Glance::of(&event.record)).collect();
            glances
                .iter()
                .filter_map(|glance| facet.facet.of(glance))
                .for_each(|value| *naive.entry(value).or_default() += 1);
            let counted: BTreeMap<&str, u64> =
                facet.values.iter().map(|(value, count)| (value.as_str(), *count)).collect();
            assert_eq!((counted, facet.rest, facet.basis), (naive, 0, Basis::All), "{name}: {:?}", facet.facet);
        }
    }
}

#[tokio::test]
async fn beyond_what_one_request_decodes_tallies_are_exact_and_the_rest_says_what_it_counted() {
    let log = Fixture::open().await;
    let event = |n: i64| {
        parsed(&format!(
            r#"{{"actor":"u{}","action":"a{}","occurred_at":{}}}"#,
            n % 70,
            n % 3,
            1_795_000_000_000 + n * 977
        ))
    };
    for batch in 0..3 {
        log.append("billing", (batch * 8_000..(batch + 1) * 8_000).map(event)).await.unwrap();
    }
    let window = Range::between("2026-11-18T09:00:00Z".parse().ok(), None);
    let facets = |query: &'static str, range| {
        let search = log.request(&Query::parse(query).unwrap(), range, None, 50);
        let store = log.store.clone();
        async move { store.facets(&search).await.unwrap() }
    };
    for (query, range) in
        [("", Range::ALL), ("", window), ("source:billing", Range::ALL), ("-source:hr action:*", Range::ALL)]
    {
        let facets = facets(query, range).await;
        let of = |facet| facets.iter().find(|counts| counts.facet == facet).unwrap();
        let actions = of(Facet::Action);
        assert_eq!(of(Facet::Actor).basis, Basis::Newest(20_000), "{query}");
        assert_eq!((of(Facet::Actor).values.len(), of(Facet::Actor).rest > 0), (30, true), "{query}");
        match query {
            "-source:hr action:*" => assert_eq!(actions.basis, Basis::Newest(20_000)),
            _ => {
                let inside = (0..24_000).filter(|n| {
                    range.contains(flightbox_domain::page::Position::start_of(
                        DateTime::from_timestamp_millis(1_795_000_000_000 + n * 977).unwrap(),
                    ))
                });
                let all: u64 = actions.values.iter().map(|(_, count)| count).sum();
                assert_eq!((all, actions.basis), (inside.count() as u64, Basis::All), "{query} {range:?}");
            }
        }
    }
}

#[tokio::test]
async fn counts_tell_nothing_of_sources_out_of_scope() {
    let (log, _) = filled().await;
    let hr = Scope::new(Sources::Only(["hr".to_owned()].into()), false);
    let last = log.search_in(&hr, "").await[0].position.time();
    for query in ["", "source:billing", "-source:hr", "source:flightbox", "actor:*", "pay", "outcome:success"] {
        let search = Search { scope: hr.clone(), ..log.request(&Query::parse(query).unwrap(), Range::ALL, None, 50) };
        let alone = log.search_in(&hr, query).await.len() as u64;
        let histogram = log.store.histogram(&search, Tz::UTC, 60).await.unwrap();
        assert_eq!(histogram.total.value, alone, "{query}");
        // Not even when they end.
        let tick = chrono::TimeDelta::milliseconds(1);
        assert_eq!(histogram.buckets.edges.last(), Some(&(last + tick)), "{query}");
        for facet in log.store.facets(&search).await.unwrap().iter() {
            let counted: u64 = facet.values.iter().map(|(_, count)| count).sum();
            assert!(counted <= alone, "{query} {:?}", facet.facet);
        }
    }
}

#[tokio::test]
async fn counts_survive_a_restart_and_a_refused_batch() {
    let mut log = Fixture::open().await;
    let event = |id: &str, action: &str| parsed(&format!(r#"{{"id":"{id}","actor":"a","action":"{action}"}}"#));
    log.append("billing", [event("1", "x"), event("1", "x")]).await.unwrap();
    log.append("billing", [event("2", "new"), event("1", "other")]).await.unwrap_err();
    log.reopen().await;
    log.append("billing", [event("2", "x"), event("1", "x")]).await.unwrap();
    let search = log.request(&Query::All, Range::ALL, None, 50);
    assert_eq!(log.store.histogram(&search, Tz::UTC, 60).await.unwrap().total.value, 2);
    assert_eq!(log.store.facets(&search).await.unwrap()[0].values, [("x".to_owned(), 2)]);
}

#[tokio::test]
async fn what_was_counted_is_not_counted_again_until_there_is_more_and_never_for_another_scope() {
    let (log, _) = filled().await;
    let search = |scope: Scope| Search { scope, ..log.request(&Query::All, Range::ALL, None, 50) };
    let hr = || Scope::new(Sources::Only(["hr".to_owned()].into()), false);
    let total = async |scope| log.store.histogram(&search(scope), Tz::UTC, 60).await.unwrap().total.value;
    let counted = || log.store.cache_use().counted;
    assert_eq!((total(log.everything()).await, total(hr()).await, counted()), (300, 100, 2));
    assert_eq!((total(log.everything()).await, total(hr()).await, counted()), (300, 100, 2));
    log.append("hr", [parsed(r#"{"actor":"a","action":"x"}"#)]).await.unwrap();
    assert_eq!((total(log.everything()).await, total(hr()).await, counted()), (301, 101, 4));
    let elsewhere = log.store.histogram(&search(hr()), Tz::Asia__Tokyo, 60).await.unwrap();
    assert_eq!((elsewhere.total.value, counted()), (101, 5));
    assert_eq!(log.store.cache_use().asked, 7);
}

#[tokio::test]
async fn that_there_are_more_than_are_counted_holds_for_good_and_an_exact_count_until_the_next_event() {
    let log = Fixture::open().await;
    let event = |action: &str| parsed(&format!(r#"{{"actor":"a","action":"{action}"}}"#));
    log.append("hr", (0..10_001).map(|_| event("read"))).await.unwrap();
    let count = async |query: &str| {
        let query = Query::parse(query).unwrap();
        log.store.count(&log.request(&query, Range::ALL, None, 50)).await.unwrap()
    };
    let counted = || log.store.cache_use().counted;
    let more = Count { value: 10_000, exact: false };
    assert_eq!((count("action:read").await, count("action:write").await.value, counted()), (more, 0, 2));
    assert_eq!((count("action:read").await, count("action:write").await.value, counted()), (more, 0, 2));
    log.append("hr", [event("write")]).await.unwrap();
    assert_eq!((count("action:read").await, count("action:write").await.value, counted()), (more, 1, 3));
}

#[tokio::test]
async fn what_flightbox_records_of_its_readers_outdates_nothing_that_leaves_it_out() {
    let (log, _) = filled().await;
    let without = Scope::new(Sources::All, false);
    let search = |scope: &Scope, query: &str| {
        let query = Query::parse(query).unwrap();
        Search { scope: scope.clone(), ..log.request(&query, Range::ALL, None, 50) }
    };
    let total = async |scope: &Scope, query: &str| {
        log.store.histogram(&search(scope, query), Tz::UTC, 60).await.unwrap().total.value
    };
    let counted = || log.store.cache_use().counted;
    let (mut everybody, mut insiders) = (log.store.growth(&without), log.store.growth(&log.everything()));
    everybody.mark_unchanged();
    insiders.mark_unchanged();
    let (others, own) = (total(&without, "").await, total(&log.everything(), "source:flightbox").await);
    assert_eq!(counted(), 2);
    log.append("flightbox", [parsed(r#"{"actor":"ann","action":"events.search"}"#)]).await.unwrap();
    assert!(!everybody.has_changed().unwrap() && insiders.has_changed().unwrap());
    assert_eq!((total(&without, "").await, counted()), (others, 2));
    assert_eq!((total(&log.everything(), "source:flightbox").await, counted()), (own + 1, 3));
    log.append("hr", [parsed(r#"{"actor":"ann","action":"x"}"#)]).await.unwrap();
    assert!(everybody.has_changed().unwrap());
    assert_eq!((total(&without, "").await, counted()), (others + 1, 4));
}
