//! `GET /api/v1/events` and `GET /api/v1/events/{seq}`: programs read what people browse.

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use flightbox_app::{error::AppError, read::window::Window, state::ViewState};
use flightbox_domain::{filter::Filter, page::Cursor, query};
use flightbox_event::Json;
use flightbox_store::{Search, Stored};
use serde::Deserialize;

use super::Problem;
use crate::{App, auth::Reader, fault::Fault};

/// Events a page has unless more or fewer are asked for.
const DEFAULT_LIMIT: usize = 50;
/// The most events a page has.
const MAX_LIMIT: usize = 1_000;

/// What the URL may say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    q: String,
    from: String,
    to: String,
    tz: String,
    after: String,
    limit: usize,
}

impl Default for Parameters {
    fn default() -> Self {
        let empty = String::new;
        Self { q: empty(), from: empty(), to: empty(), tz: empty(), after: empty(), limit: DEFAULT_LIMIT }
    }
}

/// `GET /api/v1/events`
pub async fn list(
    State(app): State<App>,
    reader: Reader,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Response, Response> {
    if !reader.roles.may_browse() {
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", "This token has no role.").into_response());
    }
    let Query(parameters) = parameters.map_err(|error| bad_parameter(error.body_text()))?;
    let limit = parameters.limit;
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(bad_parameter(format!("limit is {limit}; expected 1 to {MAX_LIMIT}")));
    }
    let asked = query::Query::parse(&parameters.q).map_err(bad_query)?;
    let view = ViewState { tz: parameters.tz, ..ViewState::default() }.with_window(&parameters.from, &parameters.to);
    let window = Window::read(&view, app.clock.now()).map_err(bad_window)?;
    let filter = Filter::new(&asked, app.store.keys(), window.now, window.zone);
    let bound = format!("{asked}\n{}\n{}\n{}", view.from, view.to, window.zone);
    let identity = format!("token {}", reader.name);
    let cursor = match parameters.after.as_str() {
        "" => None,
        text => Some(Cursor::open(text, app.store.keys(), &identity, &bound).ok_or_else(bad_cursor)?),
    };
    let scope = reader.scope(filter.asks_for_access());
    let search = Search { filter, scope, range: window.range(), cursor, limit };
    let reads = tokio::try_join!(app.store.search(&search), app.store.count(&search));
    let (page, count) = reads.map_err(|error| Fault::from(error).into_response())?;
    let next = page.older.map(|cursor| cursor.seal(app.store.keys(), &identity, &bound));
    Ok(json(&Json::object([
        ("events", Json::Array(page.events.iter().map(to_json).collect())),
        ("next", next.map_or(Json::Null, Json::from)),
        ("count", Json::object([("value", (count.value as i64).into()), ("exact", count.exact.into())])),
        ("searched_back_to", page.searched_back_to.map_or(Json::Null, |time| flightbox_event::rfc3339(time).into())),
    ])))
}

/// `GET /api/v1/events/{seq}`
pub async fn show(State(app): State<App>, reader: Reader, Path(seq): Path<String>) -> Result<Response, Response> {
    let missing =
        || Problem::new(StatusCode::NOT_FOUND, "not_found", format!("There is no event {seq}.")).into_response();
    let number = seq.parse().ok().filter(|_| reader.roles.may_browse()).ok_or_else(missing)?;
    let found =
        app.store.event(&reader.scope(true), number).await.map_err(|error| Fault::from(error).into_response())?;
    Ok(json(&to_json(&found.ok_or_else(missing)?)))
}

fn to_json(stored: &Stored) -> Json {
    stored.record.to_json(stored.seq, stored.leaf)
}

/// Written as events are written everywhere: digits as they were sent.
fn json(body: &Json) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.canonical()).into_response()
}

fn bad_parameter(message: String) -> Response {
    Problem::new(StatusCode::BAD_REQUEST, "bad_parameter", message).into_response()
}

fn bad_cursor() -> Response {
    let message = "The cursor in after belongs to another search or another token; start again without it.";
    Problem::new(StatusCode::BAD_REQUEST, "bad_cursor", message).into_response()
}

fn bad_query(error: query::QueryError) -> Response {
    Problem::new(StatusCode::BAD_REQUEST, error.code.as_str(), error.message)
        .with("position", error.position)
        .with("expected", error.expected)
        .with("suggestion", error.suggestion)
        .into_response()
}

fn bad_window(error: AppError) -> Response {
    match error {
        AppError::Window(problem) => bad_parameter(format!("{}: {}", problem.field, problem.message)),
        other => bad_parameter(other.to_string()),
    }
}
