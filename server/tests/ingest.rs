//! `POST /api/v1/events`: what is taken, what is refused, and what is said of it.

use std::io::Write;

use crate::common::{TestServer, status_and_body};
use flightbox::config::Config;
use flightbox_domain::{role::Role, scope::Sources};
use serde_json::json;

/// What was refused of billing, as it is kept.
async fn kept(server: &TestServer) -> Vec<u8> {
    let kept = server.app().store.quarantined("billing", 1, server.clock().now()).await.unwrap();
    kept.unwrap().clear.unwrap()
}

#[tokio::test]
async fn one_event_an_array_and_lines_are_all_a_batch() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let (status, body) = billing.send(r#"{"id":"1","actor":"a","action":"x"}"#).await;
    assert_eq!(status, 201);
    let first = body["receipts"][0]["seq"].as_i64().unwrap();
    assert_eq!(body["accepted"], 1);
    assert_eq!(body["receipts"][0]["leaf_hash"].as_str().unwrap().len(), 64);
    let (status, body) = billing.send(r#"[{"actor":"a","action":"x"},{"actor":"b","action":"y"}]"#).await;
    assert_eq!((status, &body["accepted"], &body["receipts"][1]["seq"]), (201, &json!(2), &json!(first + 2)));
    let (status, body) =
        billing.send_lines("", "{\"actor\":\"a\",\"action\":\"x\"}\n\n{\"actor\":\"b\",\"action\":\"y\"}\n").await;
    assert_eq!((status, &body["accepted"]), (201, &json!(2)));
    assert_eq!(billing.send("[]").await.0, 200);
}

#[tokio::test]
async fn a5_what_only_flightbox_may_say_is_refused_from_a_producer_and_gives_nothing_to_a_person() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let before = server.settled().await;
    for field in ["seq", "received_at", "source", "flags", "leaf_hash"] {
        let (status, body) = billing.send(json!({"actor": "a", "action": "x", field: "1"}).to_string()).await;
        assert_eq!((status, &body["errors"][0]["path"]), (422, &json!(field)));
        assert_eq!(body["errors"][0]["code"], "reserved_field");
    }
    let (status, _) = billing.send(json!({"actor": "a", "action": "x", "role": "admin"}).to_string()).await;
    assert_eq!((status, server.settled().await), (422, before), "nothing of it is stored");

    let vera = server.signed_in("vera", &[Role::Viewer], Sources::All).await;
    let role = [("role", "admin"), ("roles", "admin"), ("sources", "*")];
    vera.send("/views", &[&[("name", "mine"), ("url", "/events?q=actor:a")][..], &role].concat()).await;
    vera.send("/account", &role).await;
    assert_eq!(vera.send("/people", &[&[("name", "eve")][..], &role].concat()).await.status(), 403);
    let person = server.app().store.person_by_name(&"vera".parse().unwrap()).await.unwrap().unwrap().person;
    assert_eq!(person.roles, [Role::Viewer].into_iter().collect());
}

