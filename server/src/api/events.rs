//! `GET /api/v1/events` and `GET /api/v1/events/{seq}`: programs read what people browse.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use flightbox_app::look::{Ended, Look};
use flightbox_domain::turn::Turn;
use flightbox_event::{Json, rfc3339};
use flightbox_store::{Count, Page, Removed};

use super::{Problem, asked::Asked, count, json};
use crate::{
    App,
    auth::{Client, Reader},
    fault::Fault,
    look,
};

/// Events a page has unless more or fewer are asked for.
const DEFAULT_LIMIT: usize = 50;
/// The most events a page has.
const MAX_LIMIT: usize = 1_000;

/// `GET /api/v1/events`
pub async fn list(
    State(app): State<App>,
    reader: Reader,
    client: Client,
    mut parts: Parts,
) -> Result<Response, Response> {
    let asked = Asked::read(&app, &mut parts, reader, &["after", "limit"]).await?;
    let wanted = asked.page(&app)?;
    let search = asked.search(&app, wanted.cursor, asked.number("limit", DEFAULT_LIMIT, MAX_LIMIT)?);
    let found = tokio::try_join!(app.store.search(&search), app.store.count(&search));
    let look = |found: Option<&(Page, Count)>| {
        asked.searched(parts.uri.path(), Some(wanted.begun), found.map(|(_, count)| *count))
    };
    let found = match wanted.is_first {
        true => look::noted(&app, (&client, &asked.reader), found, look),
        false => found.map_err(Fault::from),
    };
    let (page, matches) = found.map_err(IntoResponse::into_response)?;
    let seal = |cursor| asked.seal(&app, Turn { cursor, begun: wanted.begun });
    Ok(json(&Json::object([
        ("events", Json::Array(page.events.iter().map(|event| event.to_json(app.store.keys())).collect())),
        ("next", page.older.map_or(Json::Null, |cursor| seal(cursor).into())),
        ("count", count(matches)),
        ("searched_back_to", page.searched_back_to.map_or(Json::Null, |time| rfc3339(time).into())),
    ])))
}

/// `GET /api/v1/events/{seq}`
pub async fn show(
    State(app): State<App>,
    reader: Reader,
    client: Client,
    seq: Result<Path<String>, PathRejection>,
) -> Result<Response, Response> {
    // Bytes that are no text are no number either.
    let seq = seq.map_or_else(|_| "of this number".to_owned(), |Path(seq)| seq);
    let missing =
        || Problem::new(StatusCode::NOT_FOUND, "not_found", format!("There is no event {seq}.")).into_response();
    let number = seq.parse().ok().ok_or_else(missing)?;
    let fault = |error| Fault::from(error).into_response();
    let found = app.store.event(&reader.scope(true), number).await.map_err(fault)?;
    let ended = if found.is_some() { Ended::Shown } else { Ended::Missing };
    look::note(&app, &client, &reader, Look::Event(number), ended).map_err(IntoResponse::into_response)?;
    if let Some(found) = found {
        return Ok(json(&found.to_json(app.store.keys())));
    }
    let removed = app.store.removed(&reader.scope(true), number).await.map_err(fault)?;
    Err(removed.map_or_else(missing, |removed| gone(number, &removed)))
}

/// The answer for an event that retention removed.
fn gone(seq: i64, removed: &Removed) -> Response {
    let at = rfc3339(removed.at);
    let message = format!("Event {seq} was removed by retention on {at}, as event {} tells.", removed.run);
    let problem = Problem::new(StatusCode::GONE, "removed_by_retention", message);
    problem.with("run", removed.run).with("removed_at", at).into_response()
}
