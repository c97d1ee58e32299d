//! Who looked at an event, took it away, or was refused it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    icon::Icon,
    stamp::{FullTime, Stamp},
    text::Text,
};

/// The latest looks at an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The entries that tell of them, newest first.
    pub entries: Vec<Entry>,
    /// Whether there are more.
    pub more: bool,
    /// The URL of all that name the event.
    pub all: String,
}

/// One entry of the record of access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Stamp,
    /// Who.
    pub by: String,
    /// What they did.
    pub action: String,
    /// How it ended.
    pub outcome: String,
    /// The entry's own page.
    pub url: String,
}

/// The entries, each a way to its own page.
#[component]
pub fn HistoryList(
    /// The entries.
    history: History,
) -> impl IntoView {
    let History { entries, more, all } = history;
    if entries.is_empty() {
        return view! { <p class="faded">"Nobody has looked at this event before, nor taken it away."</p> }.into_any();
    }
    let entries = entries.into_iter().map(|entry| {
        let Entry { at, by, action, outcome, url } = entry;
        let failed = (outcome != "success").then(|| view! { <span class="kind">{outcome}</span> });
        view! {
            <li>
                <b><Text text=by /></b>
                <a class="mono" href=url><Text text=action /></a>
                {failed}
                <span class="grow"></span>
                <span class="faded"><FullTime at /></span>
            </li>
        }
    });
    let label = if more { "All of them" } else { "In the access record" };
    view! {
        <ul class="history">{entries.collect_view()}</ul>
        <p class="history-all"><a href=all>{label}<Icon name="arrow" /></a></p>
    }
    .into_any()
}
