//! Batches that are not taken as they are.

use axum::{
    Router,
    body::Bytes,
    extract::DefaultBodyLimit,
    http::{HeaderMap, StatusCode, Uri},
    routing::post,
};
use flightbox_layer::{AuditLayer, Entry};

use super::*;

#[tokio::test]
async fn an_invalid_event_keeps_no_other_from_being_stored() {
    let server = TestServer::start().await;
    let token = server.add_source("shop").await;
    let (_layer, recorder) = AuditLayer::builder(&server.origin(), &token).build().unwrap();
    for n in 0..20 {
        let entry = Entry::new(format!("step.{n}"));
        recorder.record(if n == 7 { entry.sensitive("nothing") } else { entry }).await.unwrap();
    }
    recorder.shutdown(LONG).await.unwrap();
    let counters = recorder.counters();
    assert_eq!((counters.sent, counters.quarantined, counters.retried, counters.dropped), (19, 1, 0, 0));
    let expected: Vec<_> = (0..20).filter(|n| *n != 7).map(|n| format!("step.{n}")).collect();
    assert_eq!(actions(&shop(&server).await), expected);
}

/// Hands on what is small.
async fn narrow_proxy(to: String) -> String {
    let hand_on = move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
        let request = reqwest::Client::new().post(format!("{to}{uri}")).body(body);
        let copied = ["authorization", "content-type"].map(|name| (name, headers[name].clone()));
        let request = copied.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let answer = request.send().await.unwrap();
        (StatusCode::from_u16(answer.status().as_u16()).unwrap(), answer.bytes().await.unwrap())
    };
    listen(Router::new().route("/api/v1/events", post(hand_on)).layer(DefaultBodyLimit::max(2_000))).await
}

#[tokio::test]
async fn what_is_too_large_is_sent_in_parts_and_what_no_part_is_small_enough_for_is_set_aside() {
    let server = TestServer::start().await;
    let token = server.add_source("shop").await;
    let proxy = narrow_proxy(server.origin()).await;
    let spool = tempfile::tempdir().unwrap();
    let (_layer, recorder) = AuditLayer::builder(&proxy, &token).spool(spool.path()).build().unwrap();
    for n in 0..50 {
        let entry = Entry::new(format!("step.{n}"));
        recorder.record(if n == 7 { entry.detail("text", "x".repeat(2_000)) } else { entry }).await.unwrap();
    }
    recorder.shutdown(LONG).await.unwrap();
    let counters = recorder.counters();
    assert_eq!((counters.sent, counters.unwanted, counters.backlog), (49, 1, 0));
    let expected: Vec<_> = (0..50).filter(|n| *n != 7).map(|n| format!("step.{n}")).collect();
    assert_eq!(actions(&shop(&server).await), expected);
    let aside = std::fs::read_to_string(spool.path().join("refused.ndjson")).unwrap();
    assert!(aside.contains(r#""action":"step.7""#) && aside.lines().count() == 1, "{aside}");
}
