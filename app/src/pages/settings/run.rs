//! `/settings/retention/run`: what would go now, and the button that has it go.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    parts::{frame::Frame, icon::Icon, problem::settle, title::PageTitle},
};

/// A source's events of a month that are over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartLine {
    /// The month.
    pub month: String,
    /// The source.
    pub source: String,
    /// How long its events are kept.
    pub term: String,
    /// How many events go.
    pub events: String,
    /// How many bytes of records.
    pub bytes: String,
    /// How many events holds keep, if any.
    pub held: Option<String>,
}

/// What would go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Going {
    /// By month and source.
    pub parts: Vec<PartLine>,
    /// All of it in words; none where nothing goes.
    pub total: Option<String>,
    /// What holds keep, in words.
    pub held: Option<String>,
    /// Whether more is over than one run removes.
    pub more: bool,
    /// Whether whoever asks may run it.
    pub may_run: bool,
    /// Whether a run is under way.
    pub running: bool,
}

/// Tells it.
#[server(prefix = "/pages", endpoint = "retention-run", input = server_fn::codec::GetUrl)]
pub async fn would_go() -> Result<Going, AppError> {
    crate::read::settings::would_go().await
}

/// The page. The server itself answers its form.
#[component]
pub fn RunNow() -> impl IntoView {
    let page = Suspend::new(async move { settle(would_go().await, |plan| view! { <Told plan /> }.into_any()) });
    view! { <Frame>{page}</Frame> }
}

#[component]
fn Told(plan: Going) -> impl IntoView {
    let Going { parts, total, held, more, may_run, running } = plan;
    let any = !parts.is_empty();
    let lines = parts.into_iter().map(|part| view! { <Part part /> }).collect_view();
    let summary = match &total {
        Some(total) => format!("{total} would go. Nothing has been removed yet."),
        None => "Nothing would go.".to_owned(),
    };
    view! {
        <PageTitle text="What would go · Flightbox" />
        <nav class="trail" aria-label="Position">
            <a href="/settings/retention" data-up=""><Icon name="earlier" />"Retention"</a>
            <span class="faded">"What would go"</span>
        </nav>
        <div class="people">
            <h1>"What would go now"</h1>
            <p>{summary}" "{held.map(|held| format!("Legal holds keep {held}."))}</p>
            {more.then(|| view! { <p class="faded">"This is as much as one run removes; the rest goes right after it."</p> })}
            {any.then(|| {
                view! {
                    <div class="card people-card">
                        <table class="people-list going">
                            <caption class="vh">"What is over, by month and source"</caption>
                            <thead>
                                <tr>
                                    <th scope="col">"Month"</th>
                                    <th scope="col">"Source"</th>
                                    <th scope="col">"Kept for"</th>
                                    <th scope="col">"Goes"</th>
                                    <th scope="col">"Held"</th>
                                </tr>
                            </thead>
                            <tbody>{lines}</tbody>
                        </table>
                    </div>
                }
            })}
            {running.then(|| view! { <p class="faded">"A run is under way."</p> })}
            {(total.is_some() && may_run && !running).then(|| view! { <Confirm /> })}
            {(!may_run)
                .then(|| {
                    view! {
                        <p class="faded">
                            "This is what goes of the sources that you may see. A run removes of all, so only an administrator who sees all sources starts one; every night the server does."
                        </p>
                    }
                })}
        </div>
    }
}

#[component]
fn Confirm() -> impl IntoView {
    view! {
        <form class="act card" method="post" action="/settings/retention/run">
            <p class="faded">
                "What goes cannot be brought back. The record of access keeps what went, of which month and source, and that it was you."
            </p>
            <button class="danger" type="submit">"Remove these events"</button>
        </form>
    }
}

#[component]
fn Part(part: PartLine) -> impl IntoView {
    let PartLine { month, source, term, events, bytes, held } = part;
    view! {
        <tr>
            <th scope="row">{month}</th>
            <td>{source}</td>
            <td>{term}</td>
            <td>{events}<span class="faded">" · "{bytes}</span></td>
            <td>{held.unwrap_or_else(|| "none".to_owned())}</td>
        </tr>
    }
}
