//! How the queue stands that events come from, where there is one.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueShown {
    /// How it goes, in a sentence.
    pub sentence: String,
    /// Whether its messages are being taken.
    pub well: bool,
    /// How much waits in it, and when something came last.
    pub waiting: String,
    /// What of it is not safe, a paragraph each.
    pub risks: Vec<String>,
}

/// A card that tells it.
#[component]
pub fn QueueCard(
    /// What it tells.
    queue: QueueShown,
) -> impl IntoView {
    let QueueShown { sentence, well, waiting, risks } = queue;
    let risks = risks.into_iter().map(|risk| view! { <p class="wrong">{risk}</p> }).collect_view();
    view! {
        <section class="card queue" aria-labelledby="queue">
            <h2 id="queue">"NATS"</h2>
            <p class:wrong=!well>{sentence}</p>
            <p class="faded">{waiting}</p>
            {risks}
        </section>
    }
}
