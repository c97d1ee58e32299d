//! What the server does of itself, in the background.

pub mod anchor;
pub mod checkpoint;
pub mod retention;
pub mod silence;
pub mod verify;

use tokio::task::JoinSet;

use crate::App;

/// The jobs of a running server.
pub struct Jobs(JoinSet<()>);

impl Jobs {
    /// Starts them.
    pub fn start(app: &App) -> Self {
        let mut jobs = JoinSet::new();
        jobs.spawn(retention::every_day(app.clone()));
        jobs.spawn(checkpoint::keep_signing(app.clone()));
        jobs.spawn(anchor::keep_anchoring(app.clone()));
        app.aside.spawn(&mut jobs, anchor::keep_delivering(app.clone()));
        app.aside.spawn(&mut jobs, silence::keep_looking(app.clone()));
        // It yields to recording, and so does the connection that it opens.
        app.aside.spawn(&mut jobs, verify::keep_verifying(app.clone()));
        Self(jobs)
    }

    /// Stops them; whatever is under way is left as whole as a killed process leaves it.
    pub async fn stop(mut self) {
        self.0.shutdown().await;
    }
}
