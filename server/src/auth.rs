//! Who is calling: a person with a session, a producer with an ingest token, a program with a read token.
//!
//! People carry a cookie with a signed token that names a row in the database; whatever they may do is read from there
//! on each request, so what is taken from somebody is gone by their next click.

pub mod bearer;
pub mod bootstrap;
pub mod change;
pub mod client;
pub mod confirm;
pub mod cookie;
pub mod enrol;
pub mod factor;
pub mod gate;
pub mod grant;
pub mod jwt;
pub mod link;
pub mod manage;
pub mod next;
pub mod origin;
pub mod password;
pub mod refusal;
pub mod renew;
pub mod ring;
pub mod second;
pub mod sign_in;
mod throttle;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use flightbox_app::context::{CALLS, Person};
use flightbox_event::Outcome;
use flightbox_store::{PersonRow, SessionId, SessionLimits, SessionNumber};

use crate::{
    App,
    fault::Fault,
    journal::{Action, By, Entry},
    look,
};

pub use bearer::{Producer, Reader};
pub use bootstrap::bootstrap;
pub use client::Client;
pub use gate::Gate;
pub use refusal::Refusal;

/// How long a session lives: 30 minutes unused, 12 hours whatever happens.
pub const LIMITS: SessionLimits = SessionLimits { idle: jwt::IDLE, absolute: TimeDelta::hours(12) };
/// How exactly it is known when a session was last used; each request would be a write otherwise.
const TOUCH: TimeDelta = TimeDelta::minutes(1);
/// What nobody needs to be signed in for.
const OPEN: [&str; 4] = ["/sign-in", "/sign-in/second", "/sign-out", "/setup"];

/// Somebody with a live session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Their session.
    pub session: SessionId,
    /// They themselves, as of this request.
    pub person: PersonRow,
    number: SessionNumber,
    issued_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
}

impl SignedIn {
    /// An entry of what they do, by this session, from where they are.
    pub fn entry(&self, app: &App, client: &Client, action: Action) -> Entry {
        Entry::new(action, By::Person(self.person.name.clone())).from(client).within(app, &self.session)
    }

    /// The same session now, which is noted to be in use; `None` once it is over.
    pub async fn again(&self, app: &App) -> Result<Option<Self>, Fault> {
        let row = app.store.session(&self.session, app.clock.now(), &LIMITS).await?;
        let now = row.map(|row| Self { person: row.person, last_used_at: row.last_used_at, ..self.clone() });
        if let Some(now) = &now {
            touch(app, now).await;
        }
        Ok(now)
    }
}

impl App {
    /// Whether people reach this server over HTTPS, directly or through a proxy.
    pub fn is_https(&self) -> bool {
        self.config.public_url.starts_with("https://")
    }
}

/// Who is signed in by the cookie of a request, if anybody.
pub async fn signed_in(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, Fault> {
    let now = app.clock.now();
    let Some(token) = cookie::read(headers, app.is_https()) else { return Ok(None) };
    let Some(token) = jwt::verify(&*ring::current(app).await?, &token, now) else { return Ok(None) };
    let row = app.store.session(&token.session, now, &LIMITS).await?;
    Ok(row.map(|row| SignedIn {
        session: token.session,
        person: row.person,
        number: row.number,
        issued_at: token.issued_at,
        last_used_at: row.last_used_at,
    }))
}

/// The layer around pages and their server functions: a [`Person`] stands in the request's extensions, or the request
/// goes no further than the sign-in page. Whatever refuses a person further in is recorded here.
pub async fn authenticate(State(app): State<App>, client: Client, mut request: Request, next: Next) -> Response {
    if let Err(fault) = grant::watch(&app).await {
        return fault.into_response();
    }
    let signed_in = match signed_in(&app, request.headers()).await {
        Ok(Some(signed_in)) => signed_in,
        Ok(None) if OPEN.contains(&request.uri().path()) => return next.run(request).await,
        Ok(None) => return turn_away(&request),
        Err(fault) => return fault.into_response(),
    };
    let path = request.uri().path().to_owned();
    request.extensions_mut().insert(person(&signed_in.person));
    request.extensions_mut().insert(look::witness(&app, &client, &signed_in));
    request.extensions_mut().insert(signed_in.session.clone());
    request.extensions_mut().insert(signed_in.clone());
    if !is_stream(&path) {
        touch(&app, &signed_in).await;
    }
    let mut response = next.run(request).await;
    // What is open to all records for itself what it refuses.
    if response.status() == StatusCode::FORBIDDEN && !OPEN.contains(&path.as_str()) {
        let entry = signed_in.entry(&app, &client, Action::Refuse).on(&path);
        entry.ended(Outcome::Denied, "not allowed to this person").commit_or_log(&app).await;
    }
    if !is_stream(&path) {
        reissue(&app, &signed_in, &mut response).await;
    }
    response
}

/// What goes on by itself while a page is open: no use of a session, and nobody visits it either.
fn is_stream(path: &str) -> bool {
    let parts: Vec<_> = path.split('/').collect();
    matches!(parts[..], ["", "events" | "integrity", "live"] | ["", "sources", _, "import", "live"])
}

/// What pages know of somebody who is signed in.
pub fn person(row: &PersonRow) -> Person {
    let PersonRow { name, roles, sources, .. } = row.clone();
    Person { name: name.to_string(), roles, sources }
}

/// Records that somebody unknown was refused, unless enough of that is being recorded already.
pub async fn note_stranger(app: &App, client: &Client, path: &str, reason: &'static str) {
    if app.gate.is_worth_recording(client.network(), app.clock.now()) {
        let entry = Entry::new(Action::Refuse, By::Stranger).on(path).from(client);
        entry.ended(Outcome::Denied, reason).commit_or_log(app).await;
    }
}

/// To the sign-in page and back, or, where nobody would see that page, 401.
fn turn_away(request: &Request) -> Response {
    let headers = request.headers();
    let visited = headers.get("sec-fetch-dest").is_none_or(|dest| dest == "document");
    let path = request.uri().path_and_query().map_or("", |path| path.as_str());
    let asked = matches!(*request.method(), Method::GET | Method::HEAD);
    // What is called and not visited leads nobody to the sign-in page.
    if asked && visited && !path.starts_with(CALLS) && !is_stream(request.uri().path()) {
        return Redirect::to(&next::Next::parse(path).sign_in()).into_response();
    }
    Refusal::SignedOut.into_response()
}

/// Notes that the session is in use. Reading goes on where that cannot be written, on a full disk for one.
async fn touch(app: &App, signed_in: &SignedIn) {
    let now = app.clock.now();
    if now - signed_in.last_used_at < TOUCH {
        return;
    }
    if let Err(error) = app.store.touch_session(&signed_in.session, now).await {
        tracing::warn!(%error, "the use of a session was not noted");
    }
}

/// Replaces a token that was in use for a while, unless the answer sets the cookie itself: signing out must win.
async fn reissue(app: &App, signed_in: &SignedIn, response: &mut Response) {
    let now = app.clock.now();
    if now - signed_in.issued_at < jwt::REISSUE || response.headers().contains_key(header::SET_COOKIE) {
        return;
    }
    match ring::cookie(app, &signed_in.session).await {
        Ok(cookie) => {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        Err(error) => tracing::warn!(%error, "a session's token was not replaced"),
    }
}
