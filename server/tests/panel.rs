//! An event beside the list: within `/events?event=` and alone, for a browser that has the list.

use crate::common::TestServer;
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::StatusCode;

/// With an event of billing's, an event of HR's, and somebody who may see the former alone.
async fn filled() -> TestServer {
    let server = TestServer::start().await;
    server.producer("billing").await.send(r#"{"actor":"ivan","action":"invoice.read"}"#).await;
    server.producer("hr").await.send(r#"{"actor":"mallory","action":"salary.read"}"#).await;
    server
}

/// The panel of a page.
fn aside(page: &str) -> Option<&str> {
    page.split_once("<aside")?.1.split("</aside>").next()
}

/// The numbers of the two events: others, of those who came in, are between them.
async fn numbers(server: &TestServer) -> [i64; 2] {
    let (_, answer) = server.read("/api/v1/events").await;
    ["billing", "hr"].map(|source| {
        let events = answer["events"].as_array().unwrap();
        events.iter().find(|event| event["source"] == source).unwrap()["seq"].as_i64().unwrap()
    })
}

#[tokio::test]
async fn the_panel_is_the_same_within_its_page_and_alone() {
    let server = filled().await;
    let [number, _] = numbers(&server).await;
    let alice = server.signed_in("alice", &[Role::Viewer], Sources::All).await;
    let page = alice.text(&format!("/events?q=invoice&tz=Asia/Tokyo&event={number}")).await;
    let alone = alice.text(&format!("/events/{number}/panel?q=invoice&tz=Asia/Tokyo")).await;
    assert_eq!(aside(&page), aside(&alone));
    assert!(alone.starts_with("<aside") && alone.ends_with("</aside>"), "{alone}");
    assert!(alone.contains("UTC+09:00") && alone.contains("ivan"), "{alone}");
    // Whatever event the URL speaks of, the panel is that of the path.
    let other = alice.text(&format!("/events/{number}/panel?q=invoice&tz=Asia/Tokyo&event=99")).await;
    assert_eq!(other, alone);
}

#[tokio::test]
async fn what_may_not_be_seen_is_as_good_as_missing_and_leaves_the_list_whole() {
    let server = filled().await;
    let [_, foreign] = numbers(&server).await;
    let bob = server.signed_in("bob", &[Role::Viewer], Sources::Only(["billing".to_owned()].into())).await;
    let look = async |number: String| {
        let page = bob.text(&format!("/events?event={number}")).await;
        assert!(page.contains("invoice") && !page.contains("salary"), "{number}");
        let alone = bob.get(&format!("/events/{number}/panel")).await;
        assert_eq!(alone.status(), StatusCode::NOT_FOUND, "{number}");
        let alone = alone.text().await.unwrap();
        assert_eq!(aside(&page), aside(&alone), "{number}");
        assert!(alone.contains("There is no") && !alone.contains("mallory"), "{alone}");
        alone.replace(&number, "N")
    };
    let missing = look("424242".to_owned()).await;
    assert_eq!(look(foreign.to_string()).await, missing);
    look("nonsense".to_owned()).await;
    look("-1".to_owned()).await;
    look("99999999999999999999".to_owned()).await;
}

#[tokio::test]
async fn an_entry_of_the_access_record_takes_a_role_that_may_see_it() {
    let server = TestServer::start().await;
    let alice = server.signed_in("alice", &[Role::Investigator], Sources::All).await;
    let bob = server.signed_in("bob", &[Role::Viewer], Sources::All).await;
    assert!(alice.text("/events/0/panel").await.contains("person.add"));
    assert_eq!(bob.get("/events/0/panel").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_panel_is_for_people_with_a_role() {
    let server = filled().await;
    let nobody = server.signed_in("nobody", &[], Sources::All).await;
    assert_eq!(nobody.get("/events/0/panel").await.status(), StatusCode::FORBIDDEN);
    let alice = server.signed_in("alice", &[Role::Viewer], Sources::All).await;
    for query in ["q=actr:x", "from=soon", "tz=Mars"] {
        assert_eq!(alice.get(&format!("/events/0/panel?{query}")).await.status(), StatusCode::BAD_REQUEST, "{query}");
    }
    let fetched = server.client().get(server.url("/events/0/panel")).header("sec-fetch-dest", "empty").send().await;
    assert_eq!(fetched.unwrap().status(), StatusCode::UNAUTHORIZED);
}
