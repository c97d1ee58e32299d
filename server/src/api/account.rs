//! `/account`: one's own password and sessions. Its page stands in the dashboard.

use axum::{
    Extension, Form,
    extract::State,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::pages::account::NotRenewed;
use serde::Deserialize;

use super::{
    people::refuse,
    session::{again, go, sentence, waiting},
};
use crate::{
    App,
    auth::{
        Client, SignedIn,
        renew::{Oneself, Renewed},
    },
    fault::Fault,
};

/// Where the page is.
const PAGE: &str = "/account";
/// The page after the password was changed.
const CHANGED: &str = "/account?done=password";

/// A form of the page.
#[derive(Deserialize)]
pub struct Asked {
    r#do: Deed,
    /// The password until now.
    #[serde(default)]
    old: String,
    /// The new one.
    #[serde(default)]
    password: String,
    /// The new one once more.
    #[serde(default)]
    again: String,
    /// The session that is to end, by its digest.
    #[serde(default)]
    session: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    Password,
    End,
    EndAll,
}

/// `POST /account`: back to the page, or the page again with 422 or 429.
pub async fn post(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Fault> {
    let oneself = Oneself { app: &app, client: &client, signed_in: &signed_in };
    let done = match asked.r#do {
        Deed::Password => return password(&app, &oneself, parts, asked).await,
        Deed::End => oneself.end(&asked.session).await,
        Deed::EndAll => oneself.end_others().await,
    };
    match done {
        Ok(()) => Ok(Redirect::to(PAGE).into_response()),
        Err(refused) => refuse(&app, parts, refused).await,
    }
}

async fn password(app: &App, oneself: &Oneself<'_>, parts: Parts, asked: Asked) -> Result<Response, Fault> {
    let same = asked.password == asked.again;
    let renewed = if same { Some(oneself.password(asked.old, &asked.password).await?) } else { None };
    let (status, message, wait) = match renewed {
        Some(Renewed::Done(cookie)) => return Ok(go(CHANGED, Some(cookie))),
        Some(Renewed::Wrong) => (StatusCode::UNPROCESSABLE_ENTITY, "That is not your password.".to_owned(), None),
        Some(Renewed::Bad(bad)) => (StatusCode::UNPROCESSABLE_ENTITY, sentence(bad), None),
        Some(Renewed::Wait(seconds)) => {
            let message = "Too many wrong tries. Wait a quarter of an hour, then try again.".to_owned();
            (StatusCode::TOO_MANY_REQUESTS, message, Some(seconds))
        }
        None => (StatusCode::UNPROCESSABLE_ENTITY, "The two passwords are not the same.".to_owned(), None),
    };
    Ok(waiting(again(app, parts, status, NotRenewed { message }).await, wait))
}
