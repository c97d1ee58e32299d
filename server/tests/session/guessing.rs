//! Guessing at names and passwords: nobody learns who there is, and it is slow.

use std::collections::BTreeSet;

use flightbox::config::Config;
use flightbox_domain::role::Role;
use futures_util::future::join_all;
use reqwest::{Response, StatusCode, header};

use super::{MINUTE, journal, set_cookie, try_to_sign_in};
use crate::common::TestServer;

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
async fn a16_two_hundred_tries_at_somebody_and_at_nobody_are_the_same() {
    let server = TestServer::start().await;
    server.add_person("alice", &[Role::Viewer]).await;
    let mut answers = BTreeSet::new();
    let mut work = BTreeSet::new();
    for _ in 0..20 {
        for name in ["alice", "mallory"] {
            let hashed = server.app().gate.passwords.done();
            for response in join_all((0..10).map(|_| try_to_guess(&server, name))).await {
                let status = response.status();
                let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
                let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
                let page = response.text().await.unwrap().replace(&format!("value=\"{name}\""), "value");
                answers.insert((status, page.replace(&nonce, "nonce")));
            }
            work.insert(server.app().gate.passwords.done() - hashed);
        }
        // As many as are let through; those who go on wait as long as that takes.
        server.clock().advance(MINUTE * 16);
    }
    assert_eq!(answers.len(), 1, "one status and one page");
    assert_eq!(answers.first().unwrap().0, StatusCode::UNAUTHORIZED);
    assert_eq!(work.into_iter().collect::<Vec<_>>(), [10], "each try is one password hashed");
}

async fn try_to_guess(server: &TestServer, name: &str) -> Response {
    try_to_sign_in(server, &server.client(), name, "wrong password", "").await
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
