//! `/people` and `/account`: who may sign in, what each may do, and where they are signed in.

mod account;
mod bounds;

use crate::common::{TestServer, Visitor};
use chrono::Duration;
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
