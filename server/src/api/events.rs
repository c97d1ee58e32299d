//! `GET /api/v1/events` and `GET /api/v1/events/{seq}`: programs read what people browse.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use flightbox_event::{Json, rfc3339};

use super::{Problem, asked::Asked, count, json};
use crate::{App, auth::Reader, fault::Fault};

/// Events a page has unless more or fewer are asked for.
const DEFAULT_LIMIT: usize = 50;
/// The most events a page has.
const MAX_LIMIT: usize = 1_000;

/// `GET /api/v1/events`
pub async fn list(State(app): State<App>, reader: Reader, mut parts: Parts) -> Result<Response, Response> {
    let asked = Asked::read(&app, &mut parts, reader, &["after", "limit"]).await?;
    let search = asked.search(&app, asked.number("limit", DEFAULT_LIMIT, MAX_LIMIT)?)?;
    let reads = tokio::try_join!(app.store.search(&search), app.store.count(&search));
    let (page, matches) = reads.map_err(|error| Fault::from(error).into_response())?;
    Ok(json(&Json::object([
        ("events", Json::Array(page.events.iter().map(|event| event.to_json(app.store.keys())).collect())),
        ("next", page.older.map_or(Json::Null, |cursor| asked.seal(&app, cursor).into())),
        ("count", count(matches)),
        ("searched_back_to", page.searched_back_to.map_or(Json::Null, |time| rfc3339(time).into())),
    ])))
}

/// `GET /api/v1/events/{seq}`
pub async fn show(
    State(app): State<App>,
    reader: Reader,
    seq: Result<Path<String>, PathRejection>,
) -> Result<Response, Response> {
    // Bytes that are no text are no number either.
    let seq = seq.map_or_else(|_| "of this number".to_owned(), |Path(seq)| seq);
    let missing =
        || Problem::new(StatusCode::NOT_FOUND, "not_found", format!("There is no event {seq}.")).into_response();
    let number = seq.parse().ok().filter(|_| reader.roles.may_browse()).ok_or_else(missing)?;
    let found =
        app.store.event(&reader.scope(true), number).await.map_err(|error| Fault::from(error).into_response())?;
    Ok(json(&found.ok_or_else(missing)?.to_json(app.store.keys())))
}
