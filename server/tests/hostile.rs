//! Input that means harm: it is text, or it is refused, and nothing breaks, opens or tells more for it.

mod common;

use std::{
    io,
    sync::{Arc, Mutex},
};

use common::{TestServer, Visitor, status_and_body};
use flightbox::{config::Config, log::OneLine};
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What would do something in SQL, in the index's own query language, in a shell, a path or a template.
const INJECTIONS: [&str; 30] = [
    "'",
    "\"",
    "';--",
    "' OR '1'='1",
    "' OR 1=1--",
    "1; DROP TABLE leaf",
    "') UNION SELECT name FROM sqlite_master--",
    "\\'; SELECT 1",
    "%27%20OR%201=1",
    "x' AND randomblob(1000000000) AND 'x'='x",
    "* ",
    "^",
    "a* OR b*",
    "NEAR(a b, 5)",
    "a NOT b",
    "{a b} : c",
    "terms : x",
    "(((((",
    ")))))",
    "-",
    "-(a OR -b)",
    "\0",
    "\u{0}\u{1}\u{7f}",
    "\u{202e}\u{feff}\u{ffff}",
    "$(id)",
    "`id`",
    "${7*7}{{7*7}}<%=7*7%>",
    "../../../../etc/passwd",
    "actor:x' OR source:hr",
    "source:hr OR source:*",
];

async fn filled() -> TestServer {
    let server = TestServer::start().await;
    let event =
        |who: &str| json!({"actor": who, "action": "pay", "resource": "/x/1", "details": {"k": who}}).to_string();
    server.producer("billing").await.send(event("ivan")).await;
    server.producer("hr").await.send(event("zzhr")).await;
    server
}

async fn billings(server: &TestServer) -> Visitor<'_> {
    server.signed_in("ann", &[Role::Viewer], only("billing")).await
}

fn only(source: &str) -> Sources {
    Sources::Only([source.to_owned()].into())
}

/// Sends a request line as it is, which no client library would.
async fn raw(server: &TestServer, target: &str, headers: &str) -> (u16, String) {
    let port = server.app().config.listen.port();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (answer.split(' ').nth(1).unwrap_or_else(|| panic!("{target}: {answer}")).parse().unwrap(), answer)
}

#[tokio::test]
async fn a23_what_is_injected_breaks_nothing_and_finds_nothing_more() {
    let server = filled().await;
    let ann = billings(&server).await;
    let token = server.add_token("siem", &[Role::Viewer], only("billing")).await;
    for text in INJECTIONS {
        let key = format!("@{text}:1");
        let quoted = format!("actor:\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        for (path, parameter, value) in [
            ("/events", "q", text),
            ("/events", "q", &key),
            ("/events", "q", &quoted),
            ("/events", "from", text),
            ("/events", "tz", text),
            ("/events", "sort", text),
            ("/events", "cols", text),
            ("/events", "rows", text),
            ("/events", "after", text),
            ("/events", "event", text),
            ("/events", text, text),
            ("/events.jsonl", "q", text),
            ("/events/live", "since", text),
            ("/actors/ivan", "after", text),
            ("/", "to", text),
            ("/pages/completion", "before", text),
            ("/sign-in", "next", text),
        ] {
            let answer = ann.request(path).query(&[(parameter, value), ("after_", "")]).send().await.unwrap();
            let status = answer.status();
            assert!(status.as_u16() < 500, "{path} {parameter}={value:?}: {status}");
            let page = answer.text().await.unwrap();
            assert!(!page.contains("zzhr"), "{path} {parameter}={value:?}");
        }
        for (path, parameter, value) in [
            ("events", "q", text),
            ("events", "q", &key),
            ("events", "q", &quoted),
            ("events", "after", text),
            ("events", "limit", text),
            ("facets", "q", text),
            ("histogram", "bars", text),
            ("histogram", "tz", text),
        ] {
            let request = server.client().get(server.url(&format!("/api/v1/{path}"))).bearer_auth(&token);
            let (status, body) = status_and_body(request.query(&[(parameter, value)]).send().await.unwrap()).await;
            assert!(status < 500, "{path} {parameter}={value:?}: {status} {body}");
            assert!(!body.to_string().contains("zzhr"), "{path} {parameter}={value:?}: {body}");
        }
        let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in ["/events/", "/actors/", "/resources/", "/v/", "/api/v1/events/", "/pkg/", "/pages/"] {
            let answer = ann.get(&format!("{path}{escaped}")).await;
            assert!(answer.status().as_u16() < 500, "{path}{text:?}: {}", answer.status());
        }
    }
    // All of it is still there.
    let (_, all) = server.read("/api/v1/events?q=actor:zzhr,ivan").await;
    assert_eq!(all["count"]["value"], 2);
    assert_eq!(server.read("/api/v1/events?q=actor:ivan").await.1["count"]["value"], 1);
}

