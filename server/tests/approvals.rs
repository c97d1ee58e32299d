//! Four eyes: where the server asks for it, sealed values leave in an export once a second person has approved it.

use crate::common::{
    TestServer,
    browser::{Browser, location},
};
use chrono::Duration;
use flightbox::config::Config;
use flightbox_domain::{
    role::{Role, Roles},
    scope::Sources,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

const CANARY: &str = "canary.4711@example.com";
const URL: &str = "/export/sealed?format=jsonl&q=action:invite&to=2026-11-25T00:00:00Z";
const WHY: (&str, &str) = ("reason", "INC-2291: the regulator asks");
const PASSWORD: &str = "correct horse battery staple";

fn only(source: &str) -> Sources {
    Sources::Only([source.to_owned()].into())
}

/// A server that asks for a second person, with events of two sources, and ivy, bob, nora of hr alone, and vera.
async fn started() -> TestServer {
    let server = TestServer::start_as(Config { four_eyes: true, public_url: String::new(), ..Config::local() }).await;
    for source in ["billing", "hr"] {
        let event = json!({"actor": {"id": "alice", "email": CANARY}, "action": "invite"});
        assert_eq!(server.producer(source).await.send(event.to_string()).await.0, 201);
    }
    let roles = [Role::Viewer, Role::Investigator];
    for (name, roles, sources) in [
        ("ivy", &roles[..], Sources::All),
        ("bob", &roles, Sources::All),
        ("nora", &roles, only("hr")),
        ("vera", &[Role::Viewer], Sources::All),
        ("adam", &[Role::Admin], Sources::All),
    ] {
        server.add_scoped_person(name, roles, sources).await;
    }
    server
}

async fn browser<'s>(server: &'s TestServer, name: &str) -> Browser<'s> {
    let who = Browser::new(server);
    who.sign_in(name, PASSWORD).await;
    who
}

/// Confirms an export and sends its form; the status and what came.
async fn export(who: &Browser<'_>, url: &str) -> (StatusCode, String) {
    let answer = who.confirm("export", url, PASSWORD, "").await;
    assert_eq!((answer.status(), location(&answer).as_str()), (StatusCode::SEE_OTHER, url));
    let answer = who.post(url, &[WHY]).await;
    (answer.status(), answer.text().await.unwrap())
}

/// Asks for approval; its key.
async fn ask(who: &Browser<'_>, url: &str, id: &str) -> String {
    assert_eq!(export(who, url).await, (StatusCode::SEE_OTHER, String::new()));
    id.to_owned()
}

/// Confirms and sends an approval.
async fn approve(who: &Browser<'_>, id: &str) -> StatusCode {
    let url = format!("/approvals?do=approve&id={id}");
    assert_eq!(who.confirm("approve", &url, PASSWORD, "").await.status(), StatusCode::SEE_OTHER);
    who.post("/approvals", &[("do", "approve"), ("id", id), ("reason", "seen the letter")]).await.status()
}

/// What was recorded of exports, oldest first: action, actor, outcome.
async fn recorded(server: &TestServer) -> Vec<String> {
    let entries = server.recorded(0).await;
    let told = entries.iter().filter(|entry| entry["action"].as_str().unwrap().contains("export"));
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    told.map(|entry| [&entry["action"], &entry["actor"]["id"], &entry["outcome"]].map(text).join(" ")).collect()
}

#[tokio::test]
async fn a_second_person_approves_and_then_it_leaves_once() {
    let server = started().await;
    let (ivy, bob) = (browser(&server, "ivy").await, browser(&server, "bob").await);
    assert!(!ivy.text("/events").await.contains("class=\"badge\""));
    let id = ask(&ivy, URL, "1").await;
    // Whoever waits sees that they do without confirming anything, and asks once.
    let page = ivy.text(URL).await;
    assert!(page.contains("Waiting for a second person") && page.contains(WHY.1) && !page.contains("Ask for approval"));
    assert_eq!(export(&ivy, URL).await, (StatusCode::SEE_OTHER, String::new()));
    assert!(!ivy.text("/events").await.contains("class=\"badge\""), "nobody is asked about themselves");

    let page = bob.text("/events").await;
    assert!(page.contains("class=\"badge\">1<span class=\"vh\"> waiting"), "{page}");
    let list = bob.text("/approvals").await;
    assert!(list.contains("ivy") && list.contains(WHY.1) && list.contains("/approvals?do=approve&amp;id=1"), "{list}");
    assert_eq!(approve(&bob, &id).await, StatusCode::SEE_OTHER);
    assert!(!bob.text("/events").await.contains("class=\"badge\""));

    assert!(ivy.text("/approvals").await.contains("seen the letter"));
    // What was confirmed when it was asked for is over by now.
    server.clock().advance(Duration::minutes(11));
    assert!(location(&ivy.get(URL).await).starts_with("/confirm?for=export"), "approved is not confirmed");
    assert_eq!(ivy.confirm("export", URL, PASSWORD, "").await.status(), StatusCode::SEE_OTHER);
    let page = ivy.text(URL).await;
    assert!(page.contains("Approved by") && page.contains("seen the letter") && page.contains("2026-11-23"), "{page}");
    let file = ivy.post(URL, &[]).await;
    assert_eq!(file.status(), StatusCode::OK);
    assert_eq!(file.text().await.unwrap().matches(CANARY).count(), 2);

    // Neither is good twice.
    assert!(location(&ivy.post(URL, &[WHY]).await).starts_with("/confirm?"));
    assert_eq!(export(&ivy, URL).await.0, StatusCode::SEE_OTHER);
    assert!(ivy.text(URL).await.contains("Waiting for a second person"));
    assert!(bob.text("/approvals").await.contains("used"));
    let expected = ["export.ask ivy", "export.approve bob", "events.export ivy", "export.ask ivy"];
    assert_eq!(recorded(&server).await, expected.map(|it| format!("{it} success")));
    let entries = server.recorded(0).await;
    let told = |action: &str| entries.iter().find(|entry| entry["action"] == action).unwrap();
    let details = &told("events.export")["details"];
    assert_eq!((&details["approved_by"], &details["sealed"]), (&json!("bob"), &json!(true)));
    assert_eq!(told("events.export")["reason"], WHY.1);
    let approved = told("export.approve");
    assert_eq!((&approved["reason"], &approved["details"]["asked_by"]), (&json!("seen the letter"), &json!("ivy")));
    assert_eq!(approved["details"]["query"], "action:invite");
}

