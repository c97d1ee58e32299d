//! Checkpoints: soon after events came, and every hour where none do. Both say that the log is still the one it was.

use std::time::Duration;

use flightbox_event::Outcome;

use crate::{
    App,
    journal::{Action, By, Entry},
};

/// How often it is looked whether there is something to sign: well within the ten seconds that are promised.
const TICK: Duration = Duration::from_secs(4);
/// How old the last checkpoint may be.
const HEARTBEAT: chrono::Duration = chrono::Duration::hours(1);

/// Signs what is due, as long as the server runs.
pub async fn keep_signing(app: App) {
    let (mut told, mut recorded) = (false, false);
    loop {
        let last = app.signer.last();
        let grown = app.store.events().cast_unsigned() != last.checkpoint.size;
        let untold = last.refused.is_some() && !recorded;
        if grown || untold || app.clock.now() - last.checkpoint.signed_at >= HEARTBEAT {
            match app.signer.sign(&app.store, app.clock.now()).await {
                Ok(()) => (told, recorded) = (false, false),
                // Once, not every four seconds.
                Err(error) => {
                    if !told {
                        tracing::error!(%error, "no checkpoint is signed");
                        told = true;
                    }
                    if app.signer.last().refused.is_some() && !recorded {
                        let entry = Entry::new(Action::CheckpointRefuse, By::Flightbox);
                        let entry = entry.ended(Outcome::Failure, error.to_string());
                        // Or else with the next try.
                        recorded = entry.commit(&app).await.is_ok();
                    }
                }
            }
        }
        tokio::time::sleep(TICK).await;
    }
}
