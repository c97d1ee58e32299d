//! T9: evidence taken from a real server, and checked by a process that has nothing but the file, a key and a checkpoint.

use std::{fs, path::Path};

use crate::common::{TestServer, Visitor, process};
use flightbox::{
    export::evidence::{Against, take},
    journal::{Action, By, Entry},
};
use flightbox_domain::{
    evidence::{Check, Wrong},
    role::Role,
    scope::Sources,
};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, sqlite::SqliteConnectOptions};

/// Another machine: a folder with files that were carried there.
struct Elsewhere(tempfile::TempDir);

impl Elsewhere {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The exit status, and what was said on both ways.
    fn verify(&self, words: &[&str]) -> (i32, String) {
        let nowhere = Path::new("/nonexistent");
        let output = tokio::task::block_in_place(|| process::run(nowhere, &[], &[&["verify"], words].concat(), ""));
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (output.status.code().unwrap(), said.concat())
    }
}

fn events(from: i64, to: i64) -> String {
    let event =
        |n| json!({"id": format!("n{n}"), "actor": {"id": "alice", "email": "alice@example.org"}, "action": "pay"});
    Value::Array((from..to).map(event).collect()).to_string()
}

async fn evidence(visitor: &Visitor<'_>, query: &str, since: &str) -> Vec<u8> {
    let path = format!("/export/evidence?{query}");
    let answer = visitor.send(&path, &[("reason", "INC-2291: the regulator asks"), ("since", since)]).await;
    assert_eq!(answer.status(), 200);
    let name = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(name.contains("flightbox-evidence-20261122T120000Z.jsonl"), "{name}");
    answer.bytes().await.unwrap().to_vec()
}

/// The records of a file, the last of them the export's own.
fn records(file: &[u8]) -> Vec<Value> {
    let lines = file.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty());
    let lines = lines.map(|line| serde_json::from_slice::<Value>(line).unwrap());
    lines.map(|mut line| if line["export"].is_null() { line["event"].take() } else { line["export"].take() }).collect()
}

const FIXED: &str = "to=2026-11-22T12:00:01Z";

