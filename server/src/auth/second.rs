//! The second step of signing in, for whoever has a second factor. Between the steps there is no session: only a
//! secret, for five minutes, that is good for nothing but the second step.

use axum::http::{HeaderMap, HeaderValue};
use chrono::TimeDelta;
use flightbox_domain::secret::{Secret, SecretHash, SecretKind};
use flightbox_event::Outcome;
use flightbox_store::{FactorRow, Guess, PersonId, PersonRow, Place};

use super::{
    Client, cookie,
    factor::{self, Proof},
    sign_in::{self, Attempted},
};
use crate::{
    App,
    fault::Fault,
    journal::{Action, By, Entry},
};

/// How long it may take.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);
/// How many tries of one person are evaluated in [`WINDOW`], wherever they come from: a code has but a million values.
const TRIES: i64 = 10;
/// The time over which tries are counted.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Somebody whose password was right.
#[derive(Clone, Debug)]
pub struct Halfway {
    hash: SecretHash,
    /// They themselves.
    pub person: PersonRow,
}

impl Halfway {
    /// Who a passkey is challenged as.
    pub fn holder(&self) -> String {
        format!("sign in {}", self.person.name)
    }
}

/// Lets somebody go on to the second step: the cookie to hand out.
pub async fn begin(app: &App, person: PersonId) -> Result<HeaderValue, Fault> {
    let (secret, now) = (Secret::draw(SecretKind::SecondStep, &app.random), app.clock.now());
    app.store.start_second_step(&secret.hash(), person, now + PATIENCE, now).await?;
    let cookie = cookie::set_second(secret.expose(), app.is_https());
    cookie.ok_or_else(|| Fault::Broken("a cookie could not be written".to_owned()))
}

/// Who is at the second step by the cookie of a request, if anybody.
pub async fn halfway(app: &App, headers: &HeaderMap) -> Result<Option<Halfway>, Fault> {
    let secret = cookie::read_second(headers, app.is_https()).and_then(|text| Secret::parse(&text));
    let Some(secret) = secret.filter(|secret| secret.kind() == SecretKind::SecondStep) else { return Ok(None) };
    let person = app.store.second_step(&secret.hash(), app.clock.now()).await?;
    Ok(person.map(|person| Halfway { hash: secret.hash(), person }))
}

/// Signs somebody in whose second factor is right, too.
pub async fn finish(
    app: &App,
    client: &Client,
    halfway: &Halfway,
    factors: &[FactorRow],
    proof: &Proof,
) -> Result<Attempted, Fault> {
    let (person, now) = (&halfway.person, app.clock.now());
    let failed = |outcome, reason| {
        Entry::new(Action::SignIn, By::Person(person.name.clone())).from(client).ended(outcome, reason)
    };
    let attempt = match app.gate.admit(&app.store, client.network(), Some(&person.name), now).await? {
        Ok(attempt) => attempt,
        Err(exceeded) => {
            if exceeded.first {
                failed(Outcome::Denied, "too many failures").commit(app).await?;
            }
            return Ok(Attempted::Wait(exceeded.retry_after));
        }
    };
    if let Guess::Exceeded { retry_after, first } =
        app.store.take_guess(person.id, Place::SignIn, TRIES, WINDOW, now).await?
    {
        if first {
            failed(Outcome::Denied, "too many tries at the second factor").commit(app).await?;
        }
        return Ok(Attempted::Wait(retry_after));
    }
    let Some(method) = factor::judge(app, person.id, factors, &halfway.holder(), proof).await? else {
        failed(Outcome::Failure, "wrong second factor").commit(app).await?;
        return Ok(Attempted::Refused);
    };
    app.store.guessed_right(person.id, Place::SignIn).await?;
    attempt.succeeded().await;
    // Of two tries at once one goes on.
    if !app.store.end_second_step(&halfway.hash).await? {
        return Ok(Attempted::Refused);
    }
    Ok(Attempted::SignedIn(sign_in::begin(app, client, person.id, &person.name, Some(method)).await?))
}
