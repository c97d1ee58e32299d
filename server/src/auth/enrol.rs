//! Letting somebody in: people, sources and tokens, added by the command line or by an admin. Each is recorded before
//! it is there, so nothing can be there unrecorded.

use flightbox_domain::{
    name::{PersonName, SourceName, TokenName},
    role::Roles,
    scope::Sources,
    secret::{Secret, SecretKind},
};
use flightbox_store::AddError;

use super::{link::Drawn, password::NewPassword};
use crate::{
    App,
    fault::Fault,
    journal::{Action, By, Entry},
};

/// Why something was not added.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The name is taken.
    #[error("that name is taken")]
    Exists,
    /// Something broke.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Adds a person.
pub async fn person(
    app: &App,
    by: By,
    name: &PersonName,
    password: NewPassword,
    roles: &Roles,
    sources: &Sources,
) -> Result<(), EnrolError> {
    if app.store.person_by_name(name).await.map_err(Fault::from)?.is_some() {
        return Err(EnrolError::Exists);
    }
    let hash = app.gate.passwords.hash(password, &app.random).await.map_err(Fault::from)?;
    let entry = Entry::new(Action::PersonAdd, by).on(format!("/people/{name}"));
    entry.clone().commit(app).await.map_err(Fault::from)?;
    let added = app.store.add_person(name, &hash, roles, sources, app.clock.now()).await;
    settle(app, entry, added.map(|_| ())).await
}

/// Adds a person, or, where there is one of that name, gives them this password and ends their sessions. Roles and scope
/// of somebody who is there stay what they are.
pub async fn person_or_password(
    app: &App,
    by: By,
    name: &PersonName,
    password: NewPassword,
    roles: &Roles,
) -> Result<(), EnrolError> {
    let Some(known) = app.store.person_by_name(name).await.map_err(Fault::from)? else {
        return person(app, by, name, password, roles, &Sources::All).await;
    };
    let hash = app.gate.passwords.hash(password, &app.random).await.map_err(Fault::from)?;
    let entry = Entry::new(Action::PersonPassword, by).on(format!("/people/{name}"));
    entry.then(app, app.store.set_person_password(known.person.id, &hash, app.clock.now())).await?;
    Ok(())
}

/// Makes a link by which a person chooses another password; `None` if there is nobody of that name, or they are
/// disabled. Until it is used everything stays as it is.
pub async fn reset(app: &App, by: By, name: &PersonName) -> Result<Option<Drawn>, Fault> {
    let Some(listed) = app.store.person_listed(name).await?.filter(|listed| !listed.person.disabled) else {
        return Ok(None);
    };
    let drawn = Drawn::new(app);
    let (entry, hash) = (Entry::new(Action::PersonReset, by).on(format!("/people/{name}")), drawn.secret.hash());
    entry.then(app, app.store.add_person_link(listed.person.id, &hash, drawn.expires_at)).await?;
    Ok(Some(drawn))
}

/// Adds a source; its ingest token, which nobody will see again.
pub async fn source(app: &App, by: By, name: &SourceName) -> Result<Secret, EnrolError> {
    source_as(app, Entry::new(Action::SourceAdd, by), name).await
}

/// The same, as an entry tells of who does it.
pub async fn source_as(app: &App, entry: Entry, name: &SourceName) -> Result<Secret, EnrolError> {
    if app.store.source_exists(name).await.map_err(Fault::from)? {
        return Err(EnrolError::Exists);
    }
    let secret = Secret::draw(SecretKind::Ingest, &app.random);
    let entry = entry.on(format!("/sources/{name}"));
    entry.clone().commit(app).await.map_err(Fault::from)?;
    let added = app.store.add_source(name, &secret.hash(), app.clock.now()).await;
    settle(app, entry, added).await.map(|()| secret)
}

/// Adds a read token, which nobody will see again. The caller sees to it that it may do no more than its maker.
pub async fn token(
    app: &App,
    by: By,
    name: &TokenName,
    roles: &Roles,
    sources: &Sources,
) -> Result<Secret, EnrolError> {
    if app.store.token_exists(name).await.map_err(Fault::from)? {
        return Err(EnrolError::Exists);
    }
    let secret = Secret::draw(SecretKind::Read, &app.random);
    let entry = Entry::new(Action::TokenAdd, by).on(format!("/tokens/{name}"));
    entry.clone().commit(app).await.map_err(Fault::from)?;
    let added = app.store.add_token(name, &secret.hash(), roles, sources, app.clock.now()).await;
    settle(app, entry, added).await.map(|()| secret)
}

/// What was recorded as done and then was not is recorded as failed too.
async fn settle(app: &App, entry: Entry, added: Result<(), AddError>) -> Result<(), EnrolError> {
    let Err(error) = added else { return Ok(()) };
    entry.undone(app, &error).await;
    Err(match error {
        AddError::Exists => EnrolError::Exists,
        error => EnrolError::Fault(error.into()),
    })
}
