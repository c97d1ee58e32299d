//! What programs call, one resource a file.

pub mod account;
pub mod approvals;
pub mod asked;
pub mod body;
pub mod checkpoint;
pub mod confirm;
pub mod erase;
pub mod events;
pub mod evidence;
pub mod factors;
pub mod fixed;
pub mod health;
pub mod holds;
pub mod import;
pub mod ingest;
pub mod integrity;
pub mod metrics;
pub mod openapi;
pub mod people;
pub mod proof;
pub mod quarantine;
pub mod reason;
pub mod retention;
pub mod reveal;
pub mod rules;
pub mod sealed_export;
pub mod second;
pub mod session;
pub mod sources;
pub mod summary;
pub mod tokens;
pub mod views;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use flightbox_event::Json;
use flightbox_store::Count;
use serde_json::Value;

/// Whatever else stands under `/api/`.
pub async fn missing(uri: axum::http::Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", format!("There is nothing at {}.", uri.path()))
}

/// An error that the sender can do something about.
pub struct Problem {
    status: StatusCode,
    body: Value,
}

impl Problem {
    /// A status, a code for programs and a sentence for people.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { status, body: serde_json::json!({ "code": code, "message": message.into() }) }
    }

    /// The code and the sentence.
    pub fn words(&self) -> (&str, &str) {
        let word = |key: &str| self.body[key].as_str().unwrap_or_default();
        (word("code"), word("message"))
    }

    /// The same with one member more.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.body[key] = value.into();
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, axum::Json(self.body)).into_response()
    }
}

impl From<Problem> for Response {
    fn from(problem: Problem) -> Self {
        problem.into_response()
    }
}

/// Written as events are written everywhere: digits as they were sent.
fn json(body: &Json) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.canonical()).into_response()
}

fn count(count: Count) -> Json {
    Json::object([("value", (count.value as i64).into()), ("exact", count.exact.into())])
}
