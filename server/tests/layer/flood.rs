//! More events than anybody takes.

use flightbox_layer::{AuditLayer, Entry};

use super::*;

const MEMORY: usize = 4 * 1024 * 1024;
const EVENTS: u64 = 6_000;

fn heavy(n: u64) -> Entry {
    Entry::new(format!("flood.{n}")).detail("text", "x".repeat(1_000))
}

#[tokio::test]
async fn memory_is_bounded_and_what_has_no_room_is_counted() {
    let mut server = Returning::start().await;
    let token = server.add_source("shop").await;
    let (_layer, recorder) = AuditLayer::builder(&server.url, &token).memory(MEMORY).build().unwrap();
    server.stop().await;
    let mut lost = 0;
    for n in 0..EVENTS {
        lost += u64::from(recorder.record(heavy(n)).await.is_err());
        assert!(recorder.counters().waiting <= MEMORY as u64);
    }
    assert!((1..EVENTS).contains(&lost));
    server.open().await;
    recorder.shutdown(LONG).await.unwrap();
    let counters = recorder.counters();
    assert_eq!((counters.dropped, counters.sent), (lost, EVENTS - lost));
    assert_eq!(shop(&server).await.len() as u64, EVENTS - lost, "accepted is stored");
}

#[tokio::test]
async fn with_a_spool_whoever_records_waits_for_room_and_all_comes_in_order() {
    let mut server = Returning::start().await;
    let token = server.add_source("shop").await;
    let spool = tempfile::tempdir().unwrap();
    let layer = AuditLayer::builder(&server.url, &token).memory(MEMORY).spool(spool.path());
    let (_layer, recorder) = layer.build().unwrap();
    server.stop().await;
    for n in 0..EVENTS {
        recorder.record(heavy(n)).await.unwrap();
        assert!(recorder.counters().waiting <= MEMORY as u64);
    }
    recorder.flush(LONG).await.unwrap();
    assert_eq!((recorder.counters().spooled, recorder.counters().dropped), (EVENTS, 0));
    server.open().await;
    // What comes while the spool drains is behind it, and overtakes nothing.
    for n in EVENTS..EVENTS + 100 {
        recorder.commit(heavy(n)).await.unwrap();
    }
    counted(&recorder, |counters| counters.sent == EVENTS + 100 && counters.backlog == 0).await;
    let expected: Vec<_> = (0..EVENTS + 100).map(|n| format!("flood.{n}")).collect();
    assert!(actions(&shop(&server).await) == expected, "in the order in which it was recorded");
}

#[tokio::test]
async fn a_spool_that_is_full_keeps_nobody_waiting() {
    let mut server = Returning::start().await;
    let token = server.add_source("shop").await;
    let spool = tempfile::tempdir().unwrap();
    let layer = AuditLayer::builder(&server.url, &token).memory(MEMORY).spool(spool.path()).spool_limit(1 << 20);
    let (_layer, recorder) = layer.build().unwrap();
    server.stop().await;
    let mut lost = 0;
    for n in 0..EVENTS {
        lost += u64::from(recorder.record(heavy(n)).await.is_err());
    }
    assert!((1..EVENTS).contains(&lost));
    assert!(recorder.counters().backlog <= 1 << 20);
    server.open().await;
    recorder.shutdown(LONG).await.unwrap();
    assert_eq!(shop(&server).await.len() as u64, EVENTS - lost, "accepted is stored");
}
