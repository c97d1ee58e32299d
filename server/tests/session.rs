//! Signing in and out over real HTTP: sessions, their limits, their cookie, and what is recorded of them.

mod common;

use chrono::Duration;
use common::TestServer;
use flightbox::{auth::bootstrap, config::Config};
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
async fn a15_two_installs_have_nobody_in_common_nor_any_secret() {
    use std::os::unix::fs::PermissionsExt;

    let (one, two) = (TestServer::start().await, TestServer::start().await);
    let mut keys = Vec::new();
    for server in [&one, &two] {
        assert!(!server.app().store.any_person().await.unwrap());
        for name in ["admin", "root", "flightbox"] {
            let response = try_to_sign_in(server, &server.client(), name, name, "").await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        }
        let file = server.folder().join("master.key");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        keys.push((std::fs::read(file).unwrap(), bootstrap(server.app()).await.unwrap()));
    }
    assert_ne!(keys[0], keys[1]);
    assert!(keys[0].0 != keys[1].0 && keys[0].1 != keys[1].1);
}

#[tokio::test]
async fn strangers_are_led_to_the_door_and_back() {
    let server = TestServer::start().await;
    let client = server.client();
    let response = get(&server, &client, "/events?q=actor:bob%20x").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&response), "/sign-in?next=/events%3Fq%3Dactor:bob%2520x");
    let page = get(&server, &client, location(&response)).await.text().await.unwrap();
    assert!(page.contains("value=\"/events?q=actor:bob%20x\""), "{page}");

    // What is called and not visited gets an answer that a program understands.
    let response = get(&server, &client, "/pages/me").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(response.headers().contains_key(header::WWW_AUTHENTICATE));
    let fetched = client.get(server.url("/events")).header("sec-fetch-dest", "empty").send().await.unwrap();
    assert_eq!(fetched.status(), StatusCode::UNAUTHORIZED);
    let posted = client.post(server.url("/events")).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(journal(&server).await, [""; 0]);
}

#[tokio::test]
async fn a10_only_a_page_of_ours_is_gone_on_to() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    for next in [
        "//evil.example",
        "/\\evil.example",
        "%2f%2fevil.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: a=b",
        "/\t/evil.example",
    ] {
        let response = try_to_sign_in(&server, &server.client(), "alice", &password, next).await;
        assert_eq!(location(&response), "/events", "{next:?}");
    }
}

#[tokio::test]
async fn a16_nobody_learns_who_has_an_account() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let disabled = server.add_person("carol", &[Role::Viewer]).await;
    let carol = server.app().store.person_by_name(&"carol".parse().unwrap()).await.unwrap().unwrap().person.id;
    server.app().store.set_person_disabled(carol, true, server.app().clock.now()).await.unwrap();
    let mut pages = Vec::new();
    for (name, password) in
        [("alice", "wrong password"), ("mallory", &password), ("carol", &disabled), (" alice", &password)]
    {
        let hashed = server.app().gate.passwords.done();
        let response = try_to_sign_in(&server, &server.client(), name, password, "").await;
        assert_eq!((response.status(), set_cookie(&response)), (StatusCode::UNAUTHORIZED, None), "{name}");
        assert_eq!(server.app().gate.passwords.done(), hashed + 1, "the same work for {name}");
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let page = response.text().await.unwrap().replace(&format!("value=\"{name}\""), "value");
        pages.push(page.replace(&nonce, "nonce"));
    }
    assert!(pages[0].contains("The name or the password is wrong."));
    for page in &pages {
        assert_eq!(*page, pages[0]);
    }
    let failed = |rest| format!("session.sign-in {rest}");
    let expected = [
        "alice failure wrong password",
        "stranger failure unknown name",
        "carol failure disabled",
        "stranger failure unknown name",
    ];
    assert_eq!(journal(&server).await, expected.map(failed));
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

#[tokio::test]
async fn a12_guessing_is_slowed_and_only_for_the_name_guessed_at() {
    let server = TestServer::start().await;
    let alice = server.add_person("alice", &[Role::Viewer]).await;
    let bob = server.add_person("bob", &[Role::Viewer]).await;
    let client = server.client();
    for _ in 0..10 {
        let response = try_to_sign_in(&server, &client, "alice", "wrong password", "").await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    for _ in 0..3 {
        let response = try_to_sign_in(&server, &client, "alice", &alice, "").await;
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::RETRY_AFTER], "901");
    }
    assert_eq!(try_to_sign_in(&server, &client, "bob", &bob, "").await.status(), StatusCode::SEE_OTHER);
    server.clock().advance(MINUTE * 15);
    assert_eq!(try_to_sign_in(&server, &client, "alice", &alice, "").await.status(), StatusCode::SEE_OTHER);
    let journal = journal(&server).await;
    assert_eq!(journal.iter().filter(|entry| entry.ends_with("wrong password")).count(), 10);
    let kept_out = journal.iter().filter(|entry| *entry == "session.sign-in alice denied too many failures");
    assert_eq!(kept_out.count(), 1, "{journal:?}");
}

