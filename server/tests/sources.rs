//! `/sources`: who sends, with which tokens, how it fares, and what was refused of it.

mod quarantine;

use crate::common::{Producer, TestServer, Visitor, browser::Browser};
use chrono::Duration;
use flightbox::jobs::silence;
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::StatusCode;
use serde_json::Value;

const EVENT: &str = r#"{"actor":"ivan","action":"invoice.read"}"#;

async fn admin<'s>(server: &'s TestServer, name: &str) -> Visitor<'s> {
    server.signed_in(name, &[Role::Admin], Sources::All).await
}

fn only(source: &str) -> Sources {
    Sources::Only([source.to_owned()].into())
}

/// The token that a page shows once.
fn shown(page: &str) -> String {
    let secret = page.split_once("<code>fbi_").expect("a token is shown").1.split('<').next().unwrap();
    format!("fbi_{secret}")
}

/// Sends a form that makes a token; the token.
async fn made(who: &Visitor<'_>, path: &str, form: &[(&str, &str)]) -> String {
    let response = who.send(path, form).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    shown(&response.text().await.unwrap())
}

async fn sends(server: &TestServer, token: &str) -> u16 {
    let request = server.client().post(server.url("/api/v1/events")).bearer_auth(token);
    request.header("content-type", "application/json").body(EVENT).send().await.unwrap().status().as_u16()
}

/// What Flightbox recorded since, as `action actor resource`.
async fn journal(server: &TestServer, since: i64) -> Vec<String> {
    let told = |entry: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        [text(&entry["action"]), text(&entry["actor"]["id"]), text(&entry["resource"]["id"])].join(" ")
    };
    server.recorded(since).await.iter().map(told).collect()
}

/// The text of a page without its markup.
fn text(page: &str) -> String {
    let (mut text, mut inside) = (String::new(), false);
    let main = page.split_once("<main").expect("a page").1;
    for c in main.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => (),
        }
    }
    text.replace("&quot;", "\"").replace("&#x27;", "'").replace("&gt;", ">").replace("&lt;", "<")
}

