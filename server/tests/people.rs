//! `/people` and `/account`: who may sign in, what each may do, and where they are signed in.

mod common;

use chrono::Duration;
use common::{TestServer, Visitor};
use flightbox::{auth::enrol, config::Config, journal::By};
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

/// What the first admin does people with.
async fn root(server: &TestServer) -> Visitor<'_> {
    server.signed_in("root", &[Role::Admin], Sources::All).await
}

/// The token of the one-time link that a page shows.
async fn link(response: Response) -> String {
    assert_eq!(response.status(), StatusCode::CREATED);
    let page = response.text().await.unwrap();
    page.split_once("/setup?token=").unwrap().1.split(['<', '"']).next().unwrap().to_owned()
}

/// Uses a one-time link; the browser that did it.
async fn follow(server: &TestServer, token: &str, password: &str) -> (StatusCode, String) {
    let form = [("token", token), ("password", password), ("again", password)];
    let response =
        server.client().post(server.url("/setup")).header("origin", server.origin()).form(&form).send().await.unwrap();
    let cookie = response.headers().get(header::SET_COOKIE).map_or("", |value| value.to_str().unwrap());
    (response.status(), cookie.split(';').next().unwrap().to_owned())
}

/// Signs in; the cookie, to be captured.
async fn cookie(server: &TestServer, name: &str, password: &str) -> String {
    let form = [("name", name), ("password", password)];
    let response = server.client().post(server.url("/sign-in")).form(&form).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{name}");
    response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// What a cookie gets.
async fn me(server: &TestServer, cookie: &str) -> StatusCode {
    server.client().get(server.url("/pages/account?tz=")).header("cookie", cookie).send().await.unwrap().status()
}

/// Flightbox's own record of people and sessions, sign-ins aside, oldest first.
async fn journal(server: &TestServer) -> Vec<Value> {
    let token = server.add_token("journal", &[Role::Admin], Sources::All).await;
    let query = "source:flightbox%20action:person,session%20-action:session.sign-in,session.step-up%20-actor:console&limit=1000";
    let (_, answer) = server.read_with(&token, &format!("/api/v1/events?q={query}")).await;
    answer["events"].as_array().unwrap_or_else(|| panic!("{answer}")).iter().rev().cloned().collect()
}

fn actions(journal: &[Value]) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tell = |entry: &Value| {
        format!("{} {} {}", text(&entry["actor"]["id"]), text(&entry["action"]), text(&entry["outcome"]))
    };
    journal.iter().map(tell).collect()
}