#[tokio::test]
async fn s1_approving_is_confirmed_for_that_very_request() {
    let server = started().await;
    let (ivy, bob) = (browser(&server, "ivy").await, browser(&server, "bob").await);
    ask(&ivy, URL, "1").await;
    ask(&ivy, &URL.replace("jsonl", "csv"), "2").await;
    let form = |id| [("do", "approve"), ("id", id), ("reason", "seen the letter")];
    let called = bob.call("/approvals", Some(&form("1"))).await;
    assert_eq!(called.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(called.json::<Value>().await.unwrap()["code"], "insufficient_user_authentication");
    let led = bob.get("/approvals?do=approve&id=1").await;
    assert_eq!(location(&led), "/confirm?for=approve&next=/approvals%3Fdo%3Dapprove%26id%3D1");
    assert_eq!(
        bob.confirm("approve", "/approvals?do=approve&id=1", PASSWORD, "").await.status(),
        StatusCode::SEE_OTHER
    );
    assert!(location(&bob.post("/approvals", &form("2")).await).starts_with("/confirm?"), "another request");
    assert!(bob.text("/approvals?do=approve&id=1").await.contains("Approve this export?"));
    let empty = bob.post("/approvals", &[("do", "approve"), ("id", "1"), ("reason", " ")]).await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(location(&bob.post("/approvals", &form("1")).await), "/approvals");
    let again = bob.post("/approvals", &form("1")).await;
    assert_eq!(again.status(), StatusCode::CONFLICT);
    assert!(again.text().await.unwrap().contains("It does not wait any more"));
}

#[tokio::test]
async fn nobody_answers_themselves_nor_what_they_may_not_see() {
    let server = started().await;
    let ivy = browser(&server, "ivy").await;
    let id = ask(&ivy, URL, "1").await;
    let url = format!("/approvals?do=approve&id={id}");
    for (name, status) in [
        ("ivy", StatusCode::FORBIDDEN),
        ("vera", StatusCode::FORBIDDEN),
        ("adam", StatusCode::FORBIDDEN),
        ("nora", StatusCode::NOT_FOUND),
    ] {
        let who = browser(&server, name).await;
        who.confirm("approve", &url, PASSWORD, "").await;
        for verb in ["approve", "decline"] {
            let form = [("do", verb), ("id", &*id), ("reason", "why not")];
            assert_eq!(who.post("/approvals", &form).await.status(), status, "{name} {verb}");
        }
        assert_eq!(who.get(&url).await.status(), status, "{name}");
        assert!(!who.text("/events").await.contains("class=\"badge\""), "{name}");
    }
    assert!(!browser(&server, "nora").await.text("/approvals").await.contains("ivy"));
    let none = browser(&server, "nora").await.get("/approvals?do=approve&id=9").await;
    assert_eq!(none.status(), StatusCode::NOT_FOUND, "what is not theirs looks like what is not there");
    assert_eq!(recorded(&server).await, ["export.ask ivy success"]);
    // Who sees less asks those who see more, and not the other way round.
    let nora = browser(&server, "nora").await;
    ask(&nora, URL, "2").await;
    assert_eq!(approve(&ivy, "2").await, StatusCode::SEE_OTHER);
    nora.confirm("export", URL, PASSWORD, "").await;
    let file = nora.post(URL, &[]).await.text().await.unwrap();
    assert_eq!(file.matches(CANARY).count(), 1, "hr's alone");
}

#[tokio::test]
async fn an_approval_is_good_for_what_was_asked_by_whom_and_seeing_what() {
    let server = started().await;
    let (bob, nora) = (browser(&server, "bob").await, browser(&server, "nora").await);
    ask(&nora, URL, "1").await;
    assert_eq!(approve(&bob, "1").await, StatusCode::SEE_OTHER);
    for other in [URL.replace("jsonl", "csv"), URL.replace("action:invite", "alice"), URL.replace("25T", "26T")] {
        nora.confirm("export", &other, PASSWORD, "").await;
        assert!(nora.text(&other).await.contains("Ask for approval"), "{other}");
    }
    bob.confirm("export", URL, PASSWORD, "").await;
    assert!(bob.text(URL).await.contains("Ask for approval"), "somebody else's is no use");
    // What nora may see now nobody has approved.
    let store = &server.app().store;
    let person = store.person_by_name(&"nora".parse().unwrap()).await.unwrap().unwrap().person;
    let roles = Roles::from_iter([Role::Investigator]);
    store.set_person_grants(person.id, &roles, &Sources::All, server.clock().now()).await.unwrap();
    let nora = browser(&server, "nora").await;
    nora.confirm("export", URL, PASSWORD, "").await;
    assert!(nora.text(URL).await.contains("Ask for approval"));
}

#[tokio::test]
async fn an_approval_ends_with_the_right_of_whoever_gave_it_and_may_be_asked_for_again() {
    let server = started().await;
    let (ivy, bob) = (browser(&server, "ivy").await, browser(&server, "bob").await);
    ask(&ivy, URL, "1").await;
    assert_eq!(approve(&bob, "1").await, StatusCode::SEE_OTHER);
    let store = &server.app().store;
    let person = store.person_by_name(&"bob".parse().unwrap()).await.unwrap().unwrap().person;
    let viewer = Roles::from_iter([Role::Viewer]);
    store.set_person_grants(person.id, &viewer, &Sources::All, server.clock().now()).await.unwrap();
    let (status, page) = export(&ivy, URL).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("may not give it any more") && !page.contains(CANARY), "{page}");
    ask(&ivy, URL, "2").await;
    assert!(ivy.text(URL).await.contains("Waiting for a second person"));
}

