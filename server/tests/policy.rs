//! A1: who may do what, as one committed table, `policy.txt`: every route and every server function, each as every kind
//! of caller. What has no line in it fails here.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::TestServer;
use chrono::Duration;
use flightbox::auth::ring;
use flightbox_domain::{role::Role, scope::Sources};
use flightbox_store::{Device, SessionId};
use leptos::server_fn::axum::server_fn_paths;

const TABLE: &str = include_str!("policy.txt");
/// The router's own text: it is the list of its routes, and axum tells of none.
const ROUTER: &str = include_str!("../src/router.rs");
const CALLERS: [&str; 9] =
    ["anonymous", "viewer", "investigator", "admin", "no-role", "disabled", "expired", "ingest", "read"];
/// A view's state whose fields are all empty, as server functions take it.
const STATE: &str = "state[q]=&state[from]=&state[to]=&state[tz]=&state[sort]=&state[cols]=&state[rows]=&state[live]=&state[counts]=&state[after]=&state[event]=";

/// A line of the table.
struct Line<'t> {
    /// Method and route.
    route: String,
    /// What is asked for.
    url: String,
    body: &'t str,
    /// The status for each caller.
    statuses: Vec<u16>,
}

fn lines() -> Vec<Line<'static>> {
    let told = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let line = |line: &'static str| {
        let [route, url, body, statuses] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("a line has four parts: {line}")
        };
        let url = if url.is_empty() { route.split_once(' ').unwrap().1 } else { url };
        let statuses = statuses.split_whitespace().map(|status| status.parse().unwrap()).collect();
        Line { route: route.to_owned(), url: url.replace("{state}", STATE), body, statuses }
    };
    told.map(line).collect()
}

/// Every method and path that the server answers.
fn served() -> BTreeSet<String> {
    let mut served = BTreeSet::new();
    for page in leptos_axum::generate_route_list(flightbox_app::App) {
        served.insert(format!("GET {}", page.path()));
    }
    for (path, method) in server_fn_paths() {
        served.insert(format!("{method} {path}"));
    }
    for route in flightbox::router::programs() {
        served.insert(format!("{} {}", route.method.to_uppercase(), route.path));
    }
    for call in ROUTER.split(".route(\"").skip(1) {
        let (path, handlers) = call.split_once('"').unwrap();
        let handlers = handlers.split(".route(").next().unwrap().split(';').next().unwrap();
        let posts = handlers.contains("post(").then_some("POST");
        let gets = (handlers.contains("get(") || handlers.contains("export::route(")).then_some("GET");
        assert!(posts.or(gets).is_some(), "who answers {path}?");
        served.extend(posts.into_iter().chain(gets).map(|method| format!("{method} {path}")));
    }
    served
}

