//! A service that does nothing unrecorded.

use std::sync::atomic::AtomicU32;

use axum::{Router, routing::get};
use flightbox_layer::{Audit, AuditLayer, Builder, Entry};

use super::*;

/// A service that counts what it has done.
async fn careful(builder: Builder) -> (Service, Arc<AtomicU32>) {
    let done = Arc::new(AtomicU32::new(0));
    let does = done.clone();
    let deed = move |audit: Audit| async move {
        audit.record(Entry::new("deed"));
        does.fetch_add(1, SeqCst);
        ([("set-cookie", "deed=done")], "done")
    };
    let router = Router::new().route("/", get(deed)).route("/healthz", get(|| async {}));
    let layer = builder.required().skip(|parts| parts.uri.path() == "/healthz").build().unwrap();
    (Service::start(router, layer).await, done)
}

#[tokio::test]
async fn an_answer_means_that_the_request_is_in_the_log() {
    let server = TestServer::start().await;
    let token = server.add_source("shop").await;
    let (service, _) = careful(AuditLayer::builder(&server.origin(), &token).linger(LONG)).await;
    for n in 1..=5 {
        assert_eq!(service.get("/").await, (200, "done".to_owned()));
        assert_eq!(shop(&server).await.len(), 2 * n);
    }
}

#[tokio::test]
async fn a_request_that_nothing_takes_is_refused_and_the_next_ones_are_not_even_handled() {
    let mut server = Returning::start().await;
    let token = server.add_source("shop").await;
    let (service, done) = careful(AuditLayer::builder(&server.url, &token)).await;
    assert_eq!(service.get("/").await.0, 200);
    server.stop().await;

    let answer = reqwest::get(&service.url).await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after") && !answer.headers().contains_key("set-cookie"));
    assert_eq!(answer.text().await.unwrap(), "This cannot be recorded now, and so it is not done.\n");
    let handled = done.load(SeqCst);
    for _ in 0..10 {
        assert_eq!(service.get("/").await.0, 503);
    }
    assert_eq!((handled, done.load(SeqCst)), (2, 2), "only the first one found out by trying");
    assert_eq!(service.get("/healthz").await.0, 200);
    assert_eq!(service.recorder.counters().refused, 11);

    server.open().await;
    let back = async { while service.get("/").await.0 != 200 {} };
    tokio::time::timeout(LONG, back).await.unwrap();
    // The one that was handled and refused went out, too.
    counted(&service.recorder, |counters| counters.sent == 6).await;
    assert_eq!(shop(&server).await.len(), 6);
}

#[tokio::test]
async fn a_service_that_starts_while_nobody_is_there_handles_nothing() {
    let mut server = Returning::start().await;
    let token = server.add_source("shop").await;
    let url = server.url.clone();
    server.stop().await;
    let (service, done) = careful(AuditLayer::builder(&url, &token)).await;
    assert_eq!(service.get("/").await.0, 503);
    assert_eq!(done.load(SeqCst), 0);
    server.open().await;
    let back = async { while service.get("/").await.0 != 200 {} };
    tokio::time::timeout(LONG, back).await.unwrap();
}

#[tokio::test]
async fn the_spool_is_enough_until_it_is_full() {
    let mut server = Returning::start().await;
    let token = server.add_source("shop").await;
    let spool = tempfile::tempdir().unwrap();
    let builder = AuditLayer::builder(&server.url, &token).spool(spool.path()).spool_limit(5_000);
    let (service, done) = careful(builder).await;
    server.stop().await;
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(service.get("/").await.0);
    }
    let taken = answers.iter().filter(|status| **status == 200).count();
    assert!((2..20).contains(&taken), "{answers:?}");
    assert!(answers[taken..].iter().all(|status| *status == 503));
    assert_eq!(done.load(SeqCst) as usize, taken + 1, "what cannot be recorded is not done");
    assert_eq!(service.recorder.counters().spooled as usize, 2 * taken, "each is synced before its answer");

    server.open().await;
    service.recorder.flush(LONG).await.unwrap();
    counted(&service.recorder, |counters| counters.sent as usize == 2 * taken + 2).await;
    assert_eq!(service.get("/").await.0, 200);
}

#[tokio::test]
async fn a_spool_that_cannot_be_written_is_none() {
    let mut server = Returning::start().await;
    let token = server.add_source("shop").await;
    let spool = tempfile::tempdir().unwrap();
    let (service, done) = careful(AuditLayer::builder(&server.url, &token).spool(spool.path())).await;
    assert_eq!(service.get("/").await.0, 200);
    server.stop().await;
    std::fs::remove_dir_all(spool.path()).unwrap();
    for _ in 0..3 {
        assert_eq!(service.get("/").await.0, 503);
    }
    assert_eq!(done.load(SeqCst), 2, "only the first one found out by trying");
    server.open().await;
    let back = async { while service.get("/").await.0 != 200 {} };
    tokio::time::timeout(LONG, back).await.unwrap();
    counted(&service.recorder, |counters| counters.sent == 6).await;
}
