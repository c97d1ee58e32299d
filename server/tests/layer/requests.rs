//! What is recorded of a request.

use std::sync::Mutex;

use axum::{
    Router,
    http::StatusCode,
    routing::{get, post},
};
use flightbox_layer::{Actor, Audit, AuditLayer, Entry, Resource, Unrecorded};
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt as _, sync::Notify};

use super::*;

fn user(id: &str) -> Actor {
    Actor { id: id.to_owned(), ..Actor::default() }
}

#[tokio::test]
async fn a_request_is_recorded_with_every_field() {
    let server = TestServer::start().await;
    let token = server.add_source("shop").await;
    let layer = AuditLayer::builder(&server.origin(), &token)
        .actor(|parts| Some(user(parts.headers.get("x-user")?.to_str().ok()?)))
        .trusted_proxies(["127.0.0.0/8".parse().unwrap()])
        .skip(|parts| parts.uri.path() == "/healthz")
        .build();
    let admin = Router::new().route("/{id}", post(|| async { (StatusCode::FORBIDDEN, "no") }));
    let router = Router::new().nest("/users", admin).route("/healthz", get(|| async {}));
    let service = Service::start(router, layer.unwrap()).await;

    let client = server.client();
    let request = client.post(format!("{}/users/42?page=2&token=abcdef", service.url));
    let request = request.header("x-user", "alice").header("user-agent", "curl/8").header("x-request-id", "req-1");
    let answer = request.header("x-forwarded-for", "6.6.6.6, 81.2.69.142").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["x-request-id"]), (403, &"req-1".parse().unwrap()));
    assert_eq!(service.get("/nowhere").await.0, 404);
    assert_eq!(service.get("/healthz").await.0, 200);
    service.recorder.shutdown(LONG).await.unwrap();

    let events = shop(&server).await;
    assert_eq!(actions(&events), ["POST /users/{id}", "GET *"]);
    let event = &events[0];
    let took = event["http"]["duration_ms"].as_f64().unwrap();
    assert!((0.0..5_000.0).contains(&took), "{event}");
    let expected = json!({
        "actor": {"id": "alice", "type": "user"}, "outcome": "denied",
        "resource": {"id": "/users/42", "type": "users"},
        "origin": {"ip": "81.2.69.142", "user_agent": "curl/8", "request_id": "req-1"},
        "http": {"method": "POST", "path": "/users/42?page=2&token=***", "status": 403, "duration_ms": took},
        "details": {"route": "/users/{id}"},
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&event[field], value, "{field}");
    }
    assert_eq!((&events[1]["outcome"], &events[1]["actor"]["type"]), (&json!("failure"), &json!("anonymous")));
    let drawn = events[1]["origin"]["request_id"].as_str().unwrap();
    assert_eq!(events[1]["id"], drawn, "a request without an id has that of its event");
    let counters = service.recorder.counters();
    assert_eq!((counters.sent, counters.dropped, counters.waiting), (2, 0, 0));
}

#[tokio::test]
async fn a26_nobody_but_a_trusted_proxy_says_where_a_request_is_from_and_no_id_is_taken_that_is_none() {
    let server = TestServer::start().await;
    let token = server.add_source("shop").await;
    let layer = AuditLayer::builder(&server.origin(), &token).trusted_proxies(["10.0.0.0/8".parse().unwrap()]);
    let service = Service::start(Router::new(), layer.build().unwrap()).await;
    for id in ["", "a b", &"x".repeat(129), "<script>"] {
        let request = server.client().get(format!("{}/", service.url)).header("x-request-id", id);
        request.header("x-forwarded-for", "6.6.6.6").header("forwarded", "for=6.6.6.6").send().await.unwrap();
    }
    service.recorder.shutdown(LONG).await.unwrap();
    let events = shop(&server).await;
    assert_eq!(events.len(), 4);
    for event in events {
        assert_eq!((&event["origin"]["ip"], &event["origin"]["request_id"]), (&json!("127.0.0.1"), &event["id"]));
        assert!(event["origin"]["port"].as_u64() > Some(0));
    }
}

