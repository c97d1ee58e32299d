//! The queue: what comes by it is what comes by HTTP, once, and not before it is safe.

mod killed;
mod refused;

use std::time::Duration;

use async_nats::jetstream::{
    Context,
    consumer::pull,
    stream::{self, PersistenceMode, StorageType},
};
use flightbox_app::queue::{Risk, Standing};
use flightbox_domain::{
    role::Role,
    scope::{Scope, Sources},
};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

use crate::common::{
    TestServer,
    nats::{Nats, STREAM, headers, is_empty, publish, waiting},
};

/// Waits for what must come to be.
async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let holds = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), holds).await.unwrap_or_else(|_| panic!("{what}"));
}

/// Waits until the server says so of the queue.
async fn until_it_says(server: &TestServer, what: &str, holds: impl Fn(&Standing) -> bool) {
    until(what, async || holds(&standing(server))).await;
}

/// Waits until nothing is left in the queue, neither to be delivered nor to be acknowledged.
async fn until_empty(client: &Context) {
    until("the queue is empty", async || is_empty(client).await).await;
}

fn standing(server: &TestServer) -> Standing {
    server.app().queue.standing().unwrap()
}

/// The events of a source, oldest first.
async fn events(server: &TestServer, source: &str) -> Vec<Value> {
    server.found(&format!("source:{source}"), Scope::new(Sources::All, false)).await
}

#[tokio::test]
async fn a_message_is_taken_as_a_request_is() {
    let nats = Nats::start().await;
    let client = nats.stream().await;
    let server = TestServer::start_as(nats.config()).await;
    let (http, queue) = (server.producer("http").await, server.add_source("queue").await);
    // Aliases of fields, a secret, and a value that is sealed.
    let one = json!({"id": "1", "user_id": 7, "action_type": "user.update", "occurred_at": "2026-11-20T08:00:00Z",
        "details": {"password": "canary", "email": "ann@example.com"}});
    let lines = "{\"id\":\"2\",\"actor\":\"a\",\"action\":\"x\"}\n\n{\"id\":\"3\",\"actor\":\"b\",\"action\":\"y\"}\n";
    let array = r#"[{"id":"4","actor":"a","action":"x"},{"id":"5","actor":"b","action":"y"}]"#;
    assert_eq!(http.send(one.to_string()).await.0, 201);
    http.send_lines("", lines).await;
    http.send(array).await;
    publish(&client, headers(&queue, &[]), one.to_string()).await;
    until_empty(&client).await;
    let gzip = crate::ingest::gzip(lines.as_bytes());
    let packed = [("content-type", "application/x-ndjson"), ("CONTENT-ENCODING", "gzip")];
    publish(&client, headers(&queue, &packed), gzip).await;
    until_empty(&client).await;
    publish(&client, headers(&queue, &[]), array).await;
    until_empty(&client).await;

    let told = async |source: &str| -> Vec<Value> {
        let mut told = events(&server, source).await;
        for event in &mut told {
            let event = event.as_object_mut().unwrap();
            for own in ["seq", "source", "leaf_hash"] {
                assert!(event.remove(own).is_some(), "{own}");
            }
        }
        told
    };
    let by_queue = told("queue").await;
    assert_eq!((by_queue.len(), &by_queue), (5, &told("http").await));
    let first = by_queue[0].to_string();
    assert!(first.contains("***") && first.contains("sealed"), "{first}");
    assert!(!first.contains("canary") && !first.contains("ann@"), "{first}");
    assert_eq!(standing(&server).taken, 3);
}

