//! Files of other systems, imported from a page: looked at first, then stored as they come.

use std::io::Write as _;

use flightbox_domain::{role::Role, scope::Sources};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::common::{TestServer, Visitor, browser::Browser};

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

    // What a browser sends of a file is its start.
    let start = &gzip(&delivery(0..4_000))[..9_000];
    let (_, page) = send(&ada, &server, LOOK, form(&[("size", "90000")], &[("trail.json.gz", start)])).await;
    assert_eq!((page.matches("GetObject").count(), page.contains("It cannot be read")), (10, false), "{page}");
    let (_, page) = send(&ada, &server, LOOK, form(&[("size", "9000")], &[("trail.json.gz", start)])).await;
    assert!(page.matches("GetObject").count() == 10, "{page}");
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

/// A request whose body comes by and by.
struct Sending {
    connection: TcpStream,
}

impl Sending {
    async fn begin(server: &TestServer, who: &Browser<'_>, length: usize) -> Self {
        let origin = server.origin();
        let host = origin.split_once("://").unwrap().1.to_owned();
        let mut connection = TcpStream::connect(&host).await.unwrap();
        let cookie = who.cookie("flightbox").unwrap();
        let head = format!(
            "POST {PAGE} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nCookie: flightbox={cookie}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        connection.write_all(field("file", "; filename=\"trail.jsonl\"").as_bytes()).await.unwrap();
        Self { connection }
    }

    async fn send(&mut self, text: &str) {
        self.connection.write_all(text.as_bytes()).await.unwrap();
    }
}

fn lines(ids: std::ops::Range<usize>) -> String {
    ids.map(|id| record(id, r#","eventName":"GetObject""#) + "\n").collect()
}

/// Waits until the page says something.
async fn says(who: &Browser<'_>, what: &str) -> String {
    let said = async {
        loop {
            let page = text(&who.text(PAGE).await);
            if page.contains(what) {
                return page;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), said).await.expect("it says so in time")
}

async fn browser(server: &TestServer) -> Browser<'_> {
    let password = server.add_person("ada", &[Role::Admin]).await;
    let browser = Browser::new(server);
    browser.sign_in("ada", &password).await;
    browser
}

#[tokio::test]
async fn a_cancelled_import_says_exactly_what_it_stored() {
    let server = with_source().await;
    let ada = browser(&server).await;
    let since = server.settled().await;
    let mut sending = Sending::begin(&server, &ada, 100 << 20).await;
    sending.send(&lines(0..2_500)).await;
    // Two batches are stored while the rest is still to come.
    let page = says(&ada, "imported 2,000").await;
    assert!(page.contains("Importing trail.jsonl") && page.contains("of 100.0 MiB · 2,000 records"), "{page}");
    drop(sending);
    let page = says(&ada, "Cancelled").await;
    assert!(page.contains("of 100.0 MiB had come. Exactly this is stored of it, and stays."), "{page}");
    assert!(page.contains("imported 2,000"), "{page}");
    assert_eq!(events(&server).await, 2_000);
    let entries = imports(&server, since).await;
    assert_eq!((entries.len(), &entries[1]["outcome"]), (2, &json!("failure")));
    assert_eq!(entries[1]["details"]["imported"], json!(2_000));
    assert!(entries[1]["reason"].as_str().unwrap().starts_with("cancelled after "), "{}", entries[1]);

    // The rest is added by the same file.
    let mut body = form(&[], &[("trail.jsonl", lines(0..2_500).as_bytes())]);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let session = format!("flightbox={}", ada.cookie("flightbox").unwrap());
    let request = server.client().post(server.url(PAGE)).header("origin", server.origin());
    let answer = request.header("cookie", session).header("content-type", kind).body(std::mem::take(&mut body));
    let page = text(&answer.send().await.unwrap().text().await.unwrap());
    assert!(page.contains("imported 500 there before 2,000"), "{page}");
}

#[tokio::test]
async fn there_are_two_imports_at_a_time_one_of_each_person_into_a_source_and_who_comes_next_is_told() {
    let server = with_source().await;
    server.add_source("other").await;
    let ada = browser(&server).await;
    let mut first = Sending::begin(&server, &ada, 1 << 20).await;
    first.send(&lines(0..1_200)).await;
    says(&ada, "imported 1,000").await;
    let session = format!("flightbox={}", ada.cookie("flightbox").unwrap());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let own = server.client().post(server.url(PAGE)).header("origin", server.origin()).header("cookie", session);
    let own = own.header("content-type", kind).body(form(&[], &[("a.json", &delivery(0..1))])).send().await.unwrap();
    assert_eq!(own.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(text(&own.text().await.unwrap()).contains("You are importing into this source already."));

    let password = server.add_person("cem", &[Role::Admin]).await;
    let cem = Browser::new(&server);
    cem.sign_in("cem", &password).await;
    let mut second = Sending::begin(&server, &cem, 1 << 20).await;
    second.send(&lines(2_000..3_200)).await;
    says(&cem, "imported 1,000").await;
    let bob = server.signed_in("bob", &[Role::Admin], Sources::All).await;
    assert!(text(&bob.text(PAGE).await).contains("Two imports are under way"));
    let (status, page) = send(&bob, &server, PAGE, form(&[], &[("a.json", &delivery(0..1))])).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.contains("Two imports are under way, which is as many as there may be."), "{page}");
    assert!(!page.contains("imported 1,000"), "it is nobody else's to see");
    drop(first);
    says(&ada, "Cancelled").await;
    let (status, page) = send(&bob, &server, PAGE, form(&[], &[("a.json", &delivery(5_000..5_001))])).await;
    assert_eq!(status, StatusCode::OK, "{page}");
}

#[tokio::test]
async fn a_stop_ends_an_import_in_good_order() {
    let mut server = with_source().await;
    {
        let ada = browser(&server).await;
        let mut sending = Sending::begin(&server, &ada, 100 << 20).await;
        sending.send(&lines(0..1_500)).await;
        says(&ada, "imported 1,000").await;
        // What is on its way is dropped together with the server's connections.
        tokio::spawn(async move {
            std::future::pending::<Sending>().await;
            drop(sending)
        });
    }
    server.restart().await;
    assert_eq!(events(&server).await, 1_000);
    let entries = imports(&server, 0).await;
    assert_eq!(
        (&entries[1]["reason"], &entries[1]["details"]["imported"]),
        (&json!("the server was stopped"), &json!(1_000))
    );
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