#[tokio::test]
async fn a_handler_records_changes_refusals_and_log_ins_under_the_requests_id() {
    let server = TestServer::start().await;
    let token = server.add_source("shop").await;
    let router = Router::new()
        .route(
            "/login/{name}",
            post(|audit: Audit, axum::extract::Path(name): axum::extract::Path<String>| async move {
                if name == "alice" {
                    audit.logged_in(user("1042"));
                } else {
                    audit.login_failed(name, "wrong password");
                }
            }),
        )
        .route(
            "/users/{id}/role",
            post(|audit: Audit| async move {
                audit.actor(user("1042"));
                audit.denied("user.delete", "/users/77", "takes the role admin");
                let entry = Entry::new("user.update").on("/users/77").reason("INC-2291");
                audit.record(entry.change("role", "editor", "admin").detail("ticket", 2291));
            }),
        )
        .route(
            "/reports",
            get(|audit: Audit| async move {
                let resource = Resource { name: Some("Q3".to_owned()), ..Resource::new("/reports/3") };
                let entry = Entry::new("report.export").on_resource(resource).by(user("7"));
                audit.describe(entry.detail("rows", 12).denied("embargo"));
            }),
        )
        .route(
            "/pay",
            post(|audit: Audit| async move {
                audit.commit(Entry::new("payment.begin").by(user("8"))).await?;
                Ok::<_, Unrecorded>(())
            }),
        );
    let layer = AuditLayer::builder(&server.origin(), &token).build();
    let service = Service::start(router, layer.unwrap()).await;
    for path in ["/login/alice", "/login/mallory", "/users/77/role", "/pay"] {
        assert!(server.client().post(format!("{}{path}", service.url)).send().await.unwrap().status().is_success());
    }
    service.get("/reports").await;
    let job = Entry::new("cleanup").by(Actor { kind: flightbox_layer::ActorKind::System, ..user("cron") });
    service.recorder.commit(job).await.unwrap();

    let events = shop(&server).await;
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            [&event["actor"]["id"], &event["action"], &event["outcome"], &event["reason"]].map(text).join(" ")
        })
        .collect();
    let expected = [
        "1042 login success -",
        "1042 POST /login/{name} success -",
        "mallory login failure wrong password",
        "anonymous POST /login/{name} success -",
        "1042 user.delete denied takes the role admin",
        "1042 user.update success INC-2291",
        "1042 POST /users/{id}/role success -",
        "8 payment.begin success -",
        "anonymous POST /pay success -",
        "7 report.export denied embargo",
        "cron cleanup success -",
    ];
    assert_eq!(told, expected);
    assert_eq!(events[5]["changes"], json!({"role": {"before": "editor", "after": "admin"}}));
    assert_eq!(events[5]["details"], json!({"ticket": 2291}));
    for (entry, request) in [(0, 1), (2, 3), (4, 6), (5, 6), (7, 8)] {
        assert_eq!(events[entry]["origin"], events[request]["origin"]);
    }
    assert_eq!(events[9]["http"]["status"], 200);
    assert_eq!((&events[9]["resource"]["name"], &events[9]["details"]["route"]), (&json!("Q3"), &json!("/reports")));
}

#[tokio::test]
async fn no_secret_leaves_the_process() {
    let server = TestServer::start().await;
    let token = server.add_source("shop").await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let tapped = tap(server.origin(), heard.clone()).await;
    let router = Router::new().route(
        "/reset",
        post(|audit: Audit| async move {
            audit.record(
                Entry::new("password.change")
                    .change("password", "canary-old", "canary-new")
                    .detail("api_key", "canary-key")
                    .detail("note", "-----BEGIN PRIVATE KEY-----\ncanary-pem\n-----END PRIVATE KEY-----"),
            );
        }),
    );
    let service = Service::start(router, AuditLayer::builder(&tapped, &token).build().unwrap()).await;
    let request = server.client().post(format!("{}/reset?token=canary-token", service.url));
    let request = request.header("authorization", "Bearer canary-bearer").header("cookie", "session=canary-cookie");
    request.body("canary-body").send().await.unwrap();
    service.recorder.shutdown(LONG).await.unwrap();

    let heard = String::from_utf8_lossy(&heard.lock().unwrap()).into_owned();
    assert!(heard.contains("password.change"), "{heard}");
    assert!(!heard.contains("canary"), "{heard}");
    assert_eq!(shop(&server).await.len(), 2);
}

/// Somebody on the wire.
async fn tap(to: String, heard: Arc<Mutex<Vec<u8>>>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = tokio::net::TcpStream::connect(to.trim_start_matches("http://")).await.unwrap();
            let ((mut sent, mut answers), (mut answered, mut sends)) = (client.into_split(), server.into_split());
            tokio::spawn(async move { tokio::io::copy(&mut answered, &mut answers).await });
            let heard = heard.clone();
            tokio::spawn(async move {
                let mut bytes = vec![0; 4096];
                while let Ok(read @ 1..) = sent.read(&mut bytes).await {
                    heard.lock().unwrap().extend_from_slice(&bytes[..read]);
                    tokio::io::AsyncWriteExt::write_all(&mut sends, &bytes[..read]).await.unwrap();
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn whoever_leaves_before_the_answer_and_a_handler_that_panics_are_recorded() {
    let server = TestServer::start().await;
    let token = server.add_source("shop").await;
    let begun = Arc::new(Notify::new());
    let begins = begun.clone();
    let router = Router::new()
        .route(
            "/slow",
            get(|audit: Audit| async move {
                audit.record(Entry::new("report.read"));
                begins.notify_one();
                std::future::pending::<()>().await;
            }),
        )
        .route(
            "/broken",
            get(|| async {
                if true {
                    panic!("on purpose")
                }
            }),
        );
    let service = Service::start(router, AuditLayer::builder(&server.origin(), &token).build().unwrap()).await;
    let url = format!("{}/slow", service.url);
    let asking = tokio::spawn(async move { reqwest::get(url).await });
    begun.notified().await;
    asking.abort();
    counted(&service.recorder, |counters| counters.sent == 2).await;
    assert!(reqwest::get(format!("{}/broken", service.url)).await.is_err());
    counted(&service.recorder, |counters| counters.sent == 3).await;

    let events = shop(&server).await;
    assert_eq!(actions(&events), ["report.read", "GET /slow", "GET /broken"]);
    let end = |event: &Value| format!("{}: {}", event["outcome"], event["reason"]);
    assert_eq!(end(&events[1]), r#""unknown": "whoever asked left before the answer""#);
    assert_eq!(end(&events[2]), r#""failure": "the handler panicked""#);
}

#[tokio::test]
async fn what_is_recorded_where_no_layer_is_is_an_error_and_not_silence() {
    let url = listen(Router::new().route("/", get(|_: Audit| async {}))).await;
    assert_eq!(reqwest::get(url).await.unwrap().status(), 500);
}
