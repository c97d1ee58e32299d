//! What runs of retention do to events.

use chrono::Duration;
use flightbox::{
    jobs::retention::{begin, due},
    journal::{Action, By, Entry},
};
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::{StatusCode, header};
use serde_json::json;

use super::{admin, filled, hold, journal, keep, old, only, send, until};
use crate::common::TestServer;

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
