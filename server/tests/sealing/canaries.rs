//! A3, E1: what is sealed leaves the server by no way for somebody who may not reveal it, and stands in no file and no
//! log.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use reqwest::{Client, redirect::Policy};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::process::{Process, ok, run};

/// Part of every value that is to be seen nowhere.
const CANARIES: [&str; 3] = ["canary", "4111 1111", "DE893704"];
/// A view's state whose fields are all empty, as server functions take it.
const STATE: &str = "state[q]=&state[from]=&state[to]=&state[tz]=&state[sort]=&state[cols]=&state[rows]=&state[live]=&state[counts]=&state[after]=&state[event]=";

fn event(n: usize) -> Value {
    json!({
        "id": format!("e-{n}"),
        "actor": {"id": "ivan", "name": "Ivan", "email": "canary-a@example.com"},
        "action": "user.update", "resource": "/users/7", "outcome": "denied",
        "reason": "paid with 4111 1111 1111 1111, canary-b",
        "origin": {"ip": "192.0.2.7", "session_id": "s1"},
        "changes": {"E-Mail": {"before": "canary-c@example.com", "after": "canary-d@example.com"}},
        "details": {
            "user": {"profile": {"phone": "canary-e"}},
            "contacts": [{"email": "canary-f@example.com"}, {"email": ["canary-g", {"deep": "canary-h"}]}],
            "free": ["ok", "canary-i@example.com"], "account": "to DE89370400440532013000 canary-j",
            "note": "canary-k", "deep": {"list": ["canary-l", {"x": "canary-m"}]}, "shown": "visible"
        },
        "sensitive": ["details.note", "details.deep.list"]
    })
}

fn silent(what: &str, text: &str) {
    for canary in CANARIES {
        if let Some(at) = text.find(canary) {
            let around: String = text[..at].chars().rev().take(120).collect::<Vec<_>>().into_iter().rev().collect();
            panic!("{what} tells {canary}: …{around}{canary}");
        }
    }
}

fn files(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = fs::read(&path) else { continue };
        silent(&path.display().to_string(), &String::from_utf8_lossy(&bytes));
        assert!(!String::from_utf8_lossy(&bytes).contains("zzkanari"), "{}: what was asked for", path.display());
    }
}

struct Viewer {
    client: Client,
    url: String,
    token: String,
}

