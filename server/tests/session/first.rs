//! Before anybody is in: whom the door lets through, and who is the first.

use flightbox::auth::bootstrap;
use flightbox_domain::role::Role;
use reqwest::{StatusCode, header};

use super::{MINUTE, get, journal, location, set_cookie, status, try_to_sign_in};
use crate::common::TestServer;

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
