//! `/sign-in/second`: the second step of signing in. Its page stands in the dashboard.

use axum::{
    Form,
    extract::State,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::pages::second::SecondAsked;
use flightbox_store::FactorRow;
use serde::Deserialize;

use super::session::{LATE, WRONG, again, end_before, too_many, waiting};
use crate::{
    App,
    auth::{
        Client, cookie,
        factor::{self, Held, Proof, passkey},
        next::Next,
        second::{self, Halfway},
        sign_in::Attempted,
    },
    fault::Fault,
};

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SecondStep {
    next: String,
    code: String,
    ceremony: String,
    credential: String,
}

/// `GET /sign-in/second`: the page, or back to the first step for whoever has not done it just now.
pub async fn page(State(app): State<App>, parts: Parts) -> Result<Response, Fault> {
    let next = Next::of_query(&parts.uri);
    let Some((halfway, factors)) = here(&app, &parts).await? else { return Ok(start_again(&next)) };
    let asked = asked(&app, &halfway, &factors, &next, None);
    Ok(again(&app, parts, StatusCode::OK, asked).await)
}

/// `POST /sign-in/second`: to where the person was going, or the form again with 401 or 429.
pub async fn post(
    State(app): State<App>,
    client: Client,
    parts: Parts,
    Form(form): Form<SecondStep>,
) -> Result<Response, Fault> {
    let next = Next::parse(&form.next);
    let Some((halfway, factors)) = here(&app, &parts).await? else { return Ok(start_again(&next)) };
    let SecondStep { code, ceremony, credential, .. } = form;
    let proof = Proof { code, ceremony, credential };
    if factor::is_late(&app, &halfway.holder(), &proof) {
        let asked = asked(&app, &halfway, &factors, &next, Some(LATE.to_owned()));
        return Ok(again(&app, parts, StatusCode::UNAUTHORIZED, asked).await);
    }
    let (status, seconds) = match second::finish(&app, &client, &halfway, &factors, &proof).await? {
        Attempted::SignedIn(cookie) => {
            end_before(&app, &parts.headers).await?;
            let mut response = Redirect::to(next.as_str()).into_response();
            for cookie in [Some(cookie), cookie::clear_second(app.is_https())].into_iter().flatten() {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            return Ok(response);
        }
        Attempted::SecondStep(_) | Attempted::Refused => (StatusCode::UNAUTHORIZED, None),
        Attempted::Wait(seconds) => (StatusCode::TOO_MANY_REQUESTS, Some(seconds)),
    };
    let wrong = seconds.map_or_else(|| WRONG.to_owned(), too_many);
    let asked = asked(&app, &halfway, &factors, &next, Some(wrong));
    Ok(waiting(again(&app, parts, status, asked).await, seconds))
}

/// Who is at the second step, with their factors. Somebody whose last one was removed meanwhile starts again.
async fn here(app: &App, parts: &Parts) -> Result<Option<(Halfway, Vec<FactorRow>)>, Fault> {
    let Some(halfway) = second::halfway(app, &parts.headers).await? else { return Ok(None) };
    let factors = app.store.factors(halfway.person.id).await?;
    Ok((!factors.is_empty()).then_some((halfway, factors)))
}

fn start_again(next: &Next) -> Response {
    Redirect::to(&next.sign_in()).into_response()
}

fn asked(app: &App, halfway: &Halfway, factors: &[FactorRow], next: &Next, wrong: Option<String>) -> SecondAsked {
    SecondAsked {
        name: halfway.person.name.to_string(),
        next: next.as_str().to_owned(),
        passkey: passkey::challenge(app, factors, &halfway.holder()),
        totp: Held::of(factors).totp,
        wrong,
    }
}
