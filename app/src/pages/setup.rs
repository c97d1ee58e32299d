//! `/setup`: a password by a one-time link: the first administrator's, an invited person's, in place of a lost one.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{
    parts::{person::KnownName, problem::Door, text::Text},
    state::parameter,
};

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

/// Whom the link is for, where it is not the first administrator's. Whoever knows provides it when rendering the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkOf {
    /// The name that they sign in with.
    pub name: String,
}

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
    let link = use_context::<LinkOf>();
    let known = link.as_ref().map(|link| link.name.clone());
    let named = known.is_some();
    let (title, button) = match link {
        Some(_) => ("Choose a password", "Set the password"),
        None => ("Welcome", "Create the administrator"),
    };
    let name = rejected.as_ref().map(|rejected| rejected.name.clone()).unwrap_or_default();
    let whose = match link {
        Some(LinkOf { name }) => view! {
            <p>
                "You will sign in as "<b><Text text=name /></b>
                " with the password that you choose here. It ends every session of yours that there may be."
            </p>
        }
        .into_any(),
        None => {
            view! { <p>"This log has no administrator yet. Become the first; everybody else is let in by you."</p> }
                .into_any()
        }
    };
    let password = move |id: &'static str, label: &'static str| {
        view! {
            <label for=id>{label}</label>
            <input
                id=id
                name=id
                type="password"
                autocomplete="new-password"
                required
                autofocus=named && id == "password"
                aria-invalid=wrong
                aria-describedby=describedby
            />
        }
    };
    view! {
        <Door title>
            {whose}
            {rejected.map(|rejected| view! { <p class="wrong" id="rejected" role="alert">{rejected.message}</p> })}
            <form class="door-form" method="post" action="/setup">
                <input type="hidden" name="token" value=token />
                {known.map(|name| view! { <KnownName name /> })}
                {(!named)
                    .then(|| {
                        view! {
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
                        }
                    })}
                {password("password", "Password")}
                {password("again", "Password, once more")}
                <button class="primary" type="submit">{button}</button>
            </form>
        </Door>
    }
}

#[component]
fn NoLonger() -> impl IntoView {
    view! {
        <Door title="This link is no longer good">
            <p>"A link that sets a password works once, and only for a while. Ask whoever sent it to you for a new one."</p>
            <p>
                "If it was to make the first administrator, restart the server: it prints a new one for as long as there is none."
            </p>
            <p><a href="/sign-in">"Sign in"</a></p>
        </Door>
    }
}
