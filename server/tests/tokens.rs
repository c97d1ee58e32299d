//! `/tokens`: read tokens that people make for programs.

use crate::common::{TestServer, Visitor};
use chrono::Duration;
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::StatusCode;

/// Makes a token; what the page shows once.
async fn make(who: &Visitor<'_>, name: &str, choice: &[(&str, &str)]) -> String {
    let mut form = vec![("do", "make"), ("name", name), ("days", "7")];
    form.extend(choice);
    let response = who.send("/tokens", &form).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let page = response.text().await.unwrap();
    let secret = page.split_once("<code>fbr_").unwrap().1.split('<').next().unwrap();
    format!("fbr_{secret}")
}

async fn status(server: &TestServer, token: &str) -> u16 {
    server.read_with(token, "/api/v1/events").await.0
}

#[tokio::test]
async fn a_token_reads_what_it_was_made_for_until_it_ends_or_is_revoked() {
    let server = TestServer::start().await;
    server.producer("billing").await.send(r#"{"actor":"ivan","action":"invoice.read"}"#).await;
    server.producer("hr").await.send(r#"{"actor":"eve","action":"salary.read"}"#).await;
    let alice = server.signed_in("alice", &[Role::Viewer], Sources::All).await;
    let token = make(&alice, " siem ", &[("role", "viewer"), ("scope", "some"), ("source", "billing")]).await;
    assert!(!alice.text("/tokens").await.contains(&token), "it is shown once");
    assert!(alice.text("/tokens").await.contains("never used"));
    let (_, answer) = server.read_with(&token, "/api/v1/events").await;
    assert_eq!(answer["events"].as_array().unwrap().len(), 1);
    assert_eq!(answer["events"][0]["source"], "billing");
    server.clock().advance(Duration::minutes(5));
    assert!(alice.text("/tokens").await.contains("last used 5 minutes ago"));

    server.clock().advance(Duration::days(7) - Duration::minutes(6));
    assert_eq!(status(&server, &token).await, 200);
    server.clock().advance(Duration::minutes(1));
    assert_eq!(status(&server, &token).await, 401);

    let bob = server.signed_in("bob", &[Role::Viewer], Sources::All).await;
    let token = make(&bob, "grafana", &[("role", "viewer"), ("scope", "all")]).await;
    assert_eq!(bob.send("/tokens", &[("do", "revoke"), ("name", "grafana")]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(status(&server, &token).await, 401);
    assert_eq!(bob.send("/tokens", &[("do", "revoke"), ("name", "grafana")]).await.status(), StatusCode::NOT_FOUND);
    let query = "/api/v1/events?q=source:flightbox%20action:token%20-actor:console";
    let (_, answer) = server.read_as(&[Role::Admin], query).await;
    let entries = answer["events"].as_array().unwrap();
    let told: Vec<_> =
        entries.iter().rev().map(|entry| format!("{} {}", entry["action"], entry["resource"]["id"])).collect();
    assert_eq!(
        told,
        [r#""token.add" "/tokens/siem""#, r#""token.add" "/tokens/grafana""#, r#""token.revoke" "/tokens/grafana""#]
    );
    assert!(!answer.to_string().contains("fbr_"));
}

#[tokio::test]
async fn a_token_allows_no_more_than_its_maker() {
    let server = TestServer::start().await;
    for source in ["billing", "hr"] {
        server.add_source(source).await;
    }
    let alice = server.signed_in("alice", &[Role::Viewer], Sources::Only(["billing".to_owned()].into())).await;
    for choice in [
        &[("role", "admin"), ("scope", "some"), ("source", "billing"), ("days", "7")][..],
        &[("role", "viewer"), ("role", "investigator"), ("source", "billing"), ("days", "7")],
        &[("role", "viewer"), ("scope", "all"), ("days", "7")],
        &[("role", "viewer"), ("source", "hr"), ("days", "7")],
        &[("role", "viewer"), ("source", "flightbox"), ("days", "7")],
        &[("role", "viewer"), ("source", "billing"), ("days", "366")],
        &[("role", "viewer"), ("source", "billing"), ("days", "0")],
        &[("role", "viewer"), ("source", "billing")],
        &[("source", "billing"), ("days", "7")],
    ] {
        let mut form = vec![("do", "make"), ("name", "greedy")];
        form.extend(choice);
        let response = alice.send("/tokens", &form).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{choice:?}");
        assert!(response.text().await.unwrap().contains("value=\"greedy\""), "what was typed is kept");
    }
    assert!(!alice.text("/tokens").await.contains("hr</span>"), "nor does the page tell of others");
}

#[tokio::test]
async fn a4_a_token_is_bounded_by_what_its_maker_may_now_and_ends_with_them() {
    let server = TestServer::start().await;
    server.producer("hr").await.send(r#"{"actor":"eve","action":"salary.read"}"#).await;
    let root = server.signed_in("root", &[Role::Admin], Sources::All).await;
    let alice = server.signed_in("alice", &[Role::Viewer, Role::Investigator], Sources::All).await;
    server.add_source("billing").await;
    let token = make(&alice, "siem", &[("role", "viewer"), ("role", "investigator"), ("scope", "all")]).await;
    let seen = async |query: &str| {
        let (status, answer) = server.read_with(&token, &format!("/api/v1/events?q={query}")).await;
        (status, answer["events"].as_array().map_or(0, Vec::len) > 0)
    };
    assert_eq!((seen("source:flightbox").await, seen("source:hr").await), ((200, true), (200, true)));
    let change = async |form: &[(&str, &str)]| {
        assert_eq!(root.send("/people/alice", form).await.status(), StatusCode::SEE_OTHER);
    };
    change(&[("do", "grant"), ("role", "viewer"), ("source", "billing")]).await;
    assert_eq!((seen("source:flightbox").await, seen("source:hr").await), ((200, false), (200, false)));
    change(&[("do", "disable")]).await;
    assert_eq!(seen("source:hr").await, (401, false));
}

#[tokio::test]
async fn anothers_token_is_as_good_as_none_but_to_an_admin() {
    let server = TestServer::start().await;
    let (alice, bob) = (
        server.signed_in("alice", &[Role::Viewer], Sources::All).await,
        server.signed_in("bob", &[Role::Viewer], Sources::All).await,
    );
    let root = server.signed_in("root", &[Role::Admin], Sources::All).await;
    let token = make(&alice, "siem-of-alice", &[("role", "viewer"), ("scope", "all")]).await;
    let console = server.add_token("from-the-console", &[Role::Viewer], Sources::All).await;
    assert!(!bob.text("/tokens").await.contains("siem-of-alice"));
    let revoke = [("do", "revoke"), ("name", "siem-of-alice")];
    assert_eq!(bob.send("/tokens", &revoke).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(status(&server, &token).await, 200);
    let page = root.text("/tokens").await;
    assert!(page.contains("siem-of-alice") && page.contains("from-the-console"));
    for (name, token) in [("siem-of-alice", &token), ("from-the-console", &console)] {
        assert_eq!(root.send("/tokens", &[("do", "revoke"), ("name", name)]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(status(&server, token).await, 401);
    }
    let norole = server.signed_in("norole", &[], Sources::All).await;
    assert_eq!(norole.get("/tokens").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(norole.send("/tokens", &revoke).await.status(), StatusCode::FORBIDDEN);
    let foreign = alice.post("/tokens").header("origin", "https://evil.example").form(&revoke).send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
}
