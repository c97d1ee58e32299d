//! `/settings/retention`, `/settings/holds`, and what they do to events.

mod holds;
mod rules;
mod runs;

use std::time::Duration as Real;

use crate::common::{TestServer, Visitor};
use chrono::Duration;
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::Response;
use serde_json::Value;

async fn admin<'s>(server: &'s TestServer, name: &str) -> Visitor<'s> {
    server.signed_in(name, &[Role::Admin], Sources::All).await
}

fn only(source: &str) -> Sources {
    Sources::Only([source.to_owned()].into())
}

async fn send(server: &TestServer, who: &Visitor<'_>, path: &str, form: &[(&str, &str)]) -> Response {
    who.post(path).header("origin", server.origin()).form(form).send().await.unwrap()
}

async fn keep(server: &TestServer, who: &Visitor<'_>, source: &str, keep: &str, days: &str) -> Response {
    send(server, who, "/settings/retention", &[("source", source), ("keep", keep), ("days", days)]).await
}

async fn hold(server: &TestServer, who: &Visitor<'_>, kind: &str, what: &str) -> Response {
    let form = [("do", "set"), ("name", "Case 7"), ("kind", kind), ("what", what), ("reason", "court order")];
    send(server, who, "/settings/holds", &form).await
}

/// Waits until something is so; the server's own loop looks at the clock once a second.
async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let waited = async {
        while !is_so().await {
            tokio::time::sleep(Real::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Real::from_secs(30), waited).await.unwrap_or_else(|_| panic!("never {what}"));
}

/// Flightbox's own record of retention and holds, oldest first.
async fn journal(server: &TestServer) -> Vec<Value> {
    server.settled().await;
    let token =
        server.add_token(&format!("journal-{}", server.app().store.events()), &[Role::Admin], Sources::All).await;
    let query = "source:flightbox%20action:retention,hold&limit=1000";
    let (status, answer) = server.read_with(&token, &format!("/api/v1/events?q={query}")).await;
    assert_eq!(status, 200, "{answer}");
    answer["events"].as_array().unwrap().iter().rev().cloned().collect()
}

/// Two sources with an event each, long ago, and one each of now; the clock stands a year and a half later.
async fn filled(server: &TestServer) {
    for source in ["billing", "hr"] {
        let producer = server.producer(source).await;
        producer.send(format!(r#"{{"actor":"alice","action":"{source}.old"}}"#)).await;
    }
    server.clock().advance(Duration::days(550));
    for source in ["billing", "hr"] {
        let event = format!(r#"{{"actor":"bob","action":"{source}.new"}}"#);
        server.app().store.record(source, parsed(&event), server.clock().now()).await.unwrap();
    }
}

fn parsed(event: &str) -> flightbox_event::Event {
    flightbox_event::parse_event(&flightbox_event::json::parse(event.as_bytes()).unwrap()).unwrap()
}

/// The numbers of the events that were sent first, by source.
async fn old(server: &TestServer) -> (i64, i64) {
    let number = async |source: &str| {
        let (_, answer) = server.read(&format!("/api/v1/events?q=action:{source}.old")).await;
        answer["events"][0]["seq"].as_i64().unwrap()
    };
    (number("billing").await, number("hr").await)
}
