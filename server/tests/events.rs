//! `GET /api/v1/events`: what programs read.

use crate::common::TestServer;
use flightbox_domain::{role::Role, scope::Sources};
use serde_json::json;

#[tokio::test]
async fn an_event_comes_back_with_what_the_server_knows_of_it() {
    let server = TestServer::start().await;
    let billing = server.producer("billing-api").await;
    let sent = json!({
        "id": "ord-77-upd-3", "occurred_at": "2026-11-22T11:31:58.930Z", "actor": {"id": "1042", "type": "user", "name": "alice"},
        "action": "user.update", "resource": {"id": "/users/77", "type": "users"}, "outcome": "success", "severity": "info",
        "origin": {"ip": "81.2.69.142", "session_id": "s_8f21c0"}, "changes": {"role": {"before": "editor", "after": "admin"}},
        "details": {"ticket": "INC-2291", "password": "x"},
    });
    let (_, body) = billing.send(sent.to_string()).await;
    let receipt = &body["receipts"][0];
    let (status, event) = server.read(&format!("/api/v1/events/{}", receipt["seq"])).await;
    let mut expected = sent;
    expected["details"]["password"] = json!("***");
    expected["seq"] = receipt["seq"].clone();
    expected["source"] = json!("billing-api");
    expected["received_at"] = json!("2026-11-22T12:00:00.000Z");
    expected["flags"] = json!([]);
    expected["leaf_hash"] = receipt["leaf_hash"].clone();
    assert_eq!((status, event), (200, expected));
}

#[tokio::test]
async fn a_number_keeps_its_digits_on_the_way_through() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let (_, body) = billing
        .send(r#"{"actor":"a","action":"x","details":{"big":9007199254740993,"long":0.10000000000000000001}}"#)
        .await;
    let token = server.add_token("reader", &[Role::Viewer], Sources::All).await;
    let url = server.url(&format!("/api/v1/events/{}", body["receipts"][0]["seq"]));
    let text = server.client().get(url).bearer_auth(token).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("9007199254740993") && text.contains("0.10000000000000000001"), "{text}");
}

#[tokio::test]
async fn pages_follow_the_cursor_to_the_end() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let events: Vec<_> = (0..120)
        .map(|n| json!({"actor": format!("a{}", n % 2), "action": "x", "occurred_at": 1_790_000_000_000i64 + n * 1000}))
        .collect();
    billing.send(json!(events).to_string()).await;
    let mut seen = Vec::new();
    let mut path = "/api/v1/events?q=actor:a1&limit=25".to_owned();
    loop {
        let (status, body) = server.read(&path).await;
        assert_eq!((status, &body["count"]), (200, &json!({"value": 60, "exact": true})));
        seen.extend(
            body["events"].as_array().unwrap().iter().map(|event| event["occurred_at"].as_str().unwrap().to_owned()),
        );
        match body["next"].as_str() {
            Some(next) => path = format!("/api/v1/events?q=actor:a1&limit=25&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 60);
    assert!(seen.is_sorted_by(|newer, older| newer > older));
    let cursor = path.rsplit('=').next().unwrap();
    assert_eq!(server.read(&format!("/api/v1/events?q=actor:a0&after={cursor}")).await.0, 400);
    assert_eq!(server.read("/api/v1/events?after=00").await.0, 400);
}

#[tokio::test]
async fn a_window_includes_its_start_and_not_its_end() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    for time in ["2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"] {
        billing.send(json!({"actor": "a", "action": "x", "occurred_at": time}).to_string()).await;
    }
    for (window, count) in [
        ("from=2026-11-21&to=2026-11-22", 1),
        ("from=2026-11-21T00:00:00Z", 2),
        ("to=2026-11-20", 0),
        ("from=-36h", 2),
        ("from=2026-11-21&tz=America/New_York", 1),
        ("q=created:2026-11-20..2026-11-21", 2),
    ] {
        let (_, body) = server.read(&format!("/api/v1/events?{window}")).await;
        assert_eq!(body["count"]["value"], json!(count), "{window}");
    }
}

#[tokio::test]
async fn a_bad_request_says_what_where_and_what_to_do() {
    let server = TestServer::start().await;
    let (status, body) = server.read("/api/v1/events?q=outcome:denied%20actr:alice").await;
    assert_eq!((status, &body["position"]), (400, &json!(15)));
    assert_eq!(body["suggestion"], json!("actor"));
    for bad in ["limit=0", "limit=1001", "limit=x", "from=soon", "from=-1h&to=-2h", "tz=Mars", "sort=up"] {
        let (status, body) = server.read(&format!("/api/v1/events?{bad}")).await;
        assert_eq!((status, body["message"].as_str().is_some_and(|text| !text.is_empty())), (400, true), "{bad}");
    }
    for missing in ["99", "-1", "x", "9223372036854775808"] {
        assert_eq!(server.read(&format!("/api/v1/events/{missing}")).await.0, 404);
    }
    assert_eq!(server.read("/api/v1/nothing").await.0, 404);
}

#[tokio::test]
async fn a_reader_sees_its_sources_and_the_record_of_access_only_with_a_role() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let hr = server.producer("hr").await;
    billing.send(r#"{"actor":"a","action":"x"}"#).await;
    let (_, foreign) = hr.send(r#"{"actor":"a","action":"secret"}"#).await;
    let only = |name: &str| Sources::Only([name.to_owned()].into());
    let token = server.add_token("billing reader", &[Role::Viewer], only("billing")).await;
    for query in ["", "?q=secret", "?q=source:hr", "?q=source:flightbox"] {
        let (_, body) = server.read_with(&token, &format!("/api/v1/events{query}")).await;
        assert!(!body.to_string().contains("secret") && !body.to_string().contains("\"hr\""), "{query}: {body}");
    }
    let path = format!("/api/v1/events/{}", foreign["receipts"][0]["seq"]);
    let absent = server.read_with(&token, "/api/v1/events/999999").await;
    let hidden = server.read_with(&token, &path).await;
    assert_eq!((hidden.0, &hidden.1["code"]), (absent.0, &absent.1["code"]));
    let investigator = server.add_token("investigator", &[Role::Investigator], Sources::All).await;
    let (_, body) = server.read_with(&investigator, "/api/v1/events?q=source:flightbox").await;
    assert!(body["count"]["value"].as_u64().unwrap() >= 2);
    let (_, body) = server.read_with(&investigator, "/api/v1/events").await;
    assert_eq!(body["count"]["value"], json!(2));
}

#[tokio::test]
async fn g11_an_event_from_the_future_is_ordered_by_its_receipt_and_flagged() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let (_, body) = billing.send(r#"{"actor":"a","action":"x","occurred_at":"2999-01-01T00:00:00Z"}"#).await;
    let (_, event) = server.read(&format!("/api/v1/events/{}", body["receipts"][0]["seq"])).await;
    assert_eq!((&event["occurred_at"], &event["flags"]), (&json!("2999-01-01T00:00:00.000Z"), &json!(["clock-skew"])));
    let (_, page) = server.read("/api/v1/events?to=2026-11-23").await;
    assert_eq!(page["count"]["value"], json!(1));
}

#[tokio::test]
async fn health_is_told_to_anybody() {
    let server = TestServer::start().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.client().get(server.url(path)).send().await.unwrap().status(), 200);
    }
}
