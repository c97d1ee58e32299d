//! What is refused, and what every answer says beside its words: other sites' requests, bad tokens, headers, faults.

use crate::common::TestServer;
use axum::{Router, body::Body, http::Request, middleware, routing::get};
use flightbox::{App, fault, headers};
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::{Method, Response, StatusCode, header};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

async fn call(server: &TestServer, method: Method, authorization: Option<&str>) -> Response {
    let mut request = server.client().request(method, server.url("/api/v1/events"));
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    request.json(&serde_json::json!({"actor": "alice", "action": "user.update"})).send().await.unwrap()
}

#[tokio::test]
async fn a_token_opens_what_it_is_for_and_nothing_else() {
    let server = TestServer::start().await;
    let ingest = server.add_source("billing").await;
    let read = server.add_token("siem", &[Role::Viewer], Sources::All).await;
    let bearer = |token: &str| format!("Bearer {token}");
    let unknown = format!("Bearer fbi_{}", "0".repeat(64));
    for (method, authorization, status, code) in [
        (Method::POST, Some(bearer(&ingest)), 201, ""),
        (Method::POST, Some(bearer(&read)), 401, "bad_token"),
        (Method::POST, Some(unknown.clone()), 401, "bad_token"),
        (Method::POST, Some("Bearer nonsense".to_owned()), 401, "bad_token"),
        (Method::POST, None, 401, "no_token"),
        (Method::GET, Some(bearer(&read)), 200, ""),
        (Method::GET, Some(bearer(&ingest)), 403, "ingest_token"),
        (Method::GET, Some(unknown), 401, "bad_token"),
        (Method::GET, Some("Basic YTpi".to_owned()), 401, "no_token"),
    ] {
        let response = call(&server, method.clone(), authorization.as_deref()).await;
        assert_eq!(response.status(), status, "{method} {authorization:?}");
        assert_eq!(response.headers().contains_key(header::WWW_AUTHENTICATE), status == 401);
        if status >= 400 {
            let body: serde_json::Value = response.json().await.unwrap();
            assert_eq!(body["code"], code, "{method} {authorization:?}");
        }
    }
    server.app().store.set_source_disabled(&"billing".parse().unwrap(), true, server.app().clock.now()).await.unwrap();
    assert_eq!(call(&server, Method::POST, Some(&bearer(&ingest))).await.status(), StatusCode::FORBIDDEN);
    server.app().store.revoke_token(&"siem".parse().unwrap(), server.app().clock.now()).await.unwrap();
    assert_eq!(call(&server, Method::GET, Some(&bearer(&read))).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_flood_of_bad_tokens_leaves_one_entry_a_minute() {
    let server = TestServer::start().await;
    let before = server.app().store.facts().await.unwrap().events;
    for _ in 0..20 {
        assert_eq!(call(&server, Method::POST, Some("Bearer nonsense")).await.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(server.app().store.facts().await.unwrap().events, before + 1);
    server.clock().advance(chrono::Duration::minutes(1));
    call(&server, Method::POST, None).await;
    assert_eq!(server.app().store.facts().await.unwrap().events, before + 2);
}

#[tokio::test]
async fn a6_other_sites_change_nothing() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let client = server.client();
    let form = [("name", "alice"), ("password", &password)];
    let ours = server.url("");
    let sign_in = || client.post(server.url("/sign-in")).form(&form);
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")] {
        assert_eq!(
            sign_in().header(name, value).send().await.unwrap().status(),
            StatusCode::FORBIDDEN,
            "{name}: {value}"
        );
    }
    let text = client.post(server.url("/sign-in")).header("origin", &ours).header(header::CONTENT_TYPE, "text/plain");
    let text = text.body(format!("name=alice&password={password}")).send().await.unwrap();
    assert_eq!(text.status(), StatusCode::FORBIDDEN);
    // A program that has no session yet may sign in without saying where it comes from.
    assert_eq!(sign_in().send().await.unwrap().status(), StatusCode::SEE_OTHER);

    let events = server.app().store.facts().await.unwrap().events;
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "same-site"), ("x-nothing", "")] {
        let response = client.post(server.url("/sign-out")).header(name, value).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert_eq!(server.app().store.facts().await.unwrap().events, events + 3, "each is recorded, for she is signed in");
    assert_eq!(client.get(server.url("/sign-out")).send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(client.get(server.url("/pages/me")).send().await.unwrap().status(), StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn a8_every_answer_carries_the_headers() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let client = server.client();
    client.post(server.url("/sign-in")).form(&[("name", "alice"), ("password", &password)]).send().await.unwrap();
    for path in [
        "/events",
        "/sign-in",
        "/setup",
        "/nowhere",
        "/pages/me",
        "/events/live",
        "/healthz",
        "/api/v1/events",
        "/api/nowhere",
        "/pkg/none.js",
    ] {
        let response = client.get(server.url(path)).send().await.unwrap();
        let header = |name: &str| response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(header(name), value, "{path} {name}");
        }
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path} {policy}"
        );
        assert!(header("content-type").starts_with("text/html") == policy.contains("'nonce-"), "{path} {policy}");
    }
}

#[tokio::test]
async fn a8_a_pages_scripts_carry_the_nonce_of_its_policy_and_each_page_its_own() {
    let server = TestServer::start().await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let response = server.client().get(server.url("/sign-in")).send().await.unwrap();
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0.to_owned();
        let page = response.text().await.unwrap();
        for script in page.split("<script").skip(1) {
            let tag = script.split_once('>').unwrap().0;
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")) || tag.contains("src=\"/pkg/"), "{tag}");
        }
        assert!(!page.contains(" style=\""), "the policy would drop it");
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn a_person_without_a_role_is_refused_and_that_is_recorded() {
    let server = TestServer::start().await;
    let password = server.add_person("norole", &[]).await;
    let client = server.client();
    client.post(server.url("/sign-in")).form(&[("name", "norole"), ("password", &password)]).send().await.unwrap();
    let events = server.app().store.facts().await.unwrap().events;
    assert_eq!(client.get(server.url("/events")).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(server.app().store.facts().await.unwrap().events, events + 1);
}

async fn boom() -> &'static str {
    panic!("the secret is 42\r\nforged line")
}

#[tokio::test]
async fn a37_a_panic_answers_with_an_id_and_nothing_else() {
    let server = TestServer::start().await;
    let app: App = server.app().clone();
    let router = Router::new()
        .route("/boom", get(boom))
        .layer(CatchPanicLayer::custom(fault::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), fault::report))
        .layer(middleware::from_fn_with_state(app.clone(), headers::secure))
        .with_state(app);
    for (accept, kind) in [("*/*", "application/json"), ("text/html", "text/html; charset=utf-8")] {
        let request = Request::get("/boom").header("accept", accept).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), axum::http::StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["content-type"], kind);
        assert!(response.headers().contains_key("content-security-policy"));
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("id") && !body.contains("the secret"), "{body}");
    }
}
