//! Whether the log is what was recorded: looked at all the time, told on every page, and asked for.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::common::{TestServer, Visitor};
use flightbox::config::Config;
use flightbox_app::integrity::Found;
use flightbox_domain::{role::Role, scope::Sources};
use serde_json::Value;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, sqlite::SqliteConnectOptions};

const EVENT: &str = r#"{"actor":"alice","action":"user.update"}"#;
/// Longer than anything here takes, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(30);

fn events(n: usize) -> String {
    format!("[{}]", vec![EVENT; n].join(","))
}

/// Has a statement carried out as whoever can write to the file would.
async fn sql(folder: &Path, statement: String) {
    let options = SqliteConnectOptions::new().filename(folder.join("flightbox.db"));
    let mut connection = options.connect().await.unwrap();
    connection.execute(AssertSqlSafe(statement)).await.unwrap();
    connection.close().await.unwrap();
}

/// Waits until something holds of what is known.
async fn found(server: &TestServer, holds: impl Fn(&Found) -> bool) -> Found {
    let since = Instant::now();
    loop {
        let found = server.app().integrity.found();
        if holds(&found) {
            return found;
        }
        assert!(since.elapsed() < PATIENCE, "{found:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Has all of it looked through, and waits for the end.
async fn verify(server: &TestServer, admin: &Visitor<'_>) -> Found {
    let pressed = admin.post("/integrity/verify").header("origin", server.origin()).send().await.unwrap();
    assert_eq!((pressed.status().as_u16(), &pressed.headers()["location"]), (303, &"/integrity".parse().unwrap()));
    found(server, |found| found.round.is_none()).await
}

async fn recorded(server: &TestServer, since: i64, action: &str) -> Vec<Value> {
    let entries = server.recorded(since).await;
    entries.into_iter().filter(|entry| entry["action"] == action).collect()
}

/// A server that would take an hour for a round, unless it hurries.
async fn slow() -> TestServer {
    TestServer::start_as(Config { verify_pace: 1, public_url: String::new(), ..Config::local() }).await
}

#[tokio::test]
async fn what_is_altered_in_the_file_is_found_recorded_and_red_on_every_page_until_all_of_it_is_whole() {
    let mut server = slow().await;
    let (_, body) = server.producer("billing").await.send(events(300)).await;
    let seq = body["receipts"][120]["seq"].as_i64().unwrap();
    let admin = server.signed_in("root", &[Role::Admin], Sources::All).await;
    verify(&server, &admin).await;
    let page = admin.text("/integrity").await;
    assert!(page.contains("verified completely 0 seconds ago"), "{page}");
    assert!(admin.text("/events").await.contains("class=\"integrity whole\""));
    assert!(
        admin.text(&format!("/events/{seq}")).await.contains(&format!("Its leaf hash is number {seq} of the tree"))
    );

    let (month, since) = (server.clock().now().format("%Y%m"), server.settled().await);
    sql(server.folder(), format!("CREATE TABLE kept AS SELECT * FROM event_{month} WHERE seq = {seq}")).await;
    sql(server.folder(), format!("DELETE FROM event_{month} WHERE seq = {seq}")).await;
    let damaged = verify(&server, &admin).await.damage.unwrap();
    assert_eq!((damaged.findings.len(), damaged.findings[0].first), (1, seq.unsigned_abs()));
    let entries = recorded(&server, since, "integrity.damage").await;
    assert_eq!(entries.len(), 1, "{entries:#?}");
    let told = entries[0]["reason"].as_str().unwrap();
    assert!(told.starts_with(&format!("event {seq}: its record is missing")), "{told}");
    assert!(told.contains("received between 2026-11-22T12:00:00"), "{told}");
    assert_eq!((&entries[0]["severity"], &entries[0]["outcome"]), (&"critical".into(), &"failure".into()));
    let viewer = server.signed_in("vera", &[Role::Viewer], Sources::All).await;
    for path in ["/", "/events", "/account", "/integrity"] {
        assert!(viewer.text(path).await.contains("class=\"integrity damaged\""), "{path}");
    }
    let page = viewer.text("/integrity").await;
    assert!(page.contains("What to do") && page.contains("its record is missing"), "{page}");
    assert!(!page.contains("action=\"/integrity/verify\""), "a viewer starts nothing");
    let token = server.add_token("watch", &[Role::Viewer], Sources::All).await;
    let metrics = server.client().get(server.url("/metrics")).bearer_auth(token).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(metrics.contains("\nflightbox_damaged 1\n"), "{metrics}");
    assert!(metrics.contains("\nflightbox_verified_events ") && metrics.contains("\nflightbox_verified_seconds "));

    // Found again it is no news, and it is remembered.
    verify(&server, &admin).await;
    assert_eq!(recorded(&server, since, "integrity.damage").await.len(), 1);
    drop((admin, viewer));
    server.restart().await;
    assert_eq!(server.app().integrity.found().damage.unwrap().findings, damaged.findings);

    sql(server.folder(), format!("INSERT INTO event_{month} SELECT * FROM kept; DROP TABLE kept")).await;
    let admin = server.signed_in("ada", &[Role::Admin], Sources::All).await;
    assert!(admin.text("/events").await.contains("class=\"integrity damaged\""), "nobody has looked yet");
    assert_eq!(verify(&server, &admin).await.damage, None);
    assert!(admin.text("/events").await.contains("class=\"integrity whole\""));
    assert_eq!(recorded(&server, since, "integrity.whole").await.len(), 1);
}

#[tokio::test]
async fn a_server_looks_through_its_log_by_itself_and_says_what_it_found_at_once() {
    let mut server = slow().await;
    let (_, body) = server.producer("billing").await.send(events(600)).await;
    let seq = body["receipts"][3]["seq"].as_i64().unwrap();
    server.stop().await;
    let month = server.clock().now().format("%Y%m");
    sql(server.folder(), format!("DELETE FROM event_{month} WHERE seq = {seq}")).await;
    server.open().await;
    let found = found(&server, |found| found.damage.is_some()).await;
    assert_eq!(found.damage.unwrap().findings[0].first, seq.unsigned_abs());
    let round = found.round.expect("the round goes on");
    assert!(round.done < round.of && round.by.is_none(), "{round:?}");
}

#[tokio::test]
async fn a_log_that_ends_too_early_is_found_once_and_where_it_ended_first() {
    let mut server = slow().await;
    server.producer("billing").await.send(events(3)).await;
    server.stop().await;
    let (log, backup) = (server.folder().join("flightbox.db"), server.folder().join("backup"));
    fs::copy(&log, &backup).unwrap();
    server.open().await;
    server.producer("hr").await.send(events(40)).await;
    server.stop().await;
    fs::copy(&backup, &log).unwrap();
    server.open().await;
    let admin = server.signed_in("root", &[Role::Admin], Sources::All).await;
    let first = verify(&server, &admin).await.damage.unwrap();
    assert!(first.findings[0].words.contains("the log ends there"), "{first:?}");
    let since = server.settled().await;
    assert_eq!(verify(&server, &admin).await.damage.unwrap().findings, first.findings);
    assert!(recorded(&server, since, "integrity.damage").await.is_empty(), "it is no news");
}

#[tokio::test]
async fn what_keeps_a_round_from_its_end_does_not_pass_for_whole() {
    let server = slow().await;
    server.producer("billing").await.send(events(3)).await;
    let admin = server.signed_in("root", &[Role::Admin], Sources::All).await;
    assert_eq!(verify(&server, &admin).await.damage, None);
    // Anchors that are gone hold nothing any more, and are missed.
    let anchors = server.folder().join("anchors");
    fs::rename(&anchors, server.folder().join("away")).unwrap();
    let found = verify(&server, &admin).await;
    assert!(found.trouble.as_ref().is_some_and(|why| why.contains("fewer than were put there")), "{found:?}");
    let viewer = server.signed_in("vera", &[Role::Viewer], Sources::All).await;
    let (theirs, own) = (viewer.text("/integrity").await, admin.text("/integrity").await);
    assert!(own.contains("fewer than were put there") && !theirs.contains("fewer than were put there"));
    assert!(theirs.contains("The last round came to no end"));
    fs::rename(server.folder().join("away"), &anchors).unwrap();
    assert_eq!(verify(&server, &admin).await.trouble, None);
    // Nor does a file that says it is another log's.
    sql(server.folder(), "UPDATE fact SET value = x'00' WHERE name = 'key_check'".to_owned()).await;
    let damaged = verify(&server, &admin).await.damage.unwrap();
    assert!(damaged.findings[0].words.contains("not as its server left it"), "{damaged:?}");
    assert!(viewer.text("/events").await.contains("class=\"integrity damaged\""));
}

#[tokio::test]
async fn whoever_asks_waits_for_no_pace_and_whoever_asks_meanwhile_joins_in() {
    let server = slow().await;
    server.producer("billing").await.send(events(600)).await;
    let admin = server.signed_in("root", &[Role::Admin], Sources::All).await;
    let first = found(&server, |found| found.round.as_ref().is_some_and(|round| round.of > 0)).await;
    assert!(first.round.unwrap().by.is_none());
    let page = admin.text("/integrity").await;
    assert!(page.contains("<progress") && page.contains("in the background"), "{page}");
    assert!(page.contains("class=\"integrity checking\""));
    let since = server.settled().await;
    let whole = verify(&server, &admin).await.whole.unwrap();
    assert!(whole.events > 600, "{whole:?}");
    let entries = recorded(&server, since, "integrity.verify").await;
    assert_eq!((entries.len(), &entries[0]["actor"]["id"]), (1, &"root".into()));

    let known = &server.app().integrity;
    known.ask("ada");
    assert!(known.is_asked());
    known.ask("bob");
    let hurried = known.found().round.unwrap();
    assert_eq!(hurried.by.as_deref(), Some("ada"));
}

#[tokio::test]
async fn a_page_that_is_open_hears_how_the_log_stands_as_that_changes() {
    let server = slow().await;
    let admin = server.signed_in("root", &[Role::Admin], Sources::All).await;
    let mut stream = admin.get("/integrity/live").await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut heard = String::new();
    let mut hear = async |what: &str| {
        while !heard.contains(what) {
            let part = tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("nothing came").unwrap().unwrap();
            heard.push_str(std::str::from_utf8(&part).unwrap());
        }
    };
    hear("event: part\ndata: <section ").await;
    verify(&server, &admin).await;
    hear("integrity-now whole").await;
    // Each page that listens hears of its badge as well, once that has to turn red.
    assert!(server.producer("billing").await.send(events(3)).await.0 == 201);
    let marked = admin.text("/events").await;
    let attribute =
        |name: &str| marked.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap().to_owned();
    let (path, since) = (attribute("data-stream"), attribute("data-since"));
    let mut stream = admin.get(&format!("{path}?since={since}")).await;
    let mut heard = String::new();
    sql(server.folder(), format!("DELETE FROM event_{} WHERE seq = 1", server.clock().now().format("%Y%m"))).await;
    verify(&server, &admin).await;
    let badge = async {
        while !(heard.contains("event: badge\ndata: <a ") && heard.contains("class=\"integrity damaged\"")) {
            heard.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
        }
    };
    tokio::time::timeout(PATIENCE, badge).await.expect("it turns red");
}
