//! Views that people keep: the ways to them, and the form that keeps one.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    icon::Icon,
    text::{Text, revealed},
};
use crate::state::ViewState;

/// How many stand beside each page; all of them stand on a page of their own.
const SHOWN: usize = 12;

/// A view that somebody keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Its address.
    pub url: String,
    /// What it is called.
    pub name: String,
    /// Who shares it, if it is somebody else's.
    pub by: Option<String>,
    /// What it shows, as the query string of its URL.
    pub state: String,
}

impl SavedView {
    /// Whether it is what a page shows, whichever page of it and whatever stands beside.
    pub fn is(&self, shown: &ViewState) -> bool {
        ViewState::from_search(&self.state) == shown.after("")
    }
}

/// The ways to them, one's own first.
#[component]
pub fn SavedViews(
    /// The views that the reader can open.
    views: Vec<SavedView>,
    /// The view that the page shows, if it shows one.
    shown: Option<ViewState>,
    /// Whether the page is about them.
    about: bool,
) -> impl IntoView {
    let about = about.then_some("page");
    if views.is_empty() {
        return view! {
            <ul>
                <li>
                    <a href="/views" aria-current=about><Icon name="bookmark" /><span>"Saved views"</span></a>
                </li>
            </ul>
        }
        .into_any();
    }
    let links = views.into_iter().take(SHOWN).map(|view| {
        let current = shown.as_ref().is_some_and(|shown| view.is(shown));
        let title = view.by.as_ref().map(|by| format!("Shared by {}", revealed(by)));
        view! {
            <li>
                <a href=view.url title=title aria-current=current.then_some("page")>
                    <Icon name=if view.by.is_some() { "person" } else { "bookmark" } />
                    <span><Text text=view.name /></span>
                </a>
            </li>
        }
    });
    view! {
        <p class="nav-title" id="saved">"Saved views"</p>
        <ul aria-labelledby="saved">
            {links.collect_view()}
            <li>
                <a href="/views" aria-current=about><Icon name="arrow" /><span>"All saved views"</span></a>
            </li>
        </ul>
    }
    .into_any()
}

/// Keeps the view that is shown. The server itself answers the form.
#[component]
pub fn SaveForm(
    /// The view.
    state: ViewState,
    /// What was typed before, where it was refused.
    #[prop(default = String::new())]
    name: String,
    /// Whether it was to be shared, where it was refused.
    #[prop(default = false)]
    shared: bool,
    /// What is wrong with it.
    #[prop(optional_no_strip)]
    wrong: Option<String>,
) -> impl IntoView {
    let view = state.after("").url("");
    view! {
        <form class="save-form" method="post" action="/views">
            <input type="hidden" name="do" value="save" />
            <input type="hidden" name="view" value=view />
            <NameAndSharing field="view-name".to_owned() name shared wrong=wrong.map(|wrong| ("not-kept".to_owned(), wrong)) />
            <button class="primary" type="submit">"Save view"</button>
        </form>
    }
}

/// What a view is called, and whether everybody may use it: the part that its forms have in common.
#[component]
pub fn NameAndSharing(
    /// What the field of its name is called on the page.
    field: String,
    /// The name.
    name: String,
    /// Whether it is shared.
    shared: bool,
    /// What is wrong with it, and what that is called on the page.
    wrong: Option<(String, String)>,
) -> impl IntoView {
    let described = wrong.as_ref().map(|(id, _)| id.clone());
    view! {
        <label for=field.clone()>"Name"</label>
        <input
            id=field
            name="name"
            type="text"
            value=name
            maxlength="64"
            autocomplete="off"
            required
            aria-invalid=wrong.is_some().then_some("true")
            aria-describedby=described
        />
        {wrong.map(|(id, message)| view! { <p class="wrong" id=id role="alert">{message}</p> })}
        <label class="check">
            <input type="checkbox" name="shared" value="yes" checked=shared />
            "Share with everyone"
        </label>
    }
}
