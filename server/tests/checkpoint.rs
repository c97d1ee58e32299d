//! Checkpoints against a real server: signed soon, and never for another log.

use std::{
    collections::HashMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use crate::common::TestServer;
use flightbox::{
    config::Config,
    control::{Order, Reply},
    serve::Server,
    signer::Signed,
    system_random,
};
use flightbox_domain::{
    record::LeafHash,
    role::Role,
    scope::Sources,
    tree::{self, Checkpoint, CheckpointError, NodeHash, SecretKey, verify_consistency, verify_inclusion},
};

const EVENT: &str = r#"{"actor":"alice","action":"user.update"}"#;

async fn checkpoint(server: &TestServer) -> Checkpoint {
    let note = server.client().get(server.url("/checkpoint")).send().await.unwrap().text().await.unwrap();
    opened(server, &note)
}

fn opened(server: &TestServer, note: &str) -> Checkpoint {
    Checkpoint::open(note.as_bytes(), &server.app().signer.keys().current).unwrap()
}

fn hashes(list: &serde_json::Value) -> Vec<NodeHash> {
    list.as_array().unwrap().iter().map(|hash| NodeHash::from_hex(hash.as_str().unwrap()).unwrap()).collect()
}

/// Waits until something holds of the last checkpoint.
async fn signed(server: &TestServer, within: Duration, holds: impl Fn(&Signed) -> bool) -> bool {
    let until = Instant::now() + within;
    while !holds(&server.app().signer.last()) {
        if Instant::now() > until {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    true
}

fn copy(from: &Path, to: &Path, names: &[&str]) {
    for name in names {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[tokio::test]
async fn t13_a_receipts_leaf_is_under_a_signed_checkpoint_ten_seconds_later() {
    let server = TestServer::start().await;
    let (_, body) = server.producer("billing").await.send(EVENT).await;
    let receipt = &body["receipts"][0];
    let (seq, leaf) = (receipt["seq"].as_u64().unwrap(), receipt["leaf_hash"].as_str().unwrap());
    assert!(signed(&server, Duration::from_secs(10), |last| last.checkpoint.size > seq).await);
    let (_, proved) = server.read(&format!("/api/v1/proof/inclusion/{seq}")).await;
    let proof = hashes(&proved["proof"]);
    let checkpoint = opened(&server, proved["checkpoint"].as_str().unwrap());
    let leaf = LeafHash(NodeHash::from_hex(leaf).unwrap().0);
    verify_inclusion(leaf, seq, checkpoint.size, &proof, checkpoint.root).unwrap();
}

#[tokio::test]
async fn an_idle_log_is_signed_again_after_an_hour_and_the_key_is_its_owners_alone() {
    let server = TestServer::start().await;
    let before = checkpoint(&server).await;
    server.clock().advance(chrono::Duration::hours(1));
    assert!(signed(&server, Duration::from_secs(10), |last| last.checkpoint.signed_at > before.signed_at).await);
    assert_eq!(checkpoint(&server).await.size, before.size);
    for file in ["log.key", "checkpoint"] {
        assert_eq!(fs::metadata(server.folder().join(file)).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn t3_an_old_log_that_is_put_back_and_goes_on_is_not_signed() {
    let mut server = TestServer::start().await;
    server.producer("billing").await.send(EVENT).await;
    let backup = tempfile::tempdir().unwrap();
    server.restart().await;
    server.app().store.close().await;
    copy(server.folder(), backup.path(), &["flightbox.db"]);
    server.restart().await;
    let events = |n: usize| format!("[{}]", vec![EVENT; n].join(","));
    server.producer("hr").await.send(events(5)).await;
    server.app().signer.sign(&server.app().store, server.clock().now()).await.unwrap();
    let saved = checkpoint(&server).await;

    server.app().store.close().await;
    copy(backup.path(), server.folder(), &["flightbox.db"]);
    server.restart().await;
    // Fewer events than were signed for, and then other ones, and more.
    for _ in 0..2 {
        let refused = server.app().signer.sign(&server.app().store, server.clock().now()).await;
        assert!(refused.is_err());
        assert!(server.app().signer.last().refused.is_some());
        assert_eq!(checkpoint(&server).await, saved, "what is shown is what was signed");
        server.producer(&format!("other-{}", server.app().store.events())).await.send(events(20)).await;
    }
    assert!(server.app().store.events().cast_unsigned() > saved.size);
    let ready = server.client().get(server.url("/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), 503, "it serves on, and says that it signs no more");
    assert!(ready.text().await.unwrap().contains("no checkpoint is signed"));
    let (query, until) = ("/api/v1/events?q=source:flightbox%20action:checkpoint.refuse", Instant::now());
    let recorded = loop {
        let (_, body) = server.read_as(&[Role::Admin], query).await;
        if body["events"].as_array().is_some_and(|events| !events.is_empty()) {
            break body;
        }
        assert!(until.elapsed() < Duration::from_secs(10), "it was not recorded");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(
        (&recorded["events"][0]["severity"], recorded["events"].as_array().unwrap().len()),
        (&"critical".into(), 1)
    );
    let token = server.add_token("watch", &[Role::Viewer], Sources::All);
    let metrics = server.client().get(server.url("/metrics")).bearer_auth(token.await).send().await.unwrap();
    assert!(metrics.text().await.unwrap().contains("\nflightbox_checkpoint_refused 1\n"));
}

#[tokio::test]
async fn t7_a_log_keeps_its_origin_and_its_key_and_starts_without_neither() {
    let folder = tempfile::tempdir().unwrap();
    let clock = flightbox::system_clock;
    let start = |origin: Option<&str>| {
        let config = Config { origin: origin.map(str::to_owned), public_url: String::new(), ..Config::local() };
        Server::start(folder.path(), config, clock(), system_random())
    };
    let server = start(Some("log.example/audit")).await.unwrap();
    let key = server.app().signer.keys().current;
    assert_eq!(key.origin().as_str(), "log.example/audit");
    server.stop().await.unwrap();
    let refused = start(Some("log.example/other")).await.err().unwrap().to_string();
    assert!(refused.contains("origin is log.example/audit"), "{refused}");
    let server = start(None).await.unwrap();
    assert_eq!(server.app().signer.keys().current, key);
    server.stop().await.unwrap();

    let path = folder.path().join("log.key");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(start(None).await.err().unwrap().to_string().contains("can be read by others"));
    fs::remove_file(&path).unwrap();
    assert!(start(None).await.err().unwrap().to_string().contains("log.key is missing"));
}

#[tokio::test]
async fn growth_is_proved_and_tiles_lead_to_the_signed_root() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let app = server.app();
    billing.send(format!("[{}]", vec![EVENT; 300].join(","))).await;
    app.signer.sign(&app.store, server.clock().now()).await.unwrap();
    let before = checkpoint(&server).await;
    billing.send(format!("[{}]", vec![EVENT; 500].join(","))).await;
    app.signer.sign(&app.store, server.clock().now()).await.unwrap();
    let after = checkpoint(&server).await;
    let (_, proved) = server.read(&format!("/api/v1/proof/consistency?from={}&to={}", before.size, after.size)).await;
    verify_consistency(before.size, before.root, after.size, after.root, &hashes(&proved["proof"])).unwrap();

    let token = server.add_token("tiles", &[Role::Viewer], Sources::All).await;
    let mut tiles = HashMap::new();
    for tile in tree::root_tiles(after.size) {
        let url = server.url(&format!("/{}", tile.path()));
        let response = server.client().get(url).bearer_auth(&token).send().await.unwrap();
        let cached = response.headers()["cache-control"].to_str().unwrap().contains("immutable");
        assert_eq!(cached, tile.is_full(), "{}", tile.path());
        tiles.insert(tile, NodeHash::list(&response.bytes().await.unwrap()).unwrap());
    }
    assert_eq!(tree::root(after.size, |tile| tiles.get(&tile).cloned().ok_or(())), Ok(after.root));
}

#[tokio::test]
async fn of_what_a_token_may_not_see_there_is_no_proof() {
    let server = TestServer::start().await;
    let (_, body) = server.producer("hr").await.send(EVENT).await;
    let seq = body["receipts"][0]["seq"].as_u64().unwrap();
    server.app().signer.sign(&server.app().store, server.clock().now()).await.unwrap();
    let path = format!("/api/v1/proof/inclusion/{seq}");
    assert_eq!(server.read(&path).await.0, 200);
    let token = server.add_token("billing", &[Role::Viewer], Sources::Only(["billing".to_owned()].into())).await;
    let foreign = server.read_with(&token, &path).await;
    assert_eq!(foreign.0, 404);
    assert_eq!(foreign, server.read_with(&token, "/api/v1/proof/inclusion/999999").await, "as what does not exist");
}

#[tokio::test]
async fn t12_a_retired_key_verifies_what_it_signed_and_signs_nothing_new() {
    let mut server = TestServer::start().await;
    server.producer("billing").await.send(EVENT).await;
    let secret = fs::read_to_string(server.folder().join("log.key")).unwrap();
    let old = server.app().signer.keys().current;
    server.app().signer.sign(&server.app().store, server.clock().now()).await.unwrap();
    let saved = server.app().signer.last().note;

    let Reply::Done(told) = Order::RotateLogKey.carry_out(server.app()).await else { panic!("not rotated") };
    let new = server.app().signer.keys().current;
    assert_ne!(new, old);
    assert_eq!(new.origin(), old.origin());
    assert!(told.contains(&format!("signing  {new}")) && told.contains(&format!("retired  {old} (up to ")), "{told}");
    server.restart().await;
    assert_eq!(server.app().signer.keys().current, new, "it is on disk");
    server.producer("hr").await.send(EVENT).await;
    server.app().signer.sign(&server.app().store, server.clock().now()).await.unwrap();
    let note = server.app().signer.last().note;
    let now = Checkpoint::open(note.as_bytes(), &new).unwrap();
    assert!(matches!(Checkpoint::open(note.as_bytes(), &old), Err(CheckpointError::Unsigned(_))));

    let response = server.client().get(server.url("/api/v1/log")).send().await.unwrap();
    let log: serde_json::Value = response.json().await.unwrap();
    assert_eq!((&log["origin"], &log["keys"][0]["key"]), (&new.origin().as_str().into(), &new.to_string().into()));
    assert_eq!((&log["keys"][0]["state"], &log["keys"][0]["size"]), (&"signing".into(), &now.size.into()));
    assert_eq!((&log["keys"][1]["key"], &log["keys"][1]["state"]), (&old.to_string().into(), &"retired".into()));
    let last = log["keys"][1]["size"].as_u64().unwrap();
    assert!(last < now.size, "the retired key signed up to there and no further");

    let before = Checkpoint::open(saved.as_bytes(), &old).unwrap();
    let path = format!("/api/v1/proof/consistency?from={}&to={}", before.size, now.size);
    let (_, proved) = server.read(&path).await;
    verify_consistency(before.size, before.root, now.size, now.root, &hashes(&proved["proof"])).unwrap();
    let keys = server.app().signer.keys();
    assert_eq!(keys.open(saved.as_bytes()), Ok(before));
    // Whoever kept the secret key signs for a larger log, and nobody believes it.
    let thief = SecretKey::parse(secret.trim()).unwrap();
    let forged = Checkpoint { size: last + 1, ..now }.sign(&[&thief]).unwrap();
    assert!(keys.open(forged.as_bytes()).is_err());
    for file in fs::read_dir(server.folder()).unwrap().filter_map(Result::ok).filter(|file| file.path().is_file()) {
        let bytes = fs::read(file.path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(secret.trim()), "{file:?} has the retired secret key");
    }
}

#[tokio::test]
async fn t12_a_change_of_keys_that_is_cut_off_ends_with_one_key_or_the_other() {
    let mut server = TestServer::start().await;
    let folder = server.folder().to_owned();
    let old = server.app().signer.keys().current;
    let next = SecretKey::generate(old.origin().clone(), &system_random());
    let path = folder.join("log.key.next");
    let place = || {
        fs::write(&path, next.to_text()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    place();
    server.restart().await;
    assert_eq!(server.app().signer.keys().current, old, "it was not retired yet");
    assert!(!path.exists());
    place();
    let at = server.app().store.events();
    fs::write(folder.join("log.retired"), format!("{at} {old}\n")).unwrap();
    server.restart().await;
    assert_eq!(server.app().signer.keys().current, next.public());
    assert!(!path.exists());
    server.producer("billing").await.send(EVENT).await;
    server.app().signer.sign(&server.app().store, server.clock().now()).await.unwrap();
    Checkpoint::open(server.app().signer.last().note.as_bytes(), &next.public()).unwrap();
}

#[tokio::test]
async fn t12_a_change_of_keys_that_fails_leaves_the_key_before_as_if_nothing_had_been() {
    let mut server = TestServer::start().await;
    let folder = server.folder().to_owned();
    let (key, away) = (folder.join("log.key"), folder.join("away"));
    let old = server.app().signer.keys();
    // Nothing is renamed onto a folder.
    fs::rename(&key, &away).unwrap();
    fs::create_dir(&key).unwrap();
    let Reply::Failed(_) = Order::RotateLogKey.carry_out(server.app()).await else { panic!("rotated") };
    fs::remove_dir(&key).unwrap();
    fs::rename(&away, &key).unwrap();
    server.producer("billing").await.send(EVENT).await;
    server.app().signer.sign(&server.app().store, server.clock().now()).await.unwrap();
    server.restart().await;
    assert_eq!(server.app().signer.keys(), old);
    assert!(!folder.join("log.key.next").exists());
    let Reply::Done(_) = Order::RotateLogKey.carry_out(server.app()).await else { panic!("not rotated") };
}

#[tokio::test]
async fn whoever_looks_at_a_folder_that_nobody_serves_finds_all_of_it_signed() {
    let mut server = TestServer::start().await;
    server.producer("billing").await.send(EVENT).await;
    let events = server.app().store.events().cast_unsigned();
    let key = server.app().signer.keys().current;
    server.stop().await;
    let note = fs::read(server.folder().join("checkpoint")).unwrap();
    assert_eq!(Checkpoint::open(&note, &key).unwrap().size, events);
}
