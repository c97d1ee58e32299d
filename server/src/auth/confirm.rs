//! Confirming that it is still the same person: the steps and their order. What is answered stands in
//! [`crate::api::confirm`].

use axum::http::HeaderValue;
use chrono::TimeDelta;
use flightbox_app::state::parameter;
use flightbox_domain::step_up::{Method, Purpose};
use flightbox_event::{Json, Outcome};
use flightbox_store::{FactorRow, Guess, Place, SessionId};

use super::{
    Client, SignedIn,
    factor::{self, Held, Proof},
    grant, ring,
};
use crate::{
    App,
    fault::Fault,
    journal::{Action, Entry},
};

/// How many tries are evaluated in [`WINDOW`], right ones not counted.
const TRIES: i64 = 5;
/// The time over which tries are counted.
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// So many wrong tries, however long it takes, end the session, and from then on each further one ends its own.
const ENOUGH: i64 = 10;

/// How a try ended.
#[derive(Clone, Debug)]
pub enum Confirmed {
    /// The session goes on under another secret: the cookie to hand out.
    Granted(HeaderValue),
    /// Password, code or passkey are wrong. Nobody learns which.
    Wrong,
    /// The passkey was asked too long ago. Nothing was evaluated.
    Late,
    /// Too many tries; so many seconds to wait.
    Wait(i64),
    /// Too many were wrong: the session is over.
    Ended,
}

/// A try to confirm.
pub struct Try<'a> {
    /// Who tries.
    pub signed_in: &'a SignedIn,
    /// From where.
    pub client: &'a Client,
    /// What for.
    pub purpose: Purpose,
    /// The request that it is for, as [`grant`] names it.
    pub request: &'a str,
    /// The password, where one was asked for.
    pub password: String,
    /// The second factor, where there is one.
    pub proof: Proof,
}

/// Who a passkey is challenged as: this person, for this.
pub fn holder(signed_in: &SignedIn, purpose: Purpose, request: &str) -> String {
    format!("confirm {purpose} {request} {}", signed_in.person.name)
}

/// Evaluates a try, unless there were too many. Counted first, so any number at once are; recorded before it counts.
pub async fn confirm(app: &App, asked: Try<'_>) -> Result<Confirmed, Fault> {
    let person = &asked.signed_in.person;
    if factor::is_late(app, &holder(asked.signed_in, asked.purpose, asked.request), &asked.proof) {
        return Ok(Confirmed::Late);
    }
    let now = grant::watch(app).await?;
    match app.store.take_guess(person.id, Place::StepUp, TRIES, WINDOW, now).await? {
        Guess::Admitted => {}
        Guess::Exceeded { retry_after, first } => {
            if first {
                entry(app, &asked, None).ended(Outcome::Denied, "too many tries").commit(app).await?;
            }
            return Ok(Confirmed::Wait(retry_after));
        }
    }
    let factors = app.store.factors(person.id).await?;
    let Some(method) = method(app, &asked, &factors).await? else { return wrong(app, &asked).await };
    app.store.guessed_right(person.id, Place::StepUp).await?;
    let renamed = SessionId::draw(&app.random);
    let wanted = grant::wanted(asked.signed_in, asked.purpose, asked.request);
    let granted = app.store.step_up(wanted, method, &renamed, now);
    if !entry(app, &asked, Some(method)).then_if(app, granted, "the session had ended").await? {
        return Ok(Confirmed::Ended);
    }
    ring::cookie(app, &renamed).await.map(Confirmed::Granted)
}

/// How it was proved, if it was. The password is looked at first, so that no code is used up beside a wrong one.
async fn method(app: &App, asked: &Try<'_>, factors: &[FactorRow]) -> Result<Option<Method>, Fault> {
    let person = &asked.signed_in.person;
    let holder = holder(asked.signed_in, asked.purpose, asked.request);
    if !asked.proof.credential.is_empty() {
        return factor::judge(app, person.id, factors, &holder, &asked.proof).await;
    }
    let hash = app.store.person_by_name(&person.name).await?.and_then(|known| known.password);
    if !app.gate.passwords.verify(asked.password.clone(), hash).await? {
        return Ok(None);
    }
    if Held::of(factors).nothing() {
        return Ok(Some(Method::Password));
    }
    // A recovery code stands in for what is lost, so that it can be replaced, and opens nothing else.
    if asked.proof.is_recovery() && asked.purpose != Purpose::Factor {
        return Ok(None);
    }
    factor::judge(app, person.id, factors, &holder, &asked.proof).await
}

async fn wrong(app: &App, asked: &Try<'_>) -> Result<Confirmed, Fault> {
    let times = app.store.guessed_wrong(asked.signed_in.person.id, Place::StepUp).await?;
    let entry = entry(app, asked, None);
    if times < ENOUGH {
        entry.ended(Outcome::Failure, "wrong password, code or passkey").commit(app).await?;
        return Ok(Confirmed::Wrong);
    }
    entry.ended(Outcome::Failure, "wrong too many times: the session was ended").commit_or_log(app).await;
    app.store.end_session(&asked.signed_in.session, app.clock.now()).await?;
    Ok(Confirmed::Ended)
}

fn entry(app: &App, asked: &Try<'_>, method: Option<Method>) -> Entry {
    let mut details = vec![("purpose", asked.purpose.as_str().into())];
    details.extend(method.map(|method| ("method", method.as_str().into())));
    let entry = asked.signed_in.entry(app, asked.client, Action::StepUp);
    entry.on(told(asked.request)).with(Json::object(details))
}

/// A request as its entry tells of it. What a search in it asks for can be a secret, and is told by the entry of what is
/// done then, with the secrets masked.
fn told(request: &str) -> &str {
    match request.split_once('?') {
        Some((path, search)) if parameter(search, "q").is_some() => path,
        _ => request,
    }
}
