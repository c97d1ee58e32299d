//! Signing in and out over real HTTP: sessions, their limits, their cookie, and what is recorded of them.

mod first;
mod guessing;

use crate::common::TestServer;
use chrono::Duration;
use flightbox::config::Config;
use flightbox_domain::{
    role::{Role, Roles},
    scope::Sources,
};
use reqwest::{Client, Response, StatusCode, header};

const MINUTE: Duration = Duration::minutes(1);

fn location(response: &Response) -> &str {
    response.headers().get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
}

fn set_cookie(response: &Response) -> Option<&str> {
    response.headers().get(header::SET_COOKIE).map(|value| value.to_str().unwrap())
}

async fn try_to_sign_in(server: &TestServer, client: &Client, name: &str, password: &str, next: &str) -> Response {
    let form = [("name", name), ("password", password), ("next", next)];
    let request = client.post(server.url("/sign-in")).header("origin", server.url("")).form(&form);
    request.send().await.unwrap()
}

async fn signed_in(server: &TestServer, name: &str, password: &str) -> Client {
    let client = server.client();
    let response = try_to_sign_in(server, &client, name, password, "").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    client
}

async fn get(server: &TestServer, client: &Client, path: &str) -> Response {
    client.get(server.url(path)).send().await.unwrap()
}

async fn status(server: &TestServer, client: &Client) -> StatusCode {
    get(server, client, "/pages/me").await.status()
}

/// Flightbox's own record, oldest first: action, actor, outcome and reason of each entry.
async fn journal(server: &TestServer) -> Vec<String> {
    let token = server.add_token("journal", &[Role::Admin], Sources::All).await;
    let (_, answer) = server.read_with(&token, "/api/v1/events?q=source:flightbox&limit=1000").await;
    let tell = |event: &serde_json::Value| {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let [action, actor] = [text(&event["action"]), text(&event["actor"]["id"])];
        format!("{action} {actor} {} {}", text(&event["outcome"]), text(&event["reason"])).trim().to_owned()
    };
    let events = answer["events"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let told = events.iter().rev().map(tell);
    told.filter(|entry| !entry.starts_with("token.add") && !entry.starts_with("person.add console")).collect()
}

#[tokio::test]
async fn a7_a_person_signs_in_looks_and_signs_out() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let client = server.client();
    let response = try_to_sign_in(&server, &client, "alice", &password, "/events?q=actor:bob").await;
    assert_eq!((response.status(), location(&response)), (StatusCode::SEE_OTHER, "/events?q=actor:bob"));
    let cookie = set_cookie(&response).unwrap().to_owned();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert!(pair.starts_with("flightbox=ey"), "{cookie}");
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Path=/");
    assert_eq!(response.text().await.unwrap(), "");

    let page = get(&server, &client, "/events").await;
    assert_eq!((page.status(), &page.headers()[header::CACHE_CONTROL]), (StatusCode::OK, &"no-store".parse().unwrap()));
    let token = pair.split_once('=').unwrap().1;
    assert!(!page.text().await.unwrap().contains(token));

    let request = client.post(server.url("/sign-out")).header("origin", server.url(""));
    let response = request.send().await.unwrap();
    assert_eq!((response.status(), location(&response)), (StatusCode::SEE_OTHER, "/sign-in"));
    assert!(set_cookie(&response).unwrap().contains("Max-Age=0"));
    let captured = server.client().get(server.url("/pages/me")).header("cookie", pair).send().await.unwrap();
    assert_eq!(captured.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(status(&server, &client).await, StatusCode::UNAUTHORIZED);
    let expected = ["session.sign-in alice success", "events.search alice success", "session.sign-out alice success"];
    assert_eq!(journal(&server).await, expected);
}

#[tokio::test]
async fn a7_over_https_the_cookie_is_the_hosts_own_and_never_sent_in_clear() {
    let public_url = "https://audit.example.org".to_owned();
    let server = TestServer::start_as(Config { public_url, ..Config::local() }).await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let response = try_to_sign_in(&server, &server.client(), "alice", &password, "").await;
    let cookie = set_cookie(&response).unwrap();
    assert!(cookie.starts_with("__Host-flightbox=ey"), "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/"), "{cookie}");
    let plain = cookie.split(';').next().unwrap().replace("__Host-", "");
    let request = server.client().get(server.url("/pages/me")).header("cookie", plain);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "the plain name is for loopback");
}

