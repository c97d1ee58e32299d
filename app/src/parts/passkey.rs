//! A second factor in a form: the code that is typed, or the passkey that is asked.

use leptos::prelude::*;

use super::icon::Icon;
use crate::islands::passkey::Passkey;

/// What a passkey is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// What the server remembers it by.
    pub id: String,
    /// What the browser is to be told, in JSON.
    pub options: String,
}

/// What somebody is to do with a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Use one that they have.
    Get,
    /// Make a new one.
    Create,
}

/// The part of a form that a passkey fills in and sends. It takes a script, for only a browser reaches a passkey.
#[component]
pub fn PasskeyField(
    /// What it is asked.
    challenge: Challenge,
    /// What it is to do.
    how: Use,
    /// What the button says.
    label: &'static str,
) -> impl IntoView {
    let how = match how {
        Use::Get => "get",
        Use::Create => "create",
    };
    view! {
        <input type="hidden" name="ceremony" value=challenge.id />
        <input type="hidden" name="credential" value="" />
        <Passkey>
            <button class="primary needs-js" type="button" data-passkey=how data-options=challenge.options>
                <Icon name="key" />
                {label}
            </button>
        </Passkey>
        <noscript><p class="faded small">"A passkey takes JavaScript, which is off here."</p></noscript>
    }
}

/// The code of an authenticator app, or a recovery code, which has letters.
#[component]
pub fn CodeField(
    /// Which codes will do.
    hint: &'static str,
    /// Whether the last one was refused; why stands on the page as `refused`.
    refused: bool,
    /// Whether it is what the page is about.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    view! {
        <label for="code">"Code"</label>
        <input
            id="code"
            class="mono"
            name="code"
            type="text"
            autocomplete="one-time-code"
            autocapitalize="none"
            spellcheck="false"
            required
            autofocus=autofocus
            aria-invalid=refused.then_some("true")
            aria-describedby=if refused { "refused hint" } else { "hint" }
        />
        <p class="faded small" id="hint">{hint}</p>
    }
}
