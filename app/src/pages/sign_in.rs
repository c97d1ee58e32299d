//! `/sign-in`: the door.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{
    parts::{person::PasswordField, problem::Door},
    state::parameter,
};

/// Why the last try was refused. Whoever answers the form provides it when rendering the page again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The name that was tried.
    pub name: String,
    /// Where to go afterwards.
    pub next: String,
    /// For how many seconds no further try is heard, if there were too many.
    pub retry_after: Option<u64>,
}

/// The page. Its form is answered by the server itself: signing in needs no script.
#[component]
pub fn SignIn() -> impl IntoView {
    let refused = use_context::<Refused>();
    let search = use_location().search.get_untracked();
    let next = refused.as_ref().map(|refused| refused.next.clone()).or_else(|| parameter(&search, "next"));
    let name = refused.as_ref().map(|refused| refused.name.clone()).unwrap_or_default();
    let wrong = refused.is_some().then_some("true");
    let describedby = refused.is_some().then_some("refused");
    view! {
        <Door title="Sign in">
            {refused.as_ref().map(|refused| view! { <p class="wrong" id="refused" role="alert">{message(refused)}</p> })}
            <form class="door-form" method="post" action="/sign-in">
                <input type="hidden" name="next" value=next.unwrap_or_default() />
                <label for="name">"Name"</label>
                <input
                    id="name"
                    name="name"
                    type="text"
                    value=name.clone()
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    autofocus=name.is_empty()
                    aria-invalid=wrong
                    aria-describedby=describedby
                />
                <PasswordField refused=wrong.is_some() autofocus=!name.is_empty() />
                <button class="primary" type="submit">"Sign in"</button>
            </form>
            <p class="faded small">
                "Signing in, failing to, and signing out are recorded. Without an account, ask whoever administers this Flightbox."
            </p>
        </Door>
    }
}

/// One message for a wrong name and a wrong password: the difference would tell who has an account.
fn message(refused: &Refused) -> String {
    match refused.retry_after {
        None => "The name or the password is wrong.".to_owned(),
        Some(seconds @ 0..120) => format!("Too many tries. Wait {seconds} seconds, then try again."),
        Some(seconds) => format!("Too many tries. Wait {} minutes, then try again.", seconds.div_ceil(60)),
    }
}
