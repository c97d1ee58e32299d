//! What a stream is asked for: the view in its URL, and the mark of the page that shows it.

use axum::{
    extract::{FromRequestParts, Query, rejection::QueryRejection},
    http::{StatusCode, request::Parts},
};
use flightbox_app::{context::Person, error::AppError, read::search::View, state::ViewState};
use flightbox_domain::mark::Mark;

use crate::{App, api::Problem};

/// Every parameter. A view that ends, or starts with the oldest, has nothing that comes on top of it.
const KNOWN: [&str; 7] = ["q", "from", "tz", "cols", "rows", "live", "since"];

/// A view and what has been shown of it.
pub struct Asked {
    pub view: View,
    pub mark: Mark,
}

impl Asked {
    /// Reads a request; 400 where anything about it is not as the page would send it.
    pub async fn read(app: &App, parts: &mut Parts, person: Person) -> Result<Self, Problem> {
        let pairs: Result<Query<Vec<(String, String)>>, QueryRejection> = Query::from_request_parts(parts, &()).await;
        let Query(pairs) = pairs.map_err(|error| bad_parameter(error.body_text()))?;
        for (at, (name, value)) in pairs.iter().enumerate() {
            if !KNOWN.contains(&name.as_str()) {
                let known = KNOWN.join(", ");
                return Err(bad_parameter(format!("unknown parameter {name}; expected one of {known}")));
            }
            if pairs[..at].iter().any(|(before, _)| before == name) {
                return Err(bad_parameter(format!("{name} is given twice; expected it once")));
            }
            if name == "live" && value != "1" {
                return Err(bad_parameter(format!("live is {value}; expected 1, or no such parameter")));
            }
        }
        let since = pairs.iter().find(|(name, _)| name == "since").map_or("", |(_, value)| value.as_str());
        let state = ViewState::from_search(parts.uri.query().unwrap_or_default());
        let view = View::of(state, person, app.store.clone(), app.clock.now()).map_err(unreadable)?;
        let mark = view.mark(since).ok_or_else(|| {
            let message = "The mark in since belongs to another view or another person; load the page again.";
            Problem::new(StatusCode::BAD_REQUEST, "bad_mark", message)
        })?;
        Ok(Self { view, mark })
    }
}

fn bad_parameter(message: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_parameter", message)
}

fn unreadable(error: AppError) -> Problem {
    match error {
        AppError::Query(problem) => {
            Problem::new(StatusCode::BAD_REQUEST, &problem.code, problem.message).with("position", problem.position)
        }
        AppError::Window(problem) => bad_parameter(format!("{}: {}", problem.field, problem.message)),
        other => bad_parameter(other.to_string()),
    }
}
