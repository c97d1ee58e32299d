//! What people do about their own account: another password, fewer sessions. What is answered stands in
//! [`crate::api::account`].

use axum::http::HeaderValue;
use flightbox_event::Outcome;
use flightbox_store::SessionId;

use super::{
    Client, LIMITS, SignedIn,
    manage::{self, Refused},
    password::{BadPassword, NewPassword},
    ring,
};
use crate::{
    App,
    fault::Fault,
    journal::{Action, Entry},
};

/// How an attempt to change one's password ended.
#[derive(Debug)]
pub enum Renewed {
    /// It is changed, every session has ended, and this is the cookie of the one that goes on.
    Done(HeaderValue),
    /// The old password is not it.
    Wrong,
    /// The new one may not be one.
    Bad(BadPassword),
    /// Too many failures; so many seconds to wait.
    Wait(i64),
}

/// Somebody, and from where they act.
pub struct Oneself<'a> {
    /// The application.
    pub app: &'a App,
    /// From where.
    pub client: &'a Client,
    /// Who, by which session.
    pub signed_in: &'a SignedIn,
}

impl Oneself<'_> {
    /// Replaces the password by whoever knows the old one. Guesses at that count as guesses at the door do: whoever
    /// finds a browser open has no better chance here.
    pub async fn password(&self, old: String, new: &str) -> Result<Renewed, Fault> {
        let Self { app, client, signed_in } = self;
        let (person, now) = (&signed_in.person, app.clock.now());
        let new = match NewPassword::parse(new, person.name.as_str(), &app.config.public_url) {
            Ok(new) => new,
            Err(bad) => return Ok(Renewed::Bad(bad)),
        };
        let attempt = match app.gate.admit(&app.store, client.network(), Some(&person.name), now).await? {
            Ok(attempt) => attempt,
            Err(exceeded) => return Ok(Renewed::Wait(exceeded.retry_after)),
        };
        let entry = self.entry(Action::PersonPassword);
        let known = app.store.person_by_name(&person.name).await?.and_then(|known| known.password);
        if !app.gate.passwords.verify(old, known).await? {
            entry.ended(Outcome::Failure, "wrong password").commit(app).await?;
            return Ok(Renewed::Wrong);
        }
        attempt.succeeded().await;
        let hash = app.gate.passwords.hash(new, &app.random).await?;
        let (session, device) = (SessionId::draw(&app.random), client.device());
        entry.then(app, app.store.renew_password(person.id, &hash, &session, &device, now)).await?;
        Ok(Renewed::Done(ring::cookie(app, &session).await?))
    }

    /// Ends one of their sessions, by its digest.
    pub async fn end(&self, digest: &str) -> Result<(), Refused> {
        manage::end(self.app, self.entry(Action::SessionEnd), &self.signed_in.person, digest).await
    }

    /// Ends every session of theirs but this one.
    pub async fn end_others(&self) -> Result<(), Refused> {
        let (store, person, now) = (&self.app.store, self.signed_in.person.id, self.app.clock.now());
        if store.sessions_of(person, now, &LIMITS).await?.len() > 1 {
            let entry = self.entry(Action::SessionEnd).because("all others");
            entry.then(self.app, store.end_sessions_of(person, Some(&self.signed_in.session), now)).await?;
        }
        Ok(())
    }

    fn entry(&self, action: Action) -> Entry {
        let path = format!("/people/{}", self.signed_in.person.name);
        self.signed_in.entry(self.app, self.client, action).on(path)
    }
}
