//! Stepping up over real HTTP: what it takes, what it is good for, and when it is over.

mod tries;

use crate::common::{
    TestServer,
    browser::{ADD, Browser, location},
};
use chrono::Duration;
use flightbox::auth::grant::{Grant, look_for_grant, require_grant};
use flightbox_domain::{
    role::{Role, Roles},
    scope::Sources,
    step_up::Purpose,
};
use flightbox_store::{PasswordHash, PersonId};
use futures_util::future::join_all;
use reqwest::{StatusCode, header};

const SECOND: Duration = Duration::seconds(1);

const MINUTE: Duration = Duration::minutes(1);

/// What is asked for in these tests.
const EVENT: &str = "/events/7";

const REMOVE: &str = "/events?do=something";

/// What somebody is granted for that request, who is signed in.
async fn granted(server: &TestServer, who: &Browser<'_>, purpose: Purpose, request: &str) -> Option<Grant> {
    let signed_in = who.signed_in().await?;
    look_for_grant(server.app(), &signed_in, purpose, request).await.unwrap().ok()
}

async fn may_reveal(server: &TestServer, who: &Browser<'_>) -> bool {
    granted(server, who, Purpose::Reveal, EVENT).await.is_some()
}

/// Somebody who has just stepped up to reveal.
async fn revealing<'s>(server: &'s TestServer, name: &str, password: &str) -> Browser<'s> {
    let who = Browser::new(server);
    who.sign_in(name, password).await;
    let confirmed = who.confirm("reveal", EVENT, password, "").await;
    assert_eq!((confirmed.status(), location(&confirmed).as_str()), (StatusCode::SEE_OTHER, EVENT));
    who
}

async fn id(server: &TestServer, name: &str) -> PersonId {
    server.app().store.person_by_name(&name.parse().unwrap()).await.unwrap().unwrap().person.id
}

/// What was recorded of stepping up, oldest first: actor, outcome, reason, purpose and method of each entry.
async fn journal(server: &TestServer) -> Vec<String> {
    let path = "/api/v1/events?q=source:flightbox%20action:session.step-up&limit=1000";
    let (_, answer) = server.read_as(&[Role::Admin], path).await;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let tell = |event: &serde_json::Value| {
        let details = &event["details"];
        [&event["actor"]["id"], &event["outcome"], &event["reason"], &details["purpose"], &details["method"]]
            .map(text)
            .join(" ")
    };
    answer["events"].as_array().unwrap().iter().rev().map(tell).collect()
}

#[tokio::test]
async fn s1_what_was_not_confirmed_is_refused_and_says_how_to_do_better() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let alice = Browser::new(&server);
    alice.sign_in("alice", &password).await;
    let form = [("do", "add"), ("kind", "totp"), ("name", "Phone"), ("sealed", "00"), ("code", "123456")];
    for response in [alice.call(ADD, None).await, alice.call("/account/factors", Some(&form)).await] {
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let challenge = response.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned();
        assert!(challenge.starts_with("Bearer ") && challenge.contains("max_age=\"600\""), "{challenge}");
        assert!(challenge.contains("error=\"insufficient_user_authentication\""), "{challenge}");
        let body: serde_json::Value = response.json().await.unwrap();
        assert_eq!((&body["code"], &body["max_age"]), (&"insufficient_user_authentication".into(), &600.into()));
        assert!(body["confirm"].as_str().unwrap().starts_with("/confirm?for=factor&next=/account/factors"), "{body}");
    }
    // Whoever sees pages is led to the one that asks, and it says what for and for how long.
    let led = alice.get(ADD).await;
    assert_eq!(led.status(), StatusCode::SEE_OTHER);
    let page = alice.text(&location(&led)).await;
    assert!(page.contains("one change of your second factors") && page.contains("within the next ten minutes"));
    assert!(page.contains("That is weaker"), "the password alone");
    assert!(alice.text("/confirm?for=reveal&next=/events").await.contains("for ten minutes from now"));
    assert_eq!(alice.get("/confirm?for=nothing&next=/events").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(alice.get("/account/factors").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn s2_a_grant_is_good_for_ten_minutes_whatever_is_done_with_it() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Investigator]).await;
    let alice = revealing(&server, "alice", &password).await;
    for _ in 0..599 {
        server.clock().advance(SECOND);
        assert!(may_reveal(&server, &alice).await);
    }
    // A page is used as well.
    assert!(alice.is_in().await);
    assert!(may_reveal(&server, &alice).await, "after 599 seconds");
    let grant = granted(&server, &alice, Purpose::Reveal, EVENT).await.unwrap();
    server.clock().advance(SECOND * 2);
    assert!(!may_reveal(&server, &alice).await, "after 601 seconds");
    assert!(!grant.still(server.app()).await.unwrap());
    assert!(alice.is_in().await);
}

