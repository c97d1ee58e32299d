//! `flightbox verify`, run as people run it: beside a live server and without one, on logs that are whole and on others.

use std::{fs, path::Path};

use crate::common::{TestServer, process};
use flightbox::{
    control::{Order, Reply},
    system_random,
};
use flightbox_domain::{
    record::LeafHash,
    role::Role,
    scope::Sources,
    tree::{Checkpoint, NodeHash, SecretKey, verify_consistency, verify_inclusion},
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, sqlite::SqliteConnectOptions};

const EVENT: &str = r#"{"actor":"alice","action":"user.update"}"#;

/// Its exit status, and what it said on both ways.
fn verify(folder: &Path, words: &[&str]) -> (i32, String) {
    let output = tokio::task::block_in_place(|| process::run(folder, &[], &[&["verify"], words].concat(), ""));
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.code().unwrap(), said.concat())
}

async fn sign(server: &TestServer) -> String {
    server.app().signer.sign(&server.app().store, server.clock().now()).await.unwrap();
    server.app().signer.last().note
}

async fn sql(folder: &Path, statement: &str) {
    let options = SqliteConnectOptions::new().filename(folder.join("flightbox.db"));
    let mut connection = options.connect().await.unwrap();
    connection.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
    connection.close().await.unwrap();
}

