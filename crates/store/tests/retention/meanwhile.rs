//! A run while others read and write.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chrono_tz::Tz;

use super::*;

const NOW: &str = "2026-11-22T12:00:00Z";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_who_reads_or_writes_meanwhile_sees_an_error_or_loses_an_event() {
    let log = Fixture::open().await;
    for month in 1..=8 {
        for source in ["billing", "chatty"] {
            let when = format!("2026-{month:02}-10T10:00:00Z");
            let events = (0..1_500).map(|n| event(&format!("a{}", n % 20), "read", &when)).collect::<Vec<_>>();
            received(&log.store, source, &when, events).await;
        }
    }
    keep(&log.store, "chatty", 60).await;
    keep(&log.store, "*", 200).await;
    let done = Arc::new(AtomicBool::new(false));
    let mut readers = Vec::new();
    for query in ["", "source:billing", "actor:a7", "actor:~7", "-source:chatty action:read"] {
        let (store, done) = (log.store.clone(), done.clone());
        let search = Search { limit: 200, ..log.request(&Query::parse(query).unwrap(), Range::ALL, None, 1) };
        let scope = log.everything();
        readers.push(tokio::spawn(async move {
            let mut pages = 0;
            while !done.load(Ordering::Relaxed) {
                let mut next = search.clone();
                for _ in 0..3 {
                    let page = store.search(&next).await.unwrap();
                    next.cursor = page.older;
                    if page.older.is_none() {
                        break;
                    }
                }
                store.count(&search).await.unwrap();
                store.facets(&search).await.unwrap();
                store.histogram(&search, Tz::UTC, 40).await.unwrap();
                for seq in [0, 1_600, 5_000, 23_999] {
                    let event = store.event(&scope, seq).await.unwrap();
                    assert!(event.is_some() || store.removed(&scope, seq).await.unwrap().is_some(), "{seq}");
                }
                store
                    .values(
                        &scope,
                        &flightbox_domain::filter::Prefix::of(&flightbox_domain::query::Key::Actor, "a").unwrap(),
                        5,
                    )
                    .await
                    .unwrap();
                pages += 1;
            }
            pages
        }));
    }
    // Before the latecomers, whose months would not be over.
    let plan = log.store.plan_retention(at(NOW)).await.unwrap();
    let writer = {
        let (store, done) = (log.store.clone(), done.clone());
        tokio::spawn(async move {
            let mut sent = 0;
            while !done.load(Ordering::Relaxed) {
                // Late ones, into the very months that are made anew and those that go.
                let late = (1..=8).map(|month| event("late", "late", &format!("2026-{month:02}-20T00:00:00Z")));
                sent += received(&store, "chatty", NOW, late).await.len() as u64;
                sent += received(&store, "billing", NOW, [event("late", "late", NOW)]).await.len() as u64;
            }
            sent
        })
    };
    let (_, ran) = carry_out(&log.store, &plan, NOW).await;
    done.store(true, Ordering::Relaxed);
    ran.unwrap();
    let sent = writer.await.unwrap();
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
    assert!(sent > 16, "{sent}");
    let months = |source: &str| plan.parts.iter().filter(|part| part.source == source).count();
    assert_eq!((months("chatty"), months("billing")), (8, 4));
    assert_eq!(log.count("action:late").await, sent.min(10_000));
    assert_eq!(
        (log.count("source:chatty -action:late").await, log.count("source:billing -action:late").await),
        (0, 6_000)
    );
    let all = everything(&log).await;
    let mut seqs: Vec<_> = all.iter().map(|event| event.seq).collect();
    seqs.sort_unstable();
    seqs.dedup();
    assert_eq!(seqs.len(), all.len(), "each once");
}

#[tokio::test]
async fn a_run_whose_future_is_dropped_anywhere_leaves_months_whole_and_the_next_run_does_the_rest() {
    for polls in [1, 3, 7, 15, 31, 63, 127, 255, 511] {
        let mut log = Fixture::open().await;
        for source in ["billing", "chatty"] {
            for month in 1..=2 {
                let when = format!("2026-{month:02}-10T10:00:00Z");
                let events = (0..1_200).map(|_| event("a", "read", &when)).collect::<Vec<_>>();
                received(&log.store, source, &when, events).await;
            }
        }
        keep(&log.store, "chatty", 60).await;
        {
            let running = std::pin::pin!(run_at(&log.store, NOW));
            let mut running = running;
            let mut left = polls;
            std::future::poll_fn(|context| {
                left -= 1;
                let done = running.as_mut().poll(context).is_ready();
                if done || left == 0 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
            })
            .await;
        }
        let chatty = log.count("source:chatty").await;
        assert!([0, 1_200, 2_400].contains(&chatty), "{polls}: {chatty}");
        assert_eq!(log.count("source:billing").await, 2_400, "{polls}");
        if polls % 2 == 1 {
            log.reopen().await;
        }
        run(&log.store, NOW).await;
        assert_eq!((log.count("source:chatty").await, log.count("source:billing").await), (0, 2_400), "{polls}");
    }
}
