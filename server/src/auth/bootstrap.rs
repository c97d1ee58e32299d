//! The first admin: there is no default account, only a link that the server prints when nobody is there yet.

use chrono::TimeDelta;
use flightbox_domain::{
    name::PersonName,
    secret::{Secret, SecretKind},
};
use flightbox_event::Outcome;
use flightbox_store::{LinkFor, PersonId, StoreError};

use super::{Client, link, password::NewPassword};
use crate::{
    App,
    fault::Fault,
    journal::{Action, By, Entry},
};

/// How long the link is good for.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Makes a link to set up the first admin, if nobody was ever added. It works once, within the hour, and until the next
/// one is made. Only the answer holds it; the database has its hash.
pub async fn bootstrap(app: &App) -> Result<Option<String>, StoreError> {
    if app.store.any_person().await? {
        return Ok(None);
    }
    let secret = Secret::draw(SecretKind::Link, &app.random);
    app.store.add_link(&secret.hash(), app.clock.now() + LIFETIME).await?;
    Ok(Some(link::url(app, &secret)))
}

/// Uses a link up for the first admin; `None` if it is no longer good. The entry is committed first, so an admin whose
/// making went unrecorded cannot be.
pub async fn set_up(
    app: &App,
    client: &Client,
    token: &str,
    name: &PersonName,
    password: NewPassword,
) -> Result<Option<PersonId>, Fault> {
    let Some(secret) = link::read(token) else { return Ok(None) };
    if link::open(app, token).await? != Some(LinkFor::FirstAdmin) {
        return Ok(None);
    }
    let hash = app.gate.passwords.hash(password, &app.random).await?;
    let entry = Entry::new(Action::PersonAdd, By::Stranger).on(format!("/people/{name}")).from(client);
    let entry = entry.ended(Outcome::Success, "the first admin, by one-time link");
    let digest = secret.hash();
    let made = entry.clone().then(app, app.store.first_admin(&digest, name, &hash, app.clock.now())).await?;
    if made.is_none() {
        entry.ended(Outcome::Failure, "the link was used meanwhile").commit_or_log(app).await;
    }
    Ok(made)
}
