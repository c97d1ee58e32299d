//! More events than anybody takes.

use flightbox_layer::{AuditLayer, Entry};

use super::*;

const MEMORY: usize = 4 * 1024 * 1024;
const EVENTS: u64 = 10_000;

fn heavy() -> Entry {
    Entry::new("flood").detail("text", "x".repeat(1_000))
}

#[tokio::test]
async fn memory_is_bounded_and_what_has_no_room_is_counted() {
    let mut server = server_that_returns().await;
    let token = server.add_source("shop").await;
    let (_layer, recorder) = AuditLayer::builder(&server.origin(), &token).memory(MEMORY).build().unwrap();
    server.stop().await;
    let mut lost = 0;
    for _ in 0..EVENTS {
        lost += u64::from(recorder.record(heavy()).await.is_err());
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
async fn with_a_spool_whoever_records_waits_for_room_and_nothing_is_lost() {
    let mut server = server_that_returns().await;
    let token = server.add_source("shop").await;
    let spool = tempfile::tempdir().unwrap();
    let layer = AuditLayer::builder(&server.origin(), &token).memory(MEMORY).spool(spool.path());
    let (_layer, recorder) = layer.build().unwrap();
    server.stop().await;
    for _ in 0..EVENTS {
        recorder.record(heavy()).await.unwrap();
        assert!(recorder.counters().waiting <= MEMORY as u64);
    }
    recorder.flush(LONG).await.unwrap();
    assert_eq!((recorder.counters().spooled, recorder.counters().dropped), (EVENTS, 0));
    server.open().await;
    counted(&recorder, |counters| counters.sent == EVENTS).await;
    assert_eq!(shop(&server).await.len() as u64, EVENTS);
}

#[tokio::test]
async fn a_spool_that_is_full_keeps_nobody_waiting() {
    let mut server = server_that_returns().await;
    let token = server.add_source("shop").await;
    let spool = tempfile::tempdir().unwrap();
    let layer = AuditLayer::builder(&server.origin(), &token).memory(MEMORY).spool(spool.path()).spool_limit(1 << 20);
    let (_layer, recorder) = layer.build().unwrap();
    server.stop().await;
    let mut lost = 0;
    for _ in 0..EVENTS {
        lost += u64::from(recorder.record(heavy()).await.is_err());
    }
    assert!((1..EVENTS).contains(&lost));
    assert!(recorder.counters().backlog <= 1 << 20);
    server.open().await;
    recorder.shutdown(LONG).await.unwrap();
    assert_eq!(shop(&server).await.len() as u64, EVENTS - lost, "accepted is stored");
}
