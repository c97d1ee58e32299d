//! `/export/sealed`: sealed values leave for an investigator who confirmed that very file, gave a reason and is recorded;
//! for nobody else, and for nobody any longer than that.

mod cut;

use crate::common::{
    TestServer,
    browser::{Browser, location},
};
use axum::http::header;
use chrono::Duration;
use flightbox_domain::{
    role::Role,
    scope::{Scope, Sources},
};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

const CANARY: &str = "canary.4711@example.com";
/// What is asked for in these tests: every time in it is fixed.
const URL: &str = "/export/sealed?format=jsonl&q=action:invite&to=2026-11-22T13:00:00Z";
const WHY: (&str, &str) = ("reason", "INC-2291: the regulator asks");

async fn filled(events: i64) -> TestServer {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let event = |n: i64| {
        json!({"actor": {"id": "alice", "email": CANARY}, "action": "invite", "reason": CANARY,
            "details": {"card": "4111 1111 1111 1111", "n": n}})
    };
    for from in (0..events).step_by(1_500) {
        let batch: Vec<_> = (from..events.min(from + 1_500)).map(event).collect();
        assert_eq!(billing.send(json!(batch).to_string()).await.0, 201);
    }
    billing.send(json!({"actor": "bob", "action": "login"}).to_string()).await;
    server
}

async fn signed_in<'s>(server: &'s TestServer, name: &str, roles: &[Role]) -> (Browser<'s>, String) {
    let password = server.add_person(name, roles).await;
    let who = Browser::new(server);
    who.sign_in(name, &password).await;
    (who, password)
}

/// Somebody who has confirmed an export.
async fn confirmed(who: &Browser<'_>, url: &str, password: &str) {
    let answer = who.confirm("export", url, password, "").await;
    assert_eq!((answer.status(), location(&answer).as_str()), (StatusCode::SEE_OTHER, url));
}

async fn text(response: Response) -> String {
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
    response.text().await.unwrap()
}

/// What was recorded under an action, oldest first.
async fn recorded(server: &TestServer, action: &str) -> Vec<Value> {
    let mut all = server.recorded(0).await;
    all.retain(|entry| entry["action"] == action);
    all
}

fn leads_to_confirming(response: &Response) -> bool {
    response.status() == StatusCode::SEE_OTHER && location(response).starts_with("/confirm?for=export&next=/export/")
}

#[tokio::test]
async fn s1_without_confirming_it_sealed_values_leave_for_nobody() {
    let server = filled(3).await;
    let (ivy, _) = signed_in(&server, "ivy", &[Role::Viewer, Role::Investigator]).await;
    for response in [ivy.call(URL, None).await, ivy.call(URL, Some(&[WHY])).await] {
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let challenge = response.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned();
        assert!(
            challenge.contains("error=\"insufficient_user_authentication\"") && challenge.contains("max_age=\"600\"")
        );
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "insufficient_user_authentication");
    }
    assert!(leads_to_confirming(&ivy.get(URL).await) && leads_to_confirming(&ivy.post(URL, &[WHY]).await));
    let page = ivy.text(&location(&ivy.get(URL).await)).await;
    assert!(
        page.contains("one export of events with their sealed values") && page.contains("within the next ten minutes")
    );
    for (name, roles) in [("vera", &[Role::Viewer][..]), ("adam", &[Role::Viewer, Role::Admin]), ("nobody", &[])] {
        let (who, password) = signed_in(&server, name, roles).await;
        who.confirm("export", URL, &password, "").await;
        for response in [who.get(URL).await, who.post(URL, &[WHY]).await] {
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{name}");
            assert!(!response.text().await.unwrap().contains("canary"), "{name}");
        }
        assert!(
            !name.starts_with('v') || !who.text("/events").await.contains("/export/sealed"),
            "no way there is shown"
        );
    }
    assert!(ivy.text("/events?q=action:invite").await.contains("/export/sealed?format=csv&amp;q=action:invite"));
    assert!(!ivy.text("/access").await.contains("With sealed values"), "nothing is sealed there");
    // A program's token is no person.
    let token = server.add_token("siem", &[Role::Viewer, Role::Investigator], Sources::All).await;
    for (request, status) in [(server.client().get(server.url(URL)), 303), (server.client().post(server.url(URL)), 401)]
    {
        assert_eq!(request.bearer_auth(&token).send().await.unwrap().status(), status);
    }
    assert!(recorded(&server, "events.export").await.is_empty());
}

