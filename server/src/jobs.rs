//! What the server does of itself, in the background.

pub mod checkpoint;
pub mod retention;

use tokio::task::JoinHandle;

use crate::App;

/// The jobs of a running server.
pub struct Jobs {
    retention: JoinHandle<()>,
    checkpoint: JoinHandle<()>,
}

impl Jobs {
    /// Starts them.
    pub fn start(app: &App) -> Self {
        let retention = tokio::spawn(retention::every_day(app.clone()));
        Self { retention, checkpoint: tokio::spawn(checkpoint::keep_signing(app.clone())) }
    }

    /// Stops them; whatever is under way is left as whole as a killed process leaves it.
    pub async fn stop(self) {
        for job in [self.retention, self.checkpoint] {
            job.abort();
            let _ = job.await;
        }
    }
}
