//! `/settings`: what admins set for everybody.

pub mod holds;
pub mod retention;
pub mod run;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    parts::{frame::Frame, icon::Icon, problem::settle, title::PageTitle},
};

/// Something that can be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// What it is.
    pub title: String,
    /// Its page.
    pub url: String,
    /// What it is about.
    pub about: String,
    /// How it is set at present.
    pub now: String,
}

/// Lists them.
#[server(prefix = "/pages", endpoint = "settings", input = server_fn::codec::GetUrl)]
pub async fn list() -> Result<Vec<Setting>, AppError> {
    crate::read::settings::list().await
}

/// The page.
#[component]
pub fn Settings() -> impl IntoView {
    let page = Suspend::new(async move { settle(list().await, |list| view! { <Listed list /> }.into_any()) });
    view! { <Frame>{page}</Frame> }
}

#[component]
fn Listed(list: Vec<Setting>) -> impl IntoView {
    let line = |Setting { title, url, about, now }: Setting| {
        view! {
            <li class="card">
                <h2><a href=url>{title}<Icon name="arrow" /></a></h2>
                <p class="faded">{about}</p>
                <p>{now}</p>
            </li>
        }
    };
    view! {
        <PageTitle text="Settings · Flightbox" />
        <div class="people">
            <h1>"Settings"</h1>
            <ul class="settings">{list.into_iter().map(line).collect_view()}</ul>
        </div>
    }
}

/// Where a page of a setting stands.
#[component]
pub fn SettingTrail(
    /// What is set there.
    title: &'static str,
) -> impl IntoView {
    view! {
        <nav class="trail" aria-label="Position">
            <a href="/settings" data-up=""><Icon name="earlier" />"Settings"</a>
            <span class="faded">{title}</span>
        </nav>
    }
}