#[tokio::test]
async fn somebody_is_let_in_by_a_link_that_works_once() {
    let server = TestServer::start().await;
    let root = root(&server).await;
    server.add_source("billing").await;
    let form =
        [("name", " Zoë B. "), ("role", "viewer"), ("role", "investigator"), ("scope", "some"), ("source", "billing")];
    let token = link(root.send("/people", &form).await).await;
    assert!(!root.text("/people").await.contains(&token), "it is shown once");
    let page = server.client().get(server.url(&format!("/setup?token={token}"))).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("Zoë B.") && page.contains("Choose a password"), "{page}");

    assert_eq!(follow(&server, &token, "short").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, cookie) = follow(&server, &token, "a good password").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(me(&server, &cookie).await, StatusCode::OK);
    assert_eq!(follow(&server, &token, "another good password").await.0, StatusCode::FORBIDDEN);
    let known = server.app().store.person_by_name(&"Zoë B.".parse().unwrap()).await.unwrap().unwrap().person;
    assert_eq!(known.roles, [Role::Viewer, Role::Investigator].into_iter().collect());
    assert_eq!(known.sources, Sources::Only(["billing".to_owned()].into()));

    let journal = journal(&server).await;
    assert_eq!(actions(&journal), ["root person.add success", "Zoë B. person.password success"]);
    assert_eq!(journal[0]["details"], json!({"roles": ["viewer", "investigator"], "sources": ["billing"]}));
    assert!(!format!("{journal:?}").contains(&token));
}

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
async fn an_invitation_ends_after_a_day_and_a_new_one_replaces_it() {
    let server = TestServer::start().await;
    let root = root(&server).await;
    let old = link(root.send("/people", &[("name", "bob"), ("role", "viewer"), ("scope", "all")]).await).await;
    let late = link(root.send("/people/bob", &[("do", "reset")]).await).await;
    assert_eq!(follow(&server, &old, "a good password").await.0, StatusCode::FORBIDDEN);
    server.clock().advance(Duration::hours(24));
    assert_eq!(follow(&server, &late, "a good password").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_form_that_is_refused_keeps_what_was_chosen_and_changes_nothing() {
    let server = TestServer::start().await;
    let root = root(&server).await;
    for (form, message) in [
        (&[("name", ""), ("role", "viewer"), ("scope", "all")][..], "A name has at least one character."),
        (&[("name", "root"), ("role", "viewer"), ("scope", "all")], "There is somebody of that name already."),
        (&[("name", "bob"), ("scope", "all")], "Choose a role"),
        (&[("name", "bob"), ("role", "king"), ("scope", "all")], "is no role"),
        (&[("name", "bob"), ("role", "admin")], "Choose a source"),
        (&[("name", "bob"), ("role", "admin"), ("source", "nowhere")], "There is no source of that name."),
        (&[("name", "bob"), ("role", "admin"), ("source", "flightbox")], "There is no source of that name."),
    ] {
        let response = root.send("/people", form).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
        let page = response.text().await.unwrap();
        assert!(page.contains(message), "{form:?}: {page}");
        assert!(page.contains(&format!("value=\"{}\"", form[0].1)) || form[0].1.is_empty());
    }
    assert_eq!(journal(&server).await, [Value::Null; 0]);
    assert_eq!(server.app().store.people().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a4_what_is_taken_from_somebody_is_gone_by_their_next_request() {
    let mut server = TestServer::start().await;
    let password = server.add_person("bob", &[Role::Viewer, Role::Admin]).await;
    let mut captured = Vec::new();
    {
        let root = root(&server).await;
        server.add_source("billing").await;
        for form in [
            &[("do", "grant"), ("role", "viewer"), ("scope", "all")][..],
            &[("do", "grant"), ("role", "viewer"), ("scope", "some"), ("source", "billing")],
            &[("do", "end-all")],
            &[("do", "disable")],
            &[("do", "enable")],
        ] {
            // Whoever is disabled has none to be captured.
            if form != [("do", "enable")] {
                captured.push(cookie(&server, "bob", &password).await);
                assert_eq!(me(&server, captured.last().unwrap()).await, StatusCode::OK);
            }
            let response = root.send("/people/bob", form).await;
            assert_eq!(response.status(), StatusCode::SEE_OTHER, "{form:?}");
            assert_eq!(me(&server, captured.last().unwrap()).await, StatusCode::UNAUTHORIZED, "{form:?}");
        }
        let journal = journal(&server).await;
        let done = ["change", "change", "", "disable", "enable"];
        let done = done.map(|done| match done {
            "" => "root session.end success".to_owned(),
            done => format!("root person.{done} success"),
        });
        assert_eq!(actions(&journal), done);
        let roles = json!({"roles": {"before": ["viewer", "admin"], "after": ["viewer"]}});
        assert_eq!(journal[0]["changes"], roles);
        assert_eq!(journal[1]["changes"], json!({"sources": {"before": "all", "after": ["billing"]}}));
    }
    server.restart().await;
    for cookie in &captured {
        assert_eq!(me(&server, cookie).await, StatusCode::UNAUTHORIZED);
    }
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

#[tokio::test]
async fn a21_a_reset_leaves_everything_as_it_is_until_its_link_is_used() {
    let server = TestServer::start().await;
    let root = root(&server).await;
    let password = server.add_person("bob", &[Role::Viewer]).await;
    let here = cookie(&server, "bob", &password).await;
    let token = link(root.send("/people/bob", &[("do", "reset")]).await).await;
    assert_eq!(me(&server, &here).await, StatusCode::OK);
    cookie(&server, "bob", &password).await;
    assert_eq!(follow(&server, &token, "a new password").await.0, StatusCode::SEE_OTHER);
    assert_eq!(me(&server, &here).await, StatusCode::UNAUTHORIZED);
    cookie(&server, "bob", "a new password").await;
    assert_eq!(actions(&journal(&server).await), ["root person.reset success", "bob person.password success"]);

    root.send("/people/bob", &[("do", "disable")]).await;
    let response = root.send("/people/bob", &[("do", "reset")]).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(response.text().await.unwrap().contains("Enable them first."));
}

#[tokio::test]
async fn nobody_changes_what_they_may_do_themselves() {
    let server = TestServer::start().await;
    let root = root(&server).await;
    for form in [
        &[("do", "grant"), ("role", "investigator"), ("scope", "all")][..],
        &[("do", "disable")],
        &[("do", "reset")],
        &[("do", "end-all")],
    ] {
        assert_eq!(root.send("/people/root", form).await.status(), StatusCode::FORBIDDEN, "{form:?}");
    }
    let page = root.text("/people/root").await;
    assert!(page.contains("This is you.") && !page.contains("action=\"/people/root\""));
    assert_eq!(root.send("/people/nobody", &[("do", "disable")]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(root.get("/people/nobody").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_sees_some_sources_gives_away_no_more() {
    let server = TestServer::start().await;
    for source in ["billing", "hr"] {
        server.add_source(source).await;
    }
    let billing = Sources::Only(["billing".to_owned()].into());
    let carol = server.signed_in("carol", &[Role::Admin], billing.clone()).await;
    server.add_person("root", &[Role::Admin]).await;
    server
        .add_scoped_person("dora", &[Role::Viewer], Sources::Only(["billing".to_owned(), "hr".to_owned()].into()))
        .await;
    server.add_scoped_person("bob", &[Role::Viewer], billing).await;
    for scope in [("scope", "all"), ("source", "hr")] {
        let response = carol.send("/people", &[("name", "eve"), ("role", "viewer"), scope]).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{scope:?}");
        let response = carol.send("/people/bob", &[("do", "grant"), ("role", "viewer"), scope]).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{scope:?}");
    }
    for name in ["root", "dora"] {
        for deed in ["disable", "reset", "end-all"] {
            let response = carol.send(&format!("/people/{name}"), &[("do", deed)]).await;
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{deed} {name}");
        }
    }
    let page = carol.text("/people").await;
    assert!(page.contains("billing and 1 more") && !page.contains("hr<"), "{page}");
    assert!(!carol.text("/people/dora").await.contains(">hr<"));
    assert_eq!(carol.send("/people/bob", &[("do", "disable")]).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn people_are_for_admins_and_the_account_is_for_everybody() {
    let server = TestServer::start().await;
    server.add_person("bob", &[Role::Viewer]).await;
    let investigator = server.signed_in("ivy", &[Role::Viewer, Role::Investigator], Sources::All).await;
    for path in ["/people", "/people/bob", "/pages/people?tz=", "/pages/person?name=bob&tz="] {
        assert_eq!(investigator.get(path).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["/people", "/people/bob"] {
        assert_eq!(investigator.send(path, &[("do", "disable"), ("name", "x")]).await.status(), StatusCode::FORBIDDEN);
    }
    assert!(investigator.text("/account").await.contains("viewer, investigator"));
    let nobody = server.signed_in("norole", &[], Sources::All).await;
    assert!(nobody.text("/account").await.contains("no role"));
    let foreign = investigator.post("/account").header("origin", "https://evil.example").form(&[("do", "end-all")]);
    assert_eq!(foreign.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}
