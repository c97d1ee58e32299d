//! `/events/live`: what comes into a view while somebody looks on.

use std::time::Duration;

use crate::common::{Producer, TestServer, Visitor};
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::{Response, StatusCode, header};
use serde_json::json;

/// Longer than anything here takes, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(20);

fn only(source: &str) -> Sources {
    Sources::Only([source.to_owned()].into())
}

async fn send(producer: &Producer<'_>, actor: &str, action: &str) {
    let event = json!({"actor": actor, "action": action}).to_string();
    assert_eq!(producer.send(event).await.0, 201);
}

/// Where a page says that it goes on.
async fn onward(visitor: &Visitor<'_>, page: &str) -> Option<String> {
    let html = visitor.text(page).await;
    let attribute = |name: &str| {
        let value = html.split_once(&format!("{name}=\""))?.1.split('"').next()?;
        Some(value.replace("&amp;", "&"))
    };
    let (stream, since) = (attribute("data-stream")?, attribute("data-since")?);
    let mark = if stream.contains('?') { '&' } else { '?' };
    Some(format!("{stream}{mark}since={since}"))
}

/// A stream that is being read.
struct Stream {
    response: Response,
    heard: String,
}

impl Stream {
    async fn of(visitor: &Visitor<'_>, page: &str) -> Self {
        let response = visitor.get(&onward(visitor, page).await.unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        Self { response, heard: String::new() }
    }

    /// The next message: its fields, one a line. `None` at the end.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((message, rest)) = self.heard.split_once("\n\n") {
                let (message, rest) = (message.to_owned(), rest.to_owned());
                self.heard = rest;
                if !message.starts_with(':') {
                    return Some(message);
                }
                continue;
            }
            let part = tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("nothing came");
            self.heard.push_str(std::str::from_utf8(&part.ok().flatten()?).unwrap());
        }
    }
}

#[tokio::test]
async fn a_page_hears_how_many_have_come_and_of_nothing_it_would_not_show() {
    let server = TestServer::start().await;
    let (billing, hr) = (server.producer("billing").await, server.producer("hr").await);
    send(&billing, "ann", "pay").await;
    let ann = server.signed_in("ann", &[Role::Viewer], only("billing")).await;
    let mut stream = Stream::of(&ann, "/events?q=actor:ann").await;
    let mut live = Stream::of(&ann, "/events?live=1").await;
    send(&hr, "ann", "hire").await;
    send(&billing, "bob", "pay").await;
    send(&billing, "ann", "pay").await;
    assert_eq!(stream.next().await.unwrap(), "event: count\ndata: 1 new event");
    let mut shown = String::new();
    while !shown.contains("actor:ann") || !shown.contains("actor:bob") {
        shown.push_str(&live.next().await.unwrap());
    }
    assert!(!shown.contains("hire"), "{shown}");
    let two = json!([{"actor": "ann", "action": "pay"}, {"actor": "ann", "action": "pay"}]);
    billing.send(two.to_string()).await;
    assert_eq!(stream.next().await.unwrap(), "event: count\ndata: 3 new events");
    let many: Vec<_> = (0..200).map(|_| json!({"actor": "ann", "action": "pay"})).collect();
    billing.send(json!(many).to_string()).await;
    assert_eq!(stream.next().await.unwrap(), "event: count\ndata: More than 99 new events");
}

#[tokio::test]
async fn what_came_before_the_stream_began_is_told_first() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let path = onward(&ann, "/events?q=@n:%3E1").await.unwrap();
    billing.send(json!([{"actor": "a", "action": "x", "details": {"n": 1}}, {"actor": "a", "action": "x", "details": {"n": 2}}]).to_string()).await;
    let mut stream = Stream { response: ann.get(&path).await, heard: String::new() };
    assert_eq!(stream.next().await.unwrap(), "event: count\ndata: 1 new event");
}

#[tokio::test]
async fn a_live_page_gets_the_rows_as_it_would_have_shown_them_itself() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let page = "/events?q=action:pay&cols=actor,reason&live=1";
    let mut stream = Stream::of(&ann, page).await;
    let hostile = json!({"actor": "<img src=x onerror=alert(1)>", "action": "pay", "reason": "two\r\nlines"});
    billing.send(hostile.to_string()).await;
    let message = stream.next().await.unwrap();
    let (head, data) = message.split_once("\ndata: 1\n").unwrap();
    assert!(head.starts_with("event: rows\nid: "), "{head}");
    let rows: Vec<_> = data.lines().map(|line| line.strip_prefix("data: ").unwrap()).collect();
    let rows = rows.join("\n");
    assert!(rows.starts_with("<tbody>") && rows.contains("&lt;img") && !rows.contains("<img"), "{rows}");
    assert!(ann.text(page).await.replace('\r', "&#13;").contains(&rows), "{rows}");

    // A page goes on from the last message that it got.
    let (path, _) =
        onward(&ann, page).await.unwrap().rsplit_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    send(&billing, "bob", "pay").await;
    let id = head.rsplit_once("id: ").unwrap().1;
    let mut again = Stream { response: ann.get(&format!("{path}={id}")).await, heard: String::new() };
    let message = again.next().await.unwrap();
    assert!(message.contains("data: 1\n") && message.contains("bob") && !message.contains("&lt;img"), "{message}");
}

#[tokio::test]
async fn more_than_can_be_shown_at_once_is_said_to_be_more() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let mut stream = Stream::of(&ann, "/events?live=1").await;
    let many: Vec<_> = (0..150).map(|_| json!({"actor": "ann", "action": "pay"})).collect();
    billing.send(json!(many).to_string()).await;
    let message = stream.next().await.unwrap();
    assert!(message.starts_with("event: flood\n") && message.contains("data: 100\n"), "{message}");
}