/// Tries to sign in from an address, which a trusted proxy tells.
async fn try_from(server: &TestServer, address: &str, name: &str, password: &str) -> Response {
    let form = [("name", name), ("password", password)];
    let request = server.client().post(server.url("/sign-in")).header("x-forwarded-for", address);
    request.header("origin", server.url("")).form(&form).send().await.unwrap()
}

#[tokio::test]
async fn a12_a_spray_is_kept_out_by_account_and_by_address_also_after_a_restart() {
    let proxied =
        Config { public_url: String::new(), trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..Config::local() };
    let mut server = TestServer::start_as(proxied).await;
    let (alice, bob) =
        (server.add_person("alice", &[Role::Viewer]).await, server.add_person("bob", &[Role::Viewer]).await);
    // By account, from one place: ten tries.
    for _ in 0..10 {
        assert_eq!(try_from(&server, "192.0.2.1", "alice", "wrong password").await.status(), StatusCode::UNAUTHORIZED);
    }
    // By address, at every name: a hundred.
    for n in 0..100 {
        let name = format!("person {n}");
        assert_eq!(try_from(&server, "192.0.2.2", &name, "wrong password").await.status(), StatusCode::UNAUTHORIZED);
    }
    for _ in 0..2 {
        for (address, name, password) in [("192.0.2.1", "alice", &alice), ("192.0.2.2", "bob", &bob)] {
            let response = try_from(&server, address, name, password).await;
            assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS, "{address}");
            assert_eq!(response.headers()[header::RETRY_AFTER], "901");
        }
        assert_eq!(try_from(&server, "192.0.2.3", "alice", &alice).await.status(), StatusCode::SEE_OTHER, "elsewhere");
        assert_eq!(try_from(&server, "192.0.2.1", "bob", &bob).await.status(), StatusCode::SEE_OTHER, "somebody else");
        server.restart().await;
    }
    server.clock().advance(MINUTE * 15);
    assert_eq!(try_from(&server, "192.0.2.1", "alice", &alice).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a12_a_spray_at_one_account_from_many_places_gets_few_tries_at_each_and_locks_nobody_out() {
    let proxied =
        Config { public_url: String::new(), trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..Config::local() };
    let server = TestServer::start_as(proxied).await;
    let alice = server.add_person("alice", &[Role::Viewer]).await;
    for n in 0..50 {
        let response = try_from(&server, &format!("192.0.2.{}", n / 10), "alice", "wrong password").await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(try_from(&server, "198.51.100.1", "alice", "wrong password").await.status().as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 429]);
    // She has never been there, and mistypes once.
    assert_eq!(try_from(&server, "198.51.100.2", "alice", "wrong password").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(try_from(&server, "198.51.100.2", "alice", &alice).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a15_the_first_admin_is_made_by_link_once_and_within_the_hour() {
    let server = TestServer::start().await;
    let client = server.client();
    let make = async || bootstrap(server.app()).await.unwrap().unwrap();
    let token_of = |url: &str| url.split_once("/setup?token=").unwrap().1.to_owned();
    let (old, late) = (token_of(&make().await), token_of(&make().await));
    let set_up = async |token: &str, name: &str, password: &str| {
        let form = [("token", token), ("name", name), ("password", password), ("again", password)];
        client.post(server.url("/setup")).header("origin", server.url("")).form(&form).send().await.unwrap()
    };
    let page = async |token: &str| get(&server, &server.client(), &format!("/setup?token={token}")).await.status();
    assert_eq!(
        (page(&old).await, page(&late).await, page("").await),
        (StatusCode::FORBIDDEN, StatusCode::OK, StatusCode::FORBIDDEN)
    );
    assert_eq!(set_up(&old, "root", "a good password").await.status(), StatusCode::FORBIDDEN);
    server.clock().advance(MINUTE * 60);
    assert_eq!(set_up(&late, "root", "a good password").await.status(), StatusCode::FORBIDDEN);

    let token = token_of(&make().await);
    for (name, password) in [("root", "short"), ("", "a good password"), ("a\u{202e}b", "a good password")] {
        let response = set_up(&token, name, password).await;
        assert_eq!((response.status(), set_cookie(&response)), (StatusCode::UNPROCESSABLE_ENTITY, None));
    }
    let response = set_up(&token, "root", "a good password").await;
    assert_eq!((response.status(), location(&response)), (StatusCode::SEE_OTHER, "/events"));
    assert_eq!(status(&server, &client).await, StatusCode::OK);
    assert_eq!(set_up(&token, "eve", "another good password").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(page(&token).await, StatusCode::FORBIDDEN);
    assert_eq!(bootstrap(server.app()).await.unwrap(), None);
    let expected = [
        "access.refuse stranger denied setup_link",
        "access.refuse stranger denied setup_link",
        "person.add stranger success the first admin, by one-time link",
        "session.sign-in root success",
    ];
    assert_eq!(journal(&server).await, expected);
}
