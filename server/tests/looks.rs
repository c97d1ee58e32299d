//! Who looked at what, came in, was refused or changed something: each is one event under the source `flightbox`.

mod change;
mod record;
mod undone;

use std::future::Future;

use crate::common::{TestServer, Visitor};
use chrono::Duration;
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// A log of two pages of billing's events, and how to look into its record of access.
struct Log {
    server: TestServer,
}

/// An entry in a line: action, actor, outcome, resource.
fn line(entry: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let [action, actor] = [text(&entry["action"]), text(&entry["actor"]["id"])];
    format!("{action} {actor} {} {}", text(&entry["outcome"]), text(&entry["resource"]["id"]))
}

impl Log {
    async fn filled() -> Self {
        let server = TestServer::start().await;
        let event = |n: i64| json!({"actor": "ivan", "action": "pay", "resource": "/bills/7", "details": {"n": n}});
        let events: Vec<_> = (0..70).map(event).collect();
        assert_eq!(server.producer("billing").await.send(json!(events).to_string()).await.0, 201);
        Self { server }
    }

    /// Does something that leaves these entries and no other event, each as [`line`] tells it.
    async fn leaves<T>(&self, deed: impl Future<Output = T>, entries: &[&str]) -> T {
        // A minute on, strangers are recorded again.
        self.server.clock().advance(Duration::minutes(1));
        let before = self.server.settled().await;
        let done = deed.await;
        let recorded: Vec<_> = self.server.recorded(before).await.iter().map(line).collect();
        assert_eq!(recorded, entries);
        assert_eq!(self.server.settled().await, before + entries.len() as i64, "and nothing else was stored");
        done
    }

    /// The number of one of billing's events.
    async fn number(&self) -> i64 {
        self.server.settled().await - 1
    }
}

/// Where a link of this text or kind leads.
fn link(page: &str, before: &str) -> String {
    let (head, _) = page.split_once(before).unwrap_or_else(|| panic!("no {before} in {page}"));
    let url = head.rsplit_once("href=\"").unwrap().1.split('"').next().unwrap();
    url.replace("&amp;", "&")
}

async fn ok(visitor: &Visitor<'_>, path: &str) -> String {
    visitor.text(path).await
}

async fn form(visitor: &Visitor<'_>, origin: &str, path: &str, fields: &[(&str, &str)]) -> StatusCode {
    visitor.post(path).header("origin", origin).form(fields).send().await.unwrap().status()
}

