//! Native only: what the server lends to each page.

use std::fmt;

use axum::http::{HeaderValue, StatusCode, header, request::Parts};
use chrono::{DateTime, Utc};
use flightbox_domain::{
    clock::Clock,
    random::Random,
    role::Roles,
    scope::{Scope, Sources},
};
use flightbox_store::{SessionId, SessionLimits, Store, StoreError};
use leptos::prelude::{use_context, with_context};
use leptos_axum::ResponseOptions;

use crate::{
    error::AppError,
    integrity::{Standing, Watched},
    look::Witness,
    queue,
};

/// Where pages' server functions live: they are called, not visited.
pub const CALLS: &str = "/pages/";

/// Whether a second person has to agree before sealed values leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FourEyes(pub bool);

/// Whoever is signed in. The session layer puts one into the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name the person signs in with.
    pub name: String,
    /// What they may do.
    pub roles: Roles,
    /// Which sources they may see.
    pub sources: Sources,
}

impl Person {
    /// What the person may see; Flightbox's own record only when it was asked for, and with a role that may see it.
    pub fn scope(&self, asked_for_access: bool) -> Scope {
        Scope::new(self.sources.clone(), asked_for_access && self.roles.may_see_access())
    }
}

/// The person behind this request. Every server function starts here, so none can forget to ask.
pub fn signed_in() -> Result<Person, AppError> {
    let person = anybody()?;
    if person.roles.may_browse() { Ok(person) } else { Err(AppError::NoRole { name: person.name }) }
}

/// The same, whether they hold a role or not: what concerns them alone.
pub fn anybody() -> Result<Person, AppError> {
    let person = with_context(|parts: &Parts| parts.extensions.get::<Person>().cloned()).flatten();
    person.ok_or(AppError::SignedOut)
}

/// The same, if they may manage who may sign in.
pub fn manager() -> Result<Person, AppError> {
    let person = signed_in()?;
    if person.roles.may_manage_people() { Ok(person) } else { Err(AppError::NotAdmin) }
}

/// The same, if they may change how the server is set up.
pub fn admin() -> Result<Person, AppError> {
    let person = signed_in()?;
    if person.roles.may_change_settings() {
        Ok(person)
    } else {
        Err(AppError::Forbidden { roles: "administrators".to_owned() })
    }
}

/// Whether a second person has to agree before sealed values leave.
pub fn four_eyes() -> bool {
    use_context::<FourEyes>().is_some_and(|FourEyes(on)| on)
}

/// Whoever records what is looked at. Without one nothing is shown.
pub fn witness() -> Result<Witness, AppError> {
    let witness = with_context(|parts: &Parts| parts.extensions.get::<Witness>().cloned()).flatten();
    witness.ok_or_else(|| failed("nobody records what is looked at"))
}

/// Whether a server function was called by itself, and not by a page that is being rendered.
pub fn is_called() -> bool {
    with_context(|parts: &Parts| parts.uri.path().starts_with(CALLS)).unwrap_or_default()
}

/// The session of this request.
pub fn session() -> Option<SessionId> {
    with_context(|parts: &Parts| parts.extensions.get::<SessionId>().cloned()).flatten()
}

/// How long sessions live on this server.
pub fn limits() -> Result<SessionLimits, AppError> {
    use_context().ok_or_else(|| failed("no limits of sessions were provided"))
}

/// The store of this server.
pub fn store() -> Result<Store, AppError> {
    use_context().ok_or_else(|| failed("no store was provided"))
}

/// What is known of the log's integrity.
pub fn integrity() -> Result<Standing, AppError> {
    use_context::<Watched>().map(|watched| watched.now()).ok_or_else(|| failed("nobody says how the log stands"))
}

/// What is known of the queue that events come from; nothing where there is none.
pub fn queue() -> Option<queue::Standing> {
    use_context::<queue::Watched>()?.now()
}

/// The time, by the server's clock.
pub fn now() -> Result<DateTime<Utc>, AppError> {
    use_context::<Clock>().map(|clock| clock.now()).ok_or_else(|| failed("no clock was provided"))
}

/// Logs what broke, and leaves of it a reference to find it by.
pub fn failed(error: impl fmt::Display) -> AppError {
    let millis = use_context::<Clock>().map(|clock| clock.now().timestamp_millis()).unwrap_or_default();
    let reference = format!("{millis:x}");
    tracing::error!(%reference, %error, "a page failed");
    AppError::Failed { reference }
}

/// Why the store has no answer: because it took too long, which the person can do something about, or because it broke.
pub fn unanswered(error: StoreError) -> AppError {
    match error {
        StoreError::TooSlow => AppError::TooSlow,
        error => failed(error),
    }
}

/// Randomness, of this server.
pub fn random() -> Result<Random, AppError> {
    use_context().ok_or_else(|| failed("no randomness was provided"))
}

/// The value of a cookie of this request.
pub fn cookie(name: &str) -> Option<String> {
    let read = |parts: &Parts| {
        let values = parts.headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let mut pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    };
    with_context(read).flatten()
}

/// The path and query string of this request, to come back to.
pub fn here() -> String {
    with_context(|parts: &Parts| parts.uri.path_and_query().map(ToString::to_string)).flatten().unwrap_or_default()
}

/// Sets the status of the page.
pub fn set_status(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// Sets the status of a page that is worth asking for again in a second.
pub fn ask_again(status: u16) {
    set_status(status);
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
}

/// Sends the browser elsewhere on this server, by GET.
pub fn redirect(path: &str) {
    if let (Some(response), Ok(location)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(path)) {
        response.insert_header(header::LOCATION, location);
        response.set_status(StatusCode::SEE_OTHER);
    }
}
