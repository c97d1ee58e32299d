//! `flightbox keys rotate`, beside a live server, without one, and cut off.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use flightbox::{config::Config, folder::Folder, serve, system_clock, system_random};
use flightbox_domain::{
    filter::Filter,
    keys::Master,
    page::Range,
    query::Query,
    record::unhex,
    role::Role,
    scope::{Scope, Sources},
};
use flightbox_store::{KeyCounts, Revealed, Search, Store, Stored};
use reqwest::Client;
use serde_json::json;
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::common::{
    TestServer,
    process::{Process, begin, ok, refused, run},
};

const ROTATE: [&str; 2] = ["keys", "rotate"];

/// Events of so many people, each with a value that is sealed.
fn lines(people: usize) -> String {
    let line =
        |n: usize| json!({"actor": format!("user-{n}"), "action": "x", "details": {"email": format!("{n}@e.example")}});
    (0..people).map(|n| line(n).to_string() + "\n").collect()
}

fn import(folder: &Path, environment: &[(&str, &str)], people: usize) {
    let words = ["import", "--source", "web", "-"];
    let said = ok(folder, environment, &words, &lines(people));
    assert_eq!(said, format!("imported {people}, duplicate 0, quarantined 0"));
}

async fn every_event(store: &Store) -> Vec<Stored> {
    let query = Query::parse("source:web").unwrap();
    let filter = Filter::new(&query, store.keys(), Default::default(), Default::default());
    let scope = Scope::new(Sources::All, false);
    let search = Search { filter, scope, range: Range::ALL, cursor: None, from_oldest: false, limit: 10_000 };
    store.search(&search).await.unwrap().events
}

/// Opens every sealed value of a store, and fails unless each is what was sent.
async fn everything_opens(store: &Store, people: usize) {
    let events = every_event(store).await;
    assert_eq!(events.len(), people);
    for event in &events {
        let revealed = store.reveal(event).await.unwrap();
        let number = event.record.event.actor.id.strip_prefix("user-").unwrap();
        let sent = Revealed::Value(format!("{number}@e.example").as_str().into());
        assert_eq!(revealed.into_iter().map(|(_, value)| value).collect::<Vec<_>>(), [sent]);
    }
}

/// The same for a folder that nobody serves; how its keys are.
async fn everything_opens_in(folder: &Path, people: usize) -> KeyCounts {
    let folder = Folder::take(folder).unwrap();
    let app = serve::open(&folder, Config::local(), system_clock(), system_random()).await.unwrap();
    everything_opens(&app.store, people).await;
    let counts = app.store.key_counts().await.unwrap();
    app.store.close().await;
    counts
}

/// The fingerprint of the key in `master.key`, which has to be whole and its owner's alone.
fn fingerprint(folder: &Path) -> [u8; 8] {
    let path = folder.join("master.key");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = unhex(fs::read_to_string(path).unwrap().trim()).unwrap();
    Master::new(bytes.try_into().unwrap()).unwrap().fingerprint()
}

