//! `/sources` and `/sources/{name}`: who may send. Their pages stand in the dashboard.

use axum::{
    Extension, Form,
    extract::{Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use chrono::TimeDelta;
use flightbox_app::parts::source::{IngestTokenShown, SourceRefused};
use flightbox_domain::{
    name::SourceName,
    scope::Sources,
    secret::{Secret, SecretKind},
};
use flightbox_event::Outcome;
use flightbox_store::{Rotated, SourceListed};
use serde::Deserialize;

use super::session::{again, sentence};
use crate::{
    App,
    auth::{
        Client, SignedIn,
        enrol::{self, EnrolError},
    },
    fault::Fault,
    journal::{Action, Entry},
};

/// The longest that the token before goes on beside a new one, in hours.
const LONGEST: i64 = 24 * 31;

const TAKEN: &str = "There is a source of that name already. Names are never given twice.";
const ENOUGH: &str = "Two of its tokens are good, which is as many as a source has. Revoke one first.";
const NO_TERM: &str = "Choose for how long the token before goes on: a month at most.";

/// A form of these pages.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    r#do: String,
    /// The name of a source that is to be added.
    name: String,
    /// For how long the token before goes on, in hours; 0 is until it is revoked.
    overlap: i64,
    /// The token that is to be revoked.
    token: i64,
}

/// Why nothing was done.
enum Refused {
    /// What is wrong with the form, in a sentence.
    Form(&'static str),
    Missing,
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// `POST /sources`: the page with the token of the source that was added, or the page again with 422.
pub async fn add(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Fault> {
    // Whoever sees some sources would add one that they do not see, and learn which names are taken.
    let person = &signed_in.person;
    if !person.roles.may_manage_people() || person.sources != Sources::All {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let typed = asked.name.trim().to_owned();
    let name: SourceName = match typed.parse() {
        Ok(name) => name,
        Err(error) => return Ok(refused(&app, parts, typed, sentence(error)).await),
    };
    let about = signed_in.entry(&app, &client, Action::SourceAdd);
    match enrol::source_as(&app, about, &name).await {
        Ok(secret) => Ok(shown(&app, parts, &name, &secret).await),
        Err(EnrolError::Exists) => Ok(refused(&app, parts, typed, TAKEN.to_owned()).await),
        Err(EnrolError::Fault(fault)) => Err(fault),
    }
}

/// `POST /sources/{name}`: back to its page; with the token where one was made; or the page again with 422.
pub async fn change(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    Path(name): Path<String>,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Fault> {
    if !signed_in.person.roles.may_manage_people() {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let asker = Asker { app: &app, signed_in: &signed_in, client: &client };
    match asker.carry_out(&name, &asked).await {
        Ok((name, Some(secret))) => Ok(shown(&app, parts, &name, &secret).await),
        Ok((name, None)) => Ok(Redirect::to(&format!("/sources/{name}")).into_response()),
        Err(Refused::Form(message)) => Ok(refused(&app, parts, String::new(), message.to_owned()).await),
        // Revoked meanwhile, never there, or never theirs to see: the page shows what there is.
        Err(Refused::Missing) => Ok(again(&app, parts, StatusCode::NOT_FOUND, ()).await),
        Err(Refused::Fault(fault)) => Err(fault),
    }
}

async fn shown(app: &App, parts: Parts, name: &SourceName, secret: &Secret) -> Response {
    let shown = IngestTokenShown { source: name.to_string(), secret: secret.expose().to_owned() };
    again(app, parts, StatusCode::CREATED, shown).await
}

async fn refused(app: &App, parts: Parts, name: String, message: String) -> Response {
    again(app, parts, StatusCode::UNPROCESSABLE_ENTITY, SourceRefused { name, message }).await
}

/// The source of that name, if a person sees it.
pub(super) async fn theirs(
    app: &App,
    signed_in: &SignedIn,
    name: &str,
) -> Result<Option<(SourceName, SourceListed)>, Fault> {
    let Ok(parsed) = name.parse::<SourceName>() else { return Ok(None) };
    let scope = crate::auth::person(&signed_in.person).scope(false);
    let mut sources = app.store.sources(&scope).await?.into_iter();
    Ok(sources.find(|source| source.name == name).map(|source| (parsed, source)))
}

/// Who asks, and from where.
struct Asker<'a> {
    app: &'a App,
    signed_in: &'a SignedIn,
    client: &'a Client,
}

impl Asker<'_> {
    /// Does what is asked for; a token, if one was made.
    async fn carry_out(&self, name: &str, asked: &Asked) -> Result<(SourceName, Option<Secret>), Refused> {
        let (name, source) = theirs(self.app, self.signed_in, name).await?.ok_or(Refused::Missing)?;
        let secret = match asked.r#do.as_str() {
            "disable" => self.disable(&name, &source, true).await.map(|()| None),
            "enable" => self.disable(&name, &source, false).await.map(|()| None),
            "rotate" => self.rotate(&name, asked.overlap).await.map(Some),
            "revoke" => self.revoke(&name, asked.token).await.map(|()| None),
            _ => Err(Refused::Missing),
        }?;
        Ok((name, secret))
    }

    async fn disable(&self, name: &SourceName, source: &SourceListed, disabled: bool) -> Result<(), Refused> {
        if source.disabled_at.is_some() == disabled {
            return Ok(());
        }
        let action = if disabled { Action::SourceDisable } else { Action::SourceEnable };
        let set = self.app.store.set_source_disabled(name, disabled, self.app.clock.now());
        self.entry(action, name).then_if(self.app, set, "nobody has added it").await?;
        Ok(())
    }

    async fn rotate(&self, name: &SourceName, overlap: i64) -> Result<Secret, Refused> {
        if !(0..=LONGEST).contains(&overlap) {
            return Err(Refused::Form(NO_TERM));
        }
        let now = self.app.clock.now();
        let until = (overlap > 0).then(|| now + TimeDelta::hours(overlap));
        let secret = Secret::draw(SecretKind::Ingest, &self.app.random);
        let entry = self.entry(Action::SourceRotate, name);
        let entry = entry.with_detail("overlap_hours", overlap.into());
        let hash = secret.hash();
        let rotate = self.app.store.rotate_ingest_token(name, &hash, until, now);
        match entry.clone().then(self.app, rotate).await? {
            Rotated::Done(_) => Ok(secret),
            Rotated::Enough => {
                entry.ended(Outcome::Failure, "two of its tokens are good").commit_or_log(self.app).await;
                Err(Refused::Form(ENOUGH))
            }
        }
    }

    async fn revoke(&self, name: &SourceName, number: i64) -> Result<(), Refused> {
        let now = self.app.clock.now();
        let tokens = self.app.store.ingest_tokens(name.as_str(), now).await?;
        if !tokens.iter().any(|token| token.number == number) {
            return Err(Refused::Missing);
        }
        let revoke = self.app.store.revoke_ingest_token(name, number, now);
        let entry = self.entry(Action::SourceRevoke, name).with_detail("number", number.into());
        let revoked = entry.then_if(self.app, revoke, "it was revoked meanwhile").await?;
        revoked.then_some(()).ok_or(Refused::Missing)
    }

    fn entry(&self, action: Action, on: &SourceName) -> Entry {
        self.signed_in.entry(self.app, self.client, action).on(format!("/sources/{on}"))
    }
}
