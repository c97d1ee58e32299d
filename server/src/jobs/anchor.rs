//! Anchors: the first checkpoint after a start, and then one behind each interval in which something was signed.

use std::time::Duration;

use crate::App;

/// How often it is looked whether one is due.
const TICK: Duration = Duration::from_secs(4);

/// Anchors what is due, as long as the server runs.
pub async fn keep_anchoring(app: App) {
    let mut told = false;
    loop {
        match app.anchors.offer(&app.signer.last()).await {
            Ok(()) => told = false,
            // Once, not every four seconds.
            Err(error) => {
                if !told {
                    tracing::error!(%error, path = %app.anchors.path().display(), "nothing is anchored");
                    told = true;
                }
            }
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Sends anchors to the webhook, where there is one, as long as the server runs.
pub async fn keep_delivering(app: App) {
    app.anchors.keep_delivering(&app.clock).await;
}