#[tokio::test]
async fn a_request_waits_for_a_day_and_so_does_an_approval() {
    let server = started().await;
    {
        let (ivy, bob) = (browser(&server, "ivy").await, browser(&server, "bob").await);
        ask(&ivy, URL, "1").await;
        ask(&ivy, &URL.replace("jsonl", "csv"), "2").await;
        assert_eq!(approve(&bob, "1").await, StatusCode::SEE_OTHER);
    }
    server.clock().advance(Duration::hours(24));
    let (ivy, bob) = (browser(&server, "ivy").await, browser(&server, "bob").await);
    ivy.confirm("export", URL, PASSWORD, "").await;
    let asked = ivy.post(URL, &[]).await;
    assert_eq!(asked.status(), StatusCode::UNPROCESSABLE_ENTITY, "it has to be asked for again");
    assert!(!asked.text().await.unwrap().contains("canary"));
    let late = bob.post("/approvals", &[("do", "decline"), ("id", "2"), ("reason", "late")]).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    assert!(!bob.text("/events").await.contains("class=\"badge\""));
    assert!(bob.text("/approvals").await.contains("Its 24 hours are over"));
}

#[tokio::test]
async fn what_is_declined_does_not_leave_and_may_be_asked_for_again() {
    let server = started().await;
    let (ivy, bob) = (browser(&server, "ivy").await, browser(&server, "bob").await);
    ask(&ivy, URL, "1").await;
    // It takes nothing but a reason: nothing leaves.
    assert!(bob.text("/approvals?do=decline&id=1").await.contains("Decline this export?"));
    let declined = bob.post("/approvals", &[("do", "decline"), ("id", "1"), ("reason", "ask for one month")]).await;
    assert_eq!(location(&declined), "/approvals");
    ivy.confirm("export", URL, PASSWORD, "").await;
    let page = ivy.text(URL).await;
    assert!(page.contains("declined it the last time") && page.contains("ask for one month"), "{page}");
    assert_eq!(ivy.post(URL, &[WHY]).await.status(), StatusCode::SEE_OTHER);
    let expected = ["export.ask ivy", "export.decline bob", "export.ask ivy"];
    assert_eq!(recorded(&server).await, expected.map(|it| format!("{it} success")));
}

#[tokio::test]
async fn where_nobody_asks_for_a_second_person_nobody_is_asked() {
    let server = TestServer::start().await;
    let password = server.add_person("ivy", &[Role::Investigator]).await;
    let ivy = Browser::new(&server);
    ivy.sign_in("ivy", &password).await;
    assert!(!ivy.text("/events").await.contains("href=\"/approvals\""));
    assert!(ivy.text("/approvals").await.contains("This server asks for no second person"));
}
