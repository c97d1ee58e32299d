//! Carrying out an import: its events are read first, and then stored.

use flightbox_domain::name::SourceName;

use super::{
    Order, Reply,
    order::{Unread, named},
};
use crate::{
    App,
    import::store,
    ingest::{Batch, IngestError},
};

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
                let read = read(app, &source, lines, unread).await;
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

/// Reads the events of an order.
pub async fn read(app: &App, source: &str, lines: String, unread: Vec<Unread>) -> Result<(SourceName, Batch), String> {
    let source: SourceName = named("the source", source)?;
    let batch = store::read(app, &source, lines.into(), unread).await?;
    Ok((source, batch))
}

/// Stores what was read.
pub async fn store(app: &App, source: &SourceName, batch: Batch) -> Result<Reply, String> {
    match store::store(app, source, batch).await {
        Ok(imported) => Ok(Reply::Imported(imported)),
        Err(error @ (IngestError::Append(_) | IngestError::Quarantine(_))) => Err(error.to_string()),
        Err(IngestError::Invalid(_) | IngestError::Conflict(_)) => Err("the batch was refused whole".to_owned()),
    }
}
