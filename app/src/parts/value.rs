//! A value as a way on: it filters, it can be left out, it can be copied.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    icon::Icon,
    text::{Text, revealed},
};

/// A value of a field that can be asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// The field's key in the query language.
    pub key: String,
    /// The value as it was sent.
    pub text: String,
    /// The URL of the view with this value alone; none where a query cannot name it.
    pub only: Option<String>,
    /// The URL of the view without it.
    pub without: Option<String>,
    /// The page about it, where it is somebody or something that has one.
    pub page: Option<String>,
}

/// A value as a link that filters by it. More can be done with it while it is pointed at or has the focus.
#[component]
pub fn ValueLink(
    /// The value.
    value: Value,
    /// What to show instead of its text.
    #[prop(optional, into)]
    label: Option<AnyView>,
) -> impl IntoView {
    let Value { key, text, only, without, page } = value;
    let name = format!("{key} {}", revealed(&text));
    let label = label.unwrap_or_else(|| view! { <Text text=text.clone() /> }.into_any());
    let main = match only {
        Some(url) => view! { <a class="v-main" href=url title=format!("Only {name}")>{label}</a> }.into_any(),
        None => view! { <span class="v-main">{label}</span> }.into_any(),
    };
    view! {
        <span class="v">
            {main}
            <span class="v-more">
                {without.map(|url| view! { <MoreLink url label=format!("Without {name}") icon="without" /> })}
                <CopyButton text=text label=format!("Copy {name}") />
                {page.map(|url| view! { <MoreLink url label=format!("Timeline of {name}") icon="open" /> })}
            </span>
        </span>
    }
}

#[component]
fn MoreLink(url: String, label: String, icon: &'static str) -> impl IntoView {
    view! {
        <a href=url aria-label=label.clone() title=label>
            <Icon name=icon />
        </a>
    }
}

/// A button that copies. It shows once the island that does the copying is awake.
#[component]
pub fn CopyButton(
    /// What it copies.
    text: String,
    /// What it is called.
    label: String,
) -> impl IntoView {
    view! {
        <button type="button" class="copy" data-copy=text aria-label=label title="Copy">
            <Icon name="copy" />
        </button>
    }
}
