//! Counts as bars.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    outcome::OutcomeWord,
    text::Text,
    value::{Value, ValueLink},
};

/// One counted value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// The value.
    pub value: Value,
    /// How often it was found, in words.
    pub count: String,
    /// The same as a share of the most frequent, from 0 to 1.
    pub share: f64,
}

/// Counted values, each a filter.
#[component]
pub fn Bars(
    /// The values, most frequent first.
    bars: Vec<Bar>,
) -> impl IntoView {
    let bars = bars.into_iter().map(|bar| {
        let word = bar.value.text.clone();
        let label = match bar.value.key.as_str() {
            "outcome" => view! { <OutcomeWord word /> }.into_any(),
            _ => view! { <Text text=word /> }.into_any(),
        };
        view! {
            <li>
                <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
                    <rect width=format!("{:.1}", bar.share * 100.0) height="1" />
                </svg>
                <ValueLink value=bar.value label=label />
                <span class="n">{bar.count}</span>
            </li>
        }
    });
    view! { <ul class="bars">{bars.collect_view()}</ul> }
}
