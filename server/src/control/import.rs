//! Carrying out an import: its events are read first, and then stored.

use axum::body::Bytes;
use flightbox_domain::name::SourceName;

use super::{
    Order, Reply,
    order::{Imported, RefusedEvent, Unread, named},
};
use crate::{
    App,
    ingest::{self, Batch, Complaint, Form, IngestError, Reader, Refused},
};

/// The code of what is wrong with a record of which no event could be made.
const UNREAD: &str = "unread";

/// An order whose events, if it has any, are read; the log has nothing of them yet.
pub enum Begun {
    /// Events for a source.
    Import(SourceName, Batch),
    /// Any other.
    Other(Order),
}

impl Order {
    /// Does what of it asks nothing of the log.
    pub async fn begin(self, app: &App) -> Result<Begun, Reply> {
        match self {
            Order::Import { source, lines, unread } => {
                let read = read(app, source, lines, unread).await;
                read.map(|(source, batch)| Begun::Import(source, batch)).map_err(Reply::Failed)
            }
            other => Ok(Begun::Other(other)),
        }
    }
}

impl Begun {
    /// Does the rest of it.
    pub async fn finish(self, app: App) -> Reply {
        match self {
            Begun::Import(source, batch) => store(&app, &source, batch).await.unwrap_or_else(Reply::Failed),
            Begun::Other(order) => order.carry_out(&app).await,
        }
    }
}

/// Reads events, on a thread that it may keep busy for a while.
pub async fn read(
    app: &App,
    source: String,
    lines: String,
    unread: Vec<Unread>,
) -> Result<(SourceName, Batch), String> {
    let app = app.clone();
    let read = move || {
        let source: SourceName = named("the source", &source)?;
        let reader = Reader { source: &source, keys: app.store.keys(), rules: &app.store.rules(), named: None };
        let count = lines.lines().count();
        let batch = ingest::read(Bytes::from(lines), Form::Lines, true, reader);
        let mut batch = batch.map_err(|refused| match refused {
            Refused::TooMany(events) => format!("{events} events at once"),
            Refused::Syntax { message, .. } => message,
        })?;
        let unread = unread.into_iter().map(|Unread { raw, expected }| (raw, expected)).collect();
        batch.add_unread(count, UNREAD, unread);
        Ok((source, batch))
    };
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(error.to_string()))
}

/// Stores what was read.
pub async fn store(app: &App, source: &SourceName, batch: Batch) -> Result<Reply, String> {
    let is_event = |complaint: &&Complaint| complaint.code != UNREAD;
    match app.ingest(source, batch, true).await {
        Ok(taken) => Ok(Reply::Imported(Imported {
            accepted: taken.appended.receipts.len() - taken.appended.duplicates,
            duplicates: taken.appended.duplicates,
            refused: taken.complaints.iter().filter(is_event).map(tell).collect(),
        })),
        Err(error @ (IngestError::Append(_) | IngestError::Quarantine(_))) => Err(error.to_string()),
        Err(IngestError::Invalid(_) | IngestError::Conflict(_)) => Err("the batch was refused whole".to_owned()),
    }
}

fn tell(complaint: &Complaint) -> RefusedEvent {
    let Complaint { index, path, code, message, received } = complaint;
    let why = format!("{path} {message} (came {received})").trim_start().to_owned();
    RefusedEvent { index: *index, code: code.clone(), why }
}