#[test]
fn a1_every_route_and_every_server_function_has_its_line() {
    let told: BTreeSet<String> = lines().into_iter().map(|line| line.route).collect();
    let served = served();
    assert!(served.len() > 40, "{served:#?}");
    let missing: Vec<_> = served.difference(&told).collect();
    let gone: Vec<_> = told.difference(&served).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without a line: {missing:#?}\nno route any more: {gone:#?}");
}

#[tokio::test]
async fn a1_every_caller_gets_the_status_that_the_table_says() {
    let server = TestServer::start().await;
    let people = [
        ("viewer", &[Role::Viewer][..]),
        ("investigator", &[Role::Viewer, Role::Investigator]),
        ("admin", &[Role::Admin]),
        ("no-role", &[]),
        ("disabled", &[Role::Viewer, Role::Admin]),
        ("expired", &[Role::Viewer, Role::Admin]),
    ];
    let mut ids = BTreeMap::new();
    for (name, roles) in people {
        server.add_person(name, roles).await;
        ids.insert(name, server.app().store.person_by_name(&name.parse().unwrap()).await.unwrap().unwrap().person.id);
    }
    // Sessions that begin afterwards are as good as one that began before and was not ended: none.
    server.app().store.set_person_disabled(ids["disabled"], true, server.clock().now()).await.unwrap();
    server.add_person("somebody", &[Role::Viewer]).await;
    let producer = server.producer("billing").await;
    producer.send(r#"{"actor":"alice","action":"user.update"}"#).await;
    let read = server.add_token("reader", &[Role::Viewer], Sources::All).await;

    let mut wrong = Vec::new();
    // A binary that was built without its assets has no page that verifies.
    let bundled =
        |line: &Line<'_>| line.url != "/verify" || flightbox::assets::named(flightbox::assets::VERIFIER).is_some();
    for line in lines().into_iter().filter(bundled) {
        let mut statuses = Vec::new();
        for caller in CALLERS {
            let (method, _) = line.route.split_once(' ').unwrap();
            let request = server.client().request(method.parse().unwrap(), server.url(&line.url));
            let mut request = request.header("origin", server.origin());
            request = match line.body {
                "" => request,
                json if json.starts_with('{') => request.header("content-type", "application/json").body(json),
                form => request.header("content-type", "application/x-www-form-urlencoded").body(form),
            };
            request = match (caller, ids.get(caller)) {
                ("ingest", _) => request.bearer_auth(&producer.token),
                ("read", _) => request.bearer_auth(&read),
                (_, Some(person)) => {
                    // A session for each request: some end theirs.
                    let (app, session) = (server.app(), SessionId::draw(&server.app().random));
                    let device = Device { address: "192.0.2.1".to_owned(), agent: None };
                    let begun = server.clock().now()
                        - if caller == "expired" { Duration::minutes(31) } else { Duration::zero() };
                    app.store.start_session(&session, *person, &device, begun).await.unwrap();
                    let cookie = ring::cookie(app, &session).await.unwrap();
                    request.header("cookie", cookie.to_str().unwrap().split(';').next().unwrap())
                }
                _ => request,
            };
            statuses.push(request.send().await.unwrap().status().as_u16());
        }
        if statuses != line.statuses {
            let told: Vec<_> = statuses.iter().map(u16::to_string).collect();
            wrong.push(format!("{} | {:?} but {}", line.route, line.statuses, told.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", CALLERS.join(" "), wrong.join("\n"));
}

#[tokio::test]
async fn a6_no_form_of_ours_is_answered_where_another_site_sends_it() {
    let server = TestServer::start().await;
    let admin = server.signed_in("admin", &[Role::Admin], Sources::All).await;
    let before = server.app().store.people().await.unwrap();
    let ours = |route: &str| route.starts_with("POST /") && !route.starts_with("POST /api/");
    let forms: Vec<_> = lines().into_iter().filter(|line| ours(&line.route)).collect();
    assert!(forms.len() > 7);
    for Line { route, url, body, .. } in forms {
        let form = || admin.post(&url).header("content-type", "application/x-www-form-urlencoded").body(body);
        for (name, value) in
            [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site"), ("x-none", "")]
        {
            assert_eq!(form().header(name, value).send().await.unwrap().status(), 403, "{route} {name}: {value}");
        }
        for kind in ["text/plain", "multipart/form-data; boundary=x"] {
            // The one form that is sent so.
            if route == "POST /sources/{name}/import" && kind.starts_with("multipart") {
                continue;
            }
            let request = admin.post(&url).header("origin", server.origin()).header("content-type", kind).body(body);
            assert_eq!(request.send().await.unwrap().status(), 403, "{route} {kind}");
        }
        let got = admin.request(&format!("{url}?{body}")).send().await.unwrap().status();
        assert!([200, 303, 401, 403, 404, 405].contains(&got.as_u16()), "{route} by GET: {got}");
    }
    assert_eq!(admin.get("/pages/me").await.status(), 200, "still signed in");
    let same = |listed: &flightbox_store::PersonListed| (listed.person.clone(), listed.invited);
    let after = server.app().store.people().await.unwrap();
    assert_eq!(after.iter().map(same).collect::<Vec<_>>(), before.iter().map(same).collect::<Vec<_>>());
}

#[test]
fn a1_the_table_is_about_every_caller() {
    for line in lines() {
        assert_eq!(line.statuses.len(), CALLERS.len(), "{}", line.route);
    }
}
