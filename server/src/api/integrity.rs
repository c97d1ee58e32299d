//! `POST /integrity/verify`: all of the log is looked through at once. Its page stands in the dashboard.

use axum::{
    Extension,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    App,
    auth::{Client, SignedIn},
    fault::Fault,
    journal::Action,
};

/// Where the page is.
const PAGE: &str = "/integrity";

/// Begins a round, which is recorded first, or joins the one that somebody asked for; back to the page, which shows it.
pub async fn verify(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
) -> Result<Response, Fault> {
    if !signed_in.person.roles.may_see_access() {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    if !app.integrity.is_asked() {
        signed_in.entry(&app, &client, Action::IntegrityVerify).on(PAGE).commit(&app).await?;
        app.integrity.ask(signed_in.person.name.as_str());
    }
    Ok(Redirect::to(PAGE).into_response())
}
