//! What somebody is answered, whatever goes wrong: nothing of the inside.

use std::{
    io,
    sync::{Arc, Mutex},
};

use flightbox::log::OneLine;
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::{Method, StatusCode, header};
use serde_json::json;
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};

use super::{billings, filled, raw};

/// What is logged, to be read.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::Write::write(&mut *self.0.lock().unwrap(), bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a32_a_stranger_who_tries_every_door_learns_nothing() {
    let server = filled().await;
    let folder = server.folder().to_str().unwrap().to_owned();
    let mut secrets = vec![env!("CARGO_PKG_VERSION"), "zzhr", "ivan", "billing", "sqlite", &folder];
    secrets.push("master.key");
    let open = ["/sign-in", "/healthz", "/readyz", "/checkpoint", "/api/v1/openapi.json"];
    let closed = [
        "/",
        "/events",
        "/events/0",
        "/events/0/panel",
        "/events/live",
        "/events.csv",
        "/events.json",
        "/access",
        "/actors/ivan",
        "/resources/%2Fx%2F1",
        "/help",
        "/views",
        "/v/none",
        "/metrics",
        "/api/v1/events",
        "/api/v1/events/0",
        "/api/v1/facets",
        "/api/v1/histogram",
        "/pages/me",
        "/pages/events",
        "/pages/summary",
        "/pages/completion",
        "/pages/language",
        "/pages/views",
    ];
    let absent = [
        "/.env",
        "/.git/config",
        "/config",
        "/debug",
        "/debug/pprof",
        "/env",
        "/admin",
        "/server-status",
        "/actuator",
        "/phpinfo.php",
        "/flightbox.db",
        "/master.key",
        "/control.sock",
        "/lock",
        "/robots.txt",
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/people",
        "/api/v1/config",
        "/api/v2/events",
        "/swagger",
        "/graphql",
        "/trace",
        "/pkg/",
        "/healthz/",
        "/console",
        "/../flightbox.db",
    ];
    for path in open.iter().chain(&closed).chain(&absent) {
        let (status, answer) = raw(&server, path, "accept: text/html\r\n").await;
        let expected: &[u16] = match path {
            path if open.contains(path) => &[200],
            // Led to the door, told to sign in, or nothing there: nobody learns which of these addresses exist.
            _ => &[303, 401, 404],
        };
        assert!(expected.contains(&status), "{path}: {status}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        for name in ["\r\nserver:", "\r\nx-powered-by:", "\r\nvia:"] {
            assert!(!head.to_lowercase().contains(name), "{path}: {head}");
        }
        if *path != "/api/v1/openapi.json" {
            for secret in &secrets {
                let told = head.replace(path, "").contains(secret) || body.contains(secret);
                assert!(!told, "{path} tells {secret}: {answer}");
            }
        }
    }
    let (status, _) = raw(&server, "/setup", "").await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn a8_answers_to_what_goes_wrong_carry_the_headers_too() {
    let server = filled().await;
    let asset = flightbox::assets::all().first().map_or("/pkg/none", |asset| asset.path);
    let client = server.client();
    let crm = server.producer("crm").await;
    let send = |kind: &'static str, body: &'static str| crm.request("").header("content-type", kind).body(body).send();
    let request = |method: Method, path: &str| client.request(method, server.url(path)).send();
    for (what, answer, kind) in [
        ("an asset", request(Method::GET, asset).await, ""),
        ("a wrong method", request(Method::POST, "/healthz").await, ""),
        ("an unknown method", request(Method::from_bytes(b"BREW").unwrap(), "/events").await, "application/json"),
        ("a head", request(Method::HEAD, "/healthz").await, "text/plain"),
        ("options", request(Method::OPTIONS, "/api/v1/events").await, ""),
        ("no JSON", send("application/json", "{").await, "application/json"),
        ("an unknown type", send("text/plain", "{}").await, "application/json"),
        ("an invalid event", send("application/json", "{}").await, "application/json"),
        (
            "a foreign form",
            client.post(server.url("/sign-in")).header("origin", "https://evil").send().await,
            "application/json",
        ),
        ("a form of no shape", client.post(server.url("/sign-in")).body("x").send().await, "text/plain"),
        ("a long address", request(Method::GET, &format!("/events?q={}", "a".repeat(20_000))).await, ""),
    ] {
        let answer = answer.unwrap();
        let header = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(header(name), value, "{what} ({}): {name}", answer.status());
        }
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{what}");
        assert!(header("content-type").starts_with(kind), "{what}: {}", header("content-type"));
        assert!(header("access-control-allow-origin").is_empty(), "{what}");
    }
}

#[tokio::test]
async fn a36_a37_with_its_database_down_it_says_an_id_logs_a_line_and_lives() {
    let logged = Logged::default();
    let writer = logged.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || OneLine(writer.clone())).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = filled().await;
    let ann = billings(&server).await;
    let token = server.add_token("siem", &[Role::Viewer], Sources::All).await;
    let options = SqliteConnectOptions::new().filename(server.folder().join("flightbox.db"));
    let mut other = options.connect().await.unwrap();
    sqlx::query("ALTER TABLE session RENAME TO hidden").execute(&mut other).await.unwrap();
    sqlx::query("ALTER TABLE token RENAME TO hidden_token").execute(&mut other).await.unwrap();
    let forged = "/events/x%0D%0A2026-11-22%20INFO%20alice%20signed%20in%1B%5B2K%E2%80%AE";
    logged.0.lock().unwrap().clear();
    for path in ["/events", "/", "/events.csv", "/pages/me", "/access", forged] {
        let answer = ann.request(path).header("accept", "text/html").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        let body = answer.text().await.unwrap();
        for told in ["session", "table", "SQL", "sqlx", "error returned"] {
            assert!(!body.contains(told), "{path} tells {told}: {body}");
        }
        assert!(!body.contains("ivan"), "{path}");
    }
    let (status, body) = server.read_with(&token, "/api/v1/events").await;
    assert_eq!((status, &body["code"]), (500, &json!("internal")));
    let text = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 7, "{text}");
    assert!(lines.iter().all(|line| line.contains("a request failed") && line.contains("id=")), "{text}");
    assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text:?}");
    let id = body["id"].as_str().unwrap();
    assert!(text.contains(id), "{id}: {text}");
    sqlx::query("ALTER TABLE hidden RENAME TO session").execute(&mut other).await.unwrap();
    sqlx::query("ALTER TABLE hidden_token RENAME TO token").execute(&mut other).await.unwrap();
    assert_eq!(ann.get("/events").await.status(), StatusCode::OK, "it lives");
    assert_eq!(
        server.client().get(server.url("/healthz")).send().await.unwrap().headers()[header::CONTENT_TYPE],
        "text/plain; charset=utf-8"
    );
}
