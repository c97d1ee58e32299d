//! Sealed values are seen by investigators alone, after a fresh step-up, for a reason that is on record.

use crate::common::{
    TestServer,
    browser::{Browser, location},
};
use chrono::Duration;
use flightbox::ingest::{self, Form, Reader};
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::{Response, StatusCode, header};
use serde_json::Value;

const CANARY: &str = "canary.4711@example.com";
const EVENT: &str = r#"{"actor":{"id":"alice","email":"canary.4711@example.com"},"action":"user.invite",
    "details":{"email":["canary.4711@example.com","b@c.de"],"note":"in clear"}}"#;
const PAGE: &str = "/events/0/reveal";
const REASON: [(&str, &str); 1] = [("reason", "ticket 4711")];

/// A server whose first event has sealed values.
async fn with_event() -> TestServer {
    let server = TestServer::start().await;
    let app = server.app();
    let (batch, source) = (format!("{}\n", EVENT.replace('\n', "")), "billing".parse().unwrap());
    let reader = Reader { source: &source, keys: app.store.keys(), rules: &app.store.rules(), named: None };
    let batch = ingest::read(batch.into(), Form::Lines, false, reader).unwrap();
    assert_eq!(app.ingest(&source, batch, false).await.unwrap().appended.receipts[0].seq, 0);
    server
}

async fn signed_in<'s>(server: &'s TestServer, name: &str, roles: &[Role]) -> (Browser<'s>, String) {
    let password = server.add_person(name, roles).await;
    let browser = Browser::new(server);
    browser.sign_in(name, &password).await;
    (browser, password)
}

/// An investigator who has just stepped up.
async fn investigator(server: &TestServer) -> Browser<'_> {
    let (ivy, password) = signed_in(server, "ivy", &[Role::Investigator]).await;
    assert_eq!(ivy.confirm("reveal", PAGE, &password, "").await.status(), StatusCode::SEE_OTHER);
    ivy
}

async fn page(response: Response) -> (StatusCode, String) {
    (response.status(), response.text().await.unwrap())
}

#[tokio::test]
async fn whoever_steps_up_and_says_why_sees_the_values_until_the_grant_ends() {
    let server = with_event().await;
    let ivy = investigator(&server).await;
    let event = ivy.text("/events/0").await;
    assert!(!event.contains("canary") && event.contains("email, sealed") && event.contains(PAGE));
    let since = server.settled().await;
    let asked = ivy.text(PAGE).await;
    let looks: Vec<_> = server.recorded(since).await.iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(looks, ["event.view"], "the page tells of the event, so it is a look");
    assert!(!asked.contains("canary") && asked.contains("actor.email") && asked.contains("Reveal 2 values"));

    server.clock().advance(Duration::minutes(4));
    let since = server.settled().await;
    let shown = ivy.post(PAGE, &REASON).await;
    assert_eq!(shown.headers()[header::REFRESH], "360; url=/events/0");
    assert_eq!(shown.headers()[header::CACHE_CONTROL], "no-store");
    let (status, text) = page(shown).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains(CANARY) && text.contains("b@c.de") && text.contains("ticket 4711"));

    let recorded = server.recorded(since).await;
    let reveals: Vec<_> = recorded.iter().filter(|entry| entry["action"] == "event.reveal").collect();
    assert_eq!(reveals.len(), 1);
    assert_eq!(reveals[0]["reason"], "ticket 4711");
    assert_eq!((&reveals[0]["resource"]["id"], &reveals[0]["outcome"]), (&"/events/0".into(), &"success".into()));
    assert_eq!(reveals[0]["details"]["fields"], serde_json::json!(["actor.email", "details.email"]));
    assert!(!Value::from(recorded).to_string().contains("canary"));
    assert!(ivy.text("/events/0").await.contains("event.reveal"), "the access history tells of it");
}