#[tokio::test]
async fn whoever_has_credentials_takes_messages_and_without_them_nobody_does() {
    let nats = Nats::start_for_credentials().await;
    let client = nats.stream().await;
    let mut config = nats.config();
    config.nats.nats_creds = None;
    let without = TestServer::start_as(config).await;
    until_it_says(&without, "it is refused", |standing| !standing.connected && standing.trouble.is_some()).await;

    let server = TestServer::start_as(nats.config()).await;
    let token = server.add_source("queue").await;
    publish(&client, headers(&token, &[]), r#"{"actor":"a","action":"x"}"#).await;
    until_empty(&client).await;
    assert_eq!((events(&server, "queue").await.len(), standing(&without).taken), (1, 0));
    let trouble = standing(&without).trouble.unwrap();
    assert!(trouble.contains("authorization"), "{trouble}");
}

#[tokio::test]
async fn nothing_is_acknowledged_before_it_is_committed() {
    let nats = Nats::start().await;
    let client = nats.stream().await;
    let server = TestServer::start_as(nats.config()).await;
    let token = server.add_source("billing").await;
    let metrics = server.add_token("prometheus", &[Role::Viewer], Sources::All).await;
    until("there is a consumer", async || waiting(&client).await.is_some()).await;
    let before = server.settled().await;
    let options = SqliteConnectOptions::new().filename(server.folder().join("flightbox.db"));
    let mut other = options.connect().await.unwrap();
    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    for n in 0..20 {
        let event = json!({"actor": "a", "action": "x", "resource": format!("/{n}")});
        publish(&client, headers(&token, &[]), event.to_string()).await;
    }
    until("all are delivered", async || waiting(&client).await == Some((0, 20))).await;
    until_it_says(&server, "it tells how many wait", |standing| standing.waiting == 20).await;
    let told = server.client().get(server.url("/metrics")).bearer_auth(&metrics).send().await.unwrap();
    let told = told.text().await.unwrap();
    assert!(told.contains("\nflightbox_nats_lag_messages 20\n") && told.contains("\nflightbox_nats_connected 1\n"));
    assert_eq!((server.app().store.events(), waiting(&client).await), (before, Some((0, 20))));
    lock.rollback().await.unwrap();
    until_empty(&client).await;
    assert_eq!(events(&server, "billing").await.len(), 20);
    until_it_says(&server, "nothing waits", |standing| standing.waiting == 0 && standing.taken == 20).await;
}

#[tokio::test]
async fn what_cannot_be_stored_now_is_kept_until_it_can() {
    let nats = Nats::start().await;
    let client = nats.stream().await;
    let mut server = TestServer::start_as(nats.config()).await;
    let token = server.add_source("billing").await;
    let options = SqliteConnectOptions::new().filename(server.folder().join("flightbox.db"));
    let mut other = options.connect().await.unwrap();
    sqlx::query("ALTER TABLE source RENAME TO hidden").execute(&mut other).await.unwrap();
    publish(&client, headers(&token, &[]), r#"{"actor":"a","action":"x"}"#).await;
    until_it_says(&server, "it says why it waits", |standing| standing.trouble.is_some()).await;
    // One that stops gives it back.
    server.stop().await;
    assert_eq!(waiting(&client).await, Some((0, 1)));
    sqlx::query("ALTER TABLE hidden RENAME TO source").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    server.open().await;
    until_empty(&client).await;
    assert_eq!(events(&server, "billing").await.len(), 1);
    let Standing { trouble, redelivered, .. } = standing(&server);
    assert_eq!((trouble, redelivered), (None, 1));
}

#[tokio::test]
async fn what_is_delivered_again_is_stored_once_whether_or_not_it_has_an_id() {
    let nats = Nats::start().await;
    let client = nats.stream().await;
    let server = TestServer::start_as(nats.config()).await;
    let token = server.add_source("billing").await;
    let batch = r#"[{"actor":"a","action":"x"},{"actor":"a","action":"x"},{"id":"own","actor":"a","action":"x"}]"#;
    publish(&client, headers(&token, &[]), batch).await;
    until_empty(&client).await;
    // Without its consumer the queue knows of nothing that was acknowledged.
    client.delete_consumer_from_stream(STREAM, STREAM).await.unwrap();
    until_it_says(&server, "it came again", |standing| standing.taken == 2).await;
    until_empty(&client).await;
    let stored = events(&server, "billing").await;
    assert_eq!(stored.len(), 3);
    assert!(stored[0]["id"].as_str().unwrap().starts_with("nats:"), "{}", stored[0]);
    assert_eq!(stored[2]["id"], "own");
    // In a stream that is made anew, the first message is another one.
    client.delete_stream(STREAM).await.unwrap();
    let client = nats.stream().await;
    publish(&client, headers(&token, &[]), r#"{"actor":"b","action":"y"}"#).await;
    until_empty(&client).await;
    assert_eq!(events(&server, "billing").await.len(), 4);
}

#[tokio::test]
async fn a_stream_that_loses_what_it_confirmed_is_told_of() {
    let nats = Nats::start().await;
    let mut unsure = nats.config();
    unsure.nats.nats_synced = false;
    let memory = stream::Config { storage: StorageType::Memory, ..Default::default() };
    let late = stream::Config { persist_mode: Some(PersistenceMode::Async), ..Default::default() };
    let file = stream::Config::default();
    let cases = [
        (memory.clone(), nats.config(), vec![Risk::Memory]),
        (memory, unsure.clone(), vec![Risk::Memory]),
        (late, nats.config(), vec![Risk::Late]),
        (file.clone(), unsure, vec![Risk::Unsynced]),
        (file, nats.config(), vec![]),
    ];
    for (stream, config, risks) in cases {
        let client = nats.stream_as(stream).await;
        let server = TestServer::start_as(config).await;
        until_it_says(&server, "it is connected", |standing| standing.connected).await;
        assert_eq!(standing(&server).risks, risks);
        let token = server.add_token("prometheus", &[Role::Viewer], Sources::All).await;
        let told = server.client().get(server.url("/metrics")).bearer_auth(token).send().await.unwrap();
        let at_risk = format!("\nflightbox_nats_at_risk {}\n", risks.len());
        assert!(told.text().await.unwrap().contains(&at_risk), "{at_risk}");
        client.delete_stream(STREAM).await.unwrap();
    }
}

#[tokio::test]
async fn without_nats_or_its_stream_everything_else_goes_on_and_it_is_waited_for() {
    let mut nats = Nats::away();
    let mut server = TestServer::start_as(nats.config()).await;
    until_it_says(&server, "it says that nobody answers", |standing| standing.trouble.is_some()).await;
    let token = server.add_source("billing").await;
    let ready = server.client().get(server.url("/readyz")).send().await.unwrap();
    assert_eq!((ready.status().as_u16(), standing(&server).connected), (200, false));
    nats.restart().await;
    let lacks = |standing: &Standing| standing.trouble.as_ref().is_some_and(|why| why.contains("the stream flightbox"));
    until_it_says(&server, "it says that there is no stream", lacks).await;
    let client = nats.stream().await;
    publish(&client, headers(&token, &[]), r#"{"actor":"a","action":"x"}"#).await;
    until_empty(&client).await;
    let Standing { connected, trouble, .. } = standing(&server);
    assert_eq!((connected, trouble, events(&server, "billing").await.len()), (true, None, 1));
    // What stops says so, and leaves nothing behind that is told twice.
    server.restart().await;
    until_it_says(&server, "it is connected again", |standing| standing.connected).await;
    assert_eq!((standing(&server).redelivered, waiting(&client).await), (0, Some((0, 0))));
}

#[tokio::test]
async fn a_consumer_that_would_lose_messages_is_not_used() {
    let nats = Nats::start().await;
    let client = nats.stream().await;
    let limited = pull::Config { durable_name: Some(STREAM.to_owned()), max_deliver: 3, ..Default::default() };
    client.create_consumer_on_stream(limited, STREAM).await.unwrap();
    let server = TestServer::start_as(nats.config()).await;
    let refuses =
        |standing: &Standing| standing.trouble.as_ref().is_some_and(|why| why.contains("would lose messages"));
    until_it_says(&server, "it refuses", refuses).await;
    assert!(!standing(&server).connected);
    client.delete_consumer_from_stream(STREAM, STREAM).await.unwrap();
    until_it_says(&server, "it makes its own", |standing| standing.connected).await;
}
