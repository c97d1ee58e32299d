//! `/sign-in/second`: the second step of signing in.

use leptos::prelude::*;

use crate::parts::{
    passkey::{Challenge, CodeField, PasskeyField, Use},
    problem::Door,
    text::Text,
};

/// What the page asks for. Whoever renders it provides this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondAsked {
    /// Whose password was right.
    pub name: String,
    /// Where to go afterwards.
    pub next: String,
    /// What a passkey of theirs is asked, if they have one.
    pub passkey: Option<Challenge>,
    /// Whether they have an authenticator app.
    pub totp: bool,
    /// Why the last try was refused.
    pub wrong: Option<String>,
}

/// The page. Its forms are answered by the server itself.
#[component]
pub fn Second() -> impl IntoView {
    let Some(SecondAsked { name, next, passkey, totp, wrong }) = use_context::<SecondAsked>() else {
        return ().into_any();
    };
    let refused = wrong.is_some();
    let alone = passkey.is_none();
    let passkey = passkey.map(|challenge| {
        view! {
            <form class="door-form" method="post" action="/sign-in/second">
                <input type="hidden" name="next" value=next.clone() />
                <PasskeyField challenge how=Use::Get label="Use a passkey" />
            </form>
        }
    });
    let hint = if totp { "Six digits of your authenticator app, or a recovery code" } else { "A recovery code" };
    view! {
        <Door title="Second step">
            <p>"The password is right, "<b><Text text=name /></b>". Now prove it in a second way."</p>
            {wrong.map(|wrong| view! { <p class="wrong" id="refused" role="alert">{wrong}</p> })}
            {passkey}
            <form class="door-form" method="post" action="/sign-in/second">
                <input type="hidden" name="next" value=next />
                <CodeField hint refused autofocus=alone || refused />
                <button class=if alone { "primary" } else { "outlined" } type="submit">"Sign in"</button>
            </form>
            <p class="faded small">
                "This takes five minutes at most. "<a href="/sign-in">"Start again"</a>
                ", or, if everything is lost, ask whoever administers this Flightbox."
            </p>
        </Door>
    }
    .into_any()
}
