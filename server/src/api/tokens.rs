//! `/tokens`: read tokens that people make for programs. Their page stands in the dashboard. One that may do more than a
//! viewer is confirmed first (purpose `token`): the page's URL names it then.

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::{Form, Query};
use chrono::{DateTime, TimeDelta, Utc};
use flightbox_app::{
    pages::tokens::{NotMade, TokenShown},
    parts::{person::Chosen, question::Question},
};
use flightbox_domain::{
    name::TokenName,
    role::Role,
    secret::{Secret, SecretKind},
    step_up::Purpose,
};
use flightbox_store::{AddError, TokenListed};
use serde::Deserialize;

use super::{
    people::{facts, grants, refuse},
    session::{again, sentence},
};
use crate::{
    App,
    auth::{
        Client, SignedIn,
        change::Change,
        manage::{Grants, Refused, told},
    },
    fault::Fault,
    journal::{Action, Entry},
    pages,
};

/// Where the page is.
const PAGE: &str = "/tokens";
/// The longest that a token may be good for, in days.
const LONGEST: i64 = 365;
/// How many tokens a person has at most.
const MOST: usize = 50;

const TAKEN: &str = "There is or was a token of that name. Names are never given twice.";
const NO_TERM: &str = "Choose for how long it is good: a year at most.";
const TOO_WIDE: &str = "A token may do no more than you may yourself.";

/// What is asked for, by a form or by the URL of a page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    r#do: String,
    name: String,
    role: Vec<String>,
    scope: String,
    source: Vec<String>,
    days: i64,
}

/// A token that can be made.
struct Wanted {
    name: TokenName,
    grants: Grants,
    days: i64,
    expires_at: DateTime<Utc>,
}

/// Who asks, and from where.
struct Maker<'a> {
    app: &'a App,
    client: &'a Client,
    signed_in: &'a SignedIn,
}

