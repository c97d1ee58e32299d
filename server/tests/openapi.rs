//! `GET /api/v1/openapi.json` says what the server does: its routes, its words and limits, and every answer.

mod document;

use std::{collections::BTreeSet, time::Duration};

use crate::common::{Producer, TestServer};
use document::Document;
use flightbox::{
    config::Config,
    ingest::MOST_EVENTS,
    jobs,
    journal::{Action, By, Entry},
    router,
};
use flightbox_domain::{glance::Facet, query::QueryErrorCode, retention::Term, role::Role, scope::Sources};
use flightbox_event::{ActorKind, Outcome, Severity};
use flightbox_store::RuleChange;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

const POST: &str = "post /api/v1/events";
const LIST: &str = "get /api/v1/events";
const SHOW: &str = "get /api/v1/events/{seq}";
const INCLUSION: &str = "get /api/v1/proof/inclusion/{seq}";
const CONSISTENCY: &str = "get /api/v1/proof/consistency";
const TILE: &str = "get /tile/{level}/{*path}";
const METRICS: &str = "get /metrics";
/// What takes a query and a window.
const SEARCHES: [&str; 3] = [LIST, "get /api/v1/facets", "get /api/v1/histogram"];

const EVENT: &str = r#"{"id":"1","actor":"a","action":"x"}"#;

