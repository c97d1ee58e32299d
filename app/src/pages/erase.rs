//! `/erase?actor={id}`: destroying the keys of somebody's sealed values.

use leptos::prelude::*;

use crate::{
    error::AppError,
    parts::{frame::Frame, icon::Icon, problem::settle, reason::ReasonField, text::Text, title::PageTitle},
};

/// What the page shows. Whoever renders it provides this.
#[derive(Clone, Debug, PartialEq)]
pub struct EraseAsked(pub Result<Erasing, AppError>);

/// Somebody whose values may be erased.
#[derive(Clone, Debug, PartialEq)]
pub struct Erasing {
    /// Their id.
    pub actor: String,
    /// Their page.
    pub page: String,
    /// In how many sources they have sealed values.
    pub sources: usize,
    /// The reason that was given.
    pub reason: String,
    /// Why nothing was erased.
    pub wrong: Option<String>,
}

/// The page. The server itself answers it.
#[component]
pub fn ErasePage() -> impl IntoView {
    let Some(EraseAsked(asked)) = use_context() else { return ().into_any() };
    let page = settle(asked, |asked| view! { <Asked asked /> }.into_any());
    view! { <Frame>{page}</Frame> }.into_any()
}

#[component]
fn Asked(asked: Erasing) -> impl IntoView {
    let Erasing { actor, page, sources, reason, wrong } = asked;
    let back = page.clone();
    let form = match sources {
        0 => view! { <p>"There is nothing sealed to erase."</p> }.into_any(),
        _ => view! { <Form sources reason wrong page /> }.into_any(),
    };
    view! {
        <PageTitle text=format!("Erase {actor} · Flightbox") />
        <nav class="trail" aria-label="Position">
            <a href=back data-up=""><Icon name="earlier" />"Actor"</a>
        </nav>
        <div class="kept reveal-page">
            <h1>"Erase the sealed values of "<Text text=actor />"?"</h1>
            {form}
        </div>
    }
}

#[component]
fn Form(sources: usize, reason: String, wrong: Option<String>, page: String) -> impl IntoView {
    let where_to = if sources == 1 { "in one source".to_owned() } else { format!("in {sources} sources") };
    view! {
        <form class="card reason-form" method="post">
            <p>
                "The key that they are sealed under "{where_to}" is destroyed, and nobody can read them again: not here, not in an export, not from a backup of the events. The events themselves stay, with who did what and when, and every proof of them holds."
            </p>
            <p class="faded">
                "A backup of keys.db from before today could still open them: destroy such copies, too. What this actor does from now on is sealed under a new key."
            </p>
            <ReasonField label="Why?" reason wrong />
            <div class="choice">
                <button class="danger" type="submit">"Erase for good"</button>
                <a class="outlined" href=page>"Keep them"</a>
            </div>
        </form>
    }
}
