//! `/account/factors`: a person's own second factors. Each change is confirmed first (purpose `factor`): the page's URL
//! names it, and is what the grant is good for.

mod change;
mod deed;

use axum::{
    Extension, Form,
    extract::{Query, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::pages::factors::{Doing, Factor, Factors, Removed};
use flightbox_domain::{record::hex, step_up::Purpose};
use flightbox_store::{FactorId, FactorKind, FactorRow, FactorsRemoved, StoreError};
use serde::Deserialize;

use super::session::again;
use crate::{
    App,
    auth::{
        Client, SignedIn,
        factor::{passkey, totp},
        grant::{Demand, look_for_grant},
    },
    fault::Fault,
};
use deed::Deed;

/// Where the page is.
const PAGE: &str = "/account/factors";

/// What is asked for: by the URL, what is to be done; by a form, with what.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    r#do: String,
    kind: String,
    name: String,
    factor: String,
    sealed: String,
    code: String,
    ceremony: String,
    credential: String,
}

/// Why nothing was done.
enum Refused {
    /// What was asked for cannot be: the page, with a sentence about it.
    Wrong(Box<Doing>, String),
    /// It has to be confirmed first.
    Unconfirmed(Demand),
    /// There is no such factor, or no such thing to do.
    Missing,
    Fault(Fault),
}

impl Refused {
    /// The list again, with a sentence about the name that was given.
    fn about_name(wrong: impl Into<String>) -> Self {
        Self::Wrong(Box::new(Doing::Nothing), wrong.into())
    }
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// Who asks, and what they hold.
struct Asker<'a> {
    app: &'a App,
    signed_in: &'a SignedIn,
    held: Vec<FactorRow>,
}

/// `GET /account/factors`: the list, or the page of a change, once it is confirmed.
pub async fn page(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Result<Response, Fault> {
    let asker = Asker::of(&app, &signed_in).await?;
    let doing = match asked.r#do.as_str() {
        "" => Ok(Doing::Nothing),
        _ => asker.begin(&asked).await,
    };
    asker.answer(parts, &asked, doing).await
}

/// `POST /account/factors`: back to the list, to the codes that came with a first factor, or the form again with 422.
pub async fn post(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Fault> {
    let asker = Asker::of(&app, &signed_in).await?;
    match asker.carry_out(&client, &asked).await {
        Ok(None) => Ok(Redirect::to(PAGE).into_response()),
        Ok(Some(codes)) => asker.answer(parts, &asked, Ok(Doing::Codes(codes))).await,
        Err(refused) => asker.answer(parts, &asked, Err(refused)).await,
    }
}

impl<'a> Asker<'a> {
    async fn of(app: &'a App, signed_in: &'a SignedIn) -> Result<Self, StoreError> {
        Ok(Self { app, signed_in, held: app.store.factors(signed_in.person.id).await? })
    }

    /// What a confirmed change goes on with.
    async fn begin(&self, asked: &Asked) -> Result<Doing, Refused> {
        let deed = Deed::of(&self.held, asked)?;
        if let Err(demand) = look_for_grant(self.app, self.signed_in, Purpose::Factor, &deed.request()).await? {
            return Err(Refused::Unconfirmed(demand));
        }
        match &deed {
            Deed::Add(FactorKind::Totp, _) => self.show_secret(&deed, totp::draw(&self.app.random)),
            Deed::Add(FactorKind::Passkey, _) => self.invite(&deed),
            Deed::Remove(id) => Ok(Doing::Remove(self.find(*id).map(shown).ok_or(Refused::Missing)?)),
            Deed::Codes => Ok(Doing::NewCodes),
        }
    }

    fn find(&self, id: FactorId) -> Option<&FactorRow> {
        self.held.iter().find(|factor| factor.id == id)
    }

    fn show_secret(&self, deed: &Deed, secret: [u8; totp::BYTES]) -> Result<Doing, Refused> {
        let picture = totp::url(&secret, &self.signed_in.person.name).and_then(|url| totp::picture(&url));
        let picture = picture.ok_or_else(|| Fault::Broken("a secret could not be drawn".to_owned()))?;
        let nonce = self.app.random.bytes();
        let sealed = hex(&self.app.store.keys().seal_factor(nonce, &self.bound_to(deed), &secret));
        Ok(Doing::AddTotp { picture, secret: totp::text(&secret), sealed })
    }

    fn invite(&self, deed: &Deed) -> Result<Doing, Refused> {
        let name = &self.signed_in.person.name;
        let challenge = passkey::invite(self.app, name, &self.held, &self.holder(deed));
        challenge.map(Doing::AddPasskey).ok_or(Refused::Missing)
    }

    /// A secret that a page shows belongs to that page alone.
    fn bound_to(&self, deed: &Deed) -> Vec<u8> {
        format!("not yet a factor of {}: {}", self.signed_in.person.name, deed.request()).into_bytes()
    }

    fn holder(&self, deed: &Deed) -> String {
        format!("new {} {}", deed.request(), self.signed_in.person.name)
    }

    async fn answer(&self, parts: Parts, asked: &Asked, doing: Result<Doing, Refused>) -> Result<Response, Fault> {
        let (status, doing, wrong) = match doing {
            Ok(doing) => (StatusCode::OK, doing, None),
            Err(Refused::Wrong(doing, wrong)) => (StatusCode::UNPROCESSABLE_ENTITY, *doing, Some(wrong)),
            Err(Refused::Missing) => (StatusCode::NOT_FOUND, Doing::Nothing, None),
            Err(Refused::Unconfirmed(demand)) => return Ok(demand.answer(&parts.headers)),
            Err(Refused::Fault(fault)) => return Err(fault),
        };
        let factors = Factors {
            held: self.held.iter().map(shown).collect(),
            removed: self.app.store.factors_removed(self.signed_in.person.id).await?.map(
                |FactorsRemoved { at, by }| Removed {
                    at: at.format("%Y-%m-%d %H:%M UTC").to_string(),
                    by: by.to_string(),
                },
            ),
            codes_left: self.app.store.codes_left(self.signed_in.person.id).await?,
            passkeys: passkey::possible(self.app),
            name: asked.name.trim().to_owned(),
            doing,
            wrong,
        };
        Ok(again(self.app, parts, status, factors).await)
    }
}

fn shown(factor: &FactorRow) -> Factor {
    Factor {
        id: factor.id.to_string(),
        name: factor.name.to_string(),
        passkey: factor.kind == FactorKind::Passkey,
        added: factor.created_at.format("%Y-%m-%d").to_string(),
        used: factor.used_at.map(|used| used.format("%Y-%m-%d").to_string()),
    }
}
