//! `/setup`: the first administrator, once.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{parts::problem::Door, state::parameter};

/// Why the last try was rejected. Whoever answers the form provides it when rendering the page again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The one-time token, which is still good.
    pub token: String,
    /// The name that was tried.
    pub name: String,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// The token is unknown, used or too old. Whoever knows provides it when rendering the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent;

/// The page. The server itself answers its form, and checks the token.
#[component]
pub fn Setup() -> impl IntoView {
    let rejected = use_context::<Rejected>();
    let search = use_location().search.get_untracked();
    let token = rejected.as_ref().map(|rejected| rejected.token.clone()).or_else(|| parameter(&search, "token"));
    match token.filter(|token| !token.is_empty() && use_context::<Spent>().is_none()) {
        Some(token) => view! { <First token rejected /> }.into_any(),
        None => view! { <NoLonger /> }.into_any(),
    }
}

#[component]
fn First(token: String, rejected: Option<Rejected>) -> impl IntoView {
    let wrong = rejected.is_some().then_some("true");
    let describedby = rejected.is_some().then_some("rejected");
    let name = rejected.as_ref().map(|rejected| rejected.name.clone()).unwrap_or_default();
    let password = move |id: &'static str, label: &'static str| {
        view! {
            <label for=id>{label}</label>
            <input
                id=id
                name=id
                type="password"
                autocomplete="new-password"
                required
                aria-invalid=wrong
                aria-describedby=describedby
            />
        }
    };
    view! {
        <Door title="Welcome">
            <p>"This log has no administrator yet. Become the first; everybody else is let in by you."</p>
            {rejected.map(|rejected| view! { <p class="wrong" id="rejected" role="alert">{rejected.message}</p> })}
            <form class="door-form" method="post" action="/setup">
                <input type="hidden" name="token" value=token />
                <label for="name">"Name"</label>
                <input
                    id="name"
                    name="name"
                    type="text"
                    value=name
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    autofocus
                />
                {password("password", "Password")}
                {password("again", "Password, once more")}
                <button class="primary" type="submit">"Create the administrator"</button>
            </form>
        </Door>
    }
}

#[component]
fn NoLonger() -> impl IntoView {
    view! {
        <Door title="This link is no longer good">
            <p>
                "A setup link works once, within an hour of the server’s first start. If nobody has used it, restart the server: it prints a new one for as long as there is no administrator."
            </p>
            <p><a href="/sign-in">"Sign in"</a></p>
        </Door>
    }
}
