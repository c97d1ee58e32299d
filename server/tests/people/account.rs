//! One's own password and sessions.

use flightbox::{auth::enrol, config::Config, journal::By};
use flightbox_domain::role::Role;
use reqwest::{StatusCode, header};

use super::{actions, cookie, follow, journal, me, root};
use crate::common::TestServer;

#[tokio::test]
async fn a13_a_password_is_judged_offline_and_every_byte_of_it_counts() {
    let public_url = "https://audit.example.org".to_owned();
    let server = TestServer::start_as(Config { public_url, ..Config::local() }).await;
    server.add_person("bob brown", &[Role::Viewer]).await;
    let name = "bob brown".parse().unwrap();
    let drawn = enrol::reset(server.app(), By::Console, &name).await.unwrap().unwrap();
    let drawn = drawn.secret.expose().to_owned();
    for password in ["short", "qwertyuiop", "password123", "Flightbox2026", "bobbrown2026", "audit.example.org"] {
        assert_eq!(follow(&server, &drawn, password).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
    }
    // 128 characters, none of them ASCII: the 73rd byte is in the middle of them.
    let long: String = ('а'..='я').chain('ぁ'..='ん').chain('α'..='ω').cycle().step_by(5).take(128).collect();
    assert_eq!(follow(&server, &drawn, &long).await.0, StatusCode::SEE_OTHER);
    let sign_in = async |password: &str| {
        let form = [("name", "bob brown"), ("password", password)];
        server.client().post(server.url("/sign-in")).form(&form).send().await.unwrap().status()
    };
    let mut other: Vec<char> = long.chars().collect();
    other[127] = 'z';
    assert_eq!(sign_in(&other.into_iter().collect::<String>()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&long.chars().take(72 / 2).collect::<String>()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&long).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a20_a_new_password_is_a_new_session_and_the_old_one_is_over() {
    let server = TestServer::start().await;
    let password = server.add_person("bob", &[Role::Viewer]).await;
    let (here, there) = (cookie(&server, "bob", &password).await, cookie(&server, "bob", &password).await);
    let change = async |old: &str, new: &str, again: &str| {
        let form = [("do", "password"), ("old", old), ("password", new), ("again", again)];
        let request = server.client().post(server.url("/account")).header("origin", server.origin());
        request.header("cookie", &here).form(&form).send().await.unwrap()
    };
    for (old, new, again, message) in [
        ("wrong password", "a new password", "a new password", "That is not your password."),
        (&*password, "a new password", "a new pasword", "The two passwords are not the same."),
        (&password, "short", "short", "A password has at least 10 characters."),
    ] {
        let response = change(old, new, again).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(response.text().await.unwrap().contains(message), "{message}");
        assert_eq!(me(&server, &here).await, StatusCode::OK);
    }
    let response = change(&password, "a new password", "a new password").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let fresh = response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    for (cookie, status) in
        [(&here, StatusCode::UNAUTHORIZED), (&there, StatusCode::UNAUTHORIZED), (&fresh, StatusCode::OK)]
    {
        assert_eq!(me(&server, cookie).await, status);
    }
    assert_eq!(actions(&journal(&server).await), ["bob person.password failure", "bob person.password success"]);
    cookie(&server, "bob", "a new password").await;
}

#[tokio::test]
async fn a12_guessing_at_the_old_password_is_slowed_like_guessing_at_the_door() {
    let server = TestServer::start().await;
    let password = server.add_person("bob", &[Role::Viewer]).await;
    let here = cookie(&server, "bob", &password).await;
    let change = async |old: &str| {
        let form = [("do", "password"), ("old", old), ("password", "a new password"), ("again", "a new password")];
        let request = server.client().post(server.url("/account")).header("origin", server.origin());
        request.header("cookie", &here).form(&form).send().await.unwrap()
    };
    for _ in 0..10 {
        assert_eq!(change("wrong password").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let response = change(&password).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(response.headers().contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn a21_a_captured_cookie_is_worth_nothing_once_its_session_was_ended() {
    let mut server = TestServer::start().await;
    let password = server.add_person("bob", &[Role::Viewer]).await;
    let (one, two, three) = (
        cookie(&server, "bob", &password).await,
        cookie(&server, "bob", &password).await,
        cookie(&server, "bob", &password).await,
    );
    {
        let root = root(&server).await;
        let bob = server.app().store.person_by_name(&"bob".parse().unwrap()).await.unwrap().unwrap().person.id;
        let sessions =
            server.app().store.sessions_of(bob, server.clock().now(), &flightbox::auth::LIMITS).await.unwrap();
        // Sessions of one moment stand in the order of their ids, so each is found by what it opens.
        let digests: Vec<_> = sessions.iter().map(|session| session.id.digest(server.app().store.keys())).collect();
        let page = root.text("/people/bob").await;
        assert!(digests.iter().all(|digest| page.contains(digest)));
        assert!(sessions.iter().all(|session| !page.contains(session.id.as_str())), "no page has an id itself");
        assert_eq!(
            root.send("/people/bob", &[("do", "end"), ("session", &digests[0])]).await.status(),
            StatusCode::SEE_OTHER
        );
        let alive = async |cookie: &str| me(&server, cookie).await == StatusCode::OK;
        let left = [alive(&one).await, alive(&two).await, alive(&three).await];
        assert_eq!(left.iter().filter(|alive| **alive).count(), 2);
        let again = root.send("/people/bob", &[("do", "end"), ("session", &digests[0])]).await;
        assert_eq!(again.status(), StatusCode::NOT_FOUND);

        let own = if left[0] { &one } else { &two };
        let request = server.client().post(server.url("/account")).header("origin", server.origin());
        let ended = request.header("cookie", own).form(&[("do", "end-all")]).send().await.unwrap();
        assert_eq!(ended.status(), StatusCode::SEE_OTHER);
        let left = [alive(&one).await, alive(&two).await, alive(&three).await];
        assert_eq!(left.iter().filter(|alive| **alive).count(), 1);
        assert!(alive(own).await);
        assert_eq!(actions(&journal(&server).await), ["root session.end success", "bob session.end success"]);
        assert_eq!(root.send("/people/bob", &[("do", "end-all")]).await.status(), StatusCode::SEE_OTHER);
    }
    server.restart().await;
    for cookie in [&one, &two, &three] {
        assert_eq!(me(&server, cookie).await, StatusCode::UNAUTHORIZED);
    }
}
