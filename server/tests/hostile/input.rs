//! What somebody sends: it breaks nothing, opens nothing and finds nothing more.

use flightbox::config::Config;
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{billings, filled, only, raw};
use crate::common::{TestServer, status_and_body};

/// What would do something in SQL, in the index's own query language, in a shell, a path or a template.
const INJECTIONS: [&str; 30] = [
    "'",
    "\"",
    "';--",
    "' OR '1'='1",
    "' OR 1=1--",
    "1; DROP TABLE tree",
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
    let suite = include_str!("../../../crates/event/tests/vectors/json-test-suite.txt");
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
