//! Changes of what somebody, or something, may do: each is confirmed for itself before it is made.

use crate::common::{
    TestServer,
    browser::{Browser, between, location},
};
use flightbox_domain::role::Role;
use futures_util::future::join_all;
use reqwest::{StatusCode, header};
use serde_json::Value;

type Form<'f> = &'f [(&'f str, &'f str)];

const GRANT: Form<'static> = &[("do", "grant"), ("role", "admin"), ("scope", "all")];
const GRANTED: &str = "/people/bob?do=grant&role=admin&scope=all";

/// An admin with a browser, their password, and bob.
async fn alice(server: &TestServer) -> (Browser<'_>, String) {
    server.add_person("bob", &[Role::Viewer]).await;
    let password = server.add_person("alice", &[Role::Admin, Role::Investigator]).await;
    let alice = Browser::new(server);
    alice.sign_in("alice", &password).await;
    (alice, password)
}

/// What was recorded of people and tokens: the action of each entry, oldest first.
async fn changes(server: &TestServer, since: i64) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = server.recorded(since).await.into_iter();
    let about = |action: &str| ["person.", "token."].iter().any(|start| action.starts_with(start));
    all.map(|entry| text(&entry["action"])).filter(|action| about(action)).collect()
}

#[tokio::test]
async fn s1_nothing_that_somebody_may_do_is_changed_before_it_is_confirmed() {
    let server = TestServer::start().await;
    let (alice, password) = alice(&server).await;
    // Nobody but who is disabled can be enabled.
    server.add_person("dora", &[Role::Viewer]).await;
    let dora = server.app().store.person_by_name(&"dora".parse().unwrap()).await.unwrap().unwrap().person.id;
    server.app().store.set_person_disabled(dora, true, server.clock().now()).await.unwrap();
    let since = server.settled().await;
    let before = server.app().store.people().await.unwrap();
    for (path, form, request) in [
        ("/people/bob", GRANT, GRANTED),
        ("/people/bob", &[("do", "disable")], "/people/bob?do=disable"),
        ("/people/dora", &[("do", "enable")], "/people/dora?do=enable"),
        ("/people/bob", &[("do", "reset")], "/people/bob?do=reset"),
        (
            "/people",
            &[("scope", "all"), ("role", "viewer"), ("name", "Zoë")],
            "/people?do=add&name=Zo%C3%AB&role=viewer&scope=all",
        ),
        (
            "/tokens",
            &[("do", "make"), ("name", "siem"), ("role", "investigator"), ("scope", "all"), ("days", "7")],
            "/tokens?do=make&name=siem&role=investigator&scope=all&days=7",
        ),
    ] {
        let refused = alice.call(path, Some(form)).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{request}");
        let challenge = refused.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned();
        assert!(challenge.contains("error=\"insufficient_user_authentication\"") && challenge.contains("max_age"));
        let body: Value = refused.json().await.unwrap();
        assert_eq!((&body["code"], &body["max_age"]), (&"insufficient_user_authentication".into(), &600.into()));
        assert_eq!(alice.call(request, None).await.status(), StatusCode::UNAUTHORIZED, "nor is it asked");
    }
    assert_eq!(changes(&server, since).await, [""; 0]);
    assert_eq!(server.app().store.people().await.unwrap().len(), before.len());

    // Whoever sees pages is led to the one that asks, and from there to the last question.
    let led = alice.post("/people/bob", GRANT).await;
    assert_eq!(led.status(), StatusCode::SEE_OTHER);
    let page = alice.text(&location(&led)).await;
    assert!(page.contains("one change of what somebody may do") && page.contains("That is weaker"), "{page}");
    let confirmed = alice.confirm("people", GRANTED, &password, "").await;
    assert_eq!(location(&confirmed), GRANTED);
    let page = alice.text(GRANTED).await;
    assert!(page.contains("Change what bob may do and see") && page.contains("until now"), "{page}");
    let form = between(&page, "action=\"/people/bob\"", "</form>");
    for (name, value) in GRANT {
        assert!(form.contains(&format!("name=\"{name}\" value=\"{value}\"")), "{form}");
    }
    assert_eq!(alice.post("/people/bob", GRANT).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(changes(&server, since).await, ["person.change"]);
}

#[tokio::test]
async fn s3_what_was_confirmed_is_good_for_that_very_change_of_that_person_once() {
    let server = TestServer::start().await;
    let (alice, password) = alice(&server).await;
    server.add_person("carol", &[Role::Viewer]).await;
    server.add_person("dave", &[Role::Admin]).await;
    server.add_source("billing").await;
    let since = server.settled().await;
    assert_eq!(alice.confirm("people", GRANTED, &password, "").await.status(), StatusCode::SEE_OTHER);
    let (elsewhere, dave) = (Browser::new(&server), Browser::new(&server));
    elsewhere.sign_in("alice", &password).await;
    dave.sign_in("dave", &password).await;
    for (who, path, form) in [
        (&alice, "/people/bob", &[("do", "grant"), ("role", "investigator"), ("scope", "all")][..]),
        (&alice, "/people/bob", &[("do", "grant"), ("role", "admin"), ("role", "viewer"), ("scope", "all")]),
        (&alice, "/people/bob", &[("do", "grant"), ("role", "admin"), ("source", "billing")]),
        (&alice, "/people/bob", &[("do", "reset")]),
        (&alice, "/people/carol", GRANT),
        (&elsewhere, "/people/bob", GRANT),
        (&dave, "/people/bob", GRANT),
    ] {
        assert_eq!(who.call(path, Some(form)).await.status(), StatusCode::UNAUTHORIZED, "{path} {form:?}");
    }
    // What cannot be is refused without a question, and uses nothing up.
    let wrong = alice.call("/people/bob", Some(&[("do", "grant"), ("scope", "all")])).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    // The order of a form is nobody's business.
    let other_way_round = [("scope", "all"), ("role", "admin"), ("do", "grant")];
    let all = join_all((0..10).map(|_| alice.call("/people/bob", Some(&other_way_round)))).await;
    assert!(all.iter().any(|answer| answer.status() == StatusCode::SEE_OTHER));
    assert_eq!(changes(&server, since).await, ["person.change"]);
    assert_eq!(
        alice.call("/people/bob", Some(&[("do", "grant"), ("role", "viewer"), ("scope", "all")])).await.status(),
        StatusCode::UNAUTHORIZED
    );
    // Nor does one purpose stand for another.
    for purpose in ["reveal", "factor", "token"] {
        let disable = "/people/bob?do=disable";
        assert_eq!(alice.confirm(purpose, disable, &password, "").await.status(), StatusCode::SEE_OTHER);
        let refused = alice.call("/people/bob", Some(&[("do", "disable")])).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{purpose}");
    }
}

#[tokio::test]
async fn lost_second_factors_are_removed_by_an_admin_and_their_holder_is_told_when_they_sign_in() {
    let server = TestServer::start().await;
    let (alice, password) = alice(&server).await;
    let bob = Browser::new(&server);
    bob.sign_in("bob", &password).await;
    let enrolled = bob.enrol(&password).await;
    let halfway = Browser::new(&server);
    assert!(halfway.sign_in("bob", &password).await.starts_with("/sign-in/second"));
    let page = alice.text("/people/bob").await;
    assert!(page.contains("Remove second factors") && !alice.text("/people/alice").await.contains("Remove second"));

    let since = server.settled().await;
    let form = [("do", "factors")];
    let request = "/people/bob?do=factors";
    assert_eq!(alice.call("/people/bob", Some(&form)).await.status(), StatusCode::UNAUTHORIZED);
    assert!(bob.is_in().await);
    assert_eq!(location(&alice.confirm("people", request, &password, "").await), request);
    assert!(alice.text(request).await.contains("Remove the second factors of bob"));
    assert_eq!(location(&alice.post("/people/bob", &form).await), "/people/bob");
    assert_eq!(changes(&server, since).await, ["person.factors"]);
    assert!(!bob.is_in().await, "their sessions end");
    let second = [("code", enrolled.codes[0].as_str())];
    assert_eq!(halfway.post("/sign-in/second", &second).await.status(), StatusCode::SEE_OTHER);
    assert!(!halfway.is_in().await, "nor does the second step that was under way lead in");
    assert!(!alice.text("/people/bob").await.contains("Remove second factors"));
    let none = alice.call("/people/bob", Some(&form)).await;
    assert_eq!(none.status(), StatusCode::UNPROCESSABLE_ENTITY);

    // By the password alone, to the page that says so; the next time where they want.
    assert_eq!(bob.sign_in("bob", &password).await, "/account/factors");
    let page = bob.text("/account/factors").await;
    assert!(page.contains("<bdi>alice</bdi>") && page.contains("2026-11-22 12:00 UTC"));
    let elsewhere = Browser::new(&server);
    assert_eq!(elsewhere.sign_in("bob", &password).await, "/events");
    assert!(bob.text("/account/factors").await.contains("removed your second factors"));
    bob.enrol(&password).await;
    assert!(!bob.text("/account/factors").await.contains("removed your second factors"));
}

#[tokio::test]
async fn whoever_gets_another_password_after_losing_their_factors_is_told_as_well() {
    let server = TestServer::start().await;
    let (alice, password) = alice(&server).await;
    let bob = Browser::new(&server);
    bob.sign_in("bob", &password).await;
    bob.enrol(&password).await;
    for deed in ["factors", "reset"] {
        let request = format!("/people/bob?do={deed}");
        assert_eq!(alice.confirm("people", &request, &password, "").await.status(), StatusCode::SEE_OTHER);
    }
    assert_eq!(alice.post("/people/bob", &[("do", "factors")]).await.status(), StatusCode::SEE_OTHER);
    let page = alice.post("/people/bob", &[("do", "reset")]).await.text().await.unwrap();
    let token = between(&page, "/setup?token=", "<");
    let form = [("token", token), ("password", "another good password"), ("again", "another good password")];
    assert_eq!(location(&bob.post("/setup", &form).await), "/account/factors");
}

#[tokio::test]
async fn a_token_that_does_no_more_than_a_viewer_is_not_confirmed_and_a_change_that_fits_in_no_url_is_refused() {
    let server = TestServer::start().await;
    let (alice, password) = alice(&server).await;
    let make = |role| [("do", "make"), ("name", "siem"), ("role", role), ("scope", "all"), ("days", "7")];
    let answer = alice.call("/tokens", Some(&make("investigator"))).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let request = "/tokens?do=make&name=siem&role=investigator&scope=all&days=7";
    assert_eq!(location(&alice.confirm("token", request, &password, "").await), request);
    assert!(alice.text(request).await.contains("Make the token siem"));
    let longer = [("do", "make"), ("name", "siem"), ("role", "investigator"), ("scope", "all"), ("days", "365")];
    assert_eq!(alice.call("/tokens", Some(&longer)).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(alice.call("/tokens", Some(&make("investigator"))).await.status(), StatusCode::CREATED);
    let plain = [("do", "make"), ("name", "grafana"), ("role", "viewer"), ("scope", "all"), ("days", "7")];
    // Without admins' roles there is nothing to ask for; the role must be alice's, though, and she is no viewer.
    assert_eq!(alice.call("/tokens", Some(&plain)).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let vera = server.signed_in("vera", &[Role::Viewer], flightbox_domain::scope::Sources::All).await;
    let made = vera.post("/tokens").header("origin", server.origin()).form(&plain).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);

    let names: Vec<_> = (0..200).map(|n| format!("a-source-with-a-rather-long-name-{n:03}")).collect();
    for name in &names {
        server.add_source(name).await;
    }
    let mut form = vec![("do", "grant"), ("role", "viewer"), ("scope", "some")];
    form.extend(names.iter().map(|name| ("source", name.as_str())));
    let refused = alice.call("/people/bob", Some(&form)).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().await.unwrap().contains("That is too much for one change."));
}
