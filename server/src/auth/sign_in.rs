//! Signing in and out: the steps and their order. What is answered stands in [`crate::api::session`].

use axum::http::HeaderValue;
use flightbox_domain::{name::PersonName, step_up::Method};
use flightbox_event::{Json, Outcome};
use flightbox_store::{Credentials, PersonId, SessionId, StoreError};

use super::{Client, SignedIn, ring, second, throttle::Exceeded};
use crate::{
    App,
    fault::Fault,
    journal::{Action, By, Entry},
};

/// How an attempt to sign in ended.
#[derive(Clone, Debug)]
pub enum Attempted {
    /// The cookie to hand out.
    SignedIn(HeaderValue),
    /// The password is right, and a second factor is to follow: the cookie to hand out meanwhile.
    SecondStep(HeaderValue),
    /// Name or password are wrong, or the person is disabled. Nobody outside learns which.
    Refused,
    /// Too many failures; so many seconds to wait.
    Wait(i64),
}

/// How far somebody came who has the password.
#[derive(Clone, Debug)]
pub enum Entered {
    /// In: the cookie of their session.
    SignedIn(HeaderValue),
    /// To the second step, as they have a second factor: the cookie to hand out meanwhile.
    SecondStep(HeaderValue),
}

impl From<Entered> for Attempted {
    fn from(entered: Entered) -> Self {
        match entered {
            Entered::SignedIn(cookie) => Self::SignedIn(cookie),
            Entered::SecondStep(cookie) => Self::SecondStep(cookie),
        }
    }
}

/// Signs a person in. Whether there is such a person changes neither the answer nor the work done for it.
pub async fn sign_in(app: &App, client: &Client, name: &str, password: String) -> Result<Attempted, Fault> {
    let name: Option<PersonName> = name.parse().ok();
    let attempt = match app.gate.admit(&app.store, client.network(), name.as_ref(), app.clock.now()).await? {
        Ok(attempt) => attempt,
        Err(exceeded) => return wait(app, client, name.as_ref(), exceeded).await,
    };
    let known = find(app, name.as_ref()).await?;
    let (person, hash) = known.map(|Credentials { person, password }| (person, password)).unzip();
    let right = app.gate.passwords.verify(password, hash.flatten()).await?;
    let refused = match &person {
        None => Some("unknown name"),
        Some(_) if !right => Some("wrong password"),
        Some(person) if person.disabled => Some("disabled"),
        Some(_) => None,
    };
    if let (Some(person), None) = (&person, refused) {
        let entered = enter(app, client, person.id, &person.name).await?;
        attempt.succeeded().await;
        return Ok(entered.into());
    }
    // A stranger's name is not kept: it may be a password in the wrong box, and the log never forgets.
    let by = person.map_or(By::Stranger, |person| By::Person(person.name));
    let entry = Entry::new(Action::SignIn, by).from(client);
    entry.ended(Outcome::Failure, refused.unwrap_or_default()).commit(app).await?;
    Ok(Attempted::Refused)
}

/// Lets somebody in who has the password, by knowing it or by a link to choose it.
pub async fn enter(app: &App, client: &Client, person: PersonId, name: &PersonName) -> Result<Entered, Fault> {
    if app.store.factors(person).await?.is_empty() {
        return Ok(Entered::SignedIn(begin(app, client, person, name, None).await?));
    }
    Ok(Entered::SecondStep(second::begin(app, person).await?))
}

/// Begins a session of somebody who proved who they are: recorded first, then there.
pub async fn begin(
    app: &App,
    client: &Client,
    person: PersonId,
    name: &PersonName,
    second: Option<Method>,
) -> Result<HeaderValue, Fault> {
    let session = SessionId::draw(&app.random);
    let mut entry = Entry::new(Action::SignIn, By::Person(name.clone())).from(client).within(app, &session);
    if let Some(second) = second {
        entry = entry.with(Json::object([("second_factor", second.as_str().into())]));
    }
    let device = client.device();
    entry.then(app, app.store.start_session(&session, person, &device, app.clock.now())).await?;
    ring::cookie(app, &session).await
}

/// Ends a session for good.
pub async fn sign_out(app: &App, client: &Client, signed_in: &SignedIn) -> Result<(), Fault> {
    // What cannot be recorded must not keep anybody signed in.
    signed_in.entry(app, client, Action::SignOut).commit_or_log(app).await;
    app.store.end_session(&signed_in.session, app.clock.now()).await?;
    Ok(())
}

/// One entry a window tells that somebody is being kept out; thousands would tell no more.
async fn wait(app: &App, client: &Client, name: Option<&PersonName>, exceeded: Exceeded) -> Result<Attempted, Fault> {
    if exceeded.first {
        let by = find(app, name).await?.map_or(By::Stranger, |known| By::Person(known.person.name));
        let entry = Entry::new(Action::SignIn, by).from(client);
        entry.ended(Outcome::Denied, "too many failures").commit(app).await?;
    }
    Ok(Attempted::Wait(exceeded.retry_after))
}

async fn find(app: &App, name: Option<&PersonName>) -> Result<Option<Credentials>, StoreError> {
    match name {
        Some(name) => app.store.person_by_name(name).await,
        None => Ok(None),
    }
}
