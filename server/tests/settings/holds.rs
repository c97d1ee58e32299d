//! What is kept whatever the rules say.

use flightbox_domain::{role::Role, scope::Sources};
use reqwest::StatusCode;
use serde_json::json;

use super::{admin, filled, hold, journal, old, send};
use crate::common::TestServer;

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
    let long = "x".repeat(1_025);
    for (name, kind, what, reason, message) in [
        ("", "actor", "typed-id", "court order", "A name has at least one character."),
        ("Case 7", "actor", " ", "court order", "Name the actor by id"),
        ("Case 7", "query", "", "court order", "Write the query"),
        ("Case 7", "query", "created:soon", "court order", "At character 9:"),
        ("Case 7", "neither", "typed-id", "court order", "Choose whether"),
        ("Case 7", "actor", "typed-id", "", "Say why, in 4 to 1024 characters: it goes on record."),
        ("Case 7", "actor", "typed-id", &*long, "Say why, in 4 to 1024 characters: it goes on record."),
    ] {
        let form = [("do", "set"), ("name", name), ("kind", kind), ("what", what), ("reason", reason)];
        let response = send(&server, &root, "/settings/holds", &form).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{message}");
        let page = response.text().await.unwrap();
        assert!(page.contains(message), "{message}: {page}");
        for typed in [name, what, reason].into_iter().filter(|typed| !typed.trim().is_empty()) {
            let kept = page.contains(&format!("value=\"{typed}\"")) || page.contains(&format!(">{typed}</textarea>"));
            assert!(kept, "{message}: {typed}");
        }
    }
    assert!(root.text("/settings/holds").await.contains("None. While one stands"));
    assert_eq!(journal(&server).await.len(), 0);
}
