//! A passkey in a form: what it is asked, and the button that asks it.

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
