//! A file that is cut off, or does not begin.

use axum::{
    body::Body,
    http::{Request, header},
};
use chrono::Duration;
use flightbox_domain::{
    role::{Role, Roles},
    scope::Sources,
};
use flightbox_store::{PasswordHash, PersonId};
use futures_util::StreamExt as _;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Executor as _, sqlite::SqliteConnectOptions};
use tower::ServiceExt as _;

use super::{CANARY, URL, WHY, confirmed, filled, leads_to_confirming, recorded, signed_in, text};
use crate::common::{TestServer, browser::Browser};

/// The file as it leaves, part by part, of somebody who has confirmed it: asked of the service itself, so that no buffer
/// of the network stands between.
async fn leaving(server: &TestServer, who: &Browser<'_>) -> impl futures_util::Stream<Item = String> + Unpin {
    let request = Request::post(URL)
        .header(header::COOKIE, format!("flightbox={}", who.cookie("flightbox").unwrap()))
        .header(header::ORIGIN, server.origin())
        .header(header::HOST, server.origin().trim_start_matches("http://"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("reason=INC-2291"))
        .unwrap();
    let response = flightbox::router::router(server.app().clone()).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let parts = response.into_body().into_data_stream();
    Box::pin(parts.map(|part| String::from_utf8(part.unwrap().to_vec()).unwrap()))
}

async fn id(server: &TestServer, name: &str) -> PersonId {
    server.app().store.person_by_name(&name.parse().unwrap()).await.unwrap().unwrap().person.id
}

#[tokio::test]
async fn s7_a_running_export_stops_with_its_session_and_with_any_change_of_the_person_and_says_so() {
    let server = filled(4_500).await;
    let store = &server.app().store;
    let boss = signed_in(&server, "boss", &[Role::Admin]).await.0;
    let changes = ["nothing", "step up", "sign out", "end", "roles", "password", "disable", "time"];
    for (n, change) in changes.into_iter().enumerate() {
        let name = format!("ivy {n}");
        let (ivy, password) = signed_in(&server, &name, &[Role::Investigator]).await;
        confirmed(&ivy, URL, &password).await;
        let mut parts = leaving(&server, &ivy).await;
        let first = loop {
            let part = parts.next().await.unwrap();
            if !part.is_empty() {
                break part;
            }
        };
        assert!(first.contains(CANARY));
        let (person, now) = (id(&server, &name).await, server.clock().now());
        match change {
            // The session goes on under another id.
            "step up" => {
                let old = ivy.cookie("flightbox");
                ivy.confirm("reveal", "/events/0", &password, "").await;
                assert!(ivy.cookie("flightbox") != old && ivy.is_in().await);
            }
            "end" => {
                let ended = boss.post(&format!("/people/{}", name.replace(' ', "%20")), &[("do", "end-all")]).await;
                assert_eq!(ended.status(), StatusCode::SEE_OTHER);
            }
            "sign out" => drop(ivy.post("/sign-out", &[]).await),
            "roles" => drop(
                store.set_person_grants(person, &Roles::from_iter([Role::Viewer]), &Sources::All, now).await.unwrap(),
            ),
            "password" => drop(store.set_person_password(person, &PasswordHash::new("other"), now).await.unwrap()),
            "disable" => drop(store.set_person_disabled(person, true, now).await.unwrap()),
            "time" => server.clock().advance(Duration::seconds(601)),
            _ => {}
        }
        let rest: Vec<_> = parts.collect().await;
        let rest = rest.concat();
        if matches!(change, "nothing" | "step up") {
            assert_eq!((first + &rest).lines().count(), 4_500);
            continue;
        }
        assert!(!rest.contains("canary"), "{change}");
        let line: Value = serde_json::from_str(&rest).unwrap();
        assert_eq!((&line["truncated"], &line["rows"]), (&json!(true), &json!(first.lines().count())), "{change}");
        assert!(line["message"].as_str().unwrap().contains("has ended meanwhile"), "{change}");
        let entries = recorded(&server, "events.export").await;
        let entry = entries.last().unwrap();
        assert_eq!((&entry["actor"]["id"], &entry["outcome"]), (&json!(name), &json!("failure")), "{change}");
        assert_eq!(entry["details"]["left"], json!(first.lines().count()));
    }
}

#[tokio::test]
async fn s8_where_it_cannot_be_recorded_no_plain_text_leaves() {
    let server = filled(3).await;
    let (ivy, password) = signed_in(&server, "ivy", &[Role::Investigator]).await;
    confirmed(&ivy, URL, &password).await;
    server.settled().await;
    // From now on the log takes no event, and everything else goes on.
    let options = SqliteConnectOptions::new().filename(server.folder().join("flightbox.db"));
    let mut other = options.connect().await.unwrap();
    for (name, event) in [("no_insert", "INSERT"), ("no_update", "UPDATE")] {
        let trigger = format!("CREATE TRIGGER {name} BEFORE {event} ON tree BEGIN SELECT RAISE(ABORT, 'broken'); END");
        other.execute(sqlx::AssertSqlSafe(trigger)).await.unwrap();
    }
    let answer = ivy.post(URL, &[WHY]).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = answer.text().await.unwrap();
    assert!(!body.contains("canary") && !body.contains("4111"), "{body}");
    other.execute("DROP TRIGGER no_insert").await.unwrap();
    other.execute("DROP TRIGGER no_update").await.unwrap();
    assert!(leads_to_confirming(&ivy.post(URL, &[WHY]).await), "it was used up all the same");
    confirmed(&ivy, URL, &password).await;
    assert!(text(ivy.post(URL, &[WHY]).await).await.contains(CANARY));
}
