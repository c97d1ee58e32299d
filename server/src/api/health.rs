//! `/healthz` and `/readyz`: for whatever watches over the process.

use axum::{extract::State, http::StatusCode};

use crate::App;

/// `GET /healthz`: the process lives.
pub async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers, and the log is the one that was signed for. Events are taken either way.
pub async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.store.ping().await {
        Ok(()) if app.signer.last().refused.is_some() => (
            StatusCode::SERVICE_UNAVAILABLE,
            "not ready: no checkpoint is signed, for the log is not the one that the last was of\n",
        ),
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}