#[tokio::test]
async fn s2_a_clock_set_back_extends_nothing() {
    let mut server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Investigator]).await;
    {
        let alice = revealing(&server, "alice", &password).await;
        server.clock().advance(MINUTE * 8);
        assert!(alice.is_in().await);
        server.clock().advance(-MINUTE * 5);
        assert!(!alice.is_in().await && !may_reveal(&server, &alice).await);
        server.clock().advance(MINUTE * 5);
        assert!(!may_reveal(&server, &alice).await, "nor does it come back");
        // What is granted from now on is good as ever.
        let confirmed = alice.confirm("reveal", EVENT, &password, "").await;
        assert_eq!(confirmed.status(), StatusCode::SEE_OTHER);
        assert!(may_reveal(&server, &alice).await);
    }
    // Where the server was down meanwhile, the session's last use tells.
    let cookie = {
        let alice = revealing(&server, "alice", &password).await;
        server.clock().advance(MINUTE * 8);
        assert!(alice.is_in().await);
        alice.cookie("flightbox").unwrap()
    };
    server.restart().await;
    server.clock().advance(-MINUTE / 2);
    let again = Browser::new(&server);
    again.set_cookie("flightbox", &cookie);
    assert!(again.is_in().await && !may_reveal(&server, &again).await);
    assert_eq!(again.confirm("reveal", EVENT, &password, "").await.status(), StatusCode::SEE_OTHER);
    assert!(may_reveal(&server, &again).await);
}

#[tokio::test]
async fn s3_a_grant_is_good_in_its_session_for_its_person_and_its_purpose() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Investigator]).await;
    let bobs = server.add_person("bob", &[Role::Investigator]).await;
    let alice = revealing(&server, "alice", &password).await;
    assert!(may_reveal(&server, &alice).await);
    let (elsewhere, bob) = (Browser::new(&server), Browser::new(&server));
    elsewhere.sign_in("alice", &password).await;
    bob.sign_in("bob", &bobs).await;
    assert!(!may_reveal(&server, &elsewhere).await && !may_reveal(&server, &bob).await);
    for purpose in Purpose::ALL.into_iter().filter(|purpose| *purpose != Purpose::Reveal) {
        assert!(granted(&server, &alice, purpose, EVENT).await.is_none(), "{purpose}");
    }
}

#[tokio::test]
async fn s3_what_is_good_once_is_good_for_that_very_request() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Admin]).await;
    let alice = Browser::new(&server);
    alice.sign_in("alice", &password).await;
    assert_eq!(alice.confirm("factor", REMOVE, &password, "").await.status(), StatusCode::SEE_OTHER);
    for request in [EVENT, "", "/events?do=something&else=1", "/events?do=somethin"] {
        assert!(granted(&server, &alice, Purpose::Factor, request).await.is_none(), "{request}");
    }
    let signed_in = alice.signed_in().await.unwrap();
    let all = (0..20).map(|_| require_grant(server.app(), &signed_in, Purpose::Factor, REMOVE));
    let got = join_all(all).await.into_iter().filter(|got| got.as_ref().unwrap().is_ok()).count();
    assert_eq!(got, 1);
    assert!(granted(&server, &alice, Purpose::Factor, REMOVE).await.is_none());
}

#[tokio::test]
async fn s7_a_grant_dies_with_its_session_and_with_any_change_of_the_person() {
    let server = TestServer::start().await;
    let store = &server.app().store;
    for (n, change) in ["sign out", "roles", "password", "disable"].into_iter().enumerate() {
        let name = format!("alice {n}");
        let password = server.add_person(&name, &[Role::Investigator]).await;
        let alice = revealing(&server, &name, &password).await;
        let grant = granted(&server, &alice, Purpose::Reveal, EVENT).await.unwrap();
        let (thief, signed_in) = (alice.thief(), alice.signed_in().await.unwrap());
        assert!(grant.still(server.app()).await.unwrap());
        let (person, now) = (id(&server, &name).await, server.clock().now());
        match change {
            "sign out" => drop(alice.post("/sign-out", &[]).await),
            "roles" => drop(
                store.set_person_grants(person, &Roles::from_iter([Role::Viewer]), &Sources::All, now).await.unwrap(),
            ),
            "password" => drop(store.set_person_password(person, &PasswordHash::new("other"), now).await.unwrap()),
            _ => drop(store.set_person_disabled(person, true, now).await.unwrap()),
        }
        assert!(!may_reveal(&server, &thief).await && !thief.is_in().await, "{change}");
        assert!(!grant.still(server.app()).await.unwrap(), "{change}: what is under way stops");
        // Not even for a handler that looked just before.
        let late = look_for_grant(server.app(), &signed_in, Purpose::Reveal, EVENT).await.unwrap();
        assert!(late.is_err(), "{change}");
    }
}

#[tokio::test]
async fn a20_stepping_up_changes_the_sessions_secret() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Investigator]).await;
    let alice = Browser::new(&server);
    alice.sign_in("alice", &password).await;
    let thief = alice.thief();
    assert!(thief.is_in().await);
    alice.confirm("reveal", EVENT, &password, "").await;
    assert_ne!(alice.cookie("flightbox"), thief.cookie("flightbox"));
    assert_eq!(thief.call("/pages/me", None).await.status(), StatusCode::UNAUTHORIZED);
    assert!(alice.is_in().await && may_reveal(&server, &alice).await);
    // A second one keeps what the first has granted, and makes the session no younger.
    let first = granted(&server, &alice, Purpose::Reveal, EVENT).await.unwrap();
    alice.confirm("factor", REMOVE, &password, "").await;
    assert!(may_reveal(&server, &alice).await && first.still(server.app()).await.unwrap());
    for _ in 0..12 * 3 - 1 {
        server.clock().advance(MINUTE * 20);
        assert!(alice.is_in().await);
    }
    assert_eq!(alice.confirm("reveal", EVENT, &password, "").await.status(), StatusCode::SEE_OTHER);
    server.clock().advance(MINUTE * 20);
    assert!(!alice.is_in().await, "twelve hours are over");
    let expected = ["reveal password", "factor password", "reveal password"].map(|it| format!("alice success - {it}"));
    assert_eq!(journal(&server).await, expected);
}
