//! `/account`: what everybody may know and do about their own account. Each of its sections stands in a file of its own.

mod password;
mod sessions;

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

pub use password::NotRenewed;
use password::PasswordSection;
use sessions::SessionsSection;

use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        person::{Seeing, SeeingWords, role_words},
        problem::settle,
        sessions::SessionLine,
        text::Text,
        title::PageTitle,
    },
    state::{ViewState, parameter},
};

/// One's own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAccount {
    /// The name.
    pub name: String,
    /// The roles, by name.
    pub roles: Vec<String>,
    /// Which sources may be seen.
    pub seeing: Seeing,
    /// Where one is signed in.
    pub sessions: Vec<SessionLine>,
}

/// Reads the account of whoever is signed in.
#[server(prefix = "/pages", endpoint = "account", input = server_fn::codec::GetUrl)]
pub async fn read(
    /// The zone of times; empty for UTC.
    tz: String,
) -> Result<OwnAccount, AppError> {
    crate::read::people::own(&tz).await
}

/// The page. The server itself answers its forms.
#[component]
pub fn Account() -> impl IntoView {
    let search = use_location().search.get_untracked();
    let (tz, done) = (ViewState::from_search(&search).tz, parameter(&search, "done"));
    let not_renewed = use_context::<NotRenewed>();
    let page = Suspend::new(async move {
        settle(read(tz).await, |account| view! { <Shown account done not_renewed /> }.into_any())
    });
    view! { <Frame>{page}</Frame> }
}

#[component]
fn Shown(account: OwnAccount, done: Option<String>, not_renewed: Option<NotRenewed>) -> impl IntoView {
    let OwnAccount { name, roles, seeing, sessions } = account;
    let roles_held = roles.clone();
    view! {
        <PageTitle text="Your account · Flightbox" />
        <div class="people">
            <h1>"Your account"</h1>
            <section class="card" aria-labelledby="known">
                <h2 id="known">"About"</h2>
                <dl class="facts">
                    <div><dt>"Name"</dt><dd><Text text=name.clone() /></dd></div>
                    <div><dt>"Roles"</dt><dd>{role_words(&roles)}</dd></div>
                    <div><dt>"You see"</dt><dd><SeeingWords seeing /></dd></div>
                </dl>
                <p class="faded small">"Roles and sources are given by an administrator other than you."</p>
            </section>
            <PasswordSection name done=done.as_deref() == Some("password") not_renewed />
            <section class="card" aria-labelledby="second">
                <h2 id="second">"Second factors"</h2>
                <p>"An app or a passkey beside the password: "<a href="/account/factors">"your second factors"</a>"."</p>
            </section>
            <SessionsSection sessions />
            {(!roles_held.is_empty())
                .then(|| {
                    view! {
                        <section class="card" aria-labelledby="programs">
                            <h2 id="programs">"Programs"</h2>
                            <p>"Programs read events with "<a href="/tokens">"read tokens"</a>" that you make for them."</p>
                        </section>
                    }
                })}
        </div>
    }
}