/// `GET /tokens`: the list; or, once it is confirmed, the last question before a token is made.
pub async fn page(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Result<Response, Fault> {
    if asked.r#do.is_empty() {
        return Ok(pages::render(&app, Request::from_parts(parts, Body::empty())).await);
    }
    if !signed_in.person.roles.may_browse() {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let maker = Maker { app: &app, client: &client, signed_in: &signed_in };
    match maker.question(&asked).await {
        Ok(question) => Ok(again(&app, parts, StatusCode::OK, question).await),
        Err(refused) => asked.refuse(&app, parts, refused).await,
    }
}

/// `POST /tokens`: the page with the token that was made, or back to it; or the page again with 422.
pub async fn post(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Fault> {
    if !signed_in.person.roles.may_browse() {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let maker = Maker { app: &app, client: &client, signed_in: &signed_in };
    let done = match asked.r#do.as_str() {
        "make" => maker.make(&asked).await.map(Some),
        "revoke" => maker.revoke(asked.name.trim()).await.map(|()| None),
        _ => Err(Refused::Missing),
    };
    match done {
        Ok(Some(shown)) => Ok(again(&app, parts, StatusCode::CREATED, shown).await),
        Ok(None) => Ok(Redirect::to(PAGE).into_response()),
        Err(refused) => asked.refuse(&app, parts, refused).await,
    }
}

impl Asked {
    /// The page again, with what is wrong with the form; or whatever else is refused with.
    async fn refuse(self, app: &App, parts: Parts, refused: Refused) -> Result<Response, Fault> {
        let Refused::Form(message) = refused else { return refuse(app, parts, refused).await };
        let chosen = Chosen { roles: self.role, all: self.scope == "all", sources: self.source };
        let not_made = NotMade { name: self.name.trim().to_owned(), chosen, days: self.days, message };
        Ok(again(app, parts, StatusCode::UNPROCESSABLE_ENTITY, not_made).await)
    }
}

impl Wanted {
    /// The change that is confirmed, if the token may do more than a viewer.
    fn change(&self) -> Result<Option<Change>, Refused> {
        if self.grants.roles.iter().all(|role| role == Role::Viewer) {
            return Ok(None);
        }
        let mut fields = vec![("do", "make".to_owned()), ("name", self.name.to_string())];
        fields.extend(self.grants.fields());
        fields.push(("days", self.days.to_string()));
        Change::new(Purpose::Token, PAGE.to_owned(), fields).map(Some)
    }
}

impl Maker<'_> {
    /// What a confirmed token goes on with.
    async fn question(&self, asked: &Asked) -> Result<Question, Refused> {
        if asked.r#do != "make" {
            return Err(Refused::Missing);
        }
        let wanted = self.wanted(asked).await?;
        let change = wanted.change()?.ok_or(Refused::Missing)?;
        change.look(self.app, self.signed_in).await?;
        Ok(Question {
            title: format!("Make the token {}", wanted.name),
            about: "It is shown once. Whoever has it reads what stands here, and changes nothing.".to_owned(),
            facts: facts(&wanted.grants, None),
            page: change.page,
            fields: change.fields,
            yes: "Make the token",
            no: "Make none",
            takes: false,
        })
    }

    /// The token that is asked for, if it can be made.
    async fn wanted(&self, asked: &Asked) -> Result<Wanted, Refused> {
        let form = |message: &str| Refused::Form(message.to_owned());
        let own = &self.signed_in.person;
        let name: TokenName = asked.name.trim().parse().map_err(|error| Refused::Form(sentence(error)))?;
        let granted = grants(self.app, &asked.role, &asked.scope, &asked.source).await?;
        let subset = granted.roles.common(&own.roles) == granted.roles && granted.sources.within(&own.sources);
        if !subset {
            return Err(form(TOO_WIDE));
        }
        let expires_at = self.ends(asked.days).ok_or_else(|| form(NO_TERM))?;
        if self.app.store.tokens(Some(own.id)).await?.len() >= MOST {
            return Err(Refused::Form(format!(
                "You have {MOST} tokens, which is as many as anybody can. Revoke one first."
            )));
        }
        if self.app.store.token_exists(&name).await? {
            return Err(form(TAKEN));
        }
        Ok(Wanted { name, grants: granted, days: asked.days, expires_at })
    }

    async fn make(&self, asked: &Asked) -> Result<TokenShown, Refused> {
        let wanted = self.wanted(asked).await?;
        if let Some(change) = wanted.change()? {
            change.confirmed(self.app, self.signed_in).await?;
        }
        let Wanted { name, grants, expires_at, .. } = wanted;
        let secret = Secret::draw(SecretKind::Read, &self.app.random);
        let entry = self.entry(Action::TokenAdd, &name).with(told(&grants));
        entry.clone().commit(self.app).await?;
        let Grants { roles, sources } = &grants;
        let (store, now) = (&self.app.store, self.app.clock.now());
        let added = store
            .add_token_of((self.signed_in.person.id, expires_at), &name, &secret.hash(), (roles, sources), now)
            .await;
        let Err(error) = added else {
            return Ok(TokenShown { name: name.to_string(), secret: secret.expose().to_owned() });
        };
        entry.undone(self.app, &error).await;
        Err(match error {
            AddError::Exists => Refused::Form(TAKEN.to_owned()),
            error => Refused::Fault(error.into()),
        })
    }

    /// Revokes a token of theirs, or, for an admin, of anybody.
    async fn revoke(&self, name: &str) -> Result<(), Refused> {
        let own = &self.signed_in.person;
        let of = (!own.roles.may_manage_people()).then_some(own.id);
        let named = |listed: &TokenListed| listed.token.name.as_str() == name;
        let found = self.app.store.tokens(of).await?.into_iter().find(named).ok_or(Refused::Missing)?;
        let revoke = self.app.store.revoke_token(&found.token.name, self.app.clock.now());
        self.entry(Action::TokenRevoke, &found.token.name).then(self.app, revoke).await?;
        Ok(())
    }

    fn ends(&self, days: i64) -> Option<DateTime<Utc>> {
        let term = (1..=LONGEST).contains(&days).then(|| TimeDelta::days(days))?;
        Some(self.app.clock.now() + term)
    }

    fn entry(&self, action: Action, on: &TokenName) -> Entry {
        self.signed_in.entry(self.app, self.client, action).on(format!("/tokens/{on}"))
    }
}
