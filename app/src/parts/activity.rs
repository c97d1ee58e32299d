//! What the pages of actors and resources are alike in: who or what it is, its figures, and its timeline.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use serde::{Deserialize, Serialize};

use super::{
    frame::Frame,
    glance::{Figures, Glance, Head},
    icon::Icon,
    pager::{Pager, PagerLinks},
    problem::settle,
    stamp::{FullTime, Stamp},
    text::Text,
    timeline::{DayOf, Timeline},
    title::PageTitle,
};
use crate::{error::AppError, state::ViewState};

/// An actor or a resource, and a page of its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Its id.
    pub id: String,
    /// The whole at a glance.
    pub glance: Glance,
    /// What is known of its sealed values, for an actor.
    pub sealed: Option<Erasable>,
    /// Its events by day, newest first.
    pub days: Vec<DayOf>,
    /// The page's neighbours.
    pub pager: Pager,
}

/// What was erased of somebody, and what can be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Erasable {
    /// Erasures: when, by whom, why.
    pub erased: Vec<(Stamp, String, String)>,
    /// Where to erase, for those who may, if there is anything to.
    pub erase: Option<String>,
}

#[component]
fn ErasableLines(sealed: Erasable) -> impl IntoView {
    let erased = sealed.erased.into_iter().map(|(at, by, reason)| {
        view! {
            <p class="erased-line">
                <Icon name="lock" />"Sealed values were erased by "<Text text=by />": "<Text text=reason />
                <FullTime at />
            </p>
        }
    });
    let erase = sealed.erase.map(|url| {
        view! {
            <p class="erased-line"><Icon name="lock" />"Has sealed values."<a class="reveal" href=url>"Erase them…"</a></p>
        }
    });
    view! { {erased.collect_view()} {erase} }
}

/// The page of whoever or whatever the URL names: `what` it is in a word, and how it is read.
pub fn seen_page<F>(what: &'static str, look_at: impl FnOnce(String, ViewState) -> F) -> impl IntoView
where
    F: Future<Output = Result<Seen, AppError>> + Send + 'static,
{
    let state = ViewState::from_search(&use_location().search.get_untracked());
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let seen = look_at(id, state);
    let page = Suspend::new(async move { settle(seen.await, |seen| view! { <Activity what seen /> }.into_any()) });
    view! { <Frame>{page}</Frame> }
}

#[component]
fn Activity(what: &'static str, seen: Seen) -> impl IntoView {
    let Seen { id, glance, sealed, days, pager } = seen;
    let title = format!("{} · Flightbox", glance.name.as_deref().unwrap_or(&id));
    view! {
        <PageTitle text=title />
        <nav class="trail" aria-label="Position">
            <a href="/events" data-up=""><Icon name="earlier" />"Events"</a>
            <span class="faded">{what}</span>
        </nav>
        <Head id glance=glance.clone() />
        {sealed.map(|sealed| view! { <ErasableLines sealed /> })}
        <div class="activity">
            <Figures glance />
            <section class="timeline" aria-labelledby="timeline-title">
                <h2 id="timeline-title">"Timeline"</h2>
                <Timeline days />
                <PagerLinks pager />
            </section>
        </div>
    }
    .into_any()
}
