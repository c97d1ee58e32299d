//! One-time links by which people get a password: an invitation, or in place of a password that was lost. The first
//! admin's is made in [`super::bootstrap()`].

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::secret::{Secret, SecretKind};
use flightbox_store::{LinkFor, PersonRow, StoreError};

use super::{Client, password::NewPassword};
use crate::{
    App,
    fault::Fault,
    journal::{Action, By, Entry},
};

/// How long a link is good for.
pub const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// A link that was drawn, until it is handed out. Only this holds it; the database has its hash.
pub struct Drawn {
    /// What stands in the link.
    pub secret: Secret,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

impl Drawn {
    /// Draws a link.
    pub fn new(app: &App) -> Self {
        Self { secret: Secret::draw(SecretKind::Link, &app.random), expires_at: app.clock.now() + LIFETIME }
    }

    /// The link itself.
    pub fn url(&self, app: &App) -> String {
        url(app, &self.secret)
    }
}

/// The address of a secret.
pub(super) fn url(app: &App, secret: &Secret) -> String {
    format!("{}/setup?token={}", app.config.public_url.trim_end_matches('/'), secret.expose())
}

/// Whom a link's token is for, if it is still good.
pub async fn open(app: &App, token: &str) -> Result<Option<LinkFor>, StoreError> {
    match read(token) {
        Some(secret) => app.store.link(&secret.hash(), app.clock.now()).await,
        None => Ok(None),
    }
}

/// Uses a person's link up for a password, which ends their sessions; `false` if it is no longer good. The entry is
/// committed first.
pub async fn set_password(
    app: &App,
    client: &Client,
    token: &str,
    person: &PersonRow,
    password: NewPassword,
) -> Result<bool, Fault> {
    let Some(secret) = read(token) else { return Ok(false) };
    let hash = app.gate.passwords.hash(password, &app.random).await?;
    let still = matches!(open(app, token).await?, Some(LinkFor::Person(now)) if now.id == person.id);
    if !still {
        return Ok(false);
    }
    let entry = Entry::new(Action::PersonPassword, By::Person(person.name.clone())).from(client);
    let entry = entry.on(format!("/people/{}", person.name)).because("by one-time link");
    let digest = secret.hash();
    let used = app.store.use_link(&digest, person.id, &hash, app.clock.now());
    entry.then_if(app, used, "the link was used or ended meanwhile").await
}

/// A link's token, if it can be one.
pub(super) fn read(token: &str) -> Option<Secret> {
    Secret::parse(token).filter(|secret| secret.kind() == SecretKind::Link)
}
