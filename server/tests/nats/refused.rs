//! What is no event, or nobody's: it is kept where it can be looked at, and holds up nothing behind it.

use chrono::TimeDelta;
use flightbox::{system_clock, system_random};
use flightbox_domain::{
    role::Role,
    scope::Sources,
    secret::{Secret, SecretKind},
};
use serde_json::json;

use super::{events, standing, until_empty};
use crate::common::{
    TestServer,
    nats::{Nats, headers, publish},
};

/// The headers and the body of a message, and why it is none.
type Poison<'a> = (&'a [(&'a str, &'a str)], &'a [u8], &'a str);

/// What is in quarantine of a source, newest first: the code of the first complaint, and the body.
async fn quarantined(server: &TestServer, source: &str) -> Vec<(String, Vec<u8>)> {
    let (store, now) = (&server.app().store, server.clock().now());
    let mut read = Vec::new();
    for refusal in store.refusals(source, 100, now).await.unwrap() {
        let clear = store.quarantined(source, refusal.id, now).await.unwrap().unwrap().clear.unwrap();
        let end = clear.iter().position(|byte| *byte == b'\n').unwrap();
        let complaints: serde_json::Value = serde_json::from_slice(&clear[..end]).unwrap();
        read.push((complaints[0]["code"].as_str().unwrap().to_owned(), clear[end + 1..].to_vec()));
    }
    read
}

#[tokio::test]
async fn poison_goes_to_quarantine_once_and_what_is_behind_it_goes_on() {
    let nats = Nats::start().await;
    let client = nats.stream().await;
    let mut server = TestServer::start_as(nats.config()).await;
    let token = server.add_source("billing").await;
    let good = r#"{"id":"1","actor":"a","action":"x"}"#;
    publish(&client, headers(&token, &[]), good).await;
    until_empty(&client).await;
    let many = format!("[{}]", vec!["{}"; 10_001].join(","));
    let poison: [Poison<'_>; 6] = [
        (&[], b"no JSON", "syntax"),
        (&[], br#"{"actor":"a"}"#, "missing"),
        (&[], br#"{"id":"1","actor":"other","action":"x"}"#, "conflict"),
        (&[("Content-Type", "text/csv")], b"a;b", "unsupported"),
        (&[("Content-Encoding", "gzip")], b"not packed", "bad_encoding"),
        (&[], many.as_bytes(), "too_large"),
    ];
    let mut expected = Vec::new();
    for (more, body, code) in poison {
        publish(&client, headers(&token, more), body).await;
        until_empty(&client).await;
        expected.insert(0, (code.to_owned(), body.to_vec()));
    }
    publish(&client, headers(&token, &[]), r#"{"id":"2","actor":"a","action":"x"}"#).await;
    until_empty(&client).await;
    assert_eq!(quarantined(&server, "billing").await, expected);
    assert_eq!((standing(&server).taken, standing(&server).refused), (2, 6));
    server.restart().await;
    until_empty(&client).await;
    assert_eq!((events(&server, "billing").await.len(), quarantined(&server, "billing").await.len()), (2, 6));
}

#[tokio::test]
async fn a_message_without_a_valid_token_is_no_event_of_any_source_and_is_not_lost_either() {
    let nats = Nats::start().await;
    let client = nats.stream().await;
    let server = TestServer::start_as(nats.config()).await;
    let token = server.add_source("billing").await;
    let reader = server.add_token("siem", &[Role::Viewer], Sources::All).await;
    let disabled = server.add_source("old").await;
    server.app().store.set_source_disabled(&"old".parse().unwrap(), true, server.clock().now()).await.unwrap();
    let before = server.settled().await;
    let event = r#"{"actor":"a","action":"x"}"#;
    let unknown = format!("fbi_{}", "0".repeat(64));
    for (headers, code) in [
        (Default::default(), "no_token"),
        (headers("nonsense", &[]), "bad_token"),
        (headers(&unknown, &[]), "bad_token"),
        (headers(&reader, &[]), "bad_token"),
        (headers(&token, &[("authorization", &format!("Bearer {token}"))]), "bad_token"),
    ] {
        publish(&client, headers, event).await;
        until_empty(&client).await;
        assert_eq!(quarantined(&server, "flightbox").await[0], (code.to_owned(), event.as_bytes().to_vec()));
    }
    publish(&client, headers(&disabled, &[]), event).await;
    until_empty(&client).await;
    assert_eq!(quarantined(&server, "old").await[0].0, "source_disabled");
    // One entry a minute, as for those who knock over HTTP.
    let recorded = server.recorded(before).await;
    let told = recorded.iter().map(|entry| (&entry["action"], &entry["resource"]["id"], &entry["reason"]));
    assert_eq!(told.collect::<Vec<_>>(), [(&json!("access.refuse"), &json!("nats:audit.events"), &json!("no_token"))]);
    publish(&client, headers(&token, &[]), event).await;
    until_empty(&client).await;
    assert_eq!((events(&server, "billing").await.len(), events(&server, "old").await.len()), (1, 0));
}

#[tokio::test]
async fn a_token_that_has_ended_since_is_good_for_what_was_published_before() {
    let nats = Nats::start().await;
    let client = nats.stream().await;
    let mut server = TestServer::start_as(nats.config()).await;
    let token = server.add_source("billing").await;
    // NATS has no clock that could be turned: the token ends a day after this moment.
    let until = system_clock().now() + TimeDelta::days(1);
    let store = server.app().store.clone();
    let other = Secret::draw(SecretKind::Ingest, &system_random()).hash();
    store.rotate_ingest_token(&"billing".parse().unwrap(), &other, Some(until), server.clock().now()).await.unwrap();
    drop(store);
    server.stop().await;
    publish(&client, headers(&token, &[]), r#"{"actor":"a","action":"x"}"#).await;
    server.clock().advance(until + TimeDelta::hours(1) - server.clock().now());
    server.open().await;
    until_empty(&client).await;
    assert_eq!(events(&server, "billing").await.len(), 1);
    assert_eq!(server.producer("auth").await.send("[]").await.0, 200, "and it takes what comes now");
}
