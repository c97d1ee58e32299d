//! Orders one behind the other: while what one stores is on its way to the disk, the events of the next are read and made
//! ready. They are stored, and answered, in their order.

use std::collections::VecDeque;

use tokio::{sync::oneshot, task::JoinHandle};

use super::{Order, Reply};
use crate::App;

/// Orders that are under way at once: making events ready takes longer than writing them, and there are two processors on
/// the smallest machine.
pub const AT_ONCE: usize = 3;

/// A few orders under way.
pub struct Pipeline {
    app: App,
    under_way: VecDeque<JoinHandle<Reply>>,
    /// Closed once the last of them is carried out.
    last: Option<oneshot::Receiver<()>>,
}

impl Pipeline {
    /// Nothing is on its way.
    pub fn new(app: App) -> Self {
        Self { app, under_way: VecDeque::new(), last: None }
    }

    /// Who carries them out.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Takes the next order on, at once unless there are as many as there may be: then the first of them is waited for,
    /// and the reply is that to it.
    pub async fn push(&mut self, order: Order) -> Option<Reply> {
        let first = if self.under_way.len() < AT_ONCE { None } else { self.done().await };
        let (carried_out, last) = oneshot::channel();
        let (app, before) = (self.app.clone(), self.last.replace(last));
        self.under_way.push_back(tokio::spawn(async move {
            let begun = order.begin(&app).await;
            if let Some(before) = before {
                // Whatever became of it.
                let _ = before.await;
            }
            let reply = match begun {
                Ok(begun) => begun.finish(app).await,
                Err(reply) => reply,
            };
            drop(carried_out);
            reply
        }));
        first
    }

    /// Whether a reply is to come.
    pub fn is_busy(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// Waits for the next reply, if one is to come. Whoever gives up waiting can wait again.
    pub async fn done(&mut self) -> Option<Reply> {
        let reply = self.under_way.front_mut()?.await;
        self.under_way.pop_front();
        Some(reply.unwrap_or_else(|error| Reply::Failed(error.to_string())))
    }
}