#[tokio::test]
async fn the_record_of_access_comes_to_those_alone_who_may_see_it_and_ask_for_it() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let ivy = server.signed_in("ivy", &[Role::Investigator], Sources::All).await;
    let mut not_hers = Stream::of(&ann, "/events?q=source:flightbox+OR+source:billing").await;
    server.settled().await;
    let mut everything = Stream::of(&ivy, "/events").await;
    let mut record = Stream::of(&ivy, "/events?q=source:flightbox").await;
    // That she herself looks at it is recorded there, and would lead her round in a circle.
    ivy.text("/events?q=source:flightbox").await;
    server.add_person("eve", &[Role::Viewer]).await;
    assert_eq!(record.next().await.unwrap(), "event: count\ndata: 1 new event");
    // What others look at is news.
    ann.text("/events").await;
    assert_eq!(record.next().await.unwrap(), "event: count\ndata: 2 new events");
    let two = json!([{"actor": "ann", "action": "pay"}, {"actor": "ann", "action": "pay"}]);
    billing.send(two.to_string()).await;
    assert_eq!(everything.next().await.unwrap(), "event: count\ndata: 2 new events");
    assert_eq!(not_hers.next().await.unwrap(), "event: count\ndata: 2 new events");
}

#[tokio::test]
async fn only_the_newest_page_of_an_open_window_goes_on() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let many: Vec<_> = (0..60).map(|_| json!({"actor": "ann", "action": "pay"})).collect();
    billing.send(json!(many).to_string()).await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    for page in ["/events?sort=oldest", "/events?from=-2h&to=-1h", "/events?live=1&to=2030-01-01"] {
        assert_eq!(onward(&ann, page).await, None, "{page}");
    }
    let html = ann.text("/events").await;
    let older =
        html.split("href=\"").find(|link| link.contains("after=")).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(onward(&ann, &older.replace("&amp;", "&")).await, None);
}

#[tokio::test]
async fn whoever_may_not_look_or_asks_wrongly_is_refused() {
    let server = TestServer::start().await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let bob = server.signed_in("bob", &[Role::Viewer], Sources::All).await;
    let nobody = server.signed_in("nobody", &[], Sources::All).await;
    let path = onward(&ann, "/events?q=login").await.unwrap();
    let stranger = server.client().get(server.url(&path)).send().await.unwrap();
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(nobody.get(&path).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(ann.get(&path).await.status(), StatusCode::OK);
    for (who, path, code) in [
        (&bob, path.clone(), "bad_mark"),
        (&ann, path.replace("login", "logout"), "bad_mark"),
        (&ann, path.replace("since=", "since=0"), "bad_mark"),
        (&ann, "/events/live".to_owned(), "bad_mark"),
        (&ann, format!("{path}&after=1"), "bad_parameter"),
        (&ann, format!("{path}&to=2030-01-01"), "bad_parameter"),
        (&ann, format!("{path}&q=x"), "bad_parameter"),
        (&ann, format!("{path}&live=yes"), "bad_parameter"),
        (&ann, format!("{path}&from=soon"), "bad_parameter"),
        (&ann, path.replace("login", "actr:x"), "unknown_key"),
    ] {
        let response = who.get(&path).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}");
        let body: serde_json::Value = response.json().await.unwrap();
        assert_eq!(body["code"], code, "{path}: {body}");
    }
}

#[tokio::test]
async fn one_person_has_so_many_streams_and_a_place_that_is_left_is_free() {
    let server = TestServer::start().await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let bob = server.signed_in("bob", &[Role::Viewer], Sources::All).await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(Stream::of(&ann, "/events").await);
    }
    let path = onward(&ann, "/events").await.unwrap();
    let refused = ann.get(&path).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "15");
    Stream::of(&bob, "/events").await;
    streams.pop();
    tokio::time::timeout(PATIENCE, async {
        while ann.get(&path).await.status() != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the place stayed taken");
}

#[tokio::test]
async fn a19_a_stream_ends_with_its_session_and_is_no_use_of_it() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let mut stream = Stream::of(&ann, "/events").await;
    let path = onward(&ann, "/events").await.unwrap();
    server.clock().advance(chrono::Duration::minutes(29));
    let again = ann.get(&path).await;
    assert_eq!((again.status(), again.headers().get(header::SET_COOKIE)), (StatusCode::OK, None));
    send(&billing, "ann", "pay").await;
    assert_eq!(stream.next().await.unwrap(), "event: count\ndata: 1 new event");
    server.clock().advance(chrono::Duration::minutes(1));
    send(&billing, "ann", "pay").await;
    assert_eq!(stream.next().await.unwrap(), "event: end\ndata: signed out");
    assert_eq!(stream.next().await, None);
    assert_eq!(ann.get(&path).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a19_a_stream_ends_with_its_session_though_nothing_comes() {
    let server = TestServer::start().await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let mut stream = Stream::of(&ann, "/events").await;
    server.clock().advance(chrono::Duration::minutes(31));
    assert_eq!(stream.next().await.unwrap(), "event: end\ndata: signed out");
}

#[tokio::test]
async fn a_server_that_stops_waits_for_no_stream() {
    let mut server = TestServer::start().await;
    let mut streams = Vec::new();
    {
        let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
        streams.push(Stream::of(&ann, "/events").await);
        streams.push(Stream::of(&ann, "/events?live=1").await);
    }
    tokio::time::timeout(PATIENCE, server.restart()).await.expect("it waited");
    for mut stream in streams {
        assert_eq!(stream.next().await, None);
    }
}
