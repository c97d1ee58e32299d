//! What a program asks about: the query, the window and the reader that all of the search API has in common.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{FromRequestParts, Query, rejection::QueryRejection},
    http::{StatusCode, request::Parts},
};
use flightbox_app::{
    error::AppError,
    look::{Look, Searched},
    read::window::Window,
    state::ViewState,
};
use flightbox_domain::{
    filter::Filter,
    page::Cursor,
    query::{self, QueryError},
    rules::Rules,
    turn::{self, Begun, Turn},
};
use flightbox_store::{Count, Search};

use super::Problem;
use crate::{App, auth::Reader};

/// The parameters that every search takes.
const COMMON: [&str; 4] = ["q", "from", "to", "tz"];

/// A search as a URL states it.
pub struct Asked {
    /// Who asks.
    pub reader: Reader,
    /// The window's zone and bounds.
    pub window: Window,
    query: query::Query,
    /// What hides values that somebody might search for.
    rules: Arc<Rules>,
    view: ViewState,
    /// Parameters that not every search takes.
    own: BTreeMap<String, String>,
}

impl Asked {
    /// Reads a request that may have parameters of its `own` besides those that every search takes.
    pub async fn read(app: &App, parts: &mut Parts, reader: Reader, own: &[&str]) -> Result<Self, Problem> {
        let pairs: Result<Query<Vec<(String, String)>>, QueryRejection> = Query::from_request_parts(parts, &()).await;
        let Query(pairs) = pairs.map_err(|error| bad_parameter(error.body_text()))?;
        let mut given = BTreeMap::new();
        for (name, value) in pairs {
            if !COMMON.iter().chain(own).any(|known| *known == name) {
                let known: Vec<_> = COMMON.iter().chain(own).copied().collect();
                return Err(bad_parameter(format!("unknown parameter {name}; expected one of {}", known.join(", "))));
            }
            if given.contains_key(&name) {
                return Err(bad_parameter(format!("{name} is given twice; expected it once")));
            }
            given.insert(name, value);
        }
        let mut take = |name: &str| given.remove(name).unwrap_or_default();
        let text = take("q");
        let query = query::Query::parse(&text).map_err(bad_query)?;
        let rules = app.store.rules();
        rules.allow(&query, &text).map_err(bad_query)?;
        let (from, to, tz) = (take("from"), take("to"), take("tz"));
        let view = ViewState { tz, ..ViewState::default() }.with_window(&from, &to);
        let window = Window::read(&view, app.clock.now()).map_err(bad_window)?;
        Ok(Self { reader, window, query, rules, view, own: given })
    }

    /// A number among its own parameters, with what it is where it is not given and what it may be.
    pub fn number(&self, name: &str, default: usize, most: usize) -> Result<usize, Problem> {
        let Some(text) = self.own.get(name) else { return Ok(default) };
        let number = text.parse().ok().filter(|number| (1..=most).contains(number));
        number.ok_or_else(|| bad_parameter(format!("{name} is {text}; expected 1 to {most}")))
    }

    /// The search, for so many events of a page that goes on from a cursor.
    pub fn search(&self, app: &App, cursor: Option<Cursor>, limit: usize) -> Search {
        let filter = Filter::new(&self.query, app.store.keys(), self.window.now, self.window.zone);
        let scope = self.reader.scope(filter.asks_for_access());
        Search { filter, scope, range: self.window.range(), cursor, from_oldest: false, limit }
    }

    /// Which page of it is asked for.
    pub fn page(&self, app: &App) -> Result<turn::Asked, Problem> {
        let after = self.own.get("after").map(String::as_str).filter(|after| !after.is_empty());
        let open = |text| Turn::open(text, app.store.keys(), &self.identity(), &self.bound()).ok_or_else(bad_cursor);
        Ok(turn::Asked::of(after.map(open).transpose()?, &app.random, self.window.now))
    }

    /// A turn as this reader may send it back.
    pub fn seal(&self, app: &App, turn: Turn) -> String {
        turn.seal(app.store.keys(), &self.identity(), &self.bound())
    }

    /// The search, as the record of access tells of it.
    pub fn searched(&self, path: &str, begun: Option<Begun>, count: Option<Count>) -> Look {
        Look::Search(Searched {
            begun,
            count,
            ..Searched::of(path, &self.view, &self.query, &self.window, &self.rules)
        })
    }

    fn identity(&self) -> String {
        format!("token {}", self.reader.name)
    }

    fn bound(&self) -> String {
        format!("{}\n{}\n{}\n{}", self.query, self.view.from, self.view.to, self.window.zone)
    }
}

fn bad_parameter(message: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_parameter", message)
}

fn bad_cursor() -> Problem {
    let message = "The cursor in after belongs to another search or another token; start again without it.";
    Problem::new(StatusCode::BAD_REQUEST, "bad_cursor", message)
}

fn bad_query(error: QueryError) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, error.code.as_str(), error.message)
        .with("position", error.position)
        .with("expected", error.expected)
        .with("suggestion", error.suggestion)
}

fn bad_window(error: AppError) -> Problem {
    match error {
        AppError::Window(problem) => bad_parameter(format!("{}: {}", problem.field, problem.message)),
        other => bad_parameter(other.to_string()),
    }
}
