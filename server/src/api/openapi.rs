//! `GET /api/v1/openapi.json`: the API described for programs. A test holds the document against the live server.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

static DOCUMENT: LazyLock<String> =
    LazyLock::new(|| include_str!("openapi.json").replacen("{version}", env!("CARGO_PKG_VERSION"), 1));

/// `GET /api/v1/openapi.json`
pub async fn show() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}
