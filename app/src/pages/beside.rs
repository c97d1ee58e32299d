//! An event beside the list that it was opened from: as a part of the list's page, and alone for a browser that has
//! the rest of the page already.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::event::Shown;
use crate::{
    parts::{
        changes::Changes,
        facts::Facts,
        icon::Icon,
        json::Raw,
        outcome::OutcomeLink,
        pager::Steps,
        remark::{self, Remarks},
        sealed::SealedLine,
        sentence::Sentence,
        table::ActionLink,
        text::Text,
        value::CopyButton,
    },
    state::ViewState,
};

/// What stands beside a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Beside {
    /// An event.
    Event(Box<Shown>),
    /// There is no such event, or its reader may not know of it.
    Missing(String),
}

/// The panel. Its own links change nothing of the page but what the panel shows.
#[component]
pub fn Panel(
    /// The view of the list.
    state: ViewState,
    /// What the panel shows.
    beside: Beside,
) -> impl IntoView {
    let event = state.event.clone();
    let shown = match beside {
        Beside::Event(shown) => view! { <Opened state shown=*shown /> }.into_any(),
        Beside::Missing(what) => view! { <NotFound state what /> }.into_any(),
    };
    view! {
        <aside class="beside" id="beside" data-event=event aria-labelledby="beside-title" tabindex="-1">
            {shown}
        </aside>
    }
}

/// The panel as a stretch of HTML.
#[cfg(feature = "ssr")]
pub fn fragment(state: ViewState, beside: Beside) -> String {
    view! { <Panel state beside /> }.to_html()
}

#[component]
fn Opened(state: ViewState, shown: Shown) -> impl IntoView {
    let beside = |seq: Option<i64>| seq.map(|seq| state.beside(seq).events());
    let (row, changes) = (shown.row, shown.changes);
    let new = remark::new(row.remarks);
    view! {
        <nav class="beside-bar" aria-label="Beside the list">
            <a class="beside-page" href=row.url><Icon name="open" />"Open as page"</a>
            <span class="grow"></span>
            <Steps newer=beside(shown.newer) older=beside(shown.older) oldest_first=state.oldest_first() />
            <Close state=state.clone() />
        </nav>
        <header class="beside-head">
            <p class="event-kind">
                <OutcomeLink outcome=row.outcome />
                <span class="mono"><ActionLink action=row.action /></span>
            </p>
            <h2 id="beside-title"><Sentence pieces=shown.sentence /></h2>
            {shown.reason.map(|text| view! { <p class="reason"><Text text /></p> })}
            {(!new.is_empty()).then(|| view! { <Remarks remarks=new /> })}
            {shown.sealed.map(|note| view! { <SealedLine note /> })}
        </header>
        {(!changes.is_empty())
            .then(|| {
                view! {
                    <section aria-labelledby="beside-changes">
                        <h3 id="beside-changes">"Changes"</h3>
                        <Changes changes />
                    </section>
                }
            })}
        <section aria-labelledby="beside-summary">
            <h3 id="beside-summary">"Summary"</h3>
            <Facts facts=shown.facts />
        </section>
        <section class="beside-raw" aria-labelledby="beside-raw">
            <div class="beside-raw-head">
                <h3 id="beside-raw">"Raw"</h3>
                <CopyButton text=shown.raw_text label="Copy the raw event".to_owned() />
            </div>
            // A region that scrolls has to be reachable by keyboard.
            <div class="scroll" tabindex="0" role="group" aria-labelledby="beside-raw">
                <Raw tokens=shown.raw />
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn NotFound(state: ViewState, what: String) -> impl IntoView {
    view! {
        <nav class="beside-bar" aria-label="Beside the list">
            <span class="grow"></span>
            <Close state />
        </nav>
        <header class="beside-head">
            <h2 id="beside-title">"Nothing here"</h2>
            <p>"There is no "<Text text=what />", or it is outside of the sources that you may see."</p>
        </header>
    }
    .into_any()
}

#[component]
fn Close(state: ViewState) -> impl IntoView {
    view! {
        <a class="quiet beside-close" href=state.alone().events() aria-label="Close" title="Close (Esc)">
            <Icon name="close" />
        </a>
    }
}