#[tokio::test]
async fn another_master_key_is_drawn_where_nobody_serves() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    ok(folder, &[], &["source", "add", "web"], "");
    import(folder, &[], 3);
    let before = fingerprint(folder);
    // Three subjects' keys, and the log's own.
    assert_eq!(ok(folder, &[], &ROTATE, ""), "4 keys are wrapped by another master key");
    assert_ne!(fingerprint(folder), before);
    assert!(!folder.join("master.key.next").exists());
    let counts = everything_opens_in(folder, 3).await;
    assert_eq!((counts.master, counts.in_use, counts.elsewhere), (fingerprint(folder), 3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_master_key_is_drawn_beside_a_live_server_and_that_is_recorded_once() {
    let server = TestServer::start().await;
    let producer = server.producer("web").await;
    producer.send_lines("", lines(3)).await;
    let since = server.settled().await;
    let said = tokio::task::block_in_place(|| ok(server.folder(), &[], &ROTATE, ""));
    assert_eq!(said, "4 keys are wrapped by another master key");
    everything_opens(&server.app().store, 3).await;
    let entries = server.recorded(since).await;
    let told: Vec<_> = entries.iter().map(|entry| (&entry["action"], &entry["actor"]["id"])).collect();
    assert_eq!(told, [(&json!("master-key.rotate"), &json!("console"))]);
    assert_eq!(server.app().store.key_counts().await.unwrap().master, fingerprint(server.folder()));
    // The page of the keys tells of it, and nothing that would open anything.
    let admin = server.signed_in("root", &[Role::Admin], Sources::All).await;
    let page = admin.text("/settings/keys").await;
    let digits: String = fingerprint(server.folder()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(page.contains(&digits) && page.contains("console") && page.contains("All keys, and the log’s own"));
    assert!(!page.contains(fs::read_to_string(server.folder().join("master.key")).unwrap().trim()));
}

/// How many keys another master key than this one wraps by now.
async fn wrapped_anew(folder: &Path, before: [u8; 8]) -> i64 {
    let options = SqliteConnectOptions::new().filename(folder.join("keys.db")).read_only(true);
    let Ok(mut connection) = options.connect().await else { return 0 };
    let count = sqlx::query_scalar("SELECT count(*) FROM data_key WHERE master <> ?").bind(&before[..]);
    let count = count.fetch_one(&mut connection).await.unwrap_or_default();
    let _ = connection.close().await;
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn e4_a_server_that_is_killed_while_it_changes_the_master_key_loses_nothing() {
    const PEOPLE: usize = 4_000;
    let temp = TempDir::new().unwrap();
    let folder = temp.path();
    ok(folder, &[], &["source", "add", "web"], "");
    import(folder, &[], PEOPLE);
    for round in 0..4 {
        let before = fingerprint(folder);
        let server = Process::serve(folder, &[]);
        let mut rotating = begin(folder, &[], &ROTATE);
        // Right at the start once, then anywhere.
        let random = i64::from(u16::from_le_bytes(system_random().bytes()));
        let enough = if round == 0 { 0 } else { 1 + random % PEOPLE as i64 };
        loop {
            let begun = folder.join("master.key.next").exists() && wrapped_anew(folder, before).await >= enough;
            if begun || rotating.try_wait().unwrap().is_some() {
                break;
            }
        }
        server.kill();
        let _ = rotating.wait();
        let wrapped = wrapped_anew(folder, before).await;
        // What was there stays there until nothing needs it.
        let kept = fingerprint(folder);
        assert!(kept == before || wrapped == PEOPLE as i64, "round {round}: {wrapped} of {PEOPLE} wrapped anew");
        // Started again, it takes events and reads old ones.
        let server = Process::serve(folder, &[]);
        assert_eq!(Client::new().get(format!("{}/readyz", server.url)).send().await.unwrap().status(), 200);
        assert!(!folder.join("master.key.next").exists(), "round {round}: the change was ended");
        server.kill();
        let counts = everything_opens_in(folder, PEOPLE).await;
        let now = fingerprint(folder);
        assert_eq!((counts.in_use, counts.elsewhere, counts.master), (PEOPLE as i64, 0, now), "round {round}");
        assert_ne!(now, before, "round {round}: the change was not taken back");
    }
}

#[tokio::test]
async fn a_master_key_comes_from_a_command_and_changes_to_another_command() {
    const FIRST: &str = "echo 1 | sha256sum | head -c 64";
    const SECOND: &str = "echo 2 | sha256sum | head -c 64";
    let temp = TempDir::new().unwrap();
    let folder = temp.path();
    let first = [("FLIGHTBOX_MASTER_KEY_COMMAND", FIRST)];
    ok(folder, &first, &["source", "add", "web"], "");
    import(folder, &first, 3);
    assert!(!folder.join("master.key").exists());
    assert!(refused(folder, &first, &ROTATE).contains("say which command prints the next one"));
    assert!(refused(folder, &first, &["keys", "rotate", "--command", "exit 3"]).contains("failed: exit status: 3"));
    let said = ok(folder, &first, &["keys", "rotate", "--command", SECOND], "");
    assert_eq!(
        said,
        "4 keys are wrapped by another master key; from now on FLIGHTBOX_MASTER_KEY_COMMAND has to be \"echo 2 | sha256sum | head -c 64\""
    );
    assert!(refused(folder, &first, &["doctor"]).contains("flightbox: "), "the first opens nothing any more");
    let second = [("FLIGHTBOX_MASTER_KEY_COMMAND", SECOND)];
    assert!(ok(folder, &second, &["doctor"], "").contains("belongs to this log"));
    // Cut off, it starts with both, and ends what was begun.
    let third = "echo 3 | sha256sum | head -c 64";
    let both = [("FLIGHTBOX_MASTER_KEY_COMMAND", SECOND), ("FLIGHTBOX_NEXT_MASTER_KEY_COMMAND", third)];
    ok(folder, &both, &["doctor"], "");
    refused(folder, &second, &["doctor"]);
    ok(folder, &[("FLIGHTBOX_MASTER_KEY_COMMAND", third)], &["doctor"], "");
    assert!(!folder.join("master.key").exists());
    // Where the key is in a file a command has no business.
    let other = TempDir::new().unwrap();
    ok(other.path(), &[], &["source", "add", "web"], "");
    assert!(
        refused(other.path(), &[], &["keys", "rotate", "--command", FIRST]).contains("the master key is in a file")
    );
}

#[test]
fn e7_without_its_master_key_or_with_another_nothing_starts_and_nothing_is_written() {
    let temp = TempDir::new().unwrap();
    let folder = temp.path();
    ok(folder, &[], &["source", "add", "web"], "");
    import(folder, &[], 3);
    let key = folder.join("master.key");
    let right = fs::read_to_string(&key).unwrap();
    let content = || {
        let read = |name: &str| fs::read(folder.join(name)).unwrap();
        (read("flightbox.db"), read("keys.db"))
    };
    let before = content();
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    fs::remove_file(&key).unwrap();
    for words in [&serve[..], &["doctor"], &ROTATE, &["source", "add", "other"]] {
        let said = refused(folder, &[], words);
        assert!(said.contains("master.key is missing") && said.contains("put it back"), "{said}");
    }
    assert!(!key.exists() && !folder.join("master.key.next").exists(), "it is not given another");
    fs::write(&key, "5a".repeat(32)).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    for words in [&serve[..], &["doctor"], &ROTATE] {
        let said = refused(folder, &[], words);
        assert!(said.contains("master key") && !said.contains("5a5a"), "{said}");
    }
    assert_eq!(fs::read_to_string(&key).unwrap(), "5a".repeat(32));
    assert!(content() == before, "nothing was written");
    fs::write(&key, right).unwrap();
    assert_eq!(run(folder, &[], &["doctor"], "").status.code(), Some(0));
}
