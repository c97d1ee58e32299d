//! Files of other systems, imported from a page: looked at first, then stored as they come.

mod bounds;
mod cut;
mod kept;

use std::io::Write as _;

use flightbox_domain::{role::Role, scope::Sources};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::common::{TestServer, Visitor};

const PAGE: &str = "/sources/aws/import";
const LOOK: &str = "/sources/aws/import?do=preview";
const BOUNDARY: &str = "a-boundary";

/// A record of CloudTrail's.
fn record(id: usize, more: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"ann"}},"sourceIPAddress":"81.2.69.142","eventSource":"s3.amazonaws.com","awsRegion":"eu-1","eventID":"t-{id}","eventTime":"2026-07-10T11:42:18Z"{more}}}"#
    )
}

fn delivery(ids: std::ops::Range<usize>) -> Vec<u8> {
    let records: Vec<_> = ids.map(|id| record(id, r#","eventName":"GetObject""#)).collect();
    format!(r#"{{"Records":[{}]}}"#, records.join(",")).into_bytes()
}

fn lines(ids: std::ops::Range<usize>) -> String {
    ids.map(|id| record(id, r#","eventName":"GetObject""#) + "\n").collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A field of a form that brings files, up to its value.
fn field(name: &str, more: &str) -> String {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n")
}

fn form(fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(field(name, "").bytes().chain(value.bytes()).chain(*b"\r\n"));
    }
    for (name, bytes) in files {
        body.extend(field("file", &format!("; filename=\"{name}\"")).bytes());
        body.extend(bytes.iter().chain(b"\r\n"));
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

async fn send(who: &Visitor<'_>, server: &TestServer, path: &str, body: Vec<u8>) -> (StatusCode, String) {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = who.post(path).header("origin", server.origin()).header("content-type", kind);
    let answer = request.body(body).send().await.unwrap();
    (answer.status(), text(&answer.text().await.unwrap()))
}

/// The text of a page without its markup, a space where that was.
fn text(page: &str) -> String {
    let main = page.split_once("<main").map_or(page, |(_, main)| main);
    let pieces = main.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    pieces.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn events(server: &TestServer) -> i64 {
    server.read("/api/v1/events?q=source:aws").await.1["count"]["value"].as_i64().unwrap()
}

async fn with_source() -> TestServer {
    let server = TestServer::start().await;
    server.add_source("aws").await;
    server
}

async fn admin(server: &TestServer) -> Visitor<'_> {
    server.signed_in("ada", &[Role::Admin], Sources::All).await
}

async fn imports(server: &TestServer, since: i64) -> Vec<Value> {
    let mut entries = server.recorded(since).await;
    entries.retain(|entry| entry["action"].as_str().is_some_and(|action| action.starts_with("source.import")));
    entries
}

#[tokio::test]
async fn a_preview_names_the_format_shows_the_first_events_and_stores_nothing() {
    let server = with_source().await;
    let ada = admin(&server).await;
    let since = server.settled().await;
    let (status, page) = send(&ada, &server, LOOK, form(&[], &[("trail.json.gz", &gzip(&delivery(0..40)))])).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    for told in
        ["Nothing is stored yet.", "trail.json.gz AWS CloudTrail", "ann GetObject s3.amazonaws.com success 81.2.69.142"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert_eq!(page.matches("GetObject").count(), 10, "{page}");
    assert_eq!((events(&server).await, imports(&server, since).await.len()), (0, 0));
    assert!(!server.read("/api/v1/events?q=source:aws").await.1.to_string().contains("GetObject"));

    // What a browser sends of a file is its start, which ends anywhere.
    let start = &gzip(&delivery(0..4_000))[..9_000];
    let (_, page) = send(&ada, &server, LOOK, form(&[("size", "90000")], &[("trail.json.gz", start)])).await;
    assert_eq!((page.matches("GetObject").count(), page.contains("It cannot be read")), (10, false), "{page}");
    let text = lines(0..5);
    let (start, whole) = (&text.as_bytes()[..text.len() * 7 / 10], text.len().to_string());
    let (_, page) = send(&ada, &server, LOOK, form(&[("size", &whole)], &[("trail.jsonl", start)])).await;
    assert_eq!((page.matches("GetObject").count(), page.contains("expected JSON")), (3, false), "{page}");
    // The same, said to be all of it.
    let (_, page) = send(&ada, &server, LOOK, form(&[], &[("trail.jsonl", start)])).await;
    assert!(page.contains("Record 4 , line 4 : expected JSON"), "{page}");
}

#[tokio::test]
async fn a_preview_says_what_is_filled_in_and_what_is_bad_by_file_record_and_line() {
    let server = with_source().await;
    let ada = admin(&server).await;
    let line =
        "Jul 10 13:42:18 web-1 sshd[71]: Failed password for invalid user root2 from 192.0.2.7 port 51234 ssh2\n";
    let bad = [record(1, r#","eventName":"GetObject""#), record(2, ""), "{\"eventVersion\":".to_owned()].join("\n");
    // Written in November 2023.
    let fields = [("zone", "Europe/Berlin"), ("written", "1700000000000")];
    let (_, page) =
        send(&ada, &server, LOOK, form(&fields, &[("auth.log", line.as_bytes()), ("bad", bad.as_bytes())])).await;
    assert!(page.contains("2023-07-10 11:42:18") && page.contains("year, zone"), "{page}");
    assert!(page.contains("Record 2 , line 2 : expected what was done at eventName"), "{page}");
    assert!(page.contains("Record 3 , line 3 : expected JSON"), "{page}");
    let (status, page) =
        send(&ada, &server, LOOK, form(&[("zone", "Nowhere")], &[("auth.log", line.as_bytes())])).await;
    assert!(page.contains("There is no such time zone."), "{page}");
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_import_says_what_came_of_each_record_and_twice_adds_none() {
    let server = with_source().await;
    let ada = admin(&server).await;
    let since = server.settled().await;
    let lines =
        [record(90, r#","eventName":"PutObject","errorCode":"AccessDenied""#), record(91, ""), "{\"event".to_owned()];
    let (trail, lines) = (gzip(&delivery(0..3)), lines.join("\n"));
    let files: [(&str, &[u8]); 2] = [("trail.json.gz", &trail), ("more.jsonl", lines.as_bytes())];
    let (status, page) = send(&ada, &server, PAGE, form(&[], &files)).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    for told in [
        "Imported 4 events are in the log now",
        "imported 4 there before 0 in quarantine 2",
        "more.jsonl, record 2, line 2: expected what was done at eventName",
        "more.jsonl, record 3, line 3: expected JSON",
        "AWS CloudTrail 2 files",
        "not JSON 1",
        "without what is needed 1",
        "awsRegion 4",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert_eq!(events(&server).await, 4);
    let entries = imports(&server, since).await;
    let told: Vec<_> =
        entries.iter().map(|entry| (&entry["action"], &entry["actor"]["id"], &entry["outcome"])).collect();
    let (begin, done) = (json!("source.import-begin"), json!("source.import"));
    assert_eq!(told, [(&begin, &json!("ada"), &json!("success")), (&done, &json!("ada"), &json!("success"))]);
    assert_eq!(entries[1]["resource"]["id"], "/sources/aws");
    let details = &entries[1]["details"];
    assert_eq!(details["files"], json!(["trail.json.gz", "more.jsonl"]));
    assert_eq!(
        [&details["imported"], &details["duplicates"], &details["quarantined"]],
        [&json!(4), &json!(0), &json!(2)]
    );
    assert_eq!((&details["formats"], &details["why"]["not JSON"]), (&json!({"cloudtrail": 2}), &json!(1)));

    let page = ada.text(PAGE).await;
    let found = page.split_once("href=\"/events?q=source").unwrap().1.split('"').next().unwrap();
    let found = format!("/events?q=source{}", found.replace("&amp;", "&"));
    let list = text(&ada.text(&found).await);
    assert!(list.contains("PutObject") && list.contains("denied"), "{found}: {list}");

    let (_, page) = send(&ada, &server, PAGE, form(&[], &files[..1])).await;
    assert!(page.contains("Nothing new") && page.contains("imported 0 there before 3"), "{page}");
    assert_eq!(events(&server).await, 4);
}

#[tokio::test]
async fn an_unsure_file_is_refused_with_two_guesses_and_a_named_format_decides() {
    let server = with_source().await;
    let ada = admin(&server).await;
    let unsure = br#"{"time":"2026-07-10T11:42:18Z","operationName":"X","request":{"id":"1"}}"#;
    for path in [LOOK, PAGE] {
        let (status, page) = send(&ada, &server, path, form(&[], &[("unsure.json", unsure)])).await;
        assert!(page.contains("It is of no format for certain. Nearest are these two"), "{page}");
        assert!(page.contains("Microsoft Entra") && page.contains("HashiCorp Vault"), "{page}");
        assert_eq!(status.as_u16(), if path == LOOK { 200 } else { 422 });
    }
    assert_eq!(events(&server).await, 0);
    let (status, page) = send(&ada, &server, PAGE, form(&[("format", "entra")], &[("unsure.json", unsure)])).await;
    assert_eq!((status, events(&server).await), (StatusCode::OK, 1), "{page}");

    // What one file is not read for does not keep the others from it.
    let trail = delivery(0..2);
    let files: [(&str, &[u8]); 2] = [("poem.txt", b"roses are red\n"), ("trail.json", &trail)];
    let (status, page) = send(&ada, &server, PAGE, form(&[], &files)).await;
    assert_eq!((status, events(&server).await), (StatusCode::OK, 3), "{page}");
    assert!(page.contains("Imported in part") && page.contains("poem.txt It is of no format that is known."), "{page}");
}

#[tokio::test]
async fn nobody_imports_into_what_is_not_theirs_or_is_disabled_and_nothing_without_a_file() {
    let server = with_source().await;
    let only = Sources::Only(["other".to_owned()].into());
    let bob = server.signed_in("bob", &[Role::Admin], only).await;
    let files = || form(&[], &[("trail.json", &delivery(0..1))]);
    for path in [PAGE, LOOK] {
        let (status, _) = send(&bob, &server, path, files()).await;
        let (missing, _) = send(&bob, &server, &path.replace("aws", "none"), files()).await;
        assert_eq!((status, missing), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    }
    assert_eq!(bob.get(PAGE).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(bob.get("/sources/aws/import/live").await.status(), StatusCode::NOT_FOUND);

    let ada = admin(&server).await;
    for empty in [form(&[], &[]), form(&[], &[("", b"")]), form(&[("format", "none")], &[("a", b"b")])] {
        assert_eq!(send(&ada, &server, PAGE, empty).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
    ada.send("/sources/aws", &[("do", "disable")]).await;
    let (status, page) = send(&ada, &server, PAGE, files()).await;
    assert_eq!((status, events(&server).await), (StatusCode::UNPROCESSABLE_ENTITY, 0), "{page}");
    assert!(page.contains("The source is disabled"), "{page}");
}

#[tokio::test]
async fn another_site_sends_no_files() {
    let server = with_source().await;
    let ada = admin(&server).await;
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let body = || form(&[], &[("trail.json", &delivery(0..1))]);
    let foreign = ada.post(PAGE).header("origin", "https://evil.example").header("content-type", &kind).body(body());
    assert_eq!(foreign.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let elsewhere =
        ada.post("/sources/aws").header("origin", server.origin()).header("content-type", kind).body(body());
    assert_eq!(elsewhere.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(events(&server).await, 0);
}