#[tokio::test]
async fn a_source_is_added_disabled_and_enabled_and_each_is_recorded() {
    let server = TestServer::start().await;
    let alice = admin(&server, "alice").await;
    assert!(alice.text("/sources").await.contains("Nothing sends yet"));
    let since = server.settled().await;
    let token = made(&alice, "/sources", &[("do", "add"), ("name", " billing ")]).await;
    assert!(!alice.text("/sources").await.contains(&token), "it is shown once");
    assert!(text(&alice.text("/sources").await).contains("nothing yet"));
    assert_eq!(sends(&server, &token).await, 201);
    assert!(text(&alice.text("/sources").await).contains("active0 seconds ago"));

    let change = async |what: &str| alice.send("/sources/billing", &[("do", what)]).await.status();
    assert_eq!(change("disable").await, StatusCode::SEE_OTHER);
    assert_eq!(sends(&server, &token).await, 403);
    assert!(text(&alice.text("/sources").await).contains("disabled"));
    assert_eq!(change("enable").await, StatusCode::SEE_OTHER);
    assert_eq!(change("enable").await, StatusCode::SEE_OTHER, "it is already");
    assert_eq!(sends(&server, &token).await, 201);
    assert_eq!(
        journal(&server, since).await,
        [
            "source.add alice /sources/billing",
            "source.disable alice /sources/billing",
            "access.refuse billing /api/v1/events",
            "source.enable alice /sources/billing",
        ]
    );
    let refuse = async |name: &str| alice.send("/sources", &[("do", "add"), ("name", name)]).await;
    for name in ["billing", "Billing", "flightbox", ""] {
        assert_eq!(refuse(name).await.status(), StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
    assert!(text(&refuse("billing").await.text().await.unwrap()).contains("There is a source of that name already."));
}

#[tokio::test]
async fn a_token_is_rotated_with_overlap() {
    let server = TestServer::start().await;
    let alice = admin(&server, "alice").await;
    let old = made(&alice, "/sources", &[("do", "add"), ("name", "billing")]).await;
    assert_eq!(sends(&server, &old).await, 201);
    let since = server.settled().await;
    let new = made(&alice, "/sources/billing", &[("do", "rotate"), ("overlap", "24")]).await;
    assert_eq!((sends(&server, &old).await, sends(&server, &new).await), (201, 201), "both are good meanwhile");
    server.clock().advance(Duration::hours(3));
    assert_eq!(sends(&server, &new).await, 201);
    let alice = admin(&server, "alice, later").await;
    let page = text(&alice.text("/sources/billing").await);
    assert!(page.contains("Token 1last used 3 hours ago · ends in 21 hours"), "nobody uses the old one: {page}");
    assert!(page.contains("Token 2last used 0 seconds ago"), "{page}");
    let third = alice.send("/sources/billing", &[("do", "rotate"), ("overlap", "1")]).await;
    assert_eq!(third.status(), StatusCode::UNPROCESSABLE_ENTITY, "two are enough");

    server.clock().advance(Duration::hours(21));
    assert_eq!((sends(&server, &old).await, sends(&server, &new).await), (401, 201), "the old one has ended");
    let alice = admin(&server, "alice, a day later").await;
    let third = made(&alice, "/sources/billing", &[("do", "rotate"), ("overlap", "0")]).await;
    server.clock().advance(Duration::days(400));
    assert_eq!((sends(&server, &new).await, sends(&server, &third).await), (201, 201), "until it is revoked");
    let alice = admin(&server, "alice again").await;
    let revoke =
        async |number: &str| alice.send("/sources/billing", &[("do", "revoke"), ("token", number)]).await.status();
    assert_eq!(revoke("2").await, StatusCode::SEE_OTHER);
    assert_eq!((sends(&server, &new).await, sends(&server, &third).await), (401, 201));
    assert_eq!((revoke("2").await, revoke("1").await), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    let told = journal(&server, since).await;
    let told: Vec<_> = told.iter().filter(|entry| entry.starts_with("source.")).map(String::as_str).collect();
    assert_eq!(
        told,
        [
            "source.rotate alice /sources/billing",
            "source.rotate alice, later /sources/billing",
            "source.rotate alice, later /sources/billing",
            "source.rotate alice, a day later /sources/billing",
            "source.revoke alice again /sources/billing"
        ],
        "the one in the middle twice: asked for, and refused"
    );
    assert!(!format!("{:?}", server.recorded(0).await).contains("fbi_"));
}

#[tokio::test]
async fn g_a_source_out_of_scope_is_like_one_that_is_not_there() {
    let server = TestServer::start().await;
    let hr = server.producer("hr").await;
    hr.send("not json").await;
    server.producer("billing").await.send(EVENT).await;
    let bob = server.signed_in("bob", &[Role::Admin], only("billing")).await;
    let list = bob.text("/sources").await;
    assert!(list.contains("/sources/billing") && !list.contains("/sources/hr"));
    assert!(list.contains("Sources are added by administrators who see all of them."));
    for (foreign, none) in [
        ("/sources/hr", "/sources/xx"),
        ("/sources/hr/quarantine", "/sources/xx/quarantine"),
        ("/sources/hr/quarantine/1", "/sources/xx/quarantine/1"),
    ] {
        let (foreign, none) = (bob.get(foreign).await, bob.get(none).await);
        assert_eq!((foreign.status(), none.status()), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
        let page = async |answer: reqwest::Response, name: &str| text(&answer.text().await.unwrap()).replace(name, "");
        assert_eq!(page(foreign, "hr").await, page(none, "xx").await);
    }
    for deed in ["disable", "rotate", "revoke"] {
        let asked = bob.send("/sources/hr", &[("do", deed), ("token", "1")]).await;
        assert_eq!(asked.status(), StatusCode::NOT_FOUND, "{deed}");
    }
    assert_eq!(bob.send("/sources", &[("do", "add"), ("name", "hr")]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(sends(&server, &hr.token).await, 201);
    let read = server.add_token("metrics", &[Role::Viewer], only("billing")).await;
    let (_, metrics) = server.read_with(&read, "/metrics").await;
    let metrics = metrics.as_str().unwrap();
    assert!(metrics.contains("flightbox_source_silent{source=\"billing\"} 0\n") && !metrics.contains("\"hr\""));
}

/// A source that sends an event an hour, for two days.
async fn hourly<'s>(server: &'s TestServer, name: &str) -> Producer<'s> {
    let producer = server.producer(name).await;
    for _ in 0..48 {
        producer.send(EVENT).await;
        server.clock().advance(Duration::hours(1));
    }
    producer
}

#[tokio::test]
async fn a_source_that_falls_silent_is_told_once_and_once_when_it_is_heard_again() {
    let mut server = TestServer::start().await;
    let token = hourly(&server, "billing").await.token;
    let silences = async |server: &TestServer| {
        silence::look(server.app()).await.unwrap();
        let told = journal(server, 0).await;
        told.into_iter().filter(|entry| entry.contains("silent") || entry.contains("heard")).collect::<Vec<_>>()
    };
    assert_eq!(silences(&server).await, [""; 0]);
    server.clock().advance(Duration::hours(2));
    assert_eq!(silences(&server).await, [""; 0], "three hours are three times its habit, and no more");
    server.clock().advance(Duration::minutes(1));
    let silent = "source.silent flightbox /sources/billing";
    assert_eq!(silences(&server).await, [silent]);
    assert_eq!(silences(&server).await, [silent], "once");
    server.restart().await;
    assert_eq!(silences(&server).await, [silent], "also across a restart");
    let alice = admin(&server, "alice").await;
    let page = text(&alice.text("/sources/billing").await);
    assert!(page.contains("silent for 3 hours"), "{page}");
    assert!(page.contains("it never paused for longer than 1 hour. It counts as silent after 3 hours"), "{page}");
    assert!(text(&alice.text("/sources").await).contains("silent for 3 hours"));
    let (_, metrics) = server.read("/metrics").await;
    assert!(metrics.as_str().unwrap().contains("flightbox_source_silent{source=\"billing\"} 1\n"));

    assert_eq!(sends(&server, &token).await, 201);
    assert_eq!(silences(&server).await, [silent, "source.heard flightbox /sources/billing"]);
    server.clock().advance(Duration::hours(20));
    assert_eq!(silences(&server).await.len(), 3, "the next silence is another one");
    let alice = admin(&server, "alice again").await;
    alice.send("/sources/billing", &[("do", "disable")]).await;
    assert_eq!(silences(&server).await.len(), 3, "nobody heard it: it is disabled");
    assert!(!text(&alice.text("/sources").await).contains("silent"), "and nothing is expected of it");
}

#[tokio::test]
async fn what_a_known_source_never_sent_is_shown_with_its_first_event() {
    let mut server = TestServer::start().await;
    let token = hourly(&server, "billing").await.token;
    server.clock().advance(Duration::days(5));
    let alice = admin(&server, "alice").await;
    assert!(text(&alice.text("/sources/billing").await).contains("Nothing was new since."));
    server.restart().await;
    let send = async |server: &TestServer, event: &str| {
        let request = server.client().post(server.url("/api/v1/events")).bearer_auth(&token);
        let answer = request.header("content-type", "application/json").body(event.to_owned()).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["receipts"][0]["seq"].as_i64().unwrap()
    };
    let odd =
        r#"{"actor":"eve","action":"invoice.export","details":{"to":{"host":"x"}},"changes":{"limit":{"after":1}}}"#;
    let (first, _) = (send(&server, odd).await, send(&server, odd).await);
    server.restart().await;
    let alice = admin(&server, "alice again").await;
    assert!(text(&alice.text("/sources").await).contains("1 action, 2 fields"));
    let page = alice.text("/sources/billing").await;
    for new in ["invoice.export", "details.to.host", "changes.limit"] {
        assert!(page.contains(new), "{new}");
    }
    assert_eq!(page.matches(&format!("href=\"/events/{first}\"")).count(), 3);
    server.clock().advance(Duration::days(8));
    let alice = admin(&server, "alice, later").await;
    assert!(!text(&alice.text("/sources").await).contains("1 action"), "the list tells of a week");
    assert!(alice.text("/sources/billing").await.contains("invoice.export"), "its page of all of it");
}

#[tokio::test]
async fn a_list_tells_rate_lag_and_what_was_refused() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    billing.send(r#"[{"actor":"a","action":"x","occurred_at":"2026-11-22T11:55:00Z"},{"actor":"a","action":"x","occurred_at":"2026-11-22T10:30:00Z"},{"actor":"a","action":"x","occurred_at":"2026-11-22T11:40:00Z"}]"#).await;
    billing.send(r#"{"actor":"a"}"#).await;
    let alice = admin(&server, "alice").await;
    let list = alice.text("/sources").await;
    let told = text(&list);
    assert!(told.contains("3under 1 an hour20 minutes1 kept, 1 today"), "{told}");
    assert!(list.contains("3 events in 24 hours, at most 2 in one hour"), "also to those who see no bars");
}
