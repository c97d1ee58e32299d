//! `/checkpoint`: how large the log is and what its root is, signed.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use crate::App;

/// `GET /checkpoint`: the last one, for anybody.
pub async fn show(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], app.signer.last().note).into_response()
}
