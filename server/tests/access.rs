//! `/access`: who looked at what; and what an event's own page says of that.

use crate::common::{TestServer, Visitor};
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::StatusCode;
use serde_json::json;

/// With two events of billing's, and the number of the first.
async fn filled() -> (TestServer, i64) {
    let server = TestServer::start().await;
    let event = |n: i64| json!({"actor": "ivan", "action": "pay", "details": {"n": n}});
    let billing = server.producer("billing").await;
    let (_, answer) = billing.send(json!([event(1), event(2)]).to_string()).await;
    (server, answer["receipts"][0]["seq"].as_i64().unwrap())
}

/// The rows of the table as actor, action and resource.
async fn rows(visitor: &Visitor<'_>, path: &str) -> Vec<String> {
    let page = visitor.text(path).await;
    let cell = |row: &str, class: &str| {
        let cell = row.split_once(&format!("<td class=\"{class}")).unwrap().1.split("</td>").next().unwrap();
        cell.split_once("title=\"Only ").map_or("", |(_, rest)| rest.split('"').next().unwrap()).to_owned()
    };
    let row = |row: &str| {
        let [actor, action, resource] = ["c-actor", "c-action", "c-resource"].map(|class| cell(row, class));
        let text = |value: &str| value.split_once(' ').map_or("-", |(_, text)| text).to_owned();
        format!("{} {} {}", text(&actor), text(&action), text(&resource))
    };
    page.split("<tr class=\"event\">").skip(1).map(row).collect()
}

/// The words of the section about who looked at an event.
fn history(page: &str) -> Option<String> {
    let (_, section) = page.split_once("id=\"history\"")?;
    let section = section.split("</section>").next()?;
    let words = section.split('>').skip(1).map(|piece| piece.split('<').next().unwrap_or_default().trim());
    Some(words.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" "))
}

#[tokio::test]
async fn the_record_of_access_is_a_list_like_any_other_of_that_record_alone() {
    let (server, seq) = filled().await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let ivy = server.signed_in("ivy", &[Role::Investigator], Sources::All).await;
    ann.text("/events?q=pay").await;
    ann.text(&format!("/events/{seq}")).await;
    ann.text("/events.csv?q=pay").await;
    server.settled().await;
    let event = format!("ann event.view /events/{seq}");
    let expected = ["ann events.export /events?q=pay", &event, "ann events.search /events?q=pay"];
    assert_eq!(rows(&ivy, "/access?q=actor:ann+-action:session").await, expected);
    assert_eq!(rows(&ivy, &format!("/access?q=resource:/events/{seq}")).await, [event.as_str()]);
    server.settled().await;
    let looked = rows(&ivy, "/access?q=action:events.search+actor:ivy").await;
    assert_eq!(looked.len(), 2, "that she looked at it before is in it, too: {looked:?}");
    // Whatever is asked, producers' events are elsewhere.
    for query in ["", "source:billing", "source:flightbox,billing", "source:flightbox+OR+pay", "-source:flightbox"] {
        let found = rows(&ivy, &format!("/access?q={query}")).await;
        assert!(found.iter().all(|row| !row.starts_with("ivan")), "{query}: {found:?}");
    }
    let page = ivy.text("/access?q=action:event.view").await;
    assert!(page.contains("value=\"action:event.view\""), "the query box has what was asked");
    let here = "/access?q=source:flightbox%20action:event.view%20actor:ann";
    assert!(page.contains(&format!("href=\"{here}\"")), "a value narrows the list where it stands");
    assert!(page.contains("href=\"/events.csv?q=source:flightbox%20action:event.view\""), "it is taken away as it is");
    assert_eq!(ivy.get("/access?q=actr:x").await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_record_of_access_takes_a_role() {
    let (server, seq) = filled().await;
    for (name, roles, status) in [
        ("vera", &[Role::Viewer][..], StatusCode::FORBIDDEN),
        ("ivy", &[Role::Investigator], StatusCode::OK),
        ("adam", &[Role::Admin], StatusCode::OK),
        ("nobody", &[], StatusCode::FORBIDDEN),
    ] {
        let visitor = server.signed_in(name, roles, Sources::All).await;
        let answer = visitor.get("/access").await;
        assert_eq!(answer.status(), status, "{name}");
        let page = answer.text().await.unwrap();
        assert_eq!(page.contains("session.sign-in"), status == StatusCode::OK, "{name}");
        if !roles.is_empty() {
            let home = visitor.text("/events").await;
            assert_eq!(home.contains("href=\"/access\""), status == StatusCode::OK, "{name}");
            let event = visitor.text(&format!("/events/{seq}")).await;
            assert_eq!(history(&event).is_some(), status == StatusCode::OK, "{name}");
        }
    }
    let stranger = server.client().get(server.url("/access")).send().await.unwrap();
    assert_eq!(stranger.headers()["location"], "/sign-in?next=/access");
}

#[tokio::test]
async fn an_event_tells_who_looked_at_it_and_who_took_it_away() {
    let (server, seq) = filled().await;
    let only = |source: &str| Sources::Only([source.to_owned()].into());
    let ivy = server.signed_in("ivy", &[Role::Investigator], Sources::All).await;
    let page = ivy.text(&format!("/events/{seq}")).await;
    assert!(history(&page).unwrap().contains("Nobody has looked at this event before"), "{:?}", history(&page));
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let hugh = server.signed_in("hugh", &[Role::Viewer], only("hr")).await;
    hugh.get(&format!("/events/{seq}")).await;
    ann.text(&format!("/events?event={seq}")).await;
    // Of these, the first two took it along.
    for query in ["q=@n:1", "from=-1h&q=created:-1h", "q=@n:2", "to=2026-01-01", "q=actor:nobody"] {
        ann.text(&format!("/events.json?{query}")).await;
        hugh.text(&format!("/events.json?{query}")).await;
    }
    server.clock().advance(chrono::Duration::hours(3));
    let ivy = {
        let client = server.visitor();
        let form = [("name", "ivy"), ("password", "correct horse battery staple")];
        assert_eq!(client.post("/sign-in").form(&form).send().await.unwrap().status(), 303);
        client
    };
    server.settled().await;
    let told = history(&ivy.text(&format!("/events/{seq}")).await).unwrap();
    let told: Vec<_> = told.split(" hours ago").map(str::trim).collect();
    let by = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let told: Vec<_> = told
        .into_iter()
        .filter(|line| line.contains("2026"))
        .map(|line| by(line.trim_start_matches("Access history").trim()))
        .collect();
    let expected = ["ann events.export", "ann events.export", "ann event.view", "hugh event.view", "ivy event.view"];
    assert_eq!(told, expected);
}
