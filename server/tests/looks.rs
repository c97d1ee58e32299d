//! Who looked at what, came in, was refused or changed something: each is one event under the source `flightbox`.

mod common;

use std::future::Future;

use chrono::Duration;
use common::{TestServer, Visitor, status_and_body};
use flightbox::{
    auth::{enrol, password::NewPassword},
    journal::By,
};
use flightbox_domain::{
    role::{Role, Roles},
    scope::Sources,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

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

#[tokio::test]
async fn a35_each_sign_in_refusal_and_change_leaves_exactly_one_entry_and_no_secret() {
    let log = Log::filled().await;
    let server = &log.server;
    let (origin, store) = (server.origin(), &server.app().store);
    let hidden = "correct horse battery staple";
    log.leaves(server.add_person("ann", &[Role::Viewer]), &["person.add console success /people/ann"]).await;
    let token =
        log.leaves(server.add_token("siem", &[], Sources::All), &["token.add console success /tokens/siem"]).await;
    let ingest = log.leaves(server.add_source("crm"), &["source.add console success /sources/crm"]).await;
    let (name, password) = ("ann".parse().unwrap(), NewPassword::parse(hidden, "ann", "http://localhost").unwrap());
    let roles = Roles::default();
    let again = enrol::person_or_password(server.app(), By::Console, &name, password, &roles);
    log.leaves(again, &["person.password console success /people/ann"]).await.unwrap();

    let ann = server.visitor();
    let sign_in = |name: &'static str, password: &'static str| {
        let (ann, origin) = (&ann, &origin);
        async move { form(ann, origin, "/sign-in", &[("name", name), ("password", password)]).await }
    };
    log.leaves(sign_in("ann", "tr0ub4dor&3 tr0ub4dor&3"), &["session.sign-in ann failure -"]).await;
    log.leaves(sign_in("hunter2hunter2", hidden), &["session.sign-in stranger failure -"]).await;
    assert_eq!(log.leaves(sign_in("ann", hidden), &["session.sign-in ann success -"]).await, 303);

    let save = [("do", "save"), ("name", "Mine"), ("view", "?q=@password:hunter2 login")];
    let before = server.settled().await;
    assert_eq!(form(&ann, &origin, "/views", &save).await, 303);
    let saved = server.recorded(before).await;
    let slug = saved[0]["resource"]["id"].as_str().unwrap().to_owned();
    assert_eq!((saved.len(), line(&saved[0])), (1, format!("view.save ann success {slug}")));
    let short = slug.strip_prefix("/v/").unwrap();
    let change = [("do", "change"), ("slug", short), ("name", "Ours"), ("shared", "yes")];
    log.leaves(form(&ann, &origin, "/views", &change), &[&format!("view.change ann success {slug}")]).await;
    log.leaves(
        form(&ann, &origin, "/views", &[("do", "delete"), ("slug", short)]),
        &[&format!("view.delete ann success {slug}")],
    )
    .await;

    // Refusals: of another site, of a role, of a token that is none, that is for something else, or that has no role.
    log.leaves(form(&ann, "https://evil.example", "/views", &save), &["access.refuse ann denied /views"]).await;
    log.leaves(ann.get("/access"), &["access.refuse ann denied /access"]).await;
    let nobody = log.leaves(server.add_person("nobody", &[]), &["person.add console success /people/nobody"]);
    nobody.await;
    let lost = server.visitor();
    form(&lost, &origin, "/sign-in", &[("name", "nobody"), ("password", hidden)]).await;
    log.leaves(lost.get("/events"), &["access.refuse nobody denied /events"]).await;
    for (token, entry) in [
        ("nonsense", "access.refuse stranger denied /api/v1/events"),
        (&ingest, "access.refuse crm denied /api/v1/events"),
        (&token, "access.refuse siem denied /api/v1/events"),
    ] {
        let (status, _) = log.leaves(server.read_with(token, "/api/v1/events"), &[entry]).await;
        assert!(status == 401 || status == 403, "{entry}");
    }
    log.leaves(server.client().get(server.url("/metrics")).send(), &["access.refuse stranger denied /metrics"])
        .await
        .unwrap();

    // What is searched for can be a secret, too.
    for path in [
        "/events?q=@password:hunter2",
        "/events.csv?q=@user.token:hunter2",
        "/events?q=%22Bearer%20ghp_0123456789abcdefghijABCDEFGHIJ012345%22",
    ] {
        ann.text(path).await;
    }
    log.leaves(form(&ann, &origin, "/sign-out", &[]), &["session.sign-out ann success -"]).await;
    let events = store.events();
    let record = Value::Array(server.recorded(0).await).to_string();
    for secret in [hidden, "tr0ub4dor", "hunter2", &token, &ingest, "nonsense", "ghp_0123", "eyJ"] {
        assert!(!record.contains(secret), "{secret} in {events} events: {record}");
    }
    assert!(record.contains(r#"@password:\"***\""#), "{record}");
}

#[tokio::test]
async fn a35_a_look_that_cannot_be_recorded_shows_nothing() {
    let log = Log::filled().await;
    let (server, number) = (&log.server, log.number().await);
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let token = server.add_token("siem", &[Role::Viewer], Sources::All).await;
    server.settled().await;
    // Somebody else holds the database's write lock, so the writer waits and its queue fills.
    let options = SqliteConnectOptions::new().filename(server.folder().join("flightbox.db"));
    let mut other = options.connect().await.unwrap();
    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let store = &server.app().store;
    let mut noted = 0;
    while common::note(server).is_ok() {
        noted += 1;
        tokio::task::yield_now().await;
    }
    let before = store.events();
    for path in ["/events", &format!("/events/{number}"), &format!("/events/{number}/panel"), "/actors/ivan", "/"] {
        let answer = ann.request(path).header("accept", "text/html").send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["retry-after"]),
            (503, &"1".parse().unwrap()),
            "{path}"
        );
        assert!(!answer.text().await.unwrap().contains("ivan"), "{path}");
    }
    for path in ["/api/v1/events", &format!("/api/v1/events/{number}"), "/api/v1/facets", "/api/v1/histogram"] {
        let (status, body) = server.read_with(&token, path).await;
        assert_eq!((status, &body["code"]), (503, &json!("busy")), "{path}");
    }
    // Whatever shows no events is there all the while.
    assert_eq!(ann.get("/help").await.status(), StatusCode::OK);
    lock.rollback().await.unwrap();
    while common::note(server).is_err() {
        tokio::task::yield_now().await;
    }
    noted += 1;
    assert_eq!(server.settled().await, before + noted, "nothing that was accepted is lost");
    let (status, _) = status_and_body(ann.get("/api/v1/openapi.json").await).await;
    assert_eq!(status, 200);
    ann.text("/events").await;
}

#[tokio::test]
async fn looking_wakes_nobody_and_outdates_nothing() {
    let log = Log::filled().await;
    let server = &log.server;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let ivy = server.signed_in("ivy", &[Role::Investigator], Sources::All).await;
    ann.text("/events").await;
    let counted = server.app().store.cache_use().counted;
    for _ in 0..3 {
        ann.text("/events").await;
        ann.text("/actors/ivan").await;
        server.settled().await;
    }
    assert_eq!(server.app().store.cache_use().counted, counted, "what was counted still holds");
    // But counts of the record itself are those of the record.
    ivy.text("/access").await;
    server.settled().await;
    ivy.text("/access").await;
    assert!(server.app().store.cache_use().counted > counted);
}

#[tokio::test]
async fn nobody_but_flightbox_writes_its_record_and_nobody_turns_it_off() {
    let log = Log::filled().await;
    let server = &log.server;
    for name in ["flightbox", "Flightbox", "flightbox ", "flightbox\u{200b}"] {
        let reserved = name.parse::<flightbox_domain::name::SourceName>();
        assert!(reserved.is_err(), "{name:?}");
    }
    let crm = server.producer("crm").await;
    let before = server.recorded(0).await.len();
    for (event, status) in [
        (json!({"actor": "a", "action": "x", "source": "flightbox"}), 422),
        (json!({"actor": "a", "action": "session.sign-in", "resource": "/events/1"}), 201),
    ] {
        assert_eq!(crm.send(event.to_string()).await.0, status);
    }
    let named = crm.request("?source=flightbox").json(&json!({"actor": "a", "action": "x"})).send().await.unwrap();
    assert_eq!(named.status(), StatusCode::BAD_REQUEST);
    let record = server.recorded(0).await;
    assert_eq!(record.len(), before, "an event has the source of its token: {record:?}");
    let store = &server.app().store;
    let now = server.app().clock.now();
    // There is no such source to disable, and events of it are recorded all the same.
    if let Ok(name) = "crm".parse() {
        store.set_source_disabled(&name, true, now).await.unwrap();
    }
    server.add_person("bob", &[Role::Viewer]).await;
    let record: Vec<_> = server.recorded(0).await.iter().map(line).collect();
    assert_eq!(record.len(), before + 1, "{record:?}");
}
