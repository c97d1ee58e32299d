//! Nothing to show: why, and where there is something.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{icon::Icon, text::Text};

/// A wider view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wider {
    /// What it leaves away.
    pub label: String,
    /// Its URL.
    pub url: String,
    /// Whether it finds anything.
    pub found: bool,
    /// How much it finds, in words.
    pub count: String,
}

/// An empty page of a search.
#[component]
pub fn Empty(
    /// Wider views; none where the view was the widest there is.
    wider: Vec<Wider>,
    /// The view of everything.
    everything: String,
) -> impl IntoView {
    if wider.is_empty() {
        return view! { <NothingYet /> }.into_any();
    }
    let none_better = !wider.iter().any(|wider| wider.found);
    let ways = wider.into_iter().filter(|wider| wider.found).map(|wider| {
        view! {
            <li>
                <a href=wider.url>
                    <Text text=wider.label />
                    <span class="faded">{wider.count}</span>
                    <Icon name="arrow" />
                </a>
            </li>
        }
    });
    view! {
        <section class="empty">
            <h2>"No event matches"</h2>
            <p>
                {if none_better {
                    "Leaving out any one condition finds nothing either."
                } else {
                    "One condition less finds more:"
                }}
            </p>
            <ul class="ways">
                {ways.collect_view()}
                {none_better
                    .then(|| {
                        view! { <li><a href=everything>"All events at any time"<Icon name="arrow" /></a></li> }
                    })}
            </ul>
        </section>
    }
    .into_any()
}

/// Nothing at all: how the first event comes in.
#[component]
pub fn NothingYet() -> impl IntoView {
    let send = "curl $URL/api/v1/events \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{\"actor\": \"alice\", \"action\": \"user.update\", \"resource\": \"/users/42\"}'";
    view! {
        <section class="empty">
            <h2>"No events yet"</h2>
            <p>
                "Nothing that you may see has been recorded. An administrator makes a source on the server with "
                <code>"flightbox source add NAME"</code>
                ", which prints a token; with that, anything can send events:"
            </p>
            <pre class="sample">{send}</pre>
        </section>
    }
}