#[tokio::test]
async fn every_route_for_programs_is_described_and_nothing_else() {
    let document = Document::of(&TestServer::start().await).await;
    let served = router::programs().map(|route| format!("{} {}", route.method, route.path));
    assert_eq!(document.operations(), BTreeSet::from(served));
    assert_eq!(document.at("/info/version"), env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn every_answer_that_is_described_is_given_and_has_the_shape_described() {
    let server = TestServer::start().await;
    let mut document = Document::of(&server).await;
    appending(&mut document, &server).await;
    reading(&mut document, &server).await;
    failing(&mut document, &server).await;
    assert_eq!(*document.answered(), document.statuses(), "answered, described");
}

async fn appending(document: &mut Document, server: &TestServer) {
    let billing = server.producer("billing").await;
    let json = |body: &str| billing.request("").header("content-type", "application/json").body(body.to_owned());
    let lines = |query: &str, body: &str| {
        billing.request(query).header("content-type", "application/x-ndjson").body(body.to_owned())
    };
    let full = json!({
        "id": "2", "occurred_at": "2026-11-22T11:31:58.930Z", "reason": "asked", "severity": "notice", "outcome": "denied",
        "actor": {"id": "1042", "type": "service", "name": "alice", "email": "alice@example.org"}, "action": "user.update",
        "resource": {"id": "/users/77", "type": "users", "name": "bob"}, "details": {"ticket": ["INC-2291", 7, null]},
        "origin": {"ip": "81.2.69.142", "port": 443, "user_agent": "curl", "country": "DE", "session_id": "s", "request_id": "r"},
        "http": {"method": "PUT", "path": "/users/77", "status": 403, "duration_ms": 1.5},
        "changes": {"role": {"before": "editor", "after": "admin"}}, "sensitive": ["details.ticket"],
    });
    document.check(POST, 201, json(EVENT)).await;
    document.check(POST, 201, json(&full.to_string())).await;
    document.check(POST, 201, lines("", r#"{"actor":"a","action":"x","occurred_at":32503680000000}"#)).await;
    document.check(POST, 200, json(EVENT)).await;
    document.check(POST, 207, lines("?partial=true", &format!("{EVENT}\nno JSON\n{{\"actor\":1}}"))).await;
    document.check(POST, 400, json("{")).await;
    document.check(POST, 400, json(EVENT).header("content-encoding", "gzip")).await;
    document.check(POST, 400, lines("?partial=maybe", EVENT)).await;
    document.check(POST, 401, server.client().post(server.url("/api/v1/events"))).await;
    document.check(POST, 401, json(EVENT).header("authorization", "Bearer twice")).await;
    document.check(POST, 409, json(&EVENT.replace('x', "y"))).await;
    document
        .check(POST, 413, json(&json!(vec![json!({"actor": "a", "action": "x"}); MOST_EVENTS + 1]).to_string()))
        .await;
    document.check(POST, 415, json(EVENT).header("content-encoding", "br")).await;
    document.check(POST, 415, billing.request("").body(EVENT)).await;
    document
        .check(POST, 422, json(r#"[{"seq":1,"actoin":"x"},{"actor":"a","action":"x","details":{"a":1,"a":2}}]"#))
        .await;
    document.check(POST, 422, json(r#"{"seq":1,"actoin":"x","user_id":[],"outcome":"maybe","id":""}"#)).await;
}

async fn reading(document: &mut Document, server: &TestServer) {
    let viewer = server.add_token("viewer", &[Role::Viewer], Sources::All).await;
    let nobody = server.add_token("nobody", &[], Sources::All).await;
    let ingest = server.add_source("reads").await;
    let get = |token: &str, path: &str| server.client().get(server.url(path)).bearer_auth(token);
    for search in SEARCHES {
        let path = search.trim_start_matches("get ");
        for query in ["", "?q=-actor:nobody&from=-10000d", "?q=absent"] {
            document.check(search, 200, get(&viewer, &format!("{path}{query}"))).await;
        }
        for query in ["q=actr:a", "q=(", "from=soon", "sort=up", "tz=Mars"] {
            document.check(search, 400, get(&viewer, &format!("{path}?{query}"))).await;
        }
        document.check(search, 401, get("nonsense", path)).await;
        document.check(search, 403, get(&ingest, path)).await;
        document.check(search, 403, get(&nobody, path)).await;
    }
    document.check(LIST, 200, get(&viewer, "/api/v1/events?limit=1")).await;
    document.check(LIST, 400, get(&viewer, "/api/v1/events?after=00")).await;
    let (_, newest) = server.read("/api/v1/events?limit=1").await;
    let seq = &newest["events"][0]["seq"];
    document.check(SHOW, 200, get(&viewer, &format!("/api/v1/events/{seq}"))).await;
    document.check(SHOW, 401, get("nonsense", &format!("/api/v1/events/{seq}"))).await;
    document.check(SHOW, 403, get(&ingest, &format!("/api/v1/events/{seq}"))).await;
    document.check(SHOW, 403, get(&nobody, &format!("/api/v1/events/{seq}"))).await;
    for missing in ["999999", "-1", "x", "%FF"] {
        document.check(SHOW, 404, get(&viewer, &format!("/api/v1/events/{missing}"))).await;
    }
    let removed = removed(server).await;
    document.check(SHOW, 410, get(&viewer, &format!("/api/v1/events/{removed}"))).await;
    server.app().signer.sign(&server.app().store, server.clock().now()).await.unwrap();
    let size = server.app().signer.last().checkpoint.size;
    let tile = format!("/tile/0/000.p/{size}");
    let own = server.read(&format!("/api/v1/events/{seq}")).await.1["seq"].clone();
    for (operation, path, wrong, refused) in [
        (INCLUSION, format!("/api/v1/proof/inclusion/{own}"), 404, "/api/v1/proof/inclusion/999999"),
        (
            CONSISTENCY,
            format!("/api/v1/proof/consistency?from=1&to={size}"),
            400,
            "/api/v1/proof/consistency?from=0&to=1",
        ),
        (TILE, tile, 404, "/tile/0/900"),
    ] {
        document.check(operation, 200, get(&viewer, &path)).await;
        document.check(operation, wrong, get(&viewer, refused)).await;
        document.check(operation, 401, get("nonsense", &path)).await;
        document.check(operation, 403, get(&ingest, &path)).await;
    }
    for (status, token) in [(200, viewer.as_str()), (401, "nonsense"), (403, &ingest)] {
        document.check(METRICS, status, get(token, "/metrics")).await;
    }
    for open in ["/api/v1/openapi.json", "/api/v1/log", "/checkpoint", "/healthz", "/readyz"] {
        document.check(&format!("get {open}"), 200, server.client().get(server.url(open))).await;
    }
}

/// The number of an event that was received long ago, and that retention has removed.
async fn removed(server: &TestServer) -> i64 {
    let (app, long_ago) = (server.app(), server.clock().now() - chrono::Duration::days(1_000));
    let event = flightbox_event::json::parse(EVENT.as_bytes()).unwrap();
    let event = flightbox_event::parse_event(&event).unwrap();
    let receipt = app.store.record("bygone", event, long_ago).await.unwrap();
    let rule = RuleChange::Source("bygone".to_owned(), Some(Term::Days(30)));
    app.store.set_retention(&rule, server.clock().now()).await.unwrap();
    let entry = Entry::new(Action::RetentionRun, By::Console);
    assert_eq!(jobs::retention::run(app, entry).await.unwrap().events, 1);
    receipt.seq
}

/// What producers and readers are told when it is the server that cannot go on.
async fn failing(document: &mut Document, server: &TestServer) {
    let full = TestServer::start_as(Config { low_water: u64::MAX, public_url: String::new(), ..Config::local() }).await;
    document.check(POST, 507, one(&full.producer("billing").await)).await;

    let hr = server.producer("hr").await;
    let token = server.add_token("late", &[Role::Viewer], Sources::All).await;
    let disabled = server.producer("disabled").await;
    server.app().store.set_source_disabled(&"disabled".parse().unwrap(), true, server.clock().now()).await.unwrap();
    document.check(POST, 403, one(&disabled)).await;

    let mut other = other_program(server).await;
    server.app().store.set_patience(Duration::ZERO);
    for operation in SEARCHES {
        let path = operation.trim_start_matches("get ");
        document.check(operation, 503, server.client().get(server.url(path)).bearer_auth(&token)).await;
    }
    server.app().store.set_patience(Duration::from_secs(20));

    let waiting = queue_full(&hr, &mut other).await;
    document.check(POST, 429, one(&hr)).await;
    for operation in SEARCHES.into_iter().chain([SHOW]) {
        let path = operation.trim_start_matches("get ").replace("{seq}", "0");
        document.check(operation, 503, server.client().get(server.url(&path)).bearer_auth(&token)).await;
    }
    sqlx::query("COMMIT").execute(&mut other).await.unwrap();
    waiting.join_all().await;

    sqlx::query("ALTER TABLE locator RENAME TO nowhere").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    document.check(POST, 503, one(&hr)).await;

    server.app().store.close().await;
    document.check(POST, 500, one(&hr)).await;
    for operation in SEARCHES.into_iter().chain([SHOW, INCLUSION, CONSISTENCY, TILE, METRICS]) {
        let path = operation.trim_start_matches("get ").replace("{seq}", "0").replace("{level}/{*path}", "0/000");
        document.check(operation, 500, server.client().get(server.url(&path)).bearer_auth(&token)).await;
    }
    document.check("get /readyz", 503, server.client().get(server.url("/readyz"))).await;
}

fn one(producer: &Producer<'_>) -> RequestBuilder {
    producer.request("").header("content-type", "application/json").body(r#"{"actor":"a","action":"x"}"#)
}

/// A connection of another program to the server's database.
async fn other_program(server: &TestServer) -> SqliteConnection {
    SqliteConnectOptions::new().filename(server.folder().join("flightbox.db")).connect().await.unwrap()
}

/// Keeps the writer waiting for the other program, and sends until one more is one too many.
async fn queue_full(producer: &Producer<'_>, other: &mut SqliteConnection) -> tokio::task::JoinSet<()> {
    sqlx::query("BEGIN IMMEDIATE").execute(other).await.unwrap();
    let mut waiting = tokio::task::JoinSet::new();
    let (full, mut is_full) = tokio::sync::mpsc::channel(1);
    for _ in 0..400 {
        let (request, full) = (one(producer).send(), full.clone());
        waiting.spawn(async move {
            if request.await.is_ok_and(|response| response.status() == 429) {
                let _ = full.try_send(());
            }
        });
    }
    is_full.recv().await.unwrap();
    waiting
}

#[tokio::test]
async fn words_and_limits_are_those_of_the_server() {
    let server = TestServer::start().await;
    let document = Document::of(&server).await;
    let words = |pointer: &str| -> Vec<String> {
        let words = document.at(&format!("/components/schemas/{pointer}/enum")).as_array().unwrap();
        words.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    assert_eq!(
        words("QueryProblem/properties/code"),
        QueryErrorCode::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>()
    );
    let facets = "Facets/properties/facets/items/properties/name";
    assert_eq!(words(facets), Facet::ALL.iter().map(|facet| facet.name()).collect::<Vec<_>>());
    for (event, actor) in [("Event", "actor"), ("NewEvent", "actor/anyOf/1")] {
        assert_eq!(words(&format!("{event}/properties/outcome")), Outcome::WORDS);
        assert_eq!(words(&format!("{event}/properties/severity")), Severity::WORDS);
        assert_eq!(words(&format!("{event}/properties/{actor}/properties/type")), ActorKind::WORDS);
    }
    let batch = "/paths/~1api~1v1~1events/post/requestBody/content/application~1json/schema/oneOf/1/maxItems";
    assert_eq!(*document.at(batch), json!(MOST_EVENTS));
    for search in SEARCHES {
        let path = search.trim_start_matches("get ");
        for parameter in document.parameters(search) {
            let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
            let status = async |value: String| server.read(&format!("{path}?{name}={value}")).await.0;
            if let Some((least, most)) = schema["minimum"].as_i64().zip(schema["maximum"].as_i64()) {
                let statuses = [least - 1, least, most, most + 1].map(|number| status(number.to_string()));
                assert_eq!(futures_util::future::join_all(statuses).await, [400, 200, 200, 400], "{path} {name}");
            }
            if let Some(most) = schema["maxLength"].as_u64() {
                assert_eq!(status("a".repeat(most as usize)).await, 200, "{path} {name}");
                assert_eq!(status("a".repeat(most as usize + 1)).await, 400, "{path} {name}");
            }
        }
    }
}

#[tokio::test]
async fn an_event_is_sound_by_the_document_where_it_is_by_the_server() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let document = Document::of(&server).await;
    let validator = document.validator(&json!({"$ref": "#/components/schemas/NewEvent"}));
    let with = |member: &str| format!(r#"{{"actor":"a","action":"x",{member}}}"#);
    for (status, event) in [
        (
            201,
            r#"{"user_id":7,"action_type":"x","target_resource":"/a/1","created_at":"2026-11-22 10:00:00"}"#.to_owned(),
        ),
        (
            201,
            with(
                r#""client_ip":"::1","user_agent":"c","method":"GET","path":"/","status_code":200,"response_time":0.1"#,
            ),
        ),
        (201, with(r#""actor_type":null"#).replace("actor_type", "origin")),
        (201, with(r#""id":null,"occurred_at":1795000000000,"severity":null,"resource":{"id":"1","name":""}"#)),
        (201, with(r#""changes":{"a":{"after":1}},"details":{},"http":{"duration_ms":0},"sensitive":[]"#)),
        (422, "{}".to_owned()),
        (422, r#""text""#.to_owned()),
        (422, r#"{"actor":"a"}"#.to_owned()),
        (422, with(r#""user_id":"b""#)),
        (422, with(r#""action_type":"y""#)),
        (422, with(r#""seq":1"#)),
        (422, with(r#""colour":"red""#)),
        (422, with(r#""id":"""#)),
        (422, with(&format!(r#""id":"{}""#, "x".repeat(129)))),
        (422, with(r#""occurred_at":"2026-11-22T10:00:00""#)),
        (422, with(r#""outcome":"maybe""#)),
        (422, with(r#""origin":{"port":65536}"#)),
        (422, with(r#""origin":{"host":"a"}"#)),
        (422, with(r#""http":{"status":99}"#)),
        (422, with(r#""resource":{"type":"users"}"#)),
        (422, with(r#""changes":{"a":1}"#)),
        (422, with(r#""details":[]"#)),
        (422, with(r#""sensitive":"details.card""#)),
    ] {
        let sound = validator.is_valid(&serde_json::from_str(&event).unwrap());
        let (answered, body) = billing.send(event.clone()).await;
        assert_eq!((answered, sound), (status, status == 201), "{event}: {body}");
    }
}
