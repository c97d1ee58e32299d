//! `/`: what happened lately, as far as somebody may see it.

use crate::common::{Producer, TestServer};
use chrono::{DateTime, Duration, Utc};
use flightbox_domain::{role::Role, scope::Sources};
use serde_json::{Value, json};

/// The server's clock when it starts.
fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn at(hours_ago: i64) -> String {
    (now() - Duration::hours(hours_ago)).to_rfc3339()
}

async fn send(producer: &Producer<'_>, events: Vec<Value>) {
    let (status, body) = producer.send(json!(events).to_string()).await;
    assert_eq!(status, 201, "{body}");
}

/// Two weeks of somebody in `billing`, who does something odd at the end, and of `hr`, which stops after ten days.
async fn filled() -> TestServer {
    let server = TestServer::start().await;
    let (billing, hr) = (server.producer("billing").await, server.producer("hr").await);
    let login = |actor: &str, hours_ago: i64| {
        json!({"actor": {"id": actor, "name": format!("{actor} the first")}, "action": "login",
            "origin": {"ip": "10.0.0.1"}, "occurred_at": at(hours_ago)})
    };
    send(&billing, (1..336).rev().map(|hour| login("amy", hour)).collect()).await;
    let odd = json!({"actor": "amy", "action": "user.delete", "origin": {"ip": "10.0.0.2"}, "occurred_at": at(1)});
    let denied =
        |hours_ago: i64| json!({"actor": "amy", "action": "x", "outcome": "denied", "occurred_at": at(hours_ago)});
    send(&billing, vec![odd, denied(2), denied(200), denied(201), login("newbie", 3)]).await;
    send(&hr, (100..336).rev().map(|hour| login("hr-bot", hour)).collect()).await;
    send(&hr, vec![login("hr-novice", 101)]).await;
    server
}

fn only(source: &str) -> Sources {
    Sources::Only([source.to_owned()].into())
}

/// The page's text, its markup left out and white space made one.
async fn read(server: &TestServer, name: &str, sources: Sources, path: &str) -> String {
    let visitor = server.signed_in(name, &[Role::Viewer], sources).await;
    let html = visitor.text(path).await;
    let (_, main) = html.split_once("<main").unwrap();
    let mut text = String::new();
    for piece in main.split('<').skip(1) {
        text.push_str(piece.split_once('>').map_or("", |(_, text)| text));
        text.push(' ');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn figures_are_compared_with_the_window_before() {
    let server = filled().await;
    let page = read(&server, "ann", only("billing"), "/").await;
    // A login each hour of a week, then the odd one, the denied one, and the newcomer's.
    for figure in ["Events 171 1% more", "Failed 0 as before", "Denied 1 50% fewer", "Never seen before 1 none before"]
    {
        assert!(page.contains(figure), "{figure}: {page}");
    }
    assert!(page.contains("What happened in the last 7 days"), "{page}");
    assert!(page.contains("Compared with the 7 days before"), "{page}");
}

#[tokio::test]
async fn what_was_new_and_who_is_new_is_told_in_a_sentence() {
    let server = filled().await;
    let page = read(&server, "ann", only("billing"), "/").await;
    assert!(page.contains("amy had never done user.delete nor been seen from 10.0.0.2 before. 1 hour ago"), "{page}");
    assert!(page.contains("newbie the first newbie in billing 3 hours ago"), "{page}");
    let earlier = read(&server, "bob", only("billing"), "/?from=-14d&to=-7d").await;
    assert!(earlier.contains("Nobody showed an action, address, country or user agent that was new"), "{earlier}");
    assert!(!earlier.contains("newbie"), "{earlier}");
}

#[tokio::test]
async fn a_source_that_stopped_is_told_with_its_own_habit() {
    let server = filled().await;
    let page = read(&server, "ann", Sources::All, "/").await;
    let silent =
        "hr has been silent for 4 days , since 2026-11-18 08:00:00 UTC . Its longest pause before was 1 hour .";
    assert!(page.contains(silent), "{page}");
    assert!(!page.contains("billing has been silent"), "{page}");
}

#[tokio::test]
async fn nobody_learns_anything_of_a_source_that_is_not_theirs() {
    let server = filled().await;
    let billing = read(&server, "ann", only("billing"), "/").await;
    assert!(!billing.contains("hr"), "{billing}");
    assert!(billing.contains("Every source sends as often as it used to."), "{billing}");
    let hr = read(&server, "bob", only("hr"), "/").await;
    for foreign in ["billing", "amy", "newbie", "user.delete"] {
        assert!(!hr.contains(foreign), "{foreign}: {hr}");
    }
    assert!(hr.contains("hr-novice") && hr.contains("hr has been silent"), "{hr}");
    let nothing = read(&server, "eve", only("nowhere"), "/").await;
    assert!(nothing.contains("No events yet"), "{nothing}");
    // Signing in is recorded in the same log, and is nobody's business here.
    let all = read(&server, "admin", Sources::All, "/").await;
    assert!(!all.contains("session.sign-in"), "{all}");
}

#[tokio::test]
async fn a_window_after_the_last_event_says_when_that_was() {
    let server = filled().await;
    let page = read(&server, "bob", only("hr"), "/?from=-24h").await;
    assert!(page.contains("Nothing happened then. The last event was at 2026-11-18 08:00:00"), "{page}");
}

#[tokio::test]
async fn a_window_that_cannot_be_read_is_refused_and_kept() {
    let server = filled().await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let answer = ann.get("/?from=soonish&tz=Europe/Berlin").await;
    assert_eq!(answer.status(), 400);
    let html = answer.text().await.unwrap();
    assert!(html.contains("&quot;soonish&quot; is no time") || html.contains("\"soonish\" is no time"), "{html}");
    assert!(html.contains("value=\"soonish\""), "{html}");
    let visitor = server.client().get(server.url("/")).send().await.unwrap();
    assert_eq!((visitor.status().as_u16(), &visitor.headers()["location"]), (303, &"/sign-in".parse().unwrap()));
}
