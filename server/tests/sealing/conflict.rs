//! Two admins at once, and a server that has forgotten.

use flightbox_domain::rules::{INITIAL, digest};
use reqwest::StatusCode;

use super::rules::{PAGE, admin, changes, longer, save, text};
use crate::common::{
    TestServer,
    browser::{Browser, location},
};

#[tokio::test]
async fn whoever_was_slower_sees_both_and_keeps_their_text() {
    let server = TestServer::start().await;
    let (alice, password) = admin(&server, "alice").await;
    let led = save(&alice, &longer(), 1).await;
    assert!(location(&led).starts_with("/confirm"));
    let request = format!("{PAGE}?from=1&digest={}", digest(&longer()));
    alice.confirm("settings", &request, &password, "").await;
    let (store, now) = (&server.app().store, server.clock().now());
    store.set_rules(&format!("{INITIAL}mask key pet\n"), 1, "bob", now).await.unwrap().unwrap();
    let since = server.settled().await;

    let refused = save(&alice, &longer(), 1).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    let page = refused.text().await.unwrap();
    assert!(page.contains("Somebody else was faster") && page.contains("<ins><bdi>mask key pet</bdi></ins>"));
    // What hers would undo, and what it would bring.
    assert!(page.contains("<del><bdi>mask key pet</bdi></del>"));
    assert!(page.contains("<ins><bdi>seal key plate as number-plate</bdi></ins>"));
    assert_eq!(text(&page), longer());
    assert!(page.contains("name=\"from\" value=\"2\""), "sent again it goes on from what she has seen");
    assert!(alice.text(&request).await.contains("Somebody else was faster"));
    assert_eq!(changes(&server, since).await.len(), 0);
    assert!(location(&save(&alice, &longer(), 2).await).starts_with("/confirm"), "that is another change");
    assert_eq!(store.rules().version, 2);
}

#[tokio::test]
async fn of_many_at_once_one_is_put_in_force_and_recorded() {
    let server = TestServer::start().await;
    let (alice, password) = admin(&server, "alice").await;
    let request = format!("{PAGE}?from=1&digest={}", digest(&longer()));
    alice.confirm("settings", &request, &password, "").await;
    let since = server.settled().await;
    let text = longer();
    let all = futures_util::future::join_all((0..8).map(|_| save(&alice, &text, 1))).await;
    let done = all.iter().filter(|answer| location(answer) == "/settings/rules?version=2").count();
    assert_eq!((done, server.app().store.rules().version), (1, 2));
    assert_eq!(changes(&server, since).await.len(), 1);
}

#[tokio::test]
async fn a_text_that_is_no_longer_kept_is_said_to_be_gone() {
    let mut server = TestServer::start().await;
    let request = format!("{PAGE}?from=1&digest={}", digest(&longer()));
    let cookie = {
        let (alice, _) = admin(&server, "alice").await;
        save(&alice, &longer(), 1).await;
        assert_eq!(text(&alice.text(&request).await), longer());
        // Nobody else's.
        let (bob, _) = admin(&server, "bob").await;
        assert_eq!(text(&bob.text(&request).await), INITIAL);
        alice.cookie("flightbox").unwrap()
    };
    server.restart().await;
    let alice = Browser::new(&server);
    alice.set_cookie("flightbox", &cookie);
    let page = alice.text(&request).await;
    assert!(page.contains("no longer kept here"));
    assert_eq!(text(&page), INITIAL);
}
