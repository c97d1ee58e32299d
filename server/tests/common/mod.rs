//! The real server on a port of its own, with a folder of its own and a clock that is turned by hand.

#![allow(dead_code, missing_docs, reason = "each test binary uses its share")]

pub mod browser;
pub mod nats;
pub mod process;

use std::sync::{
    Arc, Once, OnceLock,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, Duration, Utc};
use flightbox::{
    App,
    auth::{enrol, password::NewPassword},
    config::Config,
    journal::By,
    serve::Server,
    system_random,
};
use flightbox_domain::{
    clock::Clock,
    filter::Filter,
    page::Range,
    query::Query,
    role::{Role, Roles},
    scope::{SELF_SOURCE, Scope, Sources},
};
use flightbox_event::{json, parse_event};
use flightbox_store::{AppendError, Search, Stored};
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde_json::Value;
use tempfile::TempDir;

pub struct TestServer {
    server: Option<Server>,
    folder: TempDir,
    config: Config,
    clock: TurnedClock,
    reader: OnceLock<String>,
}

/// Whether a line of the log is wanted is decided where it is first met, for all tests in this process. One that reads the
/// log hears all of it if those that do not seem to listen, too.
fn everybody_listens() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let nowhere = tracing_subscriber::fmt().with_writer(std::io::sink).finish();
        tracing::subscriber::set_global_default(nowhere).unwrap();
    });
}

#[derive(Clone)]
pub struct TurnedClock(Arc<AtomicI64>);

impl TurnedClock {
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }

    pub fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.load(Ordering::SeqCst)).unwrap()
    }

    fn clock(&self) -> Clock {
        let this = self.clone();
        Clock::new(move || this.now())
    }
}

impl TestServer {
    pub async fn start() -> Self {
        Self::start_as(Config { public_url: String::new(), ..Config::local() }).await
    }

    pub async fn start_as(config: Config) -> Self {
        everybody_listens();
        let start: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let clock = TurnedClock(Arc::new(AtomicI64::new(start.timestamp_millis())));
        let mut this = Self { server: None, folder: TempDir::new().unwrap(), config, clock, reader: OnceLock::new() };
        this.open().await;
        this
    }

    /// Starts it on its folder.
    pub async fn open(&mut self) {
        let started = Server::start(self.folder.path(), self.config.clone(), self.clock.clock(), system_random()).await;
        self.server = Some(started.unwrap());
    }

    /// Waits until all of the log was looked through once: how it stands is the same on every page from then on.
    pub async fn verified(&self) {
        let whole = async {
            while self.app().integrity.found().whole.is_none() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), whole).await.expect("the log is looked through");
    }

    /// Stops the server; its folder stays.
    pub async fn stop(&mut self) {
        self.server.take().unwrap().stop().await.unwrap();
    }

    /// Stops the server and starts it again on the same folder; its port is another one then.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.open().await;
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub fn app(&self) -> &App {
        self.server().app()
    }

    pub fn clock(&self) -> &TurnedClock {
        &self.clock
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.app().config.listen.port())
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// A browser-like client: it keeps cookies and shows every redirect.
    pub fn client(&self) -> Client {
        Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap()
    }

    /// Adds a person of these roles; their password.
    pub async fn add_person(&self, name: &str, roles: &[Role]) -> String {
        self.add_scoped_person(name, roles, Sources::All).await
    }

    pub async fn add_scoped_person(&self, name: &str, roles: &[Role], sources: Sources) -> String {
        let text = PASSWORD.to_owned();
        let name = name.parse().unwrap();
        let password = NewPassword::parse(&text, "somebody else", "").unwrap();
        let roles: Roles = roles.iter().copied().collect();
        enrol::person(self.app(), By::Console, &name, password, &roles, &sources).await.unwrap();
        text
    }

    /// Somebody who is not signed in.
    pub fn visitor(&self) -> Visitor<'_> {
        Visitor { server: self, client: self.client() }
    }

    /// Adds a person and signs them in.
    pub async fn signed_in(&self, name: &str, roles: &[Role], sources: Sources) -> Visitor<'_> {
        let password = self.add_scoped_person(name, roles, sources).await;
        let client = self.client();
        let form = client.post(self.url("/sign-in")).form(&[("name", name), ("password", &password)]);
        assert_eq!(form.send().await.unwrap().status(), 303);
        Visitor { server: self, client }
    }

    /// How many events there are, those included that were waiting to be written.
    pub async fn settled(&self) -> i64 {
        // Whatever was queued before an empty batch is committed when that is answered.
        self.app().store.append(Vec::new()).await.unwrap();
        self.app().store.events()
    }

    /// What Flightbox has recorded of itself since the log had so many events, oldest first. Reading it here is no look.
    pub async fn recorded(&self, since: i64) -> Vec<Value> {
        self.settled().await;
        self.found(&format!("source:flightbox seq:>={since}"), Scope::new(Sources::All, true)).await
    }

    /// What a query finds, by number. Reading it here is no look.
    pub async fn found(&self, query: &str, scope: Scope) -> Vec<Value> {
        let (store, now) = (&self.app().store, self.app().clock.now());
        let filter = Filter::new(&Query::parse(query).unwrap(), store.keys(), now, Default::default());
        let mut search = Search { filter, scope, range: Range::ALL, cursor: None, from_oldest: false, limit: 20_000 };
        let mut events = Vec::new();
        loop {
            let page = store.search(&search).await.unwrap();
            events.extend(page.events);
            search.cursor = page.older;
            if search.cursor.is_none() {
                break;
            }
        }
        events.sort_by_key(|event| event.seq);
        let json = |event: Stored| serde_json::from_str(&event.to_json(store.keys()).canonical()).unwrap();
        events.into_iter().map(json).collect()
    }

    /// Adds a source; its ingest token.
    pub async fn add_source(&self, name: &str) -> String {
        let secret = enrol::source(self.app(), By::Console, &name.parse().unwrap()).await.unwrap();
        secret.expose().to_owned()
    }

    /// Adds a read token of these roles and sources.
    pub async fn add_token(&self, name: &str, roles: &[Role], sources: Sources) -> String {
        let roles: Roles = roles.iter().copied().collect();
        let secret = enrol::token(self.app(), By::Console, &name.parse().unwrap(), &roles, &sources).await.unwrap();
        secret.expose().to_owned()
    }

    /// A source with its token, ready to send.
    pub async fn producer(&self, source: &str) -> Producer<'_> {
        Producer { server: self, token: self.add_source(source).await }
    }

    /// Reads the API as a viewer of everything.
    pub async fn read(&self, path: &str) -> (u16, Value) {
        let token = match self.reader.get() {
            Some(token) => token,
            None => {
                let token = self.add_token("the tests' reader", &[Role::Viewer], Sources::All).await;
                self.reader.get_or_init(|| token)
            }
        };
        self.read_with(token, path).await
    }

    /// Reads the API as a token of these roles.
    pub async fn read_as(&self, roles: &[Role], path: &str) -> (u16, Value) {
        let token = self.add_token("another reader", roles, Sources::All).await;
        self.read_with(&token, path).await
    }

    pub async fn read_with(&self, token: &str, path: &str) -> (u16, Value) {
        let response = self.client().get(self.url(path)).bearer_auth(token).send().await.unwrap();
        status_and_body(response).await
    }
}

