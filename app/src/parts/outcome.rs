//! How it ended, told by icon, word and colour: none of them alone.

use leptos::prelude::*;

use super::{
    icon::Icon,
    value::{Value, ValueLink},
};

/// An outcome as a link that filters by it.
#[component]
pub fn OutcomeLink(
    /// The outcome.
    outcome: Value,
) -> impl IntoView {
    let word = outcome.text.clone();
    view! { <ValueLink value=outcome label=view! { <OutcomeWord word /> }.into_any() /> }
}

/// An outcome's icon and word.
#[component]
pub fn OutcomeWord(
    /// The word that stands for it.
    word: String,
) -> impl IntoView {
    let (class, icon) = match word.as_str() {
        "success" => ("outcome success", "success"),
        "failure" => ("outcome failure", "failure"),
        "denied" => ("outcome denied", "denied"),
        _ => ("outcome unknown", "unknown"),
    };
    view! {
        <span class=class>
            <Icon name=icon />
            {word}
        </span>
    }
}
