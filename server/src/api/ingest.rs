//! `POST /api/v1/events`: producers hand over events, and get receipts once they are committed and synced.

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flightbox_domain::name::SourceName;
use flightbox_store::{AppendError, Receipt};
use serde::{Deserialize, Serialize};

use super::{
    Problem,
    body::{self, Packing},
};
use crate::{
    App,
    auth::Producer,
    fault::Fault,
    ingest::{self, Complaint, IngestError, MOST_EVENTS, Reader, Refused, Taken},
};

/// What the URL may say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Whether the valid part of a batch is taken although the rest is not.
    #[serde(default)]
    partial: bool,
}

#[derive(Serialize)]
struct Answer {
    accepted: usize,
    duplicates: usize,
    receipts: Vec<OneReceipt>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Complaint>,
}

#[derive(Serialize)]
struct OneReceipt {
    /// Where part of a batch was taken, which event it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    id: Option<String>,
    seq: i64,
    leaf_hash: String,
}

/// `POST /api/v1/events`
pub async fn post(
    State(app): State<App>,
    Producer { source }: Producer,
    options: Result<Query<Options>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let partial = match options {
        Ok(Query(options)) => options.partial,
        Err(error) => return Problem::new(StatusCode::BAD_REQUEST, "bad_parameter", error.body_text()).into_response(),
    };
    match take(&app, &source, partial, &headers, body).await {
        Ok(taken) => answer(taken),
        Err(refusal) => refusal,
    }
}

async fn take(
    app: &App,
    source: &SourceName,
    partial: bool,
    headers: &HeaderMap,
    body: Body,
) -> Result<Taken, Response> {
    let (form, packing) = (body::form(headers).map_err(refused)?, body::packing(headers).map_err(refused)?);
    let length = body::length(headers).map_err(refused)?;
    let Some(room) = app.intake.room(length) else {
        body::pass(body).await;
        return Err(busy());
    };
    let packed = body::read(length, body).await.map_err(refused)?;
    let (turn, intake) = (app.intake.turn().await, app.intake.clone());
    let (store, own) = (app.store.clone(), source.clone());
    let read = move || {
        let _turn = turn;
        let raw = body::unpack(packing, packed)?;
        let room = match packing {
            Packing::Plain => Some(room),
            _ => intake.room(Some(raw.len())),
        };
        let Some(room) = room else { return Ok(None) };
        let reader = Reader { source: &own, keys: store.keys(), rules: &store.rules() };
        Ok(Some((ingest::read(raw.clone(), form, partial, reader), raw, room)))
    };
    let read = tokio::task::spawn_blocking(read).await;
    let read = read.map_err(|error| Fault::Broken(error.to_string()).into_response())?;
    let Some((batch, raw, _room)) = read.map_err(refused)? else { return Err(busy()) };
    let batch = match batch {
        Ok(batch) => batch,
        Err(refused) => return Err(not_a_batch(app, source, refused, &raw).await),
    };
    app.ingest(source, batch, partial).await.map_err(refusal)
}

fn answer(taken: Taken) -> Response {
    let Taken { appended, indexes, complaints } = taken;
    let partial = !complaints.is_empty();
    let status = match () {
        () if partial => StatusCode::MULTI_STATUS,
        () if appended.duplicates == appended.receipts.len() => StatusCode::OK,
        () => StatusCode::CREATED,
    };
    let receipt = |(index, Receipt { id, seq, leaf }): (usize, Receipt)| OneReceipt {
        index: partial.then_some(index),
        id,
        seq,
        leaf_hash: leaf.to_string(),
    };
    let body = Answer {
        accepted: appended.receipts.len() - appended.duplicates,
        duplicates: appended.duplicates,
        receipts: indexes.into_iter().zip(appended.receipts).map(receipt).collect(),
        errors: complaints,
    };
    (status, Json(body)).into_response()
}

async fn not_a_batch(app: &App, source: &SourceName, refused: Refused, raw: &Bytes) -> Response {
    match refused {
        Refused::Syntax { line, column, message } => {
            let complaint = Complaint {
                index: 0,
                path: String::new(),
                code: "syntax".to_owned(),
                message: format!("is not JSON: {message} at line {line}, column {column}"),
                received: "nothing that can be shown".to_owned(),
            };
            if let Err(error) = app.quarantine(source, &[complaint], raw).await {
                return Fault::from(error).into_response();
            }
            let message = format!("Not JSON: {message} at line {line}, column {column}.");
            Problem::new(StatusCode::BAD_REQUEST, "syntax", message)
                .with("line", line)
                .with("column", column)
                .into_response()
        }
        Refused::TooMany(events) => {
            let message =
                format!("A batch has at most {MOST_EVENTS} events, this one has {events}; send smaller ones.");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message).into_response()
        }
    }
}

fn refusal(error: IngestError) -> Response {
    let problem = |status, code, message: &str, errors: Vec<Complaint>| {
        let errors = serde_json::to_value(errors).unwrap_or_default();
        Problem::new(status, code, message).with("accepted", 0).with("errors", errors).into_response()
    };
    match error {
        IngestError::Invalid(complaints) => {
            let message =
                "Nothing of this batch was stored; it is kept in quarantine. Mend what errors names and send it again.";
            problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message, complaints)
        }
        IngestError::Conflict(complaint) => {
            let message =
                "Nothing of this batch was stored; it is kept in quarantine. An id was seen before with other content.";
            problem(StatusCode::CONFLICT, "conflict", message, vec![complaint])
        }
        IngestError::Append(AppendError::Busy) => busy(),
        IngestError::Append(AppendError::DiskFull) => {
            let message = "The disk is full; nothing of this batch was stored.";
            Problem::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", message).into_response()
        }
        error => {
            tracing::error!(%error, "a batch was not stored");
            later(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The store cannot write now; send it again shortly.")
        }
    }
}

fn refused(problem: Problem) -> Response {
    problem.into_response()
}

fn busy() -> Response {
    later(StatusCode::TOO_MANY_REQUESTS, "busy", "Too much is waiting to be written; send it again shortly.")
}

fn later(status: StatusCode, code: &str, message: &str) -> Response {
    let mut response = Problem::new(status, code, message).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
