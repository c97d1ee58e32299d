//! Orders one behind the other, and in their order: while what one stores is on its way to the disk, the events of the next
//! are read.

use tokio::task::JoinHandle;

use super::{Order, Reply};
use crate::App;

/// At most one order that is being finished.
pub struct Pipeline {
    app: App,
    storing: Option<JoinHandle<Reply>>,
}

impl Pipeline {
    /// Nothing is on its way.
    pub fn new(app: App) -> Self {
        Self { app, storing: None }
    }

    /// Who carries them out.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Takes the next order on. The reply is that to the one before it, if there was one.
    pub async fn push(&mut self, order: Order) -> Option<Reply> {
        let begun = order.begin(&self.app).await;
        let before = self.done().await;
        let app = self.app.clone();
        self.storing = Some(tokio::spawn(async move {
            match begun {
                Ok(begun) => begun.finish(app).await,
                Err(reply) => reply,
            }
        }));
        before
    }

    /// Whether a reply is to come.
    pub fn is_busy(&self) -> bool {
        self.storing.is_some()
    }

    /// Waits for the reply that is to come. Whoever gives up waiting can wait again.
    pub async fn done(&mut self) -> Option<Reply> {
        let reply = self.storing.as_mut()?.await;
        self.storing = None;
        Some(reply.unwrap_or_else(|error| Reply::Failed(error.to_string())))
    }
}