fn events(n: usize) -> String {
    format!("[{}]", vec![EVENT; n].join(","))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_log_is_whole_beside_its_server_and_without_one_and_an_altered_one_names_the_event() {
    let mut server = TestServer::start().await;
    let files = tempfile::tempdir().unwrap();
    let saved = files.path().join("saved");
    let (_, body) = server.producer("billing").await.send(events(300)).await;
    let seq = body["receipts"][120]["seq"].as_i64().unwrap();
    fs::write(&saved, sign(&server).await).unwrap();
    server.producer("hr").await.send(events(20)).await;
    sign(&server).await;
    let since = ["--since", saved.to_str().unwrap()];
    for round in 0..2 {
        let (status, said) = verify(server.folder(), &since);
        assert_eq!(status, 0, "{said}");
        assert!(said.contains("whole: ") && said.matches("holds: the checkpoint").count() == 2, "{said}");
        if round == 0 {
            server.stop().await;
        }
    }
    let month = server.clock().now().format("%Y%m");
    sql(server.folder(), &format!("DELETE FROM event_{month} WHERE seq = {seq}")).await;
    let (status, said) = verify(server.folder(), &[]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains(&format!("FAIL: event {seq}: its record is missing")), "{said}");
    assert!(said.contains("received between 20"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t2_a_tail_that_is_deleted_with_its_checkpoints_is_missed_by_a_saved_one() {
    let mut server = TestServer::start().await;
    server.producer("billing").await.send(events(10)).await;
    server.stop().await;
    let files = tempfile::tempdir().unwrap();
    let (older, saved) = (files.path().join("flightbox.db"), files.path().join("saved"));
    fs::copy(server.folder().join("flightbox.db"), &older).unwrap();
    server.open().await;
    server.producer("hr").await.send(events(30)).await;
    fs::write(&saved, sign(&server).await).unwrap();
    server.stop().await;
    // As if the rest had never been: the log as it was, and no checkpoint that remembers more.
    fs::copy(&older, server.folder().join("flightbox.db")).unwrap();
    for told in ["checkpoint", "anchors"] {
        fs::remove_file(server.folder().join(told)).unwrap();
    }
    let unsigned = verify(server.folder(), &[]);
    assert_eq!(unsigned.0, 2, "T6: without a checkpoint nothing passes: {}", unsigned.1);
    server.open().await;
    sign(&server).await;
    assert_eq!(verify(server.folder(), &[]).0, 0, "by itself it is a log like any other");
    let (status, said) = verify(server.folder(), &["--since", saved.to_str().unwrap()]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("shorter than the checkpoint of"), "{said}");
    // Nor does it help to fill it up with others.
    server.producer("others").await.send(events(60)).await;
    sign(&server).await;
    let (status, said) = verify(server.folder(), &["--since", saved.to_str().unwrap()]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("altered together"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t6_with_a_wrong_key_nothing_passes() {
    let server = TestServer::start().await;
    server.producer("billing").await.send(events(3)).await;
    let note = sign(&server).await;
    let own = server.app().signer.keys().current;
    let other = SecretKey::generate(own.origin().clone(), &system_random());
    assert_eq!(verify(server.folder(), &["--key", &own.to_string()]).0, 0);
    let (status, said) = verify(server.folder(), &["--key", &other.public().to_string()]);
    assert_eq!(
        (status, said.contains("FAIL: the last checkpoint: it is not signed with the key")),
        (1, true),
        "{said}"
    );
    assert_eq!(verify(server.folder(), &["--key", "nonsense"]).0, 2);

    let files = tempfile::tempdir().unwrap();
    let forged = files.path().join("forged");
    let checkpoint = Checkpoint::open(note.as_bytes(), &own).unwrap();
    fs::write(&forged, checkpoint.sign(&[&other]).unwrap()).unwrap();
    assert_eq!(verify(server.folder(), &["--since", forged.to_str().unwrap()]).0, 1);
    fs::write(&forged, note.replacen("\nsigned 2", "\nsigned 3", 1)).unwrap();
    assert_eq!(verify(server.folder(), &["--since", forged.to_str().unwrap()]).0, 1);
    assert_eq!(verify(server.folder(), &["--since", "/nonexistent"]).0, 2);

    let master = server.folder().join("master.key");
    let digits: String = fs::read_to_string(&master).unwrap().trim().chars().rev().collect();
    fs::write(&master, digits).unwrap();
    let (status, said) = verify(server.folder(), &[]);
    assert_eq!((status, said.contains("could not check")), (2, true), "{said}");
    assert_eq!(verify(files.path(), &[]).0, 2, "a folder without a log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_proved_and_another_hash_is_not() {
    let server = TestServer::start().await;
    let (_, body) = server.producer("billing").await.send(events(5)).await;
    sign(&server).await;
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("receipt.json");
    let check = |receipt: &serde_json::Value| {
        fs::write(&file, receipt.to_string()).unwrap();
        verify(server.folder(), &["--receipt", file.to_str().unwrap()])
    };
    let (status, said) = check(&body);
    assert_eq!((status, said.contains("proved: 5 events are under the checkpoint of")), (0, true), "{said}");
    assert_eq!(check(&body["receipts"][2]).0, 0);
    let mut other = body["receipts"][2].clone();
    other["leaf_hash"] = body["receipts"][3]["leaf_hash"].clone();
    if other["leaf_hash"] == body["receipts"][2]["leaf_hash"] {
        other["leaf_hash"] = "00".repeat(32).into();
    }
    let (status, said) = check(&other);
    assert_eq!((status, said.contains("FAIL: event")), (1, true), "{said}");
    other["seq"] = 999_999.into();
    assert_eq!(check(&other).0, 2, "not signed for yet");
    assert_eq!(check(&serde_json::json!({"seq": 1})).0, 2);
}

fn hashes(list: &serde_json::Value) -> Vec<NodeHash> {
    list.as_array().unwrap().iter().map(|hash| NodeHash::from_hex(hash.as_str().unwrap()).unwrap()).collect()
}

/// The proof that the server gives of an event, and the checkpoint that it is under.
async fn proved(server: &TestServer, seq: u64) -> (Vec<NodeHash>, Checkpoint) {
    let (status, answer) = server.read(&format!("/api/v1/proof/inclusion/{seq}")).await;
    assert_eq!(status, 200, "{answer}");
    let note = answer["checkpoint"].as_str().unwrap();
    (hashes(&answer["proof"]), server.app().signer.keys().open(note.as_bytes()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn t11_when_a_subjects_key_is_destroyed_and_the_master_key_changed_old_proofs_verify_still_and_new_ones_do() {
    let server = TestServer::start().await;
    let sealed = r#"{"actor":{"id":"alice","email":"alice@example.com"},"action":"user.update"}"#;
    let (_, body) = server.producer("billing").await.send(sealed).await;
    let receipt = &body["receipts"][0];
    let (seq, leaf) = (receipt["seq"].as_u64().unwrap(), receipt["leaf_hash"].as_str().unwrap());
    let leaf = LeafHash(NodeHash::from_hex(leaf).unwrap().0);
    let files = tempfile::tempdir().unwrap();
    let saved = files.path().join("saved");
    fs::write(&saved, sign(&server).await).unwrap();
    let (proof, before) = proved(&server, seq).await;

    let admin = server.signed_in("root", &[Role::Viewer, Role::Admin], Sources::All).await;
    let erased = admin.send("/erase?actor=alice", &[("reason", "ticket 4711")]).await;
    assert_eq!(erased.status(), 303);
    assert_eq!(server.app().store.key_counts().await.unwrap().erased, 1);
    let rotated = Order::RotateMasterKey { command: None }.carry_out(server.app()).await;
    assert!(matches!(rotated, Reply::Done(_)), "{rotated:?}");
    server.producer("hr").await.send(events(300)).await;
    sign(&server).await;

    verify_inclusion(leaf, seq, before.size, &proof, before.root).unwrap();
    let (proof, now) = proved(&server, seq).await;
    verify_inclusion(leaf, seq, now.size, &proof, now.root).unwrap();
    let (_, grown) = server.read(&format!("/api/v1/proof/consistency?from={}&to={}", before.size, now.size)).await;
    verify_consistency(before.size, before.root, now.size, now.root, &hashes(&grown["proof"])).unwrap();
    let (status, said) = verify(server.folder(), &["--since", saved.to_str().unwrap()]);
    assert_eq!(status, 0, "{said}");
}
