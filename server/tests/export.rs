//! `/events.csv`, `.jsonl` and `.json`: what a person takes away.

use std::io::Read as _;

use crate::common::TestServer;
use flightbox_domain::{role::Role, scope::Sources};
use serde_json::{Value, json};

async fn filled(server: &TestServer) {
    let billing = server.producer("billing").await;
    let event = |n: i64| {
        json!({
            "id": format!("n{n}"), "actor": {"id": "=cmd|' /C calc'!A0", "name": "Ann, \"the\" boss"}, "action": "pay",
            "reason": "two\r\nlines", "occurred_at": 1_790_000_000_000i64 + n, "http": {"status": 403, "duration_ms": 1.5},
            "details": {"n": n},
        })
    };
    for batch in 0..3 {
        let events: Vec<_> = (batch * 1_500..(batch + 1) * 1_500).map(event).collect();
        assert_eq!(billing.send(json!(events).to_string()).await.0, 201);
    }
    server.producer("hr").await.send(json!({"actor": "x", "action": "hire"}).to_string()).await;
}

#[tokio::test]
async fn every_match_leaves_once_newest_first_in_each_format() {
    let server = TestServer::start().await;
    filled(&server).await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::Only(["billing".to_owned()].into())).await;

    let lines = ann.text("/events.jsonl?q=action:pay").await;
    let seqs: Vec<_> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["seq"].as_i64().unwrap()).collect();
    assert!(seqs.len() == 4500 && seqs.is_sorted_by(|newer, older| newer > older));

    let whole: Value = serde_json::from_str(&ann.text("/events.json").await).unwrap();
    assert_eq!(
        (whole["events"].as_array().unwrap().len(), &whole["rows"], &whole["truncated"]),
        (4500, &json!(4500), &json!(false))
    );
    let none: Value = serde_json::from_str(&ann.text("/events.json?q=actor:nobody").await).unwrap();
    assert_eq!(none, json!({"events": [], "rows": 0, "truncated": false}));

    let text = ann.text("/events.csv?q=@n:%3E=4490").await;
    let rows: Vec<_> = csv::Reader::from_reader(text.as_bytes()).into_records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 10);
    assert!(text.ends_with("\r\n") && text.starts_with("seq,time,"));
    assert_eq!(&rows[0][5], "'=cmd|' /C calc'!A0");
    assert_eq!((&rows[0][7], &rows[0][13]), ("Ann, \"the\" boss", "two\r\nlines"));
    assert_eq!(&rows[0][23], r#"{"details":{"n":4499},"duration_ms":1.5}"#);
}

#[tokio::test]
async fn a_file_arrives_whole_also_where_it_is_compressed_on_its_way() {
    let server = TestServer::start().await;
    filled(&server).await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let plain = ann.text("/events.csv").await;
    let answer = ann.request("/events.csv").header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let packed = answer.bytes().await.unwrap();
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain);
}

#[tokio::test]
async fn nothing_foreign_leaves_and_what_cannot_be_read_is_explained() {
    let server = TestServer::start().await;
    filled(&server).await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::Only(["billing".to_owned()].into())).await;
    for query in ["source:hr", "hire", "source:flightbox"] {
        assert_eq!(ann.text(&format!("/events.jsonl?q={query}")).await, "", "{query}");
    }
    let answer = ann.get("/events.csv?q=actr:a").await;
    assert_eq!(
        (answer.status(), answer.headers()["location"].to_str().unwrap()),
        (303.try_into().unwrap(), "/events?q=actr:a")
    );
    let stranger = server.client().get(server.url("/events.csv")).send().await.unwrap();
    assert_eq!(stranger.status(), 303);
}

#[tokio::test]
async fn an_export_is_itself_an_event_with_its_query_and_its_rows() {
    let server = TestServer::start().await;
    filled(&server).await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let answer = ann.get("/events.csv?q=action:pay&from=2026-01-01").await;
    assert!(answer.headers()["content-disposition"].to_str().unwrap().ends_with(".csv\""));
    let (_, found) =
        server.read_as(&[Role::Investigator], "/api/v1/events?q=source:flightbox+action:events.export").await;
    let event = &found["events"][0];
    assert_eq!(found["count"]["value"], 1);
    assert_eq!(event["actor"]["id"], "ann");
    assert_eq!(
        event["details"],
        json!({"query": "action:pay", "from": "2026-01-01T00:00:00.000Z", "sources": "*", "format": "csv",
            "rows": {"value": 4500, "exact": true}})
    );
    assert_eq!(event["resource"]["id"], "/events?q=action:pay&from=2026-01-01");
}
