//! `/confirm`: where a person steps up. Its page stands in the dashboard.

use axum::{
    Extension, Form,
    extract::{Query, Request, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::pages::confirm::{Code, ConfirmAsked};
use flightbox_domain::step_up::Purpose;
use flightbox_store::FactorRow;
use serde::Deserialize;

use super::session::{LATE, WRONG, again, too_many, waiting};
use crate::{
    App,
    auth::{
        Client, SignedIn,
        confirm::{self, Confirmed, Try},
        cookie,
        factor::{Held, Proof, passkey},
        next::Next,
    },
    fault::Fault,
    pages,
};

const ENDED: &str = "Too many tries were wrong, so this session has ended.";

/// What is to be confirmed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    r#for: String,
    next: String,
}

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Confirmation {
    r#for: String,
    next: String,
    password: String,
    code: String,
    ceremony: String,
    credential: String,
}

/// `GET /confirm`: the page, or 404 where nothing of ours is named.
pub async fn page(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Result<Response, Fault> {
    let Ok(purpose) = asked.r#for.parse() else { return Ok(missing(app, parts).await) };
    let asked = asking(&app, &signed_in, purpose, &Next::parse(&asked.next), None).await?;
    Ok(again(&app, parts, StatusCode::OK, asked).await)
}

/// `POST /confirm`: to where the person was going, or the form again with 401 or 429.
pub async fn post(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    parts: Parts,
    Form(form): Form<Confirmation>,
) -> Result<Response, Fault> {
    let Ok(purpose) = form.r#for.parse() else { return Ok(missing(app, parts).await) };
    let next = Next::parse(&form.next);
    let Confirmation { password, code, ceremony, credential, .. } = form;
    let proof = Proof { code, ceremony, credential };
    let tried = Try { signed_in: &signed_in, client: &client, purpose, request: next.as_str(), password, proof };
    let (status, wrong, seconds) = match confirm::confirm(&app, tried).await? {
        Confirmed::Granted(cookie) => {
            return Ok(([(header::SET_COOKIE, cookie)], Redirect::to(next.as_str())).into_response());
        }
        Confirmed::Ended => return Ok(ended(&app, &signed_in, purpose, parts).await),
        Confirmed::Wrong => (StatusCode::UNAUTHORIZED, WRONG.to_owned(), None),
        Confirmed::Late => (StatusCode::UNAUTHORIZED, LATE.to_owned(), None),
        Confirmed::Wait(seconds) => (StatusCode::TOO_MANY_REQUESTS, too_many(seconds), Some(seconds)),
    };
    let asked = asking(&app, &signed_in, purpose, &next, Some(wrong)).await?;
    Ok(waiting(again(&app, parts, status, asked).await, seconds))
}

async fn missing(app: App, parts: Parts) -> Response {
    pages::missing(State(app), Request::from_parts(parts, axum::body::Body::empty())).await
}

async fn asking(
    app: &App,
    signed_in: &SignedIn,
    purpose: Purpose,
    next: &Next,
    wrong: Option<String>,
) -> Result<ConfirmAsked, Fault> {
    let factors = app.store.factors(signed_in.person.id).await?;
    let holder = confirm::holder(signed_in, purpose, next.as_str());
    Ok(ConfirmAsked {
        next: next.as_str().to_owned(),
        passkey: passkey::challenge(app, &factors, &holder),
        code: code(&factors, purpose),
        wrong,
        ..about(signed_in, purpose)
    })
}

/// What the page says of anything that is to be confirmed.
fn about(signed_in: &SignedIn, purpose: Purpose) -> ConfirmAsked {
    let lasts = if purpose.is_single_use() { "within the next ten minutes" } else { "for ten minutes from now" };
    ConfirmAsked {
        name: signed_in.person.name.to_string(),
        purpose: purpose.to_string(),
        unlocks: purpose.unlocks().to_owned(),
        lasts: lasts.to_owned(),
        next: String::new(),
        passkey: None,
        code: Code::None,
        ended: false,
        wrong: None,
    }
}

/// The code that is asked for beside the password. A recovery code replaces what is lost, and opens nothing else.
fn code(factors: &[FactorRow], purpose: Purpose) -> Code {
    match (Held::of(factors), purpose) {
        (held, _) if held.nothing() => Code::None,
        (Held { totp: true, .. }, Purpose::Factor) => Code::TotpOrRecovery,
        (Held { totp: true, .. }, _) => Code::Totp,
        (_, Purpose::Factor) => Code::Recovery,
        _ => Code::PasskeyOnly,
    }
}

async fn ended(app: &App, signed_in: &SignedIn, purpose: Purpose, parts: Parts) -> Response {
    let asked = ConfirmAsked { ended: true, wrong: Some(ENDED.to_owned()), ..about(signed_in, purpose) };
    let mut response = again(app, parts, StatusCode::UNAUTHORIZED, asked).await;
    response.headers_mut().extend(cookie::clear(app.is_https()).map(|cookie| (header::SET_COOKIE, cookie)));
    response
}
