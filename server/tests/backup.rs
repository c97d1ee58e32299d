//! `flightbox backup` and `flightbox restore`: what they take, what they put back, and what they never bring back.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use flightbox::{config::Config, folder::Folder, serve, system_clock, system_random};
use flightbox_domain::{filter::Filter, page::Range, query::Query, scope::Scope, scope::Sources};
use flightbox_store::{Revealed, Search, Store, Stored};
use serde_json::json;
use tempfile::TempDir;

use crate::common::{
    TestServer,
    process::{ok, refused, run},
};

/// An event of alice, whose address is sealed.
fn event(id: &str) -> String {
    json!({"id": id, "actor": "alice", "action": "pay", "details": {"email": "alice@e.example"}}).to_string()
}

/// A folder with the named files of another.
fn folder_with(from: &Path, names: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for name in names {
        fs::copy(from.join(name), folder.path().join(name)).unwrap();
    }
    folder
}

async fn events(store: &Store) -> Vec<Stored> {
    let filter =
        Filter::new(&Query::parse("source:billing").unwrap(), store.keys(), Default::default(), Default::default());
    let scope = Scope::new(Sources::All, false);
    let search = Search { filter, scope, range: Range::ALL, cursor: None, from_oldest: true, limit: 100 };
    store.search(&search).await.unwrap().events
}

/// What is sealed in the events of a folder that nobody serves.
async fn revealed(folder: &Path) -> Vec<Revealed> {
    let folder = Folder::take(folder).unwrap();
    let app = serve::open(&folder, Config::local(), system_clock(), system_random()).await.unwrap();
    let revealed = app.store.reveal_each(&events(&app.store).await).await.unwrap();
    app.store.close().await;
    revealed.into_iter().flatten().map(|(_, value)| value).collect()
}

#[test]
fn a_backup_overwrites_nothing_and_is_nobody_elses_and_a_restore_needs_a_folder_without_a_log() {
    let (folder, files) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let [log, keys] = ["log", "keys"].map(|name| files.path().join(name).display().to_string());
    assert!(refused(folder.path(), &[], &["backup", &log]).contains("no data folder"));
    ok(folder.path(), &[], &["import", "--source", "billing", "-"], &(event("e-1") + "\n"));
    let said = ok(folder.path(), &[], &["backup", &log, "--keys", &keys], "");
    assert!(said.contains(&log) && said.contains("destroy those before it"), "{said}");
    for file in [&log, &keys] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(refused(folder.path(), &[], &["backup", &log]).contains("is there already"));
    assert_eq!(fs::read_dir(files.path()).unwrap().count(), 2, "nothing half written is left");

    let restore = ["restore", &log, "--keys", &keys];
    assert!(refused(folder.path(), &[], &restore).contains("flightbox.db is there already"));
    let empty = TempDir::new().unwrap();
    assert!(refused(empty.path(), &[], &restore).contains("master.key is missing"));
    let fresh = || folder_with(folder.path(), &["master.key"]);
    assert!(refused(fresh().path(), &[], &["restore", &log]).contains("keys.db is missing"));
    assert!(refused(fresh().path(), &[], &["restore", &keys, "--keys", &log]).contains("cannot be restored"));
    let with_keys = folder_with(folder.path(), &["master.key", "keys.db"]);
    assert!(refused(with_keys.path(), &[], &restore).contains("keys.db is there already"));
    let other_master = TempDir::new().unwrap();
    ok(other_master.path(), &[], &["source", "add", "other"], "");
    let other_master = folder_with(other_master.path(), &["master.key"]);
    assert!(refused(other_master.path(), &[], &restore).contains("the master key is not the one"));

    let restored = fresh();
    let said = ok(restored.path(), &[], &restore, "");
    assert!(said.starts_with("restored: ") && said.contains("whole: "), "{said}");
    let again = ["import", "--source", "billing", "-"];
    assert!(ok(restored.path(), &[], &again, &(event("e-1") + "\n")).starts_with("imported 0, duplicate 1"));
    assert_eq!(
        ok(restored.path(), &[], &["log-key", "show"], ""),
        ok(folder.path(), &[], &["log-key", "show"], ""),
        "the same key signs"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn e5_an_old_backup_of_the_log_beside_newer_keys_brings_back_nothing_that_was_erased() {
    let mut server = TestServer::start().await;
    assert_eq!(server.producer("billing").await.send(event("e-1")).await.0, 201);
    let files = TempDir::new().unwrap();
    let [log, keys] = ["log", "keys"].map(|name| files.path().join(name).display().to_string());
    let since = server.settled().await;
    ok(server.folder(), &[], &["backup", &log, "--keys", &keys], "");
    let recorded = server.recorded(since).await;
    assert_eq!((&recorded[0]["action"], &recorded[0]["details"]["log"]), (&json!("backup.make"), &json!(log)));

    let (store, now) = (server.app().store.clone(), server.clock().now());
    let by = ("adam", "asked to be forgotten");
    store.erase(&Scope::new(Sources::All, false), "alice", by, now, store.retention_changes()).await.unwrap();
    server.stop().await;

    let restored = folder_with(server.folder(), &["master.key", "keys.db", "log.key"]);
    ok(restored.path(), &[], &["restore", &log], "");
    let erased = revealed(restored.path()).await;
    assert!(matches!(erased[..], [Revealed::Erased]), "{erased:?}");
    // As SECURITY.md says: the keys from before the erasure open it, which is why they are to be destroyed.
    let older = folder_with(server.folder(), &["master.key"]);
    ok(older.path(), &[], &["restore", &log, "--keys", &keys], "");
    assert_eq!(revealed(older.path()).await, [Revealed::Value("alice@e.example".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn t3_an_old_backup_beside_a_newer_checkpoint_is_told_and_not_signed() {
    let mut server = TestServer::start().await;
    let billing = server.producer("billing").await;
    assert_eq!(billing.send(event("e-1")).await.0, 201);
    let files = TempDir::new().unwrap();
    let log = files.path().join("log").display().to_string();
    ok(server.folder(), &[], &["backup", &log], "");
    assert_eq!(billing.send(event("e-2")).await.0, 201);
    // As it ends it signs all that there is.
    server.stop().await;

    for (newer, said) in [("checkpoint", "FAIL: "), ("anchors", "could not check: ")] {
        let restored = folder_with(server.folder(), &["master.key", "keys.db", "log.key", newer]);
        let output = run(restored.path(), &[], &["restore", &log], "");
        assert!(!output.status.success(), "{newer}");
        let (told, why) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(told.starts_with("restored: ") && why.contains(said), "{newer}: {told} {why}");
        let folder = Folder::take(restored.path()).unwrap();
        let app = serve::open(&folder, Config::local(), system_clock(), system_random()).await.unwrap();
        assert_eq!(events(&app.store).await.len(), 1);
        assert!(app.signer.sign(&app.store, app.clock.now()).await.is_err(), "{newer}");
        app.store.close().await;
    }
}
