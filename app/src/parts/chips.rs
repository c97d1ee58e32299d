//! What a query asks for, piece by piece; each can be taken away.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    icon::Icon,
    text::{Text, revealed},
};

/// One condition of a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chip {
    /// Whether it leaves out what it names.
    pub negated: bool,
    /// The field it is about.
    pub key: String,
    /// What the field has to be.
    pub value: String,
    /// The URL of the view without this condition.
    pub remove: String,
}

/// The conditions of a query.
#[component]
pub fn Chips(
    /// The conditions.
    chips: Vec<Chip>,
    /// The URL of the view without any.
    clear: String,
) -> impl IntoView {
    let several = chips.len() > 1;
    let chips = chips.into_iter().map(|chip| {
        let key = if chip.negated { format!("not {}", chip.key) } else { chip.key };
        let label = format!("Remove {key} {}", revealed(&chip.value));
        view! {
            <li>
                <a class="chip" class:negated=chip.negated href=chip.remove aria-label=label title="Remove">
                    <span class="chip-key">{key}</span>
                    <span class="chip-value"><Text text=chip.value /></span>
                    <Icon name="close" />
                </a>
            </li>
        }
    });
    view! {
        <ul class="chips" aria-label="Conditions">
            {chips.collect_view()}
            {several.then(|| view! { <li><a class="clear" href=clear>"Clear all"</a></li> })}
        </ul>
    }
}