#[tokio::test]
async fn a3_an_ordinary_export_says_of_a_sealed_value_what_it_is_and_no_more() {
    let server = filled(3).await;
    let (ivy, _) = signed_in(&server, "ivy", &[Role::Investigator]).await;
    for extension in ["csv", "jsonl", "json"] {
        let file = ivy.text(&format!("/events.{extension}?q=action:invite")).await;
        assert!(!file.contains("canary") && !file.contains("4111 1111"), "{file}");
        assert!(file.replace("\"\"", "\"").contains(r#""card":{"sealed":"card"}"#), "{file}");
    }
    let file = ivy.text("/events.csv?q=action:invite").await;
    let row = csv::Reader::from_reader(file.as_bytes()).into_records().next().unwrap().unwrap();
    assert_eq!(&row[13], "sealed", "the reason");
    assert!(row[23].contains(r#""actor_email":{"sealed":"email"}"#), "{row:?}");
}

#[tokio::test]
async fn s1_what_was_confirmed_leaves_once_in_each_format_and_is_recorded_before() {
    let server = filled(3).await;
    let (ivy, password) = signed_in(&server, "ivy", &[Role::Investigator]).await;
    for extension in ["csv", "jsonl", "json"] {
        let url = URL.replace("jsonl", extension);
        confirmed(&ivy, &url, &password).await;
        let page = ivy.text(&url).await;
        assert!(
            page.contains("3 events") && page.contains("in 3 of the 3 events") && !page.contains("canary"),
            "{page}"
        );
        let empty = ivy.post(&url, &[("reason", "  ")]).await;
        assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY, "and nothing is used up");
        assert!(empty.text().await.unwrap().contains("Say why"));
        let answer = ivy.post(&url, &[WHY]).await;
        let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        assert!(kind.contains(if extension == "csv" { "csv" } else { "json" }));
        let file = text(answer).await;
        assert_eq!((file.matches(CANARY).count(), file.matches("4111 1111 1111 1111").count()), (6, 3), "{file}");
        assert!(!file.contains("truncated\":true") && !file.contains("{\"sealed\""));
        assert!(leads_to_confirming(&ivy.post(&url, &[WHY]).await), "once");
    }
    let entries = recorded(&server, "events.export").await;
    assert_eq!(entries.len(), 3);
    let entry = &entries[1];
    assert_eq!(
        (&entry["actor"]["id"], &entry["reason"], &entry["outcome"]),
        (&json!("ivy"), &json!(WHY.1), &json!("success"))
    );
    let expected = json!({"query": "action:invite", "to": "2026-11-22T13:00:00.000Z", "sources": "*", "format": "jsonl",
        "rows": {"value": 3, "exact": true}, "sealed": true, "method": "password"});
    assert_eq!(entry["details"], expected);
    assert_eq!(entry["severity"], "notice");
}

#[tokio::test]
async fn s3_it_is_good_for_that_very_file_in_that_session_of_that_person() {
    let server = filled(3).await;
    let (ivy, password) = signed_in(&server, "ivy", &[Role::Investigator]).await;
    let (ira, _) = signed_in(&server, "ira", &[Role::Investigator]).await;
    let elsewhere = Browser::new(&server);
    elsewhere.sign_in("ivy", &password).await;
    confirmed(&ivy, URL, &password).await;
    ivy.confirm("reveal", URL, &password, "").await;
    for other in [
        URL.replace("jsonl", "csv"),
        URL.replace("action:invite", "alice"),
        URL.replace("13:00", "13:01"),
        format!("{URL}&tz=Asia/Tokyo"),
        URL.replace("&to", "&from=2026-11-01T00:00:00Z&to"),
    ] {
        assert!(leads_to_confirming(&ivy.post(&other, &[WHY]).await), "{other}");
    }
    assert!(leads_to_confirming(&elsewhere.post(URL, &[WHY]).await), "another session");
    assert!(leads_to_confirming(&ira.post(URL, &[WHY]).await), "another person");
    assert!(text(ivy.post(URL, &[WHY]).await).await.contains(CANARY));
    // For another purpose it is worth nothing.
    ivy.confirm("factor", URL, &password, "").await;
    assert!(leads_to_confirming(&ivy.post(URL, &[WHY]).await));
    // Of any number at once one gets it.
    confirmed(&ivy, URL, &password).await;
    let many = futures_util::future::join_all((0..8).map(|_| ivy.post(URL, &[WHY]))).await;
    assert_eq!(many.iter().filter(|answer| answer.status() == StatusCode::OK).count(), 1);
}

#[tokio::test]
async fn s2_what_was_confirmed_is_over_after_ten_minutes() {
    let server = filled(1).await;
    let (ivy, password) = signed_in(&server, "ivy", &[Role::Investigator]).await;
    confirmed(&ivy, URL, &password).await;
    server.clock().advance(Duration::seconds(601));
    assert!(leads_to_confirming(&ivy.post(URL, &[WHY]).await));
    confirmed(&ivy, URL, &password).await;
    server.clock().advance(Duration::seconds(599));
    assert!(text(ivy.post(URL, &[WHY]).await).await.contains(CANARY));
}

#[tokio::test]
async fn a_time_that_counts_from_now_is_fixed_before_anything_is_confirmed() {
    let server = filled(1).await;
    let (ivy, _) = signed_in(&server, "ivy", &[Role::Investigator]).await;
    let led = async |url: &str| location(&ivy.get(url).await);
    let fixed = led("/export/sealed?format=csv&q=created:-2h&from=-1h&sort=oldest&after=x").await;
    let expected = "/export/sealed?format=csv&q=created:%3E%3D2026-11-22T10:00:00.000Z&from=2026-11-22T11:00:00Z&to=2026-11-22T12:00:00Z";
    assert_eq!(fixed, expected);
    assert!(led(&fixed).await.starts_with("/confirm?"), "fixed again it is the same");
    assert_eq!(led("/export/sealed?format=json").await, "/export/sealed?format=json&to=2026-11-22T12:00:00Z");
    assert!(led(&led("/export/sealed?format=json&from=2027-01-01").await).await.starts_with("/confirm?"));
    let posted = ivy.post("/export/sealed?format=json", &[WHY]).await;
    assert_eq!(location(&posted), "/export/sealed?format=json&to=2026-11-22T12:00:00Z");
    assert_eq!(led("/export/sealed?format=json&q=actr:x").await, "/events?q=actr:x", "which says what is wrong");
    assert_eq!(ivy.get("/export/sealed?format=xls").await.status(), StatusCode::NOT_FOUND);
    // Not too long to be read, but six times as long in a URL.
    let long = ivy.get(&format!("/export/sealed?format=json&q={}", "é".repeat(1_500))).await;
    assert_eq!(long.status(), StatusCode::BAD_REQUEST);
    assert!(long.text().await.unwrap().contains("too long to be confirmed"));
}

#[tokio::test]
async fn what_was_erased_says_so_and_nothing_out_of_scope_leaves() {
    let server = filled(2).await;
    server
        .producer("hr")
        .await
        .send(json!({"actor": {"id": "eve", "email": "eve@example.com"}, "action": "invite"}).to_string())
        .await;
    let now = server.clock().now();
    let all = Scope::new(Sources::All, false);
    let store = &server.app().store;
    store.erase(&all, "alice", ("adam", "asked to be forgotten"), now, store.retention_changes()).await.unwrap();
    let only = Sources::Only(["billing".to_owned()].into());
    let password = server.add_scoped_person("ivy", &[Role::Investigator], only).await;
    let ivy = Browser::new(&server);
    ivy.sign_in("ivy", &password).await;
    confirmed(&ivy, URL, &password).await;
    let file = text(ivy.post(URL, &[WHY]).await).await;
    assert!(file.contains(r#""email":{"erased":"email"}"#) && file.contains(r#""card":{"erased":"card"}"#), "{file}");
    assert!(!file.contains("canary") && !file.contains("eve@"));
    let url = URL.replace("jsonl", "csv");
    confirmed(&ivy, &url, &password).await;
    let file = text(ivy.post(&url, &[WHY]).await).await;
    let row = csv::Reader::from_reader(file.as_bytes()).into_records().next().unwrap().unwrap();
    assert_eq!(&row[13], "erased", "the reason");
}
