//! `/settings/retention`, `/settings/holds`, and what they do to events.

mod common;

use std::time::Duration as Real;

use chrono::Duration;
use common::{TestServer, Visitor};
use flightbox::{
    jobs::retention::{begin, due},
    journal::{Action, By, Entry},
};
use flightbox_domain::{
    role::Role,
    scope::{SELF_SOURCE, Sources},
};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

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
    let (_, answer) = server.read_with(&token, &format!("/api/v1/events?q={query}")).await;
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

#[tokio::test]
async fn what_is_over_goes_at_night_and_its_address_says_so_for_good() {
    let mut server = TestServer::start().await;
    filled(&server).await;
    let (billing, hr) = old(&server).await;
    let root = admin(&server, "root").await;
    assert!(root.text("/settings/retention").await.contains("none: everything is kept for good"));
    assert_eq!(keep(&server, &root, "billing", "days", " 400 ").await.status(), StatusCode::SEE_OTHER);
    assert!(root.text("/settings/retention").await.contains("400 days"));
    let next = due(server.app()).await.unwrap().unwrap();
    assert_eq!(next.to_rfc3339(), "2028-05-26T03:00:00+00:00");
    assert_eq!(server.read(&format!("/api/v1/events/{billing}")).await.0, 200);

    server.clock().advance(next - server.clock().now());
    let store = server.app().store.clone();
    until("removed", async || store.retention_runs().await.unwrap().iter().any(|run| run.ended_at.is_some())).await;
    let runs = store.retention_runs().await.unwrap();
    assert_eq!((runs.len(), runs[0].done.events, &runs[0].failure), (1, 1, &None));
    assert_eq!(due(server.app()).await.unwrap().unwrap(), next + Duration::days(1));

    let journal = journal(&server).await;
    let told: Vec<_> = journal
        .iter()
        .map(|entry| (entry["action"].as_str().unwrap(), entry["actor"]["id"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("retention.change", "root"), ("retention.run", "flightbox")]);
    assert_eq!(journal[0]["changes"], json!({"billing": {"before": "as all sources", "after": "400 days"}}));
    let run = journal[1]["seq"].as_i64().unwrap();
    assert_eq!(runs[0].event, run);
    let removed = &journal[1]["details"]["removed"];
    assert_eq!(removed.as_array().unwrap().len(), 1);
    assert_eq!((&removed[0]["month"], &removed[0]["source"]), (&json!("2026-11"), &json!("billing")));
    assert_eq!(
        (&removed[0]["first"], &removed[0]["last"], &removed[0]["events"]),
        (&json!(billing), &json!(billing), &json!(1))
    );
    drop((root, store));

    for _ in 0..2 {
        let (status, gone) = server.read(&format!("/api/v1/events/{billing}")).await;
        assert_eq!((status, &gone["code"], &gone["run"]), (410, &json!("removed_by_retention"), &json!(run)));
        assert_eq!(server.read(&format!("/api/v1/events/{hr}")).await.0, 200);
        server.restart().await;
    }
    let eve = server.signed_in("eve", &[Role::Viewer], Sources::All).await;
    let ivan = server.signed_in("ivan", &[Role::Investigator], Sources::All).await;
    for (who, links) in [(&eve, false), (&ivan, true)] {
        let response = who.get(&format!("/events/{billing}")).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        let page = response.text().await.unwrap();
        assert!(page.contains("Removed by retention") && page.contains(&format!("event {run}")), "{page}");
        assert!(page.contains("2028-05-26"), "{page}");
        assert_eq!(page.contains(&format!("href=\"/events/{run}\"")), links);
        let panel = who.get(&format!("/events/{billing}/panel")).await;
        assert_eq!(panel.status(), StatusCode::NOT_FOUND);
        assert!(panel.text().await.unwrap().contains("Removed by retention"));
    }
    // What was not theirs is still as good as nothing.
    let scoped = server.signed_in("scoped", &[Role::Viewer], only("hr")).await;
    let body = async |seq: i64| {
        let response = scoped.get(&format!("/events/{seq}")).await;
        let page = response.text().await.unwrap();
        page.split_once("<main").unwrap().1.split("</main>").next().unwrap().replace(&format!("event {seq}"), "event N")
    };
    assert_eq!(body(billing).await, body(999_999).await);
    let token = server.add_token("scoped", &[Role::Viewer], only("hr")).await;
    assert_eq!(server.read_with(&token, &format!("/api/v1/events/{billing}")).await.0, 404);
}

#[tokio::test]
async fn a_run_by_hand_shows_first_what_would_go_and_is_recorded_before_anything_does() {
    let server = TestServer::start().await;
    filled(&server).await;
    let root = admin(&server, "root").await;
    keep(&server, &root, "*", "days", "400").await;
    assert_eq!(hold(&server, &root, "actor", "alice").await.status(), StatusCode::SEE_OTHER);
    let page = root.text("/settings/retention/run").await;
    assert!(page.contains("Nothing would go") && page.contains("Legal holds keep 2 events"), "{page}");
    assert!(!page.contains("Remove these events"));
    let page = root.text("/settings/holds").await;
    let id = page.split_once("name=\"hold\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let lift = [("do", "lift"), ("hold", &*id), ("reason", "settled")];
    assert_eq!(send(&server, &root, "/settings/holds", &lift).await.status(), StatusCode::SEE_OTHER);
    let page = root.text("/settings/retention/run").await;
    assert!(page.contains("2 events") && page.contains("2026-11") && page.contains("Remove these events"), "{page}");
    assert_eq!(old(&server).await, old(&server).await, "looking removes nothing");

    let began = send(&server, &root, "/settings/retention/run", &[]).await;
    assert_eq!(
        (began.status(), &began.headers()[header::LOCATION]),
        (StatusCode::SEE_OTHER, &"/settings/retention".parse().unwrap())
    );
    // Recorded by now, whatever has been removed.
    let journal = journal(&server).await;
    let run = journal.last().unwrap();
    assert_eq!(
        (&run["action"], &run["actor"]["id"], &run["details"]["events"]),
        (&json!("retention.run"), &json!("root"), &json!(2))
    );
    assert!(run["origin"]["session_id"].is_string() && run["origin"]["ip"].is_string());
    let store = &server.app().store;
    until("removed", async || !store.is_removing()).await;
    assert!(root.text("/settings/retention").await.contains("2 events removed"));
    assert_eq!(server.read("/api/v1/events?q=action:billing,hr").await.1["count"]["value"], 2);
}

#[tokio::test]
async fn a_run_that_was_cut_off_or_stopped_is_recorded_as_failed() {
    let mut server = TestServer::start().await;
    filled(&server).await;
    let root = admin(&server, "root").await;
    keep(&server, &root, "*", "days", "400").await;
    // A hold that comes between the record and the first removal.
    let begun = begin(server.app(), Entry::new(Action::RetentionRun, By::Console)).await.unwrap();
    hold(&server, &root, "actor", "alice").await;
    begun.finish().await.unwrap_err();
    let entry = journal(&server).await.pop().unwrap();
    assert_eq!((&entry["action"], &entry["outcome"]), (&json!("retention.run"), &json!("failure")));
    assert!(entry["reason"].as_str().unwrap().contains("hold was changed"));
    assert!(root.text("/settings/retention").await.contains("hold was changed"));
    old(&server).await;
    // A server that stops in the midst.
    let begun = begin(server.app(), Entry::new(Action::RetentionRun, By::Console)).await.unwrap();
    let run = journal(&server).await.pop().unwrap()["seq"].clone();
    drop((begun, root));
    server.restart().await;
    let store = server.app().store.clone();
    until("told", async || store.retention_runs().await.unwrap()[0].ended_at.is_some()).await;
    let entry = journal(&server).await.pop().unwrap();
    assert_eq!((&entry["outcome"], &entry["details"]["run"]), (&json!("failure"), &run));
}

#[tokio::test]
async fn a_rule_that_cannot_be_says_what_would_and_keeps_what_was_typed() {
    let server = TestServer::start().await;
    server.add_source("billing").await;
    let root = admin(&server, "root").await;
    for (source, choice, days, message) in [
        ("billing", "days", "", "is no number of days; a whole number from 1 to 36500 is."),
        ("billing", "days", "ten", "is no number of days"),
        ("*", "days", "0", "is no number of days"),
        ("*", "all", "", "Choose how long"),
        ("*", "", "", "Choose how long"),
        (
            SELF_SOURCE,
            "days",
            "400",
            "The record of access is kept for a year at least, and as long as anything that it is about: choose for good.",
        ),
    ] {
        let response = keep(&server, &root, source, choice, days).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{source} {choice} {days}");
        let page = response.text().await.unwrap();
        assert!(page.contains(message), "{message}: {page}");
        assert!(days.is_empty() || page.contains(&format!("value=\"{days}\"")), "{days}");
    }
    assert_eq!(journal(&server).await.len(), 0);
    // Once everything else is kept shorter, the record of access may be, too; never for less than a year.
    assert_eq!(keep(&server, &root, "*", "days", "30").await.status(), StatusCode::SEE_OTHER);
    let response = keep(&server, &root, SELF_SOURCE, "days", "364").await;
    assert!(response.text().await.unwrap().contains("choose at least 365 days."));
    assert_eq!(keep(&server, &root, SELF_SOURCE, "days", "365").await.status(), StatusCode::SEE_OTHER);
    // And where something is kept longer later, so is the record of it.
    keep(&server, &root, "billing", "days", "700").await;
    assert!(root.text("/settings/retention").await.contains("700 days: at least as long as anything that it is about"));
    // What changes nothing is no change.
    let before = journal(&server).await.len();
    keep(&server, &root, "billing", "days", "700").await;
    assert_eq!(journal(&server).await.len(), before);
}

#[tokio::test]
async fn an_admin_of_some_sources_sees_and_sets_their_rules_alone() {
    let server = TestServer::start().await;
    filled(&server).await;
    let (root, hana) = (admin(&server, "root").await, server.signed_in("hana", &[Role::Admin], only("hr")).await);
    keep(&server, &root, "*", "days", "400").await;
    let page = hana.text("/settings/retention").await;
    assert!(page.contains("All sources without a rule of their own: 400 days."), "{page}");
    let main = page.split_once("<main").unwrap().1;
    assert!(
        main.contains("value=\"hr\"") && !main.contains("billing") && !main.contains("record of access</b>"),
        "{main}"
    );
    for source in ["*", SELF_SOURCE] {
        assert_eq!(keep(&server, &hana, source, "good", "").await.status(), StatusCode::FORBIDDEN);
    }
    for source in ["billing", "none", "Not A Name"] {
        assert_eq!(keep(&server, &hana, source, "good", "").await.status(), StatusCode::NOT_FOUND, "{source}");
    }
    let plan = hana.text("/settings/retention/run").await;
    let main = plan.split_once("<main").unwrap().1;
    assert!(main.contains("hr") && !main.contains("billing") && !main.contains("Remove these events"), "{main}");
    assert_eq!(send(&server, &hana, "/settings/retention/run", &[]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(keep(&server, &hana, "hr", "good", "").await.status(), StatusCode::SEE_OTHER);
    assert!(hana.text("/settings/retention/run").await.contains("Nothing would go"));
    // What they hold, they hold of what they see.
    assert_eq!(hold(&server, &hana, "query", "action:billing,hr").await.status(), StatusCode::SEE_OTHER);
    let page = root.text("/settings/retention/run").await;
    assert!(page.contains("1 event,"), "{page}");
    // Somebody who sees more sees their hold; they see, and cannot lift, what reaches further.
    hold(&server, &root, "actor", "alice").await;
    let page = hana.text("/settings/holds").await;
    assert!(page.contains("only somebody who sees those lifts it"), "{page}");
    let lift = |id: &'static str| [("do", "lift"), ("hold", id), ("reason", "mine")];
    assert_eq!(send(&server, &hana, "/settings/holds", &lift("2")).await.status(), StatusCode::FORBIDDEN);
    let elsewhere = server.signed_in("bill", &[Role::Admin], only("billing")).await;
    assert_eq!(send(&server, &elsewhere, "/settings/holds", &lift("1")).await.status(), StatusCode::NOT_FOUND);
    assert!(!elsewhere.text("/settings/holds").await.contains("hana"));
    assert_eq!(send(&server, &hana, "/settings/holds", &lift("1")).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_hold_is_seen_wherever_what_it_holds_is_and_recorded_when_it_is_set_and_lifted() {
    let server = TestServer::start().await;
    filled(&server).await;
    let (billing, _) = old(&server).await;
    let root = admin(&server, "root").await;
    let eve = server.signed_in("eve", &[Role::Viewer], Sources::All).await;
    for path in ["/actors/alice", &*format!("/events/{billing}")] {
        assert!(!eve.text(path).await.contains("Under legal hold"), "{path}");
    }
    hold(&server, &root, "query", "action:billing.old created:-700d").await;
    for path in ["/actors/alice", &*format!("/events/{billing}"), &*format!("/events?event={billing}")] {
        let page = eve.text(path).await;
        assert!(page.contains("Under legal hold") && page.contains("Case 7") && page.contains("court order"), "{path}");
        assert!(page.contains("root"), "{path}");
    }
    assert!(!eve.text("/actors/bob").await.contains("Under legal hold"));
    let page = root.text("/settings/holds").await;
    assert!(!page.contains("-700d"), "its times are fixed: {page}");
    assert_eq!(
        send(&server, &root, "/settings/holds", &[("do", "lift"), ("hold", "1"), ("reason", " ")]).await.status(),
        422
    );
    assert_eq!(
        send(&server, &root, "/settings/holds", &[("do", "lift"), ("hold", "1"), ("reason", "settled")]).await.status(),
        303
    );
    assert_eq!(
        send(&server, &root, "/settings/holds", &[("do", "lift"), ("hold", "1"), ("reason", "settled")]).await.status(),
        404
    );
    assert!(!eve.text("/actors/alice").await.contains("Under legal hold"));
    let page = root.text("/settings/holds").await;
    assert!(page.contains("Lifted") && page.contains("settled"));
    let journal = journal(&server).await;
    let told: Vec<_> =
        journal.iter().map(|entry| (&entry["action"], &entry["reason"], &entry["details"]["name"])).collect();
    assert_eq!(
        told,
        [
            (&json!("hold.create"), &json!("court order"), &json!("Case 7")),
            (&json!("hold.lift"), &json!("settled"), &json!("Case 7")),
        ]
    );
    assert_eq!(journal[0]["details"]["sources"], "all");
}

#[tokio::test]
async fn a_hold_that_cannot_be_says_what_is_wrong_where_and_keeps_what_was_typed() {
    let server = TestServer::start().await;
    let root = admin(&server, "root").await;
    let long = "x".repeat(501);
    for (name, kind, what, reason, message) in [
        ("", "actor", "typed-id", "why", "A name has at least one character."),
        ("Case 7", "actor", " ", "why", "Name the actor by id"),
        ("Case 7", "query", "", "why", "Write the query"),
        ("Case 7", "query", "created:soon", "why", "At character 9:"),
        ("Case 7", "neither", "typed-id", "why", "Choose whether"),
        ("Case 7", "actor", "typed-id", "", "Give a reason: whoever asks later has to find it."),
        ("Case 7", "actor", "typed-id", &*long, "A reason has at most 500 characters."),
    ] {
        let form = [("do", "set"), ("name", name), ("kind", kind), ("what", what), ("reason", reason)];
        let response = send(&server, &root, "/settings/holds", &form).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{message}");
        let page = response.text().await.unwrap();
        assert!(page.contains(message), "{message}: {page}");
        for typed in [name, what, reason].into_iter().filter(|typed| !typed.trim().is_empty()) {
            assert!(page.contains(&format!("value=\"{typed}\"")), "{message}: {typed}");
        }
    }
    assert!(root.text("/settings/holds").await.contains("None. While one stands"));
    assert_eq!(journal(&server).await.len(), 0);
}