/// Everybody's password.
const PASSWORD: &str = "correct horse battery staple";

/// Queues an entry of Flightbox's own, as a look does.
pub fn note(server: &TestServer) -> Result<(), AppendError> {
    let event = parse_event(&json::parse(br#"{"actor": "test", "action": "events.search"}"#).unwrap()).unwrap();
    server.app().store.note(SELF_SOURCE, event, server.app().clock.now())
}

/// Somebody with a browser.
pub struct Visitor<'s> {
    server: &'s TestServer,
    client: Client,
}

impl Visitor<'_> {
    pub fn request(&self, path: &str) -> RequestBuilder {
        self.client.get(self.server.url(path))
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(self.server.url(path))
    }

    /// Sends a form, and confirms it where that is asked for.
    pub async fn send(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let send = || self.post(path).header("origin", self.server.origin()).form(form).send();
        let answer = send().await.unwrap();
        if answer.status() != 401 {
            return answer;
        }
        let asked: Value = answer.json().await.unwrap();
        let page = self.server.url(asked["confirm"].as_str().unwrap());
        let page: reqwest::Url = page.parse().unwrap();
        let mut form: Vec<_> = page.query_pairs().into_owned().collect();
        form.push(("password".to_owned(), PASSWORD.to_owned()));
        let confirm = self.post("/confirm").header("origin", self.server.origin()).form(&form);
        assert_eq!(confirm.send().await.unwrap().status(), 303);
        send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(path).send().await.unwrap()
    }

    pub async fn text(&self, path: &str) -> String {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap()
    }
}

/// Whoever sends events.
pub struct Producer<'s> {
    server: &'s TestServer,
    pub token: String,
}

impl Producer<'_> {
    pub fn request(&self, query: &str) -> RequestBuilder {
        self.server.client().post(self.server.url(&format!("/api/v1/events{query}"))).bearer_auth(&self.token)
    }

    /// Sends JSON.
    pub async fn send(&self, body: impl Into<reqwest::Body>) -> (u16, Value) {
        let request = self.request("").header("content-type", "application/json").body(body);
        status_and_body(request.send().await.unwrap()).await
    }

    /// Sends one event a line.
    pub async fn send_lines(&self, query: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
        let request = self.request(query).header("content-type", "application/x-ndjson").body(body);
        status_and_body(request.send().await.unwrap()).await
    }
}

pub async fn status_and_body(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned())),
    )
}
