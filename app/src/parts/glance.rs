//! An actor or a resource at a glance: who or what it is, since when, and its figures.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    bars::{Bar, Bars},
    sentence::{Piece, Sentence},
    stamp::{FullTime, Stamp},
    strip::{Days, Strip},
    text::Text,
    value::CopyButton,
};

/// Somebody or something at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Glance {
    /// The name, where it tells more than the id.
    pub name: Option<String>,
    /// Its type, where that tells anything.
    pub kind: Option<String>,
    /// Its first event.
    pub first_seen: Stamp,
    /// Its last event.
    pub last_seen: Stamp,
    /// How many events it has, in words.
    pub events: String,
    /// The list of them.
    pub all_events: String,
    /// Its last days.
    pub strip: Strip,
    /// What is frequent among its events.
    pub figures: Vec<Figure>,
    /// Among how many of the newest these were counted, if not among all.
    pub examined: Option<String>,
    /// What is not flagged any more when it is new, and why.
    pub unremarkable: Vec<Vec<Piece>>,
}

/// The most frequent of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What they are.
    pub title: String,
    /// Which events they were counted among, where that is not said elsewhere.
    pub basis: Option<String>,
    /// How many there are of each.
    pub bars: Vec<Bar>,
}

/// Who or what it is, and since when.
#[component]
pub fn Head(
    /// Its id.
    id: String,
    /// The rest.
    glance: Glance,
) -> impl IntoView {
    let heading = glance.name.unwrap_or_else(|| id.clone());
    view! {
        <header class="activity-head">
            <h1><Text text=heading /></h1>
            <p>
                <span class="v mono">
                    <span class="v-main"><Text text=id.clone() /></span>
                    <span class="v-more"><CopyButton text=id label="Copy the id".to_owned() /></span>
                </span>
                {glance.kind.map(|text| view! { <span class="kind"><Text text /></span> })}
            </p>
            <dl class="seen">
                <div>
                    <dt>"First seen"</dt>
                    <dd><FullTime at=glance.first_seen /></dd>
                </div>
                <div>
                    <dt>"Last seen"</dt>
                    <dd><FullTime at=glance.last_seen /></dd>
                </div>
                <div>
                    <dt>"In all"</dt>
                    <dd><a href=glance.all_events>{glance.events}</a></dd>
                </div>
            </dl>
        </header>
    }
}

/// Its days, and what is frequent among its events.
#[component]
pub fn Figures(
    /// Where they stand.
    glance: Glance,
) -> impl IntoView {
    let figures = glance.figures.into_iter().map(|Figure { title, bars, .. }| {
        view! { <section class="card"><h2>{title}</h2><Bars bars /></section> }
    });
    view! {
        <aside class="figures" aria-label="Figures">
            <section class="card">
                <h2>"Days"</h2>
                <Days strip=glance.strip />
            </section>
            {figures.collect_view()}
            {glance
                .examined
                .map(|examined| {
                    view! { <p class="faded small">"Figures are of the newest "{examined}" events."</p> }
                })}
            {glance
                .unremarkable
                .into_iter()
                .map(|pieces| view! { <p class="faded small"><Sentence pieces /></p> })
                .collect_view()}
        </aside>
    }
}
