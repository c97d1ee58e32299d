//! What surrounds every page: where one can go, and who one is.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

use super::{
    badge::{Badge, State},
    icon::{Icon, Mark},
    saved::{SavedView, SavedViews},
};
use crate::{
    error::AppError,
    islands::{keys::Keys, theme::ThemeSwitch},
    state::{Place, ViewState},
    stream::before_first_byte,
};

/// Whoever is signed in, as far as the frame shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The name.
    pub name: String,
    /// The roles.
    pub roles: Vec<String>,
    /// The sources that may be seen, by name.
    pub sources: Vec<String>,
    /// Whether Flightbox's own record may be seen.
    pub access: bool,
    /// Whether people may be managed.
    pub people: bool,
    /// How many exports of sealed values wait for their approval; none where they are not asked for any.
    pub approvals: Option<usize>,
    /// How the log stands.
    pub integrity: State,
    /// The saved views that can be opened.
    pub views: Vec<SavedView>,
}

/// Who is signed in.
#[server(prefix = "/pages", endpoint = "me", input = server_fn::codec::GetUrl)]
pub async fn whoami() -> Result<Me, AppError> {
    use crate::context;

    let person = context::signed_in()?;
    let sources = context::store()?.source_names(&person.scope(false)).await.map_err(context::failed)?;
    Ok(Me {
        roles: person.roles.iter().map(|role| role.to_string()).collect(),
        access: person.roles.may_see_access(),
        people: person.roles.may_manage_people(),
        approvals: crate::read::approvals::waiting(&person).await?,
        views: crate::read::views::links(&person).await?,
        integrity: context::integrity()?.state(),
        name: person.name,
        sources,
    })
}

/// A page inside the frame. Without anybody signed in there is no navigation: it would lead nowhere.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let state = ViewState::from_search(&use_location().search.get_untracked());
    let path = use_location().pathname.get_untracked();
    let me = before_first_byte(whoami());
    let side = Suspend::new(async move {
        match me.await {
            Ok(me) => view! { <Side me state path /> }.into_any(),
            Err(_) => view! { <header class="side bare"><Brand /></header> }.into_any(),
        }
    });
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <div class="frame">
            {side}
            <main id="main">{children()}</main>
        </div>
    }
}

#[component]
fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href="/">
            <Mark />
            "Flightbox"
        </a>
    }
}

#[component]
fn Side(me: Me, state: ViewState, path: String) -> impl IntoView {
    let on_events = path == "/events";
    let on_overview = (path == "/").then_some("page");
    let overview = view! {
        <li>
            <a href=state.zone_only().url("/") aria-current=on_overview>
                <Icon name="overview" />
                <span>"Overview"</span>
            </a>
        </li>
    };
    let (place, zone, shown) = (state.zone_only(), state.zone_only(), on_events.then(|| state.alone()));
    // A place is where one is when the view asks for just that, whatever its window; a saved view is that very view.
    let saved = shown.as_ref().is_some_and(|shown| me.views.iter().any(|view| view.is(shown)));
    let current = move |query: &str| (on_events && !saved && state.q == query).then_some("page");
    let link = move |query: String, icon: &'static str, label: String| {
        view! {
            <li>
                <a href=place.with_query(query.as_str()).events() aria-current=current(&query)>
                    <Icon name=icon />
                    <span>{label}</span>
                </a>
            </li>
        }
    };
    let views =
        [("", "list", "Events"), ("outcome:denied", "denied", "Denied"), ("outcome:failure", "failure", "Failed")];
    let views = views.map(|(query, icon, label)| link(query.to_owned(), icon, label.to_owned()));
    let on_access = (path == "/access").then_some("page");
    let access = me.access.then(|| {
        let record = ViewState { place: Place::Access, ..zone };
        view! {
            <li>
                <a href=record.events() aria-current=on_access>
                    <Icon name="eye" />
                    <span>"Access record"</span>
                </a>
            </li>
        }
    });
    let on_approvals = (path == "/approvals").then_some("page");
    let approvals = me.approvals.map(|waiting| {
        view! {
            <li>
                <a href="/approvals" aria-current=on_approvals>
                    <Icon name="agree" />
                    <span>"Approvals"</span>
                    {(waiting > 0).then(|| view! { <b class="badge">{waiting}<span class="vh">" waiting"</span></b> })}
                </a>
            </li>
        }
    });
    let on_people = (path == "/people" || path.starts_with("/people/")).then_some("page");
    let people = me.people.then(|| {
        view! {
            <li>
                <a href="/people" aria-current=on_people><Icon name="people" /><span>"People"</span></a>
            </li>
        }
    });
    let on_sources = (path == "/sources" || path.starts_with("/sources/")).then_some("page");
    let senders = me.people.then(|| {
        view! {
            <li>
                <a href="/sources" aria-current=on_sources><Icon name="feed" /><span>"Sources"</span></a>
            </li>
        }
    });
    let on_settings = (path == "/settings" || path.starts_with("/settings/")).then_some("page");
    let settings = me.people.then(|| {
        view! {
            <li>
                <a href="/settings" aria-current=on_settings><Icon name="settings" /><span>"Settings"</span></a>
            </li>
        }
    });
    let sources = me.sources.iter().map(|name| link(format!("source:{name}"), "source", name.clone()));
    view! {
        <header class="side">
            <div class="top">
                <Brand />
                <Badge state=me.integrity />
            </div>
            <nav aria-label="Main">
                <ul>{overview} {views.into_iter().collect_view()} {access} {approvals} {people} {senders} {settings}</ul>
                <SavedViews views=me.views shown about=path == "/views" />
                {(!me.sources.is_empty())
                    .then(|| {
                        view! {
                            <p class="nav-title" id="sources">"Sources"</p>
                            <ul aria-labelledby="sources">{sources.collect_view()}</ul>
                        }
                    })}
            </nav>
            <Foot name=me.name roles=me.roles.join(", ") />
        </header>
    }
}

#[component]
fn Foot(name: String, roles: String) -> impl IntoView {
    let title = format!("{name}: {roles}");
    view! {
        <div class="foot">
            <div class="tools">
                <ThemeSwitch />
                <Keys />
            </div>
            <div class="me">
                <a class="account" href="/account" title=title aria-label=format!("{name}, your account")>
                    <span class="initials" aria-hidden="true">{initials(&name)}</span>
                    <span class="who">
                        <b>{name.clone()}</b>
                        <small>{roles}</small>
                    </span>
                </a>
                <form method="post" action="/sign-out">
                    <button class="quiet" type="submit" aria-label="Sign out" title="Sign out">
                        <Icon name="out" />
                    </button>
                </form>
            </div>
        </div>
    }
}

fn initials(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter_map(|word| word.chars().next());
    words.take(2).flat_map(char::to_uppercase).collect()
}
