//! Proofs and tiles: what a verifier needs beside a checkpoint. They tell nothing of events but hashes.

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use flightbox_domain::tree::{HASH, NodeHash, Tile, verify_consistency, verify_inclusion};
use flightbox_event::Json;
use flightbox_store::StoreError;
use serde::Deserialize;

use super::{Problem, json};
use crate::{App, auth::Reader, fault::Fault};

/// `GET /api/v1/proof/inclusion/{seq}`: that an event is under the last checkpoint. Of what the token may not see there
/// is none; of what retention removed there is one still.
pub async fn inclusion(
    State(app): State<App>,
    reader: Reader,
    seq: Result<Path<String>, PathRejection>,
) -> Result<Response, Response> {
    let seq = seq.ok().and_then(|Path(seq)| seq.parse::<i64>().ok()).filter(|seq| *seq >= 0).ok_or_else(missing)?;
    let (scope, signed) = (reader.scope(true), app.signer.last());
    let event = app.store.event(&scope, seq).await.map_err(fault)?;
    if event.is_none() && app.store.removed(&scope, seq).await.map_err(fault)?.is_none() {
        return Err(missing());
    }
    let (index, size) = (seq.cast_unsigned(), signed.checkpoint.size);
    let proof = app.store.inclusion(index, size).await.map_err(fault)?.ok_or_else(missing)?;
    let leaf = match event {
        Some(event) => event.leaf(app.store.keys()),
        None => app.store.leaf_hash(seq).await.map_err(fault)?,
    };
    // Nobody is handed a proof that does not hold: a tree that was altered is a fault, and is logged as one.
    verify_inclusion(leaf, index, size, &proof, signed.checkpoint.root).map_err(broken)?;
    Ok(json(&Json::object([
        ("seq", seq.into()),
        ("leaf_hash", leaf.to_string().into()),
        ("proof", hashes(&proof)),
        ("checkpoint", signed.note.into()),
    ])))
}

/// Two sizes of the log.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    /// The earlier one.
    from: u64,
    /// The later one.
    to: u64,
}

/// `GET /api/v1/proof/consistency?from=&to=`: that the log of `to` events begins with that of `from`.
pub async fn consistency(
    State(app): State<App>,
    _reader: Reader,
    sizes: Result<Query<Sizes>, QueryRejection>,
) -> Result<Response, Response> {
    let signed = app.signer.last().checkpoint;
    let bad = || {
        let message =
            format!("`from` and `to` are numbers of events, from 1 to {}, and `from` is not the larger.", signed.size);
        Problem::new(StatusCode::BAD_REQUEST, "bad_parameter", message).into_response()
    };
    let Query(Sizes { from: old, to: size }) = sizes.map_err(|_| bad())?;
    if !(1..=size).contains(&old) || size > signed.size {
        return Err(bad());
    }
    let proof = app.store.consistency(old, size).await.map_err(fault)?.ok_or_else(bad)?;
    let (before, mut after) = tokio::try_join!(app.store.root(old), app.store.root(size)).map_err(fault)?;
    if size == signed.size {
        after = signed.root;
    }
    verify_consistency(old, before, size, after, &proof).map_err(broken)?;
    Ok(json(&Json::object([
        ("from", old.cast_signed().into()),
        ("to", size.cast_signed().into()),
        ("proof", hashes(&proof)),
    ])))
}

/// `GET /tile/{level}/{path}`: hashes of the tree that the last checkpoint signed, as bytes. A full tile never changes.
pub async fn tile(
    State(app): State<App>,
    _reader: Reader,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Response> {
    let tile = path.ok().and_then(|Path((level, rest))| Tile::parse(&level, &rest)).ok_or_else(no_tile)?;
    let size = app.signer.last().checkpoint.size;
    let hashes = app.store.tile(tile, size).await.map_err(fault)?.ok_or_else(no_tile)?;
    let mut bytes = Vec::with_capacity(hashes.len() * HASH);
    hashes.iter().for_each(|hash| bytes.extend(hash.0));
    let mut response = ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response();
    if tile.is_full() {
        let forever = header::HeaderValue::from_static("private, max-age=31536000, immutable");
        response.headers_mut().insert(header::CACHE_CONTROL, forever);
    }
    Ok(response)
}

fn hashes(proof: &[NodeHash]) -> Json {
    Json::Array(proof.iter().map(|hash| hash.to_string().into()).collect())
}

fn missing() -> Response {
    let message = "There is no such event under the last checkpoint; the next one is signed within ten seconds.";
    Problem::new(StatusCode::NOT_FOUND, "not_found", message).into_response()
}

fn no_tile() -> Response {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "The last checkpoint has no such tile.").into_response()
}

fn fault(error: StoreError) -> Response {
    Fault::from(error).into_response()
}

fn broken(error: impl std::fmt::Display) -> Response {
    Fault::Broken(format!("the tree was altered: {error}")).into_response()
}
