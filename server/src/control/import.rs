//! Carrying out an import: its events are read first, and then stored.

use axum::body::Bytes;
use flightbox_domain::name::SourceName;

use super::{
    Order, Reply,
    order::{Imported, RefusedEvent, Unread, named},
};
use crate::{
    App,
    ingest::{self, Batch, Complaint, Form, IngestError, Reader, Ready, Refused},
};

/// The code of what is wrong with a record of which no event could be made.
const UNREAD: &str = "unread";

/// Events that are read and ready to be written; the log has nothing of them yet.
pub struct Import {
    source: SourceName,
    /// What of them is refused.
    batch: Batch,
    ready: Ready,
}

/// An order as far as it asks nothing of the log.
pub enum Begun {
    /// Events.
    Import(Import),
    /// Any other, of which nothing is done yet.
    Other(Order),
}

impl Order {
    /// Does what of it asks nothing of the log.
    pub async fn begin(self, app: &App) -> Result<Begun, Reply> {
        match self {
            Order::Import { source, lines, unread } => {
                Import::read(app, source, lines, unread).await.map(Begun::Import).map_err(Reply::Failed)
            }
            other => Ok(Begun::Other(other)),
        }
    }
}

impl Begun {
    /// Does the rest of it.
    pub async fn finish(self, app: App) -> Reply {
        match self {
            Begun::Import(import) => import.store(&app).await.unwrap_or_else(Reply::Failed),
            Begun::Other(order) => order.carry_out(&app).await,
        }
    }
}

impl Import {
    /// Reads events, on a thread that it may keep busy for a while.
    pub async fn read(app: &App, source: String, lines: String, unread: Vec<Unread>) -> Result<Self, String> {
        let reading = app.clone();
        let read = move || {
            let source: SourceName = named("the source", &source)?;
            let store = &reading.store;
            let reader = Reader { source: &source, keys: store.keys(), rules: &store.rules(), named: None };
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
        let read = tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(error.to_string()));
        let (source, mut batch) = read?;
        let ready = app.make_ready(&source, std::mem::take(&mut batch.events)).await;
        Ok(Self { source, batch, ready: ready.map_err(|error| error.to_string())? })
    }

    /// Stores them.
    pub async fn store(self, app: &App) -> Result<Reply, String> {
        let is_event = |complaint: &&Complaint| complaint.code != UNREAD;
        match app.store(&self.source, self.batch, self.ready, true).await {
            Ok(taken) => Ok(Reply::Imported(Imported {
                accepted: taken.appended.receipts.len() - taken.appended.duplicates,
                duplicates: taken.appended.duplicates,
                refused: taken.complaints.iter().filter(is_event).map(tell).collect(),
            })),
            Err(error @ (IngestError::Append(_) | IngestError::Quarantine(_))) => Err(error.to_string()),
            Err(IngestError::Invalid(_) | IngestError::Conflict(_)) => Err("the batch was refused whole".to_owned()),
        }
    }
}

fn tell(complaint: &Complaint) -> RefusedEvent {
    let Complaint { index, path, code, message, received } = complaint;
    let why = format!("{path} {message} (came {received})").trim_start().to_owned();
    RefusedEvent { index: *index, code: code.clone(), why }
}
