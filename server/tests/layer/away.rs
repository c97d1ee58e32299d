//! A server that is away for a while.

use axum::{Router, routing::get};
use flightbox_layer::{AuditLayer, Entry};

use super::*;

#[tokio::test]
async fn what_happens_while_the_server_is_away_is_on_disk_and_comes_in_order_exactly_once() {
    let mut server = Returning::start().await;
    let token = server.add_source("shop").await;
    let spool = tempfile::tempdir().unwrap();
    let layer = AuditLayer::builder(&server.url, &token).spool(spool.path()).build();
    let service = Service::start(Router::new().route("/{n}", get(|| async {})), layer.unwrap()).await;
    for n in 0..10 {
        service.get(&format!("/{n}")).await;
    }
    counted(&service.recorder, |counters| counters.sent == 10).await;
    server.stop().await;
    for n in 10..40 {
        service.get(&format!("/{n}")).await;
    }
    counted(&service.recorder, |counters| counters.spooled == 30).await;
    let counters = service.recorder.counters();
    assert_eq!((counters.sent, counters.dropped, counters.waiting), (10, 0, 0));
    assert!(counters.backlog > 0 && counters.retried > 0);

    server.open().await;
    for n in 40..50 {
        service.get(&format!("/{n}")).await;
    }
    counted(&service.recorder, |counters| counters.sent == 50 && counters.backlog == 0).await;
    let events = shop(&server).await;
    let paths: Vec<_> = events.iter().map(|event| event["http"]["path"].as_str().unwrap().to_owned()).collect();
    assert_eq!(paths, (0..50).map(|n| format!("/{n}")).collect::<Vec<_>>());
    assert_eq!(std::fs::read_dir(spool.path()).unwrap().count(), 1, "only the lock is left");
}

#[tokio::test]
async fn without_a_spool_it_waits_in_memory_and_a_shutdown_sends_it() {
    let mut server = Returning::start().await;
    let token = server.add_source("shop").await;
    let layer = AuditLayer::builder(&server.url, &token).timeout(Duration::from_secs(1)).build();
    let service = Service::start(Router::new().route("/", get(|| async {})), layer.unwrap()).await;
    server.stop().await;
    service.get("/").await;
    counted(&service.recorder, |counters| counters.retried > 0).await;
    assert!(service.recorder.flush(Duration::from_millis(300)).await.unwrap_err().bytes > 0);
    server.open().await;
    service.recorder.record(Entry::new("goodbye")).await.unwrap();
    service.recorder.shutdown(LONG).await.unwrap();
    assert_eq!(actions(&shop(&server).await), ["GET /", "goodbye"]);
    assert!(service.recorder.record(Entry::new("too late")).await.is_err());
    assert_eq!(service.recorder.counters().dropped, 1);
}

#[tokio::test]
async fn who_ends_without_a_shutdown_leaves_it_to_the_spool_and_the_next_one() {
    let mut server = Returning::start().await;
    let token = server.add_source("shop").await;
    let spool = tempfile::tempdir().unwrap();
    let url = server.url.clone();
    server.stop().await;
    {
        let (_layer, recorder) = AuditLayer::builder(&url, &token).spool(spool.path()).build().unwrap();
        for action in ["first", "second"] {
            recorder.record(Entry::new(action)).await.unwrap();
        }
    }
    server.open().await;
    // The sender of the one before has to let the folder go.
    let next = loop {
        match AuditLayer::builder(&url, &token).spool(spool.path()).build() {
            Ok((_, recorder)) => break recorder,
            Err(error) => assert!(error.to_string().contains("another process owns it"), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    next.commit(Entry::new("third")).await.unwrap();
    counted(&next, |counters| counters.backlog == 0).await;
    assert_eq!(actions(&shop(&server).await), ["first", "second", "third"]);
}

#[tokio::test]
async fn a_wrong_token_keeps_everything_until_it_is_the_right_one() {
    let server = TestServer::start().await;
    let token = server.add_source("shop").await;
    let spool = tempfile::tempdir().unwrap();
    let build = |token: &str| AuditLayer::builder(&server.origin(), token).spool(spool.path()).build().unwrap();
    let (_layer, recorder) = build("fbi_wrong");
    recorder.commit(Entry::new("kept")).await.unwrap();
    let counters = recorder.counters();
    assert_eq!((counters.sent, counters.spooled, counters.unwanted, counters.retried), (0, 1, 0, 1));
    recorder.shutdown(LONG).await.unwrap();

    let (_layer, recorder) = build(&token);
    counted(&recorder, |counters| counters.sent == 1).await;
    assert_eq!(actions(&shop(&server).await), ["kept"]);
}
