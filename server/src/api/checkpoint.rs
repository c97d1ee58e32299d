//! `/checkpoint`: how large the log is and what its root is, signed. And the keys that say so.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use flightbox_domain::tree::PublicKey;
use flightbox_event::Json;

use super::json;
use crate::{
    App,
    signer::{PublicKeys, Retired},
};

/// `GET /checkpoint`: the last one, for anybody.
pub async fn show(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], app.signer.last().note).into_response()
}

/// `GET /api/v1/log`: the log's name and its public keys, for anybody. Whoever verifies checkpoints keeps them elsewhere:
/// what a server says of itself today proves nothing about yesterday.
pub async fn log(State(app): State<App>) -> Response {
    let (PublicKeys { current, retired }, size) = (app.signer.keys(), app.signer.last().checkpoint.size);
    let told = |key: &PublicKey, state: &str, size: u64| {
        Json::object([("key", key.to_string().into()), ("state", state.into()), ("size", size.cast_signed().into())])
    };
    let before = retired.iter().rev().map(|Retired { key, size }| told(key, "retired", *size));
    let keys = std::iter::once(told(&current, "signing", size)).chain(before).collect();
    json(&Json::object([("origin", current.origin().as_str().into()), ("keys", Json::Array(keys))]))
}
