//! `/healthz` and `/readyz`: for whatever watches over the process.

use axum::{extract::State, http::StatusCode};

use crate::App;

/// `GET /healthz`: the process lives.
pub async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers.
pub async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}