#[tokio::test]
async fn t10_numbers_order_of_keys_and_composed_letters_have_the_same_leaf_however_they_are_sent_and_kept() {
    let mut server = TestServer::start().await;
    let details =
        |text: &str| format!(r#"{{"actor":"a","action":"x","occurred_at":"2026-11-20T00:00:00Z","details":{text}}}"#);
    // What is sent, and its canonical form.
    let cases = [
        (r#"{"n":-0}"#, r#"{"n":0}"#),
        (r#"{"n":9007199254740993}"#, r#"{"n":9007199254740993}"#),
        (r#"{"b" : 1,	"a":[ 1e2 ] , "\u0061b":"\/"}"#, r#"{"a":[100],"ab":"/","b":1}"#),
        (r#"{"composed":"\u00e9"}"#, r#"{"composed":"é"}"#),
        (r#"{"composed":"e\u0301"}"#, "{\"composed\":\"e\u{301}\"}"),
    ];
    let mut stored = Vec::new();
    {
        let billing = server.producer("billing").await;
        for (sent, canonical) in cases {
            let (status, body) = billing.send(details(sent)).await;
            assert_eq!(status, 201, "{body}");
            stored.push((
                body["receipts"][0]["seq"].as_i64().unwrap(),
                body["receipts"][0]["leaf_hash"].clone(),
                canonical,
            ));
        }
    }
    let leaves: std::collections::HashSet<_> = stored.iter().map(|(_, leaf, _)| leaf.as_str().unwrap()).collect();
    assert_eq!(leaves.len(), cases.len(), "letters that look the same are not");
    server.restart().await;
    for (seq, leaf, canonical) in &stored {
        let token = server.add_token(&format!("siem-{seq}"), &[Role::Viewer], Sources::All).await;
        let answer = server.client().get(server.url(&format!("/api/v1/events/{seq}"))).bearer_auth(token).send().await;
        let text = answer.unwrap().text().await.unwrap();
        assert!(text.contains(&format!(r#""details":{canonical}"#)), "{text}");
        assert!(text.contains(leaf.as_str().unwrap()), "{text}");
    }
}

#[tokio::test]
async fn g5_a_packed_batch_is_a_batch_and_a_bomb_is_none() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let send = async |encoding: &str, body: Vec<u8>| {
        let request =
            billing.request("").header("content-type", "application/json").header("content-encoding", encoding);
        status_and_body(request.body(body).send().await.unwrap()).await
    };
    let event = br#"{"actor":"a","action":"x"}"#;
    assert_eq!(send("gzip", gzip(event)).await.0, 201);
    assert_eq!(send("zstd", zstd::encode_all(&event[..], 3).unwrap()).await.0, 201);
    assert_eq!(send("br", event.to_vec()).await.0, 415);
    assert_eq!(send("gzip, gzip", gzip(&gzip(event))).await.0, 415);
    assert_eq!(send("gzip", event.to_vec()).await.0, 400);
    let bomb = vec![b' '; 200 << 20];
    assert_eq!(send("gzip", gzip(&bomb)).await.0, 413);
    assert_eq!(send("zstd", zstd::encode_all(&bomb[..], 3).unwrap()).await.0, 413);
}

#[tokio::test]
async fn a_repeat_is_answered_with_200_and_the_same_receipts() {
    let mut server = TestServer::start().await;
    let batch = r#"[{"id":"1","actor":"a","action":"x"},{"id":"2","actor":"a","action":"x"}]"#;
    let (first, token) = {
        let billing = server.producer("billing").await;
        (billing.send(batch).await, billing.token)
    };
    server.restart().await;
    let post = |body: &'static str| {
        let request = server.client().post(server.url("/api/v1/events")).bearer_auth(&token);
        request.header("content-type", "application/json").body(body).send()
    };
    let again = status_and_body(post(batch).await.unwrap()).await;
    assert_eq!((first.0, again.0), (201, 200));
    assert_eq!((&again.1["accepted"], &again.1["duplicates"]), (&json!(0), &json!(2)));
    assert_eq!(first.1["receipts"], again.1["receipts"]);
    let mixed = r#"[{"id":"2","actor":"a","action":"x"},{"id":"3","actor":"a","action":"x"},{"id":"3","actor":"a","action":"x"}]"#;
    let (status, body) = status_and_body(post(mixed).await.unwrap()).await;
    assert_eq!((status, &body["accepted"], &body["duplicates"]), (201, &json!(1), &json!(2)));
    assert_eq!(body["receipts"][1], body["receipts"][2]);
}

#[tokio::test]
async fn other_content_under_a_known_id_is_a_conflict_and_is_kept() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    billing.send(r#"{"id":"1","actor":"a","action":"x"}"#).await;
    let (status, body) =
        billing.send(r#"[{"id":"9","actor":"a","action":"x"},{"id":"1","actor":"a","action":"y"}]"#).await;
    assert_eq!((status, &body["accepted"], &body["errors"][0]["index"]), (409, &json!(0), &json!(1)));
    let kept = kept(&server).await;
    assert!(String::from_utf8_lossy(&kept).contains(r#""action":"y""#));
}

#[tokio::test]
async fn an_invalid_event_refuses_its_batch_names_every_problem_and_loses_nothing() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let sent = r#"[{"actor":"a","action":"x"},{"actor":"a","actoin":"x","password":"hunter2"}]"#;
    let (status, body) = billing.send(sent).await;
    assert_eq!((status, &body["accepted"]), (422, &json!(0)));
    let errors: Vec<_> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (&e["index"], e["path"].as_str().unwrap(), e["code"].as_str().unwrap()))
        .collect();
    let one = json!(1);
    assert_eq!(
        errors,
        [(&one, "action", "missing"), (&one, "actoin", "unknown_field"), (&one, "password", "unknown_field")]
    );
    assert!(!body.to_string().contains("hunter2"));
    assert_eq!(server.read("/api/v1/events").await.1["count"], json!({"value": 0, "exact": true}));
    assert!(String::from_utf8(kept(&server).await).unwrap().ends_with(sent));
}

#[tokio::test]
async fn part_of_a_batch_is_taken_where_that_was_asked_for() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    billing.send(r#"{"id":"1","actor":"a","action":"x"}"#).await;
    let lines = "{\"id\":\"2\",\"actor\":\"a\",\"action\":\"x\"}\nnot json\n{\"actor\":1}\n{\"id\":\"1\",\"actor\":\"b\",\"action\":\"x\"}\n";
    let (status, body) = billing.send_lines("?partial=true", lines).await;
    assert_eq!((status, &body["accepted"]), (207, &json!(1)));
    assert_eq!(body["receipts"][0]["index"], 0);
    let refused: Vec<_> =
        body["errors"].as_array().unwrap().iter().map(|error| error["index"].as_i64().unwrap()).collect();
    assert_eq!(refused, [1, 2, 2, 3]);
    let (status, _) = billing.send_lines("?partial=true", "{\"id\":\"5\",\"actor\":\"a\",\"action\":\"x\"}").await;
    assert_eq!(status, 201);
}

#[tokio::test]
async fn what_cannot_be_read_at_all_is_told_by_line_and_column() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let (status, body) = billing.send("{\"actor\":\"a\",\n \"action\" \"x\"}").await;
    assert_eq!((status, &body["line"], &body["column"]), (400, &json!(2), &json!(11)));
    let (status, body) = billing.send_lines("", "{\"actor\":\"a\",\"action\":\"x\"}\nnot json\n").await;
    assert_eq!((status, &body["line"]), (400, &json!(2)));
    let (status, body) = billing.send(r#"[{"actor":"a","action":"x","details":{"a":1,"a":2}}]"#).await;
    assert_eq!(
        (status, &body["errors"][0]["path"], &body["errors"][0]["code"]),
        (422, &json!("details"), &json!("duplicate_key"))
    );
    let (status, _) = billing.send("[".repeat(100_000)).await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn only_json_and_lines_of_it_within_bounds_are_taken() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let send = |kind: &'static str| billing.request("").header("content-type", kind).body("{}").send();
    assert_eq!(send("text/plain").await.unwrap().status(), 415);
    assert_eq!(send("application/x-www-form-urlencoded").await.unwrap().status(), 415);
    assert_eq!(send("Application/JSON; charset=utf-8").await.unwrap().status(), 422);
    assert_eq!(billing.request("").body("{}").send().await.unwrap().status(), 415);
    let many = vec![r#"{"actor":"a","action":"x"}"#; 10_001].join("\n");
    assert_eq!(billing.send_lines("", many).await.0, 413);
    assert_eq!(billing.send(vec![b' '; (16 << 20) + 1]).await.0, 413);
    assert_eq!(billing.request("?partial=maybe").send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_token_appends_to_its_own_source_and_reads_nothing() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let post = |token: &str| {
        server
            .client()
            .post(server.url("/api/v1/events"))
            .bearer_auth(token)
            .header("content-type", "application/json")
            .body("{}")
            .send()
    };
    for token in ["", "nonsense", "fbi_0000000000000000000000000000000000000000000000000000000000000000"] {
        let response = post(token).await.unwrap();
        assert_eq!(response.status(), 401);
        assert!(response.headers().contains_key("www-authenticate"));
    }
    let reader = server.add_token("reader", &[Role::Viewer], Sources::All).await;
    assert_ne!(post(&reader).await.unwrap().status(), 201);
    assert_eq!(server.read_with(&billing.token, "/api/v1/events").await.0, 403);
    server.app().store.set_source_disabled(&"billing".parse().unwrap(), true, server.clock().now()).await.unwrap();
    assert_eq!(billing.send(r#"{"actor":"a","action":"x"}"#).await.0, 403);
}

#[tokio::test]
async fn secrets_are_masked_before_anything_is_written() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let (_, body) = billing
        .send(
            r#"{"actor":"a","action":"x","details":{"password":"hunter2canary","accessKeyId":"AKIAIOSFODNN7EXAMPLE"}}"#,
        )
        .await;
    let (_, event) = server.read(&format!("/api/v1/events/{}", body["receipts"][0]["seq"])).await;
    assert_eq!(event["details"], json!({"password": "***", "accessKeyId": "AKIAIOSFODNN7EXAMPLE"}));
    for file in std::fs::read_dir(server.folder()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(13).any(|window| window == b"hunter2canary"), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn below_the_low_water_mark_events_are_refused_and_people_still_sign_in() {
    let config = Config { low_water: u64::MAX, public_url: String::new(), ..Config::local() };
    let server = TestServer::start_as(config).await;
    let billing = server.producer("billing").await;
    assert_eq!(billing.send(r#"{"actor":"a","action":"x"}"#).await.0, 507);
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let form = [("name", "alice"), ("password", password.as_str())];
    let request = server.client().post(server.url("/sign-in")).header("origin", server.origin()).form(&form);
    assert_eq!(request.send().await.unwrap().status(), 303);
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
