//! What comes into a view while somebody looks at it: announced, or shown at once.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::icon::Icon;
use crate::{
    islands::live::{KEPT, LiveTail, NewEvents},
    state::{Place, ViewState},
};

/// From where a page goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onward {
    /// The URL that tells what comes.
    pub stream: String,
    /// The sealed mark of what the page shows already.
    pub since: String,
}

/// Says how many events have come, in a place that moves nothing.
#[component]
pub fn Announced(
    /// From where the page goes on.
    onward: Onward,
) -> impl IntoView {
    view! {
        <div class="announced" data-stream=onward.stream data-since=onward.since>
            <NewEvents />
        </div>
    }
}

/// The bar above a live table.
#[component]
pub fn TailBar(
    /// From where the page goes on.
    onward: Onward,
    /// The view.
    state: ViewState,
) -> impl IntoView {
    view! {
        <div class="tail needs-js" data-stream=onward.stream data-since=onward.since>
            <LiveTail />
            <a class="tail-leave" href=state.with_live(false).events()>
                <Icon name="close" />
                "Leave live"
            </a>
        </div>
    }
}

/// What stands below a live table instead of ways to other pages, of which it has none.
#[component]
pub fn TailFoot(
    /// The view.
    state: ViewState,
) -> impl IntoView {
    view! {
        <p class="tail-none">"No event yet. New ones appear here as they come."</p>
        <p class="tail-foot">
            {format!("A live table keeps its newest {KEPT} events. ")}
            <a href=state.with_live(false).events()>"The whole view"</a>
        </p>
    }
}

/// Turns live on and off, where what comes belongs on top of the view.
#[component]
pub fn LiveToggle(
    /// The view.
    state: ViewState,
) -> impl IntoView {
    let live = state.is_live();
    let title = if live { "Show the view as it is now" } else { "Show new events as they come" };
    (state.is_open() && state.place == Place::Events).then(|| {
        view! {
            <a
                class="live-toggle needs-js"
                href=state.with_live(!live).events()
                title=title
                aria-current=live.then_some("true")
            >
                <span class="live-dot" aria-hidden="true"></span>
                "Live"
            </a>
        }
    })
}
