//! `GET /api/v1/facets` and `GET /api/v1/histogram`.

use crate::common::TestServer;
use flightbox_domain::{role::Role, scope::Sources};
use serde_json::{Value, json};

async fn filled() -> TestServer {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let event = |n: i64| {
        let outcome = if n % 4 == 0 { "denied" } else { "success" };
        json!({"actor": format!("u{}", n % 3), "action": "pay", "outcome": outcome, "occurred_at": 1_795_000_000_000i64 + n * 60_000})
    };
    billing.send(json!((0..120).map(event).collect::<Vec<_>>()).to_string()).await;
    server.producer("hr").await.send(json!({"actor": "x", "action": "hire"}).to_string()).await;
    server
}

#[tokio::test]
async fn facets_count_the_values_of_what_matches() {
    let server = filled().await;
    let (status, body) = server.read("/api/v1/facets?q=outcome:denied").await;
    let names: Vec<_> =
        body["facets"].as_array().unwrap().iter().map(|facet| facet["name"].as_str().unwrap()).collect();
    assert_eq!(status, 200);
    assert_eq!(names, ["action", "actor", "resource.type", "outcome", "ip", "source", "method", "status", "severity"]);
    assert_eq!(
        body["facets"][1],
        json!({"name": "actor", "values": [{"value": "u0", "count": 10}, {"value": "u1", "count": 10}, {"value": "u2", "count": 10}], "rest": 0, "among_newest": null})
    );
}

#[tokio::test]
async fn a_histogram_is_stacked_by_outcome_and_adds_up() {
    let server = filled().await;
    let (status, body) = server.read("/api/v1/histogram?q=action:pay&bars=4").await;
    assert_eq!(
        (status, &body["count"], &body["counted_back_to"]),
        (200, &json!({"value": 120, "exact": true}), &Value::Null)
    );
    let bars = body["bars"].as_array().unwrap();
    let sum = |outcome: &str| bars.iter().map(|bar| bar[outcome].as_i64().unwrap()).sum::<i64>();
    assert_eq!((sum("success"), sum("denied"), sum("failure"), sum("unknown")), (90, 30, 0, 0));
    assert!(bars.windows(2).all(|pair| pair[0]["end"] == pair[1]["start"]));
}

#[tokio::test]
async fn counts_are_of_what_the_token_may_see() {
    let server = filled().await;
    let token = server.add_token("hr reader", &[Role::Viewer], Sources::Only(["hr".to_owned()].into())).await;
    for query in ["", "?q=source:billing", "?q=actor:*"] {
        let (_, body) = server.read_with(&token, &format!("/api/v1/histogram{query}")).await;
        assert!(body["count"]["value"].as_i64().unwrap() <= 1, "{query}");
        let (_, body) = server.read_with(&token, &format!("/api/v1/facets{query}")).await;
        assert!(!body.to_string().contains("billing") && !body.to_string().contains("u1"), "{query}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_what_was_expected() {
    let server = filled().await;
    for (path, code, message) in [
        ("/api/v1/facets?q=actr:x", "unknown_key", "actr"),
        ("/api/v1/facets?limit=5", "bad_parameter", "unknown parameter limit; expected one of q, from, to, tz"),
        ("/api/v1/histogram?bars=0", "bad_parameter", "bars is 0; expected 1 to 400"),
        ("/api/v1/histogram?q=a&q=b", "bad_parameter", "q is given twice"),
        ("/api/v1/histogram?from=soon", "bad_parameter", "from"),
    ] {
        let (status, body) = server.read(path).await;
        assert_eq!((status, body["code"].as_str()), (400, Some(code)), "{path}");
        assert!(body["message"].as_str().unwrap().contains(message), "{path}: {body}");
    }
}

#[tokio::test]
async fn metrics_tell_a_token_what_the_cache_was_worth() {
    let server = filled().await;
    for _ in 0..3 {
        server.read("/api/v1/facets").await;
    }
    let (status, text) = server.read("/metrics").await;
    let text = text.as_str().unwrap();
    assert!(status == 200 && text.contains("\nflightbox_counts_asked_total 3\n"), "{text}");
    assert!(text.contains("\nflightbox_counts_made_total 1\n"), "{text}");
    let stranger = server.client().get(server.url("/metrics")).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
}
