//! What the server does of itself, in the background.

pub mod retention;

use tokio::task::JoinHandle;

use crate::App;

/// The jobs of a running server.
pub struct Jobs {
    retention: JoinHandle<()>,
}

impl Jobs {
    /// Starts them.
    pub fn start(app: &App) -> Self {
        Self { retention: tokio::spawn(retention::every_day(app.clone())) }
    }

    /// Stops them; whatever is under way is left as whole as a killed process leaves it.
    pub async fn stop(self) {
        self.retention.abort();
        let _ = self.retention.await;
    }
}
