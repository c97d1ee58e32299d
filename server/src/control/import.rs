//! Carrying out an import: its events are made ready first, and then stored.

use flightbox_domain::name::SourceName;

use super::{
    Order, Reply,
    order::{Unread, named},
};
use crate::{
    App,
    import::store,
    ingest::{Batch, IngestError, Ready},
};

/// Events that are ready to be written; the log has nothing of them yet.
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
            Order::Import { source, lines, unread, places } => {
                Import::read(app, &source, lines, unread, places).await.map(Begun::Import).map_err(Reply::Failed)
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
    /// Reads the events of an order.
    pub async fn read(
        app: &App,
        source: &str,
        lines: String,
        unread: Vec<Unread>,
        places: Vec<String>,
    ) -> Result<Self, String> {
        let source: SourceName = named("the source", source)?;
        let mut batch = store::read(app, &source, lines.into(), unread, places).await?;
        let ready = app.make_ready(&source, std::mem::take(&mut batch.events)).await;
        Ok(Self { source, batch, ready: ready.map_err(|error| error.to_string())? })
    }

    /// Stores them.
    pub async fn store(self, app: &App) -> Result<Reply, String> {
        match store::store_ready(app, &self.source, self.batch, self.ready).await {
            Ok(imported) => Ok(Reply::Imported(imported)),
            Err(error @ (IngestError::Append(_) | IngestError::Quarantine(_))) => Err(error.to_string()),
            Err(IngestError::Invalid(_) | IngestError::Conflict(_)) => Err("the batch was refused whole".to_owned()),
        }
    }
}