#[tokio::test(flavor = "multi_thread")]
async fn t9_an_export_a_pinned_key_and_a_saved_checkpoint_are_enough_on_another_machine() {
    let (server, elsewhere) = (TestServer::start().await, Elsewhere::new());
    let billing = server.producer("billing").await;
    billing.send(events(0, 900)).await;
    let app = server.app();
    app.signer.sign(&app.store, server.clock().now()).await.unwrap();
    let (saved, key) = (app.signer.last(), app.signer.keys().current.to_string());
    // The first is anchored; the next is not, for ten minutes.
    app.anchors.add(&saved).await.unwrap();
    let anchored = elsewhere.put("anchored", saved.note);
    server.producer("hr").await.send(events(0, 300)).await;
    app.signer.sign(&app.store, server.clock().now()).await.unwrap();
    let saved = app.signer.last();
    let size = saved.checkpoint.size.to_string();
    let saved = elsewhere.put("saved", saved.note);
    billing.send(events(900, 2_600)).await;

    let scope = Sources::Only(["billing".to_owned()].into());
    let ivy = server.signed_in("ivy", &[Role::Viewer], scope).await;
    let file = evidence(&ivy, &format!("q=action:pay&{FIXED}"), &size).await;
    let taken = records(&file);
    assert_eq!(taken.len(), 2_601);
    assert!(taken[..2_600].iter().all(|record| record["source"] == "billing"), "nothing of what she does not see");
    let text = String::from_utf8(file.clone()).unwrap();
    assert!(!text.contains("alice@example.org") && text.contains("\"commitment\""), "what is sealed stays sealed");
    let own = &taken[2_600]["event"];
    assert_eq!((&own["actor"]["id"], &own["action"]), (&json!("ivy"), &json!("events.export")));
    assert_eq!(own["details"]["rows"], json!({"exact": true, "value": 2_600}));
    let entry = server.recorded(0).await.into_iter().rfind(|event| event["action"] == "events.export").unwrap();
    assert_eq!(entry["details"], own["details"], "the log has the same event");

    let good = elsewhere.put("evidence", &file);
    let (status, said) = elsewhere.verify(&["--evidence", &good, "--key", &key, "--since", &saved]);
    assert_eq!(status, 0, "{said}");
    for told in [
        "whole: 2600 events",
        "taken: by ivy, 2026-11-22T12:00:00.000Z",
        "asked: action:pay, until 2026-11-22T12:00:01.000Z, of the sources billing",
        "why:   INC-2291: the regulator asks",
        "grown: from the checkpoint that you kept",
    ] {
        assert!(said.contains(told), "{told} in {said}");
    }
    assert!(!said.contains("named by the file alone"), "{said}");
    let (status, said) = elsewhere.verify(&["--evidence", &good]);
    assert!(status == 0 && said.contains("that key is named by the file alone"), "{said}");

    // Not the log's own key; no key; no file; a checkpoint that the file does not lead to.
    let other = format!("{}{}", key.split_once('+').unwrap().0, "+00000000+AA==");
    assert_eq!(elsewhere.verify(&["--evidence", &good, "--key", &other]).0, 2);
    assert_eq!(elsewhere.verify(&["--evidence", "/nonexistent/file", "--key", &key]).0, 2);
    let unasked = elsewhere.put("unasked", evidence(&ivy, &format!("q=action:pay&{FIXED}"), "").await);
    let (status, said) = elsewhere.verify(&["--evidence", &unasked, "--key", &key, "--since", &saved]);
    assert!(status == 2 && said.contains("does not lead to the checkpoint of"), "{said}");
    let (status, said) = elsewhere.verify(&["--evidence", &unasked, "--key", &key, "--since", &anchored]);
    assert!(status == 0 && said.contains("grown: from the checkpoint that you kept"), "its anchors lead there: {said}");

    // A byte that is changed, in an event in the middle and in the last line.
    for (at, line) in [(text.find("n1700").unwrap(), 1_702), (text.rfind("INC-2291").unwrap(), 2_602)] {
        let mut altered = file.clone();
        altered[at + 1] ^= 1;
        let (status, said) = elsewhere.verify(&["--evidence", &elsewhere.put("altered", altered), "--key", &key]);
        assert!(status == 1 && said.contains(&format!("FAIL: line {line} (from byte ")), "{said}");
    }
    let cut = &file[..file.len() / 2];
    let (status, said) = elsewhere.verify(&["--evidence", &elsewhere.put("cut", cut), "--key", &key]);
    assert!(status == 1 && said.contains("the rest is missing"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t9_another_log_is_not_the_one_whose_checkpoint_was_saved() {
    let (ours, theirs, elsewhere) = (TestServer::start().await, TestServer::start().await, Elsewhere::new());
    let ivy = ours.signed_in("ivy", &[Role::Viewer], Sources::All).await;
    ours.app().signer.sign(&ours.app().store, ours.clock().now()).await.unwrap();
    let file = elsewhere.put("evidence", evidence(&ivy, FIXED, "1").await);
    let [key, other] = [&ours, &theirs].map(|server| server.app().signer.keys().current.to_string());
    let saved = elsewhere.put("saved", theirs.app().signer.last().note);
    let (status, said) = elsewhere.verify(&["--evidence", &file, "--key", &other]);
    assert!(status == 1 && said.contains("FAIL: line 1") && said.contains("none of those that you gave"), "{said}");
    let (status, said) = elsewhere.verify(&["--evidence", &file, "--key", &key, "--since", &saved]);
    assert!(status == 1 && said.contains("FAIL: the checkpoint"), "{said}");
    let (status, said) = elsewhere.verify(&["--evidence", &file, "--key", &key, "--key", &other, "--since", &saved]);
    assert!(status == 1 && said.contains("one of them was altered"), "{said}");
}

#[tokio::test]
async fn it_takes_a_reason_and_a_size_that_was_signed_for_and_leaves_nothing_before() {
    let server = TestServer::start().await;
    server.producer("billing").await.send(events(0, 3)).await;
    let ivy = server.signed_in("ivy", &[Role::Viewer], Sources::All).await;
    let before = server.settled().await;
    let path = format!("/export/evidence?q=action:pay&{FIXED}");
    let page = ivy.text(&path).await;
    assert!(page.contains("Take evidence") && page.contains("3 events"), "{page}");
    for (reason, since, told) in [
        ("", "", "Say why"),
        ("INC-2291", "0", "from 1 to "),
        ("INC-2291", "99999999", "from 1 to "),
        ("INC-2291", "x", "from 1 to "),
    ] {
        let answer = ivy.send(&path, &[("reason", reason), ("since", since)]).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(page.contains(told) && page.contains(reason) && !page.contains("\"proof\""), "{page}");
    }
    let recorded = server.recorded(before).await;
    assert!(recorded.iter().all(|event| event["action"] == "events.search"), "{recorded:?}");
    // Times that count from now are fixed first.
    let answer = ivy.get("/export/evidence?q=action:pay&from=-1h").await;
    assert_eq!(answer.status(), 303);
    let fixed = answer.headers()["location"].to_str().unwrap();
    assert!(fixed.contains("from=2026-11-22T11:00:00") && fixed.contains("to=2026-11-22T12:00:00"), "{fixed}");
}

#[tokio::test]
async fn a_file_whose_event_is_gone_meanwhile_ends_unmistakably() {
    let server = TestServer::start().await;
    let (_, body) = server.producer("billing").await.send(events(0, 5)).await;
    let seqs: Vec<_> = body["receipts"].as_array().unwrap().iter().map(|it| it["seq"].as_i64().unwrap()).collect();
    let month = server.clock().now().format("%Y%m");
    let options = SqliteConnectOptions::new().filename(server.folder().join("flightbox.db"));
    let mut connection = options.connect().await.unwrap();
    let delete = format!("DELETE FROM event_{month} WHERE seq = {}", seqs[2]);
    connection.execute(AssertSqlSafe(delete)).await.unwrap();
    connection.close().await.unwrap();
    let before = server.settled().await;
    let against = Against::of(server.app(), 0).await.unwrap();
    server.app().store.add_contents(&seqs, &mut against.contents()).await.unwrap();
    let taken = take(server.app(), seqs, against, Entry::new(Action::Export, By::Console)).await.unwrap();
    let parts: Vec<_> = taken.file().map(|part| part.unwrap()).collect().await;
    let mut check = Check::new(Vec::new());
    let error = parts.iter().find_map(|part| check.push(part).err()).unwrap();
    assert!(matches!(error.wrong, Wrong::Cut(_)), "{error}");
    let recorded = server.recorded(before).await;
    let outcomes: Vec<_> = recorded.iter().map(|event| event["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["success", "failure"], "that it ended early is recorded, too");
}