#[tokio::test]
async fn a28_no_path_leads_out_of_the_embedded_files() {
    let server = TestServer::start().await;
    for target in [
        "/pkg/../Cargo.toml",
        "/pkg/..",
        "/pkg/.",
        "/pkg//etc/passwd",
        "/pkg/../../../../etc/passwd",
        "/pkg/..%2f..%2fetc%2fpasswd",
        "/pkg/%2e%2e/%2e%2e/etc/passwd",
        "/pkg/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/pkg/%252e%252e%252fetc%252fpasswd",
        "/pkg/..%5c..%5cwindows%5cwin.ini",
        "/pkg/....//....//etc/passwd",
        "/pkg/..;/..;/etc/passwd",
        "/pkg/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
        "/pkg/%ff",
        "/pkg/%00",
        "/pkg/flightbox.css%00.png",
        "/pkg/master.key",
        "/pkg/file:///etc/passwd",
    ] {
        let (status, answer) = raw(&server, target, "").await;
        assert_eq!(status, 404, "{target}");
        assert!(!answer.contains("root:") && answer.contains("x-content-type-options: nosniff"), "{target}: {answer}");
    }
}

#[tokio::test]
async fn a32_a_stranger_who_tries_every_door_learns_nothing() {
    let server = filled().await;
    let folder = server.folder().to_str().unwrap().to_owned();
    let mut secrets = vec![env!("CARGO_PKG_VERSION"), "zzhr", "ivan", "billing", "sqlite", &folder];
    secrets.push("master.key");
    let open = ["/sign-in", "/healthz", "/readyz", "/api/v1/openapi.json"];
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
async fn a26_a_forged_forwarded_address_is_believed_from_a_proxy_alone() {
    let spray = async |server: &TestServer| {
        server.add_person("ann", &[Role::Viewer]).await;
        let before = server.settled().await;
        let mut last = 0;
        for n in 0..12 {
            let form =
                server.client().post(server.url("/sign-in")).form(&[("name", "ann"), ("password", "wrong password")]);
            let forged = format!("203.0.113.{n}");
            let request = form.header("x-forwarded-for", &forged).header("forwarded", format!("for={forged}"));
            last = request.header("x-real-ip", &forged).send().await.unwrap().status().as_u16();
        }
        let recorded = server.recorded(before).await;
        let address = |entry: &Value| entry["origin"]["ip"].as_str().unwrap().to_owned();
        (last, recorded.iter().map(address).collect::<std::collections::BTreeSet<_>>().len())
    };
    let alone = TestServer::start().await;
    assert_eq!(spray(&alone).await, (429, 1), "whatever it says, it is one address, and is kept out");
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let config = Config { trusted_proxies, public_url: String::new(), ..Config::local() };
    assert_eq!(spray(&TestServer::start_as(config).await).await, (401, 12));
}

#[tokio::test]
async fn g4_every_file_of_the_json_test_suite_is_answered_as_it_says() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let suite = include_str!("../../crates/event/tests/vectors/json-test-suite.txt");
    for line in suite.lines().filter(|line| !line.starts_with('#')) {
        let (name, hex) = line.split_once('\t').unwrap();
        let bytes: Vec<_> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        let (status, body) = billing.send(bytes).await;
        let fits = match name.as_bytes()[0] {
            b'n' => matches!(status, 400 | 422),
            // Parsed, and then no event; but for the empty array, which is an empty batch.
            b'y' => status == 422 || (status == 200 && body["accepted"] == 0),
            _ => status < 500,
        };
        assert!(fits, "{name}: {status} {body}");
    }
    let keys: Vec<_> = (0..1_000_000).map(|n| format!("\"{n}\":0")).collect();
    let many = format!("{{\"actor\":\"a\",\"action\":\"x\",\"details\":{{{}}}}}", keys.join(","));
    assert!(matches!(billing.send(many).await.0, 413 | 422));
    let deep = |depth: usize| {
        format!(
            "{{\"actor\":\"a\",\"action\":\"x\",\"details\":{{\"a\":{}1{}}}}}",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    assert_eq!(billing.send(deep(62)).await.0, 201);
    assert_eq!(billing.send(deep(65)).await.0, 422);
}

#[tokio::test]
async fn g7_a_cursor_is_good_for_its_search_and_its_reader_alone() {
    let server = TestServer::start().await;
    let event = json!({"actor": "ivan", "action": "pay"});
    server.producer("billing").await.send(json!(vec![event; 60]).to_string()).await;
    let (ann, bob) = (billings(&server).await, server.signed_in("bob", &[Role::Viewer], Sources::All).await);
    let page = ann.text("/events?q=pay").await;
    let after = page.split_once("after=").unwrap().1.split(['"', '&']).next().unwrap().to_owned();
    assert_eq!(ann.get(&format!("/events?q=pay&after={after}")).await.status(), StatusCode::OK);
    for (who, path) in [
        (&bob, format!("/events?q=pay&after={after}")),
        (&ann, format!("/events?q=ivan&after={after}")),
        (&ann, format!("/events?q=pay&from=-1h&after={after}")),
        (&ann, format!("/events?q=pay&sort=oldest&after={after}")),
        (&ann, format!("/actors/ivan?after={after}")),
        (&ann, format!("/events?q=pay&after={after}0")),
        (&ann, "/events?q=pay&after=00".to_owned()),
    ] {
        assert_eq!(who.get(&path).await.status(), StatusCode::BAD_REQUEST, "{path}");
    }
    for at in (0..after.len()).step_by(7) {
        let mut flipped = after.clone().into_bytes();
        flipped[at] = if flipped[at] == b'0' { b'1' } else { b'0' };
        let path = format!("/events?q=pay&after={}", String::from_utf8(flipped).unwrap());
        assert_eq!(ann.get(&path).await.status(), StatusCode::BAD_REQUEST, "{path}");
    }
}

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