impl Viewer {
    async fn sign_in(url: &str, token: String) -> Self {
        let client = Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap();
        let form = [("name", "vera"), ("password", "correct horse battery")];
        assert_eq!(client.post(format!("{url}/sign-in")).form(&form).send().await.unwrap().status(), 303);
        Self { client, url: url.to_owned(), token }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        // A server function that a page calls would lead whoever wants HTML back to the page.
        let accept = if path.starts_with("/pages/") { "application/json" } else { "text/html,*/*" };
        let request = self.client.get(format!("{}{path}", self.url)).header("accept", accept);
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a3_e1_what_is_sealed_is_told_to_no_viewer_and_stands_in_no_file_and_no_log() {
    let temp = TempDir::new().unwrap();
    let folder = temp.path();
    ok(folder, &[], &["person", "add", "vera", "--role", "viewer", "--password-stdin"], "correct horse battery\n");
    let token = ok(folder, &[], &["token", "add", "siem", "--role", "viewer"], "");
    let ingest = ok(folder, &[], &["source", "add", "web"], "");
    // A change of the master key that was cut off: it is ended at the start, and that is logged.
    let next = folder.join("master.key.next");
    fs::write(&next, "8a0956311647187d73d47ac672d55da73c8feae40cd9fd177414b72e75e0693f").unwrap();
    fs::set_permissions(&next, fs::Permissions::from_mode(0o600)).unwrap();
    let server = Process::serve(folder, &[("FLIGHTBOX_LOG", "trace")]);
    let viewer = Viewer::sign_in(&server.url, token).await;
    let send = async |query: &str, kind: &str, body: String| {
        let request = Client::new().post(format!("{}/api/v1/events{query}", server.url)).bearer_auth(&ingest);
        let answer = request.header("content-type", kind).body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    const JSON: &str = "application/json";
    let (status, receipts) = send("", JSON, json!([event(1), event(2)]).to_string()).await;
    assert_eq!(status, 201, "{receipts}");
    let receipts: Value = serde_json::from_str(&receipts).unwrap();
    let seq = receipts["receipts"][0]["seq"].as_i64().unwrap();

    for path in [
        "/",
        "/events",
        "/events?q=ivan",
        "/events?q=@email:*",
        "/events?cols=time,actor,action,resource,outcome,ip,source,reason",
        "/events?q=outcome:denied&sort=oldest",
        "/actors/ivan",
        "/resources/%2Fusers%2F7",
        "/help",
        "/views",
        "/account",
        "/tokens",
        "/events.csv",
        "/events.jsonl",
        "/events.json",
        "/api/v1/events",
        "/api/v1/facets",
        "/api/v1/histogram",
        "/pages/me",
        "/pages/completion?before=actor:&after=",
        "/pages/completion?before=@&after=",
        "/pages/completion?before=@email:&after=",
        "/pages/completion?before=@contacts.email:c&after=",
        "/pages/completion?before=reason:&after=",
    ] {
        let (status, text) = viewer.get(path).await;
        assert_eq!(status, 200, "{path}: {text}");
        silent(path, &text);
    }
    for path in [
        format!("/events/{seq}"),
        format!("/events/{seq}/panel"),
        format!("/events?event={seq}"),
        format!("/api/v1/events/{seq}"),
        format!("/pages/events?{STATE}"),
        format!("/pages/summary?{STATE}"),
        format!("/pages/event?seq={seq}&{STATE}"),
        format!("/pages/actor?id=ivan&{STATE}"),
        format!("/pages/resource?id=/users/7&{STATE}"),
        format!("/pages/overview?{STATE}"),
        format!("/pages/totals?{STATE}"),
        format!("/pages/notable?{STATE}"),
        format!("/pages/busiest?{STATE}"),
    ] {
        let (status, text) = viewer.get(&path).await;
        assert_eq!(status, 200, "{path}: {text}");
        silent(&path, &text);
    }
    let (_, shown) = viewer.get(&format!("/api/v1/events/{seq}")).await;
    assert!(shown.contains(r#""note":{"sealed":"sensitive"}"#) && shown.contains("visible"), "{shown}");
    // What asks for a sealed value is refused, and what was asked for is not written down.
    for query in ["@email:zzkanari*", "@contacts.email:~zzkanari", "@user.profile.phone:zzkanari", "-@email:zzkanari"] {
        let (status, _) = viewer.get(&format!("/events?q={query}")).await;
        assert_eq!(status, 400, "{query}");
    }
    live(&viewer, async || send("", JSON, event(3).to_string()).await.0).await;

    let long = "canary".repeat(60);
    let refused = [
        json!({"actor": {"id": "ivan", "email": long}, "action": "x"}),
        json!({"actor": "ivan", "action": "x", "email": "canary@example.com"}),
        json!({"actor": "ivan", "action": "x", "contact": {"email": "canary"}}),
        json!({"actor": "ivan", "action": "x", "changes": {"email": "canary"}}),
        json!({"actor": "ivan", "action": "x", "changes": {"email": {"was": "canary"}}}),
        json!({"actor": "ivan", "action": "x", "details": "pays with 4111 1111 1111 1111"}),
        json!({"actor": "ivan", "action": "x", "note": "canary", "sensitive": ["details.note"]}),
        json!({"actor": ["canary@example.com"], "action": "x"}),
        json!({"actor": "ivan", "action": "x", "iban": 7, "pan": {"x": "canary"}}),
        json!(["canary@example.com"]),
    ];
    for body in &refused {
        let (status, text) = send("", JSON, body.to_string()).await;
        assert_eq!(status, 422, "{body}: {text}");
        silent(&body.to_string(), &text);
    }
    // What is wrong and was not sensitive is still shown.
    let (_, text) = send("", JSON, json!({"actor": "ivan", "action": "x", "colour": "teal"}).to_string()).await;
    assert!(text.contains(r#"string \"teal\""#), "{text}");
    let lines: String = refused.iter().map(|body| body.to_string() + "\n").collect();
    for (query, kind, body) in [
        ("?partial=true", "application/x-ndjson", lines.clone() + "{\"email\":\"canary\n"),
        ("", JSON, "{\"actor\":\"ivan\",\"email\":\"canary".to_owned()),
        ("", JSON, "{\"actor\":\"ivan\",\"reason\":\"canary\" canary}".to_owned()),
        ("", JSON, "{\"actor\":\"ivan\",\"email\":\"canary-1\",\"email\":\"canary-2\"}".to_owned()),
        ("", JSON, event(1).to_string().replace("visible", "other")),
    ] {
        let (status, text) = send(query, kind, body).await;
        assert!(matches!(status, 207 | 400 | 409 | 422), "{status} {text}");
        silent(kind, &text);
    }
    let imported = run(folder, &[], &["import", "--source", "web", "-"], &lines);
    silent("import", &String::from_utf8_lossy(&[imported.stdout, imported.stderr].concat()));

    let [log, keys] = ["log", "keys"].map(|kind| folder.join(format!("backup.{kind}")).display().to_string());
    ok(folder, &[], &["backup", &log, "--keys", &keys], "");
    // With the write-ahead log and backups, and after the process is gone.
    files(folder);
    let logged = server.kill();
    assert!(logged.contains("all keys are wrapped"), "the log is heard: {logged}");
    silent("the log", &logged);
    files(folder);
}

/// Follows what comes into a view while an event comes.
async fn live(viewer: &Viewer, send: impl AsyncFn() -> u16) {
    let (_, page) = viewer.get("/events?live=1").await;
    let attribute = |name: &str| page.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap();
    let stream = attribute("data-stream").replace("&amp;", "&");
    let mark = if stream.contains('?') { '&' } else { '?' };
    let path = format!("{}{stream}{mark}since={}", viewer.url, attribute("data-since"));
    let mut answer = viewer.client.get(path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(send().await, 201);
    let mut heard = String::new();
    while !heard.contains("ivan") {
        let chunk = tokio::time::timeout(Duration::from_secs(20), answer.chunk()).await.unwrap().unwrap().unwrap();
        heard.push_str(&String::from_utf8_lossy(&chunk));
    }
    silent("the live view", &heard);
}