#[tokio::test]
async fn a35_each_look_leaves_exactly_one_entry() {
    let log = Log::filled().await;
    let (server, number) = (&log.server, log.number().await);
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;

    let page = log
        .leaves(
            ok(&ann, "/events?q=action:pay&cols=actor"),
            &["events.search ann success /events?q=action:pay&cols=actor"],
        )
        .await;
    let older = link(&page, "rel=\"next\"");
    let second = log.leaves(ok(&ann, &older), &[]).await;
    log.leaves(ok(&ann, &link(&second, "rel=\"prev\"")), &[]).await;
    log.leaves(ok(&ann, &format!("{older}&event={number}")), &[&format!("event.view ann success /events/{number}")])
        .await;
    let both = ["events.search ann success /events", &format!("event.view ann success /events/{number}")];
    log.leaves(ok(&ann, &format!("/events?event={number}")), &both).await;
    log.leaves(ok(&ann, &format!("/events/{number}")), &[both[1]]).await;
    log.leaves(ok(&ann, &format!("/events/{number}/panel?q=pay")), &[both[1]]).await;
    log.leaves(ann.get("/events/424242"), &["event.view ann failure /events/424242"]).await;
    let page = log.leaves(ok(&ann, "/actors/ivan"), &["actor.view ann success /actors/ivan"]).await;
    log.leaves(ok(&ann, &link(&page, "rel=\"next\"")), &[]).await;
    log.leaves(ann.get("/actors/nobody"), &["actor.view ann failure /actors/nobody"]).await;
    log.leaves(ok(&ann, "/resources/%2Fbills%2F7"), &["resource.view ann success /resources/%2Fbills%2F7"]).await;
    log.leaves(ok(&ann, "/"), &["overview.view ann success /"]).await;
    for path in ["/help", "/views", "/healthz", "/pages/me", "/pages/completion?before=actor:&after="] {
        log.leaves(ok(&ann, path), &[]).await;
    }
    log.leaves(ann.get("/events?q=actr:x"), &[]).await;

    // What a page asks for by itself can be asked for alone, and then is a look.
    for name in ["events", "summary"] {
        let path = format!(
            "/pages/{name}?state[q]=pay&state[from]=&state[to]=&state[tz]=&state[sort]=&state[cols]=&state[rows]=&state[live]=&state[counts]=&state[after]=&state[event]="
        );
        log.leaves(ok(&ann, &path), &["events.search ann success /events?q=pay"]).await;
    }
    for name in ["overview", "totals", "notable", "busiest"] {
        let path = format!(
            "/pages/{name}?state[q]=&state[from]=-7d&state[to]=&state[tz]=&state[sort]=&state[cols]=&state[rows]=&state[live]=&state[counts]=&state[after]=&state[event]="
        );
        log.leaves(ok(&ann, &path), &["overview.view ann success /"]).await;
    }

    for format in ["csv", "jsonl", "json"] {
        let path = format!("/events.{format}?q=pay");
        log.leaves(ok(&ann, &path), &["events.export ann success /events?q=pay"]).await;
    }
    let since = |page: &str| page.split_once("data-since=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let page = ok(&ann, "/events?q=pay").await;
    log.leaves(ann.get(&format!("/events/live?q=pay&since={}", since(&page))), &[]).await;
    let page = ok(&ann, "/events?q=pay&live=1").await;
    let live = format!("/events/live?q=pay&live=1&since={}", since(&page));
    log.leaves(ann.get(&live), &["events.live ann success /events?q=pay"]).await;
}

#[tokio::test]
async fn a35_each_look_of_a_program_leaves_exactly_one_entry() {
    let log = Log::filled().await;
    let (server, number) = (&log.server, log.number().await);
    let token = server.add_token("siem", &[Role::Viewer], Sources::All).await;
    let read = |path: String| server.read_with(&token, Box::leak(path.into_boxed_str()));
    let first = "/api/v1/events?q=actor:%69van&limit=9".to_owned();
    let (_, page) = log.leaves(read(first), &["events.search siem success /api/v1/events?q=actor:ivan"]).await;
    let next = page["next"].as_str().unwrap();
    let (status, page) = log.leaves(read(format!("/api/v1/events?q=actor:ivan&limit=9&after={next}")), &[]).await;
    assert_eq!((status, page["events"].as_array().unwrap().len()), (200, 9));
    // The cursor names the search's entry; a search that goes on for more than an hour is told of again.
    let entry = &server.recorded(0).await.pop().unwrap();
    assert!(next[18..].starts_with(entry["id"].as_str().unwrap()), "{next} {entry}");
    assert_eq!(entry["details"], json!({"query": "actor:ivan", "count": {"value": 70, "exact": true}}));
    server.clock().advance(Duration::hours(1));
    let late = format!("/api/v1/events?q=actor:ivan&limit=9&after={next}");
    log.leaves(read(late), &["events.search siem success /api/v1/events?q=actor:ivan"]).await;

    log.leaves(read(format!("/api/v1/events/{number}")), &[&format!("event.view siem success /events/{number}")]).await;
    log.leaves(read("/api/v1/events/424242".into()), &["event.view siem failure /events/424242"]).await;
    log.leaves(read("/api/v1/events/x".into()), &[]).await;
    for path in ["/api/v1/facets?q=pay", "/api/v1/histogram?q=pay"] {
        log.leaves(read(path.into()), &[&format!("events.search siem success {path}")]).await;
    }
    for path in ["/metrics", "/api/v1/openapi.json", "/api/v1/events?q=actr:x", "/api/v1/events?after=0"] {
        log.leaves(read(path.into()), &[]).await;
    }
}
