//! `/tokens`: read tokens that people make for programs. Their page stands in the dashboard.

use axum::{
    Extension,
    extract::State,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::Form;
use chrono::{DateTime, TimeDelta, Utc};
use flightbox_app::{
    pages::tokens::{NotMade, TokenShown},
    parts::person::Chosen,
};
use flightbox_domain::{
    name::TokenName,
    secret::{Secret, SecretKind},
};
use flightbox_store::{AddError, TokenListed};
use serde::Deserialize;

use super::{
    people::{grants, refuse},
    session::{again, sentence},
};
use crate::{
    App,
    auth::{
        Client, SignedIn,
        manage::{Grants, Refused, commit, told},
    },
    fault::Fault,
    journal::{Action, By, Entry},
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

/// A form of the page.
#[derive(Deserialize)]
pub struct Asked {
    r#do: Deed,
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: Vec<String>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    source: Vec<String>,
    #[serde(default)]
    days: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    Make,
    Revoke,
}

/// Who asks, and from where.
struct Maker<'a> {
    app: &'a App,
    client: &'a Client,
    signed_in: &'a SignedIn,
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
    let name = asked.name.trim().to_owned();
    let refused = match asked.r#do {
        Deed::Make => match maker.make(&asked).await {
            Ok(secret) => {
                let shown = TokenShown { name, secret: secret.expose().to_owned() };
                return Ok(again(&app, parts, StatusCode::CREATED, shown).await);
            }
            Err(refused) => refused,
        },
        Deed::Revoke => match maker.revoke(&name).await {
            Ok(()) => return Ok(Redirect::to(PAGE).into_response()),
            Err(refused) => refused,
        },
    };
    match refused {
        Refused::Form(message) => {
            let chosen = Chosen { roles: asked.role, all: asked.scope == "all", sources: asked.source };
            let not_made = NotMade { name, chosen, days: asked.days, message };
            Ok(again(&app, parts, StatusCode::UNPROCESSABLE_ENTITY, not_made).await)
        }
        other => refuse(&app, parts, other).await,
    }
}

impl Maker<'_> {
    async fn make(&self, asked: &Asked) -> Result<Secret, Refused> {
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
        let secret = Secret::draw(SecretKind::Read, &self.app.random);
        let entry = self.entry(Action::TokenAdd, &name).with(told(&granted));
        commit(self.app, entry.clone()).await?;
        let Grants { roles, sources } = &granted;
        let (store, now) = (&self.app.store, self.app.clock.now());
        let added = store.add_token_of((own.id, expires_at), &name, &secret.hash(), (roles, sources), now).await;
        let Err(error) = added else { return Ok(secret) };
        entry.undone(self.app, &error).await;
        Err(match error {
            AddError::Exists => form(TAKEN),
            error => Refused::Fault(error.into()),
        })
    }

    /// Revokes a token of theirs, or, for an admin, of anybody.
    async fn revoke(&self, name: &str) -> Result<(), Refused> {
        let own = &self.signed_in.person;
        let of = (!own.roles.may_manage_people()).then_some(own.id);
        let named = |listed: &TokenListed| listed.token.name.as_str() == name;
        let found = self.app.store.tokens(of).await?.into_iter().find(named).ok_or(Refused::Missing)?;
        commit(self.app, self.entry(Action::TokenRevoke, &found.token.name)).await?;
        self.app.store.revoke_token(&found.token.name, self.app.clock.now()).await?;
        Ok(())
    }

    fn ends(&self, days: i64) -> Option<DateTime<Utc>> {
        let term = (1..=LONGEST).contains(&days).then(|| TimeDelta::days(days))?;
        Some(self.app.clock.now() + term)
    }

    fn entry(&self, action: Action, on: &TokenName) -> Entry {
        let by = By::Person(self.signed_in.person.name.clone());
        let entry = Entry::new(action, by).on(format!("/tokens/{on}")).from(self.client);
        entry.within(self.app, &self.signed_in.session)
    }
}
