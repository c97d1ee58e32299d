//! What an import hands on, stored: its events are read first, by the rules of all producers, and then appended.

use axum::body::Bytes;
use flightbox_domain::name::SourceName;

use crate::{
    App,
    control::{Imported, RefusedEvent, Unread},
    ingest::{self, Batch, Complaint, Form, IngestError, Reader, Ready, Refused},
};

/// The code of what is wrong with a record of which no event could be made.
const UNREAD: &str = "unread";

/// Reads events, one a line, on a thread that it may keep busy for a while. `places` are those of all records, in words.
pub async fn read(
    app: &App,
    source: &SourceName,
    lines: Bytes,
    unread: Vec<Unread>,
    places: Vec<String>,
) -> Result<Batch, String> {
    let (app, source) = (app.clone(), source.clone());
    let read = move || {
        let reader = Reader { source: &source, keys: app.store.keys(), rules: &app.store.rules(), named: None };
        let count = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        let batch = ingest::read(lines, Form::Lines, true, reader);
        let mut batch = batch.map_err(|refused| match refused {
            Refused::TooMany(events) => format!("{events} events at once"),
            Refused::Syntax { message, .. } => message,
        })?;
        let unread = unread.into_iter().map(|Unread { raw, expected }| (raw, expected)).collect();
        batch.add_unread(count, UNREAD, unread);
        Ok(Batch { places, ..batch })
    };
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(error.to_string()))
}

/// Stores what was read.
pub async fn store(app: &App, source: &SourceName, mut batch: Batch) -> Result<Imported, IngestError> {
    let ready = app.make_ready(source, std::mem::take(&mut batch.events)).await?;
    store_ready(app, source, batch, ready).await
}

/// The same, once its events are ready to be written.
pub async fn store_ready(app: &App, source: &SourceName, batch: Batch, ready: Ready) -> Result<Imported, IngestError> {
    let mut taken = app.store(source, batch, ready, true).await?;
    taken.complaints.retain(|complaint| complaint.code != UNREAD);
    let refused = taken.complaints;
    Ok(Imported {
        accepted: taken.appended.receipts.len() - taken.appended.duplicates,
        duplicates: taken.appended.duplicates,
        refused: refused.chunk_by(|one, next| one.index == next.index).map(tell).collect(),
    })
}

/// What is wrong with one event, of the kind of the first that is.
fn tell(complaints: &[Complaint]) -> RefusedEvent {
    let why = |Complaint { path, message, received, .. }: &Complaint| {
        format!("{path} {message} (came {received})").trim_start().to_owned()
    };
    RefusedEvent {
        index: complaints[0].index,
        code: complaints[0].code.clone(),
        why: complaints.iter().map(why).collect::<Vec<_>>().join("; "),
    }
}