#[tokio::test]
async fn a4_what_is_taken_from_somebody_is_gone_by_the_next_request() {
    let server = TestServer::start().await;
    let (store, now) = (&server.app().store, server.app().clock.now());
    server.add_person("admin", &[Role::Admin]).await;
    let password = server.add_person("alice", &[Role::Viewer, Role::Investigator]).await;
    let alice = store.person_by_name(&"alice".parse().unwrap()).await.unwrap().unwrap().person.id;

    let client = signed_in(&server, "alice", &password).await;
    store.set_person_grants(alice, &Roles::from_iter([Role::Viewer]), &Sources::All, now).await.unwrap();
    assert_eq!(status(&server, &client).await, StatusCode::UNAUTHORIZED, "another role takes another session");
    let client = signed_in(&server, "alice", &password).await;
    store.set_person_disabled(alice, true, now).await.unwrap();
    assert_eq!(status(&server, &client).await, StatusCode::UNAUTHORIZED);
    store.set_person_disabled(alice, false, now).await.unwrap();
    assert_eq!(status(&server, &client).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a20_a_second_sign_in_ends_the_first_session_of_this_browser() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let client = server.client();
    let first = try_to_sign_in(&server, &client, "alice", &password, "").await;
    let first = set_cookie(&first).unwrap().split(';').next().unwrap().to_owned();
    try_to_sign_in(&server, &client, "alice", &password, "").await;
    assert_eq!(status(&server, &client).await, StatusCode::OK);
    let old = server.client().get(server.url("/pages/me")).header("cookie", first).send().await.unwrap();
    assert_eq!(old.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a21_a_restart_keeps_whoever_is_signed_in_and_nobody_else() {
    let mut server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let mut cookies = Vec::new();
    for _ in 0..2 {
        let response = try_to_sign_in(&server, &server.client(), "alice", &password, "").await;
        cookies.push(set_cookie(&response).unwrap().split(';').next().unwrap().to_owned());
    }
    let leave =
        server.client().post(server.url("/sign-out")).header("origin", server.url("")).header("cookie", &cookies[0]);
    assert_eq!(leave.send().await.unwrap().status(), StatusCode::SEE_OTHER);
    server.restart().await;
    for (cookie, expected) in cookies.iter().zip([StatusCode::UNAUTHORIZED, StatusCode::OK]) {
        let request = server.client().get(server.url("/pages/me")).header("cookie", cookie);
        assert_eq!(request.send().await.unwrap().status(), expected);
    }
}

#[tokio::test]
async fn a19_a_session_ends_unused_and_ends_at_last() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let client = signed_in(&server, "alice", &password).await;
    server.clock().advance(MINUTE * 29);
    let response = get(&server, &client, "/events").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(set_cookie(&response).is_some(), "a token in use is replaced");
    server.clock().advance(MINUTE);
    assert_eq!(set_cookie(&get(&server, &client, "/events").await), None, "but not each time");
    server.clock().advance(MINUTE * 30);
    assert_eq!(status(&server, &client).await, StatusCode::UNAUTHORIZED);

    let client = signed_in(&server, "alice", &password).await;
    for _ in 0..12 * 3 - 1 {
        server.clock().advance(MINUTE * 20);
        assert_eq!(status(&server, &client).await, StatusCode::OK);
    }
    server.clock().advance(MINUTE * 20);
    assert_eq!(status(&server, &client).await, StatusCode::UNAUTHORIZED);
}
