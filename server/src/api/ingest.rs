//! `POST /api/v1/events`: producers hand over events, and get receipts once they are committed and synced.

use std::net::IpAddr;

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
use tokio::task::JoinError;

use super::{
    Problem,
    body::{self, Packing},
};
use crate::{
    App,
    auth::{Client, Producer},
    fault::Fault,
    ingest::{self, Batch, Complaint, Form, IngestError, MOST_EVENTS, Reader, Refused, Taken},
    quarantine::Rejected,
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
    client: Client,
    options: Result<Query<Options>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let partial = match options {
        Ok(Query(options)) => options.partial,
        Err(error) => return Problem::new(StatusCode::BAD_REQUEST, "bad_parameter", error.body_text()).into_response(),
    };
    let how = How { partial, named: None, address: Some(client.address) };
    take(&app, &source, how, &headers, body).await.map_or_else(IntoResponse::into_response, answer)
}

/// How a body is to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct How {
    /// Whether the valid part of a batch is taken although the rest is not.
    pub partial: bool,
    /// What its events are named after that come without an id; see [`Reader::named`].
    pub named: Option<String>,
    /// Where it came from, where that is known.
    pub address: Option<IpAddr>,
}

/// Why nothing of a body was stored.
pub enum NotTaken {
    /// No batch can be read from it, or it is too large. It is not kept.
    Unreadable(Problem),
    /// It is not JSON. It is kept in quarantine.
    Syntax(Problem),
    /// Its events were not stored. What is wrong of itself is kept in quarantine; the rest may be tried again.
    Refused(IngestError),
    /// It broke whoever read it.
    Broken(JoinError),
}

impl From<Problem> for NotTaken {
    fn from(problem: Problem) -> Self {
        NotTaken::Unreadable(problem)
    }
}

impl IntoResponse for NotTaken {
    fn into_response(self) -> Response {
        match self {
            NotTaken::Unreadable(problem) | NotTaken::Syntax(problem) => problem.into_response(),
            NotTaken::Refused(error) => refusal(error),
            NotTaken::Broken(error) => Fault::Broken(error.to_string()).into_response(),
        }
    }
}

/// Takes a body whose sender is known, whatever it came by.
pub async fn take(
    app: &App,
    source: &SourceName,
    how: How,
    headers: &HeaderMap,
    body: Body,
) -> Result<Taken, NotTaken> {
    let (form, packing, length) = (body::form(headers)?, body::packing(headers)?, body::length(headers)?);
    let busy = || NotTaken::Refused(AppendError::Busy.into());
    let Some(room) = app.intake.room(length) else {
        body::pass(body).await;
        return Err(busy());
    };
    let packed = body::read(length, body).await?;
    let (turn, intake) = (app.intake.turn().await, app.intake.clone());
    let (store, own) = (app.store.clone(), source.clone());
    let How { partial, named, address } = how;
    let read = move || {
        let _turn = turn;
        let raw = body::unpack(packing, packed)?;
        let room = match packing {
            Packing::Plain => Some(room),
            _ => intake.room(Some(raw.len())),
        };
        let Some(room) = room else { return Ok(None) };
        let reader = Reader { source: &own, keys: store.keys(), rules: &store.rules(), named: named.as_deref() };
        Ok::<_, Problem>(Some((ingest::read(raw.clone(), form, partial, reader), raw, room)))
    };
    let Some((batch, raw, _room)) = tokio::task::spawn_blocking(read).await.map_err(NotTaken::Broken)?? else {
        return Err(busy());
    };
    match batch {
        Ok(batch) => app.ingest(source, Batch { address, ..batch }, partial).await.map_err(NotTaken::Refused),
        Err(refused) => Err(not_a_batch(app, source, refused, (form, address), &raw).await),
    }
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

async fn not_a_batch(
    app: &App,
    source: &SourceName,
    refused: Refused,
    (form, address): (Form, Option<IpAddr>),
    raw: &Bytes,
) -> NotTaken {
    match refused {
        Refused::Syntax { line, column, message } => {
            let complaints = &[Complaint::syntax(line, column, &message)];
            let rejected = Rejected { form, address, complaints, body: raw };
            if let Err(error) = app.quarantine(source.as_str(), &rejected).await {
                return NotTaken::Refused(error.into());
            }
            let message = format!("Not JSON: {message} at line {line}, column {column}.");
            let problem = Problem::new(StatusCode::BAD_REQUEST, "syntax", message);
            NotTaken::Syntax(problem.with("line", line).with("column", column))
        }
        Refused::TooMany(events) => {
            let message =
                format!("A batch has at most {MOST_EVENTS} events, this one has {events}; send smaller ones.");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message).into()
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

fn busy() -> Response {
    later(StatusCode::TOO_MANY_REQUESTS, "busy", "Too much is waiting to be written; send it again shortly.")
}

fn later(status: StatusCode, code: &str, message: &str) -> Response {
    let mut response = Problem::new(status, code, message).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
