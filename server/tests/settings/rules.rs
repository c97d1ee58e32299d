//! How long events are to be kept, and who says so.

use flightbox_domain::{role::Role, scope::SELF_SOURCE};
use reqwest::StatusCode;

use super::{admin, filled, hold, journal, keep, only, send};
use crate::common::TestServer;

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
