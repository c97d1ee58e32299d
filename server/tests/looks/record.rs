//! What the record itself keeps to: it is complete, quiet and nobody else's.

use flightbox_domain::{role::Role, scope::Sources};
use reqwest::StatusCode;
use serde_json::json;
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

use super::{Log, line};
use crate::common::{self, status_and_body};

#[tokio::test]
async fn a35_a_look_that_cannot_be_recorded_shows_nothing() {
    let log = Log::filled().await;
    let (server, number) = (&log.server, log.number().await);
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let token = server.add_token("siem", &[Role::Viewer], Sources::All).await;
    server.settled().await;
    // Somebody else holds the database's write lock, so the writer waits and its queue fills.
    let options = SqliteConnectOptions::new().filename(server.folder().join("flightbox.db"));
    let mut other = options.connect().await.unwrap();
    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let store = &server.app().store;
    let mut noted = 0;
    while common::note(server).is_ok() {
        noted += 1;
        tokio::task::yield_now().await;
    }
    let before = store.events();
    for path in ["/events", &format!("/events/{number}"), &format!("/events/{number}/panel"), "/actors/ivan", "/"] {
        let answer = ann.request(path).header("accept", "text/html").send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["retry-after"]),
            (503, &"1".parse().unwrap()),
            "{path}"
        );
        assert!(!answer.text().await.unwrap().contains("ivan"), "{path}");
    }
    for path in ["/api/v1/events", &format!("/api/v1/events/{number}"), "/api/v1/facets", "/api/v1/histogram"] {
        let (status, body) = server.read_with(&token, path).await;
        assert_eq!((status, &body["code"]), (503, &json!("busy")), "{path}");
    }
    // Whatever shows no events is there all the while.
    assert_eq!(ann.get("/help").await.status(), StatusCode::OK);
    lock.rollback().await.unwrap();
    while common::note(server).is_err() {
        tokio::task::yield_now().await;
    }
    noted += 1;
    assert_eq!(server.settled().await, before + noted, "nothing that was accepted is lost");
    let (status, _) = status_and_body(ann.get("/api/v1/openapi.json").await).await;
    assert_eq!(status, 200);
    ann.text("/events").await;
}

#[tokio::test]
async fn looking_wakes_nobody_and_outdates_nothing() {
    let log = Log::filled().await;
    let server = &log.server;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let ivy = server.signed_in("ivy", &[Role::Investigator], Sources::All).await;
    ann.text("/events").await;
    let counted = server.app().store.cache_use().counted;
    for _ in 0..3 {
        ann.text("/events").await;
        ann.text("/actors/ivan").await;
        server.settled().await;
    }
    assert_eq!(server.app().store.cache_use().counted, counted, "what was counted still holds");
    // But counts of the record itself are those of the record.
    ivy.text("/access").await;
    server.settled().await;
    ivy.text("/access").await;
    assert!(server.app().store.cache_use().counted > counted);
}

#[tokio::test]
async fn nobody_but_flightbox_writes_its_record_and_nobody_turns_it_off() {
    let log = Log::filled().await;
    let server = &log.server;
    for name in ["flightbox", "Flightbox", "flightbox ", "flightbox\u{200b}"] {
        let reserved = name.parse::<flightbox_domain::name::SourceName>();
        assert!(reserved.is_err(), "{name:?}");
    }
    let crm = server.producer("crm").await;
    let before = server.recorded(0).await.len();
    for (event, status) in [
        (json!({"actor": "a", "action": "x", "source": "flightbox"}), 422),
        (json!({"actor": "a", "action": "session.sign-in", "resource": "/events/1"}), 201),
    ] {
        assert_eq!(crm.send(event.to_string()).await.0, status);
    }
    let named = crm.request("?source=flightbox").json(&json!({"actor": "a", "action": "x"})).send().await.unwrap();
    assert_eq!(named.status(), StatusCode::BAD_REQUEST);
    let record = server.recorded(0).await;
    assert_eq!(record.len(), before, "an event has the source of its token: {record:?}");
    let store = &server.app().store;
    let now = server.app().clock.now();
    // There is no such source to disable, and events of it are recorded all the same.
    if let Ok(name) = "crm".parse() {
        store.set_source_disabled(&name, true, now).await.unwrap();
    }
    server.add_person("bob", &[Role::Viewer]).await;
    let record: Vec<_> = server.recorded(0).await.iter().map(line).collect();
    assert_eq!(record.len(), before + 1, "{record:?}");
}