#[tokio::test]
async fn s1_without_a_grant_nothing_is_revealed_and_the_answer_says_how_to_do_better() {
    let server = with_event().await;
    let (ivy, _) = signed_in(&server, "ivy", &[Role::Investigator]).await;
    for response in [ivy.call(PAGE, None).await, ivy.call(PAGE, Some(&REASON)).await] {
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let challenge = response.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned();
        assert!(
            challenge.contains("error=\"insufficient_user_authentication\"") && challenge.contains("max_age=\"600\"")
        );
    }
    for response in [ivy.get(PAGE).await, ivy.post(PAGE, &REASON).await] {
        assert_eq!(location(&response), "/confirm?for=reveal&next=/events/0/reveal");
    }
}

#[tokio::test]
async fn s2_a_grant_opens_for_599_seconds_and_not_for_601() {
    let server = with_event().await;
    let ivy = investigator(&server).await;
    server.clock().advance(Duration::seconds(599));
    assert!(page(ivy.post(PAGE, &REASON).await).await.1.contains(CANARY));
    server.clock().advance(Duration::seconds(2));
    assert_eq!(ivy.call(PAGE, Some(&REASON)).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn s7_signing_out_or_losing_the_role_closes_at_once() {
    let server = with_event().await;
    let (iris, password) = signed_in(&server, "iris", &[Role::Investigator]).await;
    iris.confirm("reveal", PAGE, &password, "").await;
    let thief = iris.thief();
    assert_eq!(thief.call(PAGE, Some(&REASON)).await.status(), StatusCode::OK, "before she signs out");
    iris.post("/sign-out", &[]).await;
    assert_eq!(thief.call(PAGE, Some(&REASON)).await.status(), StatusCode::UNAUTHORIZED);

    let ivy = investigator(&server).await;
    let id = server.app().store.person_by_name(&"ivy".parse().unwrap()).await.unwrap().unwrap().person.id;
    let viewer = [Role::Viewer].into_iter().collect();
    server.app().store.set_person_grants(id, &viewer, &Sources::All, server.clock().now()).await.unwrap();
    assert_eq!(ivy.call(PAGE, Some(&REASON)).await.status(), StatusCode::UNAUTHORIZED, "her session has ended");
}

#[tokio::test]
async fn s8_what_cannot_be_recorded_is_not_revealed() {
    let server = with_event().await;
    let ivy = investigator(&server).await;
    server.app().store.close().await;
    let (status, text) = page(ivy.post(PAGE, &REASON).await).await;
    assert!(status.is_server_error(), "{status}");
    assert!(!text.contains("canary"));
}

#[tokio::test]
async fn neither_viewers_nor_admins_nor_tokens_reveal_and_what_is_foreign_is_not_there() {
    let server = with_event().await;
    for (name, roles) in [("vic", &[Role::Viewer][..]), ("ada", &[Role::Admin]), ("both", &[Role::Viewer, Role::Admin])]
    {
        let (who, password) = signed_in(&server, name, roles).await;
        who.confirm("reveal", PAGE, &password, "").await;
        assert_eq!(who.post(PAGE, &REASON).await.status(), StatusCode::FORBIDDEN, "{name}");
        let event = who.text("/events/0").await;
        assert!(event.contains("Somebody with the role of investigator") && !event.contains(PAGE), "{name}");
    }
    let token = server.add_token("t", &[Role::Investigator], Sources::All).await;
    let post = server.client().post(server.url(PAGE)).bearer_auth(&token).header("origin", server.origin());
    assert_eq!(post.form(&REASON).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);

    let only = Sources::Only(["hr".to_owned()].into());
    let password = server.add_scoped_person("hal", &[Role::Investigator], only).await;
    let hal = Browser::new(&server);
    hal.sign_in("hal", &password).await;
    hal.confirm("reveal", PAGE, &password, "").await;
    let (status, foreign) = page(hal.call(PAGE, Some(&REASON)).await).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let absent = page(hal.call("/events/9999/reveal", Some(&REASON)).await).await.1;
    assert_eq!(foreign, absent.replace("9999", "0"));
    // What Flightbox records of itself is never sealed, whatever stands in it.
    let ivy = investigator(&server).await;
    ivy.post(PAGE, &[("reason", "asked by somebody@example.com")]).await;
    let recorded = Value::from(server.recorded(0).await).to_string();
    assert!(recorded.contains("somebody@example.com") && !recorded.contains("\"sealed\":\""));
    assert_eq!(hal.get("/events/1/reveal").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_reason_is_asked_for_until_there_is_one() {
    let server = with_event().await;
    let ivy = investigator(&server).await;
    let long = "x".repeat(1_025);
    let hostile = "</textarea><b>".repeat(100);
    let since = server.settled().await;
    for reason in ["", "  ", "abc", &long, &hostile] {
        let (status, text) = page(ivy.post(PAGE, &[("reason", reason)]).await).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text.contains("Say why") && !text.contains("canary") && !text.contains("</textarea><b>"));
    }
    server.settled().await;
    let looks = server.recorded(since).await.into_iter().filter(|entry| entry["action"] == "event.view").count();
    assert_eq!(looks, 5, "each time the page tells of the event");
    let (status, body) = crate::common::status_and_body(ivy.call(PAGE, Some(&REASON)).await).await;
    assert_eq!(status, 200);
    assert_eq!(body["values"][0], serde_json::json!({"place": "/actor/email", "value": CANARY}));
    assert_eq!(body["expires_at"], "2026-11-22T12:10:00Z");
}

#[tokio::test]
async fn e5_an_erased_subject_is_erased_on_every_surface_and_nothing_else_changes() {
    let server = with_event().await;
    let ivy = investigator(&server).await;
    let (ada, password) = signed_in(&server, "ada", &[Role::Viewer, Role::Admin]).await;
    let before = server.read("/api/v1/events/0").await.1;
    assert!(ada.text("/actors/alice").await.contains("/erase?actor=alice"));

    let request = "/erase?actor=alice";
    assert_eq!(location(&ada.post(request, &REASON).await), "/confirm?for=erase&next=/erase%3Factor%3Dalice");
    ada.confirm("erase", "/erase?actor=bob", &password, "").await;
    assert_eq!(ada.call(request, Some(&REASON)).await.status(), StatusCode::UNAUTHORIZED, "confirmed for another");
    ada.confirm("erase", request, &password, "").await;
    assert_eq!(ada.post(request, &[("reason", "")]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let since = server.settled().await;
    assert_eq!(location(&ada.post(request, &REASON).await), "/actors/alice");
    assert_eq!(ada.call(request, Some(&REASON)).await.status(), StatusCode::UNAUTHORIZED, "good once");

    let erased: Vec<_> =
        server.recorded(since).await.into_iter().filter(|entry| entry["action"] == "actor.erase").collect();
    assert_eq!((erased.len(), &erased[0]["reason"]), (1, &"ticket 4711".into()));
    assert!(ada.text("/actors/alice").await.contains("were erased by"));
    assert!(ivy.text("/events/0").await.contains("email, erased"));
    let shown = ivy.post(PAGE, &REASON).await.text().await.unwrap();
    assert!(shown.contains("erased for good") && !shown.contains("canary"));
    assert_eq!(server.read("/api/v1/events/0").await.1, before, "the record and its leaf stay what they were");
    assert_eq!(ivy.post(request, &REASON).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn e5_nothing_is_erased_while_a_legal_hold_is_on_what_somebody_did() {
    let server = with_event().await;
    let (ada, password) = signed_in(&server, "ada", &[Role::Viewer, Role::Admin]).await;
    let request = "/erase?actor=alice";
    let set = [
        ("do", "set"),
        ("name", "Case 7"),
        ("kind", "query"),
        ("what", "action:user.invite"),
        ("reason", "court order"),
    ];
    assert_eq!(ada.post("/settings/holds", &set).await.status(), StatusCode::SEE_OTHER);
    ada.confirm("erase", request, &password, "").await;
    let (status, text) = page(ada.post(request, &REASON).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        text.contains("Case 7") && text.contains("nothing is erased while it stands") && text.contains("ticket 4711")
    );
    // The step-up is still good: nothing was done with it.
    let lift = [("do", "lift"), ("hold", "1"), ("reason", "settled")];
    assert_eq!(ada.post("/settings/holds", &lift).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&ada.post(request, &REASON).await), "/actors/alice");
}
