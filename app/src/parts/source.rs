//! A producer's source: how it stands, and how much it sends.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{text::Text, value::CopyButton};

/// How a source stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceStanding {
    /// It sends as it used to.
    Active,
    /// It has sent nothing for so long, which is not its habit.
    Silent(String),
    /// It has never sent anything.
    Waiting,
    /// It has no token: its events were imported.
    Imported,
    /// It may not send.
    Disabled,
}

/// How it stands, in a few words.
#[component]
pub fn SourceStandingMark(
    /// How.
    standing: SourceStanding,
) -> impl IntoView {
    let (class, words) = match standing {
        SourceStanding::Active => ("standing active", "active".to_owned()),
        SourceStanding::Silent(length) => ("standing silent", format!("silent for {length}")),
        SourceStanding::Waiting => ("standing", "nothing yet".to_owned()),
        SourceStanding::Imported => ("standing", "imported".to_owned()),
        SourceStanding::Disabled => ("standing disabled", "disabled".to_owned()),
    };
    view! { <span class=class>{words}</span> }
}

/// How much a source sent within a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// In all.
    pub total: String,
    /// By the hour, on average, in words; none where there was nothing.
    pub hourly: Option<String>,
    /// By hour, oldest first, as a share of the highest, from 0 to 1.
    pub hours: Vec<f64>,
    /// The same in words, for those who cannot see it.
    pub label: String,
}

/// Width and height of an hour's bar, and of the gap behind it.
const BAR: (f64, f64, f64) = (3.0, 20.0, 1.0);

/// The hours as bars. An hour with any event is high enough to show.
#[component]
pub fn Hours(
    /// What they show.
    rate: Rate,
) -> impl IntoView {
    let (width, height, gap) = BAR;
    let wide = rate.hours.len() as f64 * (width + gap) - gap;
    let bars = rate.hours.into_iter().enumerate().map(|(at, share)| {
        let (x, high) = (at as f64 * (width + gap), if share > 0.0 { (share * height).max(1.5) } else { 0.5 });
        view! {
            <rect
                class=(share > 0.0).then_some("some")
                x=format!("{x:.0}")
                y=format!("{:.1}", height - high)
                width=format!("{width:.0}")
                height=format!("{high:.1}")
            />
        }
    });
    view! {
        <svg class="hours" viewBox=format!("0 0 {wide:.0} {height:.0}") role="img" aria-label=rate.label>
            {bars.collect_view()}
        </svg>
    }
}

/// An ingest token that is shown once, right after it was made. Whoever made it provides it when rendering the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngestTokenShown {
    /// The source that it appends to.
    pub source: String,
    /// The token itself.
    pub secret: String,
}

/// The token, to be handed on.
#[component]
pub fn IngestTokenCard(
    /// The token.
    shown: IngestTokenShown,
) -> impl IntoView {
    let IngestTokenShown { source, secret } = shown;
    view! {
        <section class="card one-time" aria-labelledby="one-time">
            <h2 id="one-time">"A token for "<Text text=source /></h2>
            <p>
                "Give it to the producer now: it is shown only this once, and only its hash is kept. It appends to this source and reads nothing."
            </p>
            <p class="secret">
                <code>{secret.clone()}</code>
                <CopyButton text=secret label="Copy the token".to_owned() />
            </p>
        </section>
    }
}

/// Why a form about sources was refused. Whoever answers it provides it when rendering the page again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRefused {
    /// The name that was typed, where a source was to be added.
    pub name: String,
    /// What is wrong, in a sentence.
    pub message: String,
}
