//! `/views`: the views that people keep.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        icon::Icon,
        problem::settle,
        saved::{NameAndSharing, SaveForm},
        sentence::{Piece, Sentence},
        text::{Text, revealed},
        title::PageTitle,
    },
    state::ViewState,
};

/// A view that somebody keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What its address ends in.
    pub slug: String,
    /// Its address.
    pub url: String,
    /// What it is called.
    pub name: String,
    /// Who keeps it.
    pub owner: String,
    /// Whether everybody may use it.
    pub shared: bool,
    /// What it shows, in words.
    pub sentence: Vec<Piece>,
}

/// The views that somebody can open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptViews {
    /// Their own.
    pub own: Vec<Kept>,
    /// Those that others share.
    pub others: Vec<Kept>,
}

/// Why a form was refused. Whoever answers it provides it when rendering the page again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotKept {
    /// The view that was to be changed; none where one was to be kept.
    pub slug: Option<String>,
    /// The view that was to be kept, as the query string of its URL.
    pub view: String,
    /// The name that was typed.
    pub name: String,
    /// Whether it was to be shared.
    pub shared: bool,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// Lists them.
#[server(prefix = "/pages", endpoint = "views", input = server_fn::codec::GetUrl)]
pub async fn list() -> Result<KeptViews, AppError> {
    crate::read::views::list().await
}

/// The page. The server itself answers its forms.
#[component]
pub fn Views() -> impl IntoView {
    let not_kept = use_context::<NotKept>();
    let page =
        Suspend::new(async move { settle(list().await, |views| view! { <Listed views not_kept /> }.into_any()) });
    view! { <Frame>{page}</Frame> }
}

#[component]
fn Listed(views: KeptViews, not_kept: Option<NotKept>) -> impl IntoView {
    let (changed, added) = match not_kept {
        Some(not_kept) if not_kept.slug.is_some() => (Some(not_kept), None),
        not_kept => (None, not_kept),
    };
    let none = views.own.is_empty() && views.others.is_empty();
    let own = views.own.into_iter().map(|kept| {
        let wrong = changed.clone().filter(|changed| changed.slug.as_ref() == Some(&kept.slug));
        view! { <Own kept wrong /> }
    });
    let own = own.collect_view();
    let others = views.others.into_iter().map(|kept| view! { <Foreign kept /> }).collect_view();
    view! {
        <PageTitle text="Saved views · Flightbox" />
        <div class="kept">
            <h1>"Saved views"</h1>
            {added.map(|added| view! { <Again added /> })}
            {none
                .then(|| {
                    view! {
                        <p class="faded">
                            "None yet. Ask for something in the "<a href="/events">"list of events"</a>
                            ", then choose “Save view” above it."
                        </p>
                    }
                })}
            {(!own.is_empty())
                .then(|| {
                    view! {
                        <section aria-labelledby="own">
                            <h2 id="own">"Yours"</h2>
                            <ul>{own}</ul>
                        </section>
                    }
                })}
            {(!others.is_empty())
                .then(|| {
                    view! {
                        <section aria-labelledby="others">
                            <h2 id="others">"Shared by others"</h2>
                            <ul>{others}</ul>
                        </section>
                    }
                })}
        </div>
    }
}

/// The form that was refused, filled in as it was.
#[component]
fn Again(added: NotKept) -> impl IntoView {
    let state = ViewState::from_search(&added.view);
    view! {
        <section class="card" aria-labelledby="again">
            <h2 id="again">"This view was not saved"</h2>
            <p><a href=state.events()>"Back to the view"</a></p>
            <SaveForm state name=added.name shared=added.shared wrong=Some(added.message) />
        </section>
    }
}

#[component]
fn Own(kept: Kept, wrong: Option<NotKept>) -> impl IntoView {
    let (field, problem) = (format!("name-{}", kept.slug), format!("wrong-{}", kept.slug));
    let title = revealed(&kept.name);
    let (name, shared) = match &wrong {
        Some(wrong) => (wrong.name.clone(), wrong.shared),
        None => (kept.name.clone(), kept.shared),
    };
    let refused = wrong.is_some();
    view! {
        <li class="card kept-view">
            <p class="kept-name">
                <a href=kept.url><Icon name="bookmark" /><Text text=kept.name /></a>
                {kept.shared.then(|| view! { <span class="kind">"shared"</span> })}
            </p>
            <p class="faded"><Sentence pieces=kept.sentence /></p>
            <details class="kept-edit" open=refused>
                <summary aria-label=format!("Change {title}")>"Change"</summary>
                <form method="post" action="/views">
                    <input type="hidden" name="do" value="change" />
                    <input type="hidden" name="slug" value=kept.slug.clone() />
                    <NameAndSharing field name shared wrong=wrong.map(|wrong| (problem, wrong.message)) />
                    <button class="primary" type="submit">"Save"</button>
                </form>
                <form method="post" action="/views">
                    <input type="hidden" name="do" value="delete" />
                    <input type="hidden" name="slug" value=kept.slug />
                    <button class="danger" type="submit" aria-label=format!("Delete {title}")>"Delete this view"</button>
                </form>
            </details>
        </li>
    }
}

#[component]
fn Foreign(kept: Kept) -> impl IntoView {
    view! {
        <li class="card kept-view">
            <p class="kept-name">
                <a href=kept.url><Icon name="person" /><Text text=kept.name /></a>
                <span class="faded">"by "<Text text=kept.owner /></span>
            </p>
            <p class="faded"><Sentence pieces=kept.sentence /></p>
        </li>
    }
}
