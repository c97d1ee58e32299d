//! The badge on every page: whether the log is what was recorded, by icon, word and colour.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::icon::Icon;

/// How the log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// All of it was looked through and is whole, as far as anybody knows.
    Whole,
    /// It was never looked through to the end.
    Checking,
    /// Something in it is not what was recorded.
    Damaged,
}

impl State {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            State::Whole => "Whole",
            State::Checking => "Checking",
            State::Damaged => "Damaged",
        }
    }

    /// The class that gives it its colour.
    pub fn class(self) -> &'static str {
        match self {
            State::Whole => "whole",
            State::Checking => "checking",
            State::Damaged => "damaged",
        }
    }

    /// The icon.
    pub fn icon(self) -> &'static str {
        match self {
            State::Whole => "success",
            State::Checking => "clock",
            State::Damaged => "skew",
        }
    }
}

/// The badge, which leads to what is known.
#[component]
pub fn Badge(
    /// How the log stands.
    state: State,
) -> impl IntoView {
    view! {
        <a class=format!("integrity {}", state.class()) href="/integrity">
            <Icon name=state.icon() />
            <span class="vh">"Integrity: "</span>
            {state.word()}
        </a>
    }
}

/// Its HTML, for a page that is open while the log's state changes.
#[cfg(feature = "ssr")]
pub fn rendered(state: State) -> String {
    view! { <Badge state /> }.to_html()
}
