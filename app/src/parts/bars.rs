//! Counts as bars.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    outcome::OutcomeWord,
    table::{ActorCell, ActorLink},
    value::{Value, ValueLink},
};

/// Bars that show at once.
const SHOWN: usize = 5;

/// Something counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// What was counted.
    pub of: Counted,
    /// How often it was found, in words.
    pub count: String,
    /// The same as a share of the most frequent, from 0 to 1.
    pub share: f64,
}

/// What was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counted {
    /// A value.
    Value(Value),
    /// Somebody.
    Actor(ActorCell),
}

/// What was counted, each a filter; the less frequent unfold.
#[component]
pub fn Bars(
    /// The bars, most frequent first.
    bars: Vec<Bar>,
) -> impl IntoView {
    let mut bars = bars;
    let more = bars.split_off(bars.len().min(SHOWN));
    let list = |bars: Vec<Bar>| view! { <ul class="bars">{bars.into_iter().map(bar).collect_view()}</ul> };
    let more = (!more.is_empty()).then(|| {
        view! {
            <details class="bars-more">
                <summary>{more.len()}" more"</summary>
                {list(more)}
            </details>
        }
    });
    view! { {list(bars)}{more} }
}

fn bar(bar: Bar) -> impl IntoView {
    view! {
        <li>
            <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
                <rect width=format!("{:.1}", bar.share * 100.0) height="1" />
            </svg>
            {counted(bar.of)}
            <span class="n">{bar.count}</span>
        </li>
    }
}

fn counted(of: Counted) -> AnyView {
    match of {
        Counted::Actor(actor) => view! { <span class="bar-actor"><ActorLink actor /></span> }.into_any(),
        Counted::Value(value) if value.key == "outcome" => {
            let word = value.text.clone();
            view! { <ValueLink value label=view! { <OutcomeWord word /> }.into_any() /> }.into_any()
        }
        Counted::Value(value) => view! { <ValueLink value /> }.into_any(),
    }
}
