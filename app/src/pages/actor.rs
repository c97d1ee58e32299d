//! `/actors/{id}`: what somebody has been doing, by day and session.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    parts::{
        bars::{Bar, Bars},
        frame::Frame,
        icon::Icon,
        outcome::OutcomeLink,
        pager::{Pager, PagerLinks},
        problem::settle,
        stamp::{Clock, FullTime, Stamp},
        strip::{Days, Strip},
        table::{ActionLink, Row},
        text::Text,
        title::PageTitle,
        value::{CopyButton, ValueLink},
    },
    state::ViewState,
};

/// An actor and a page of its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The actor's id.
    pub id: String,
    /// The actor at a glance.
    pub glance: Glance,
    /// Its events by day, newest first.
    pub days: Vec<DayOf>,
    /// The page's neighbours.
    pub pager: Pager,
}

/// An actor at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Glance {
    /// The name, where it tells more than the id.
    pub name: Option<String>,
    /// What kind of actor it is, where it is no person.
    pub kind: Option<String>,
    /// Its first event.
    pub first_seen: Stamp,
    /// Its last event.
    pub last_seen: Stamp,
    /// How many events it has, in words.
    pub events: String,
    /// The list of them.
    pub all_events: String,
    /// Among how many of the newest the figures were counted, if not among all.
    pub examined: Option<String>,
    /// How its actions ended.
    pub outcomes: Vec<Bar>,
    /// Its busiest actions.
    pub actions: Vec<Bar>,
    /// Its busiest addresses.
    pub addresses: Vec<Bar>,
    /// Its last days.
    pub strip: Strip,
}

/// What it did in a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayOf {
    /// The day in words.
    pub label: String,
    /// The day.
    pub date: String,
    /// Its sessions, newest first.
    pub sessions: Vec<SessionOf>,
}

/// What it did in one go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionOf {
    /// The session that the events name, if they do.
    pub id: Option<String>,
    /// When it started that day.
    pub start: String,
    /// When it ended that day.
    pub end: String,
    /// The offset of these times.
    pub offset: String,
    /// Its events, newest first.
    pub rows: Vec<Row>,
}

/// Reads an actor.
#[server(prefix = "/pages", endpoint = "actor", input = server_fn::codec::GetUrl)]
pub async fn look_at(
    /// The actor's id.
    id: String,
    /// The place in its events, and the zone of times.
    state: ViewState,
) -> Result<Seen, AppError> {
    crate::read::activity::show(&id, state).await
}

/// The page.
#[component]
pub fn Actor() -> impl IntoView {
    let state = ViewState::from_search(&use_location().search.get_untracked());
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let page =
        Suspend::new(async move { settle(look_at(id, state).await, |seen| view! { <SeenActor seen /> }.into_any()) });
    view! { <Frame>{page}</Frame> }
}

#[component]
fn SeenActor(seen: Seen) -> impl IntoView {
    let Seen { id, glance, days, pager } = seen;
    let title = format!("{} · Flightbox", glance.name.as_deref().unwrap_or(&id));
    view! {
        <PageTitle text=title />
        <nav class="trail" aria-label="Position">
            <a href="/events" data-up=""><Icon name="earlier" />"Events"</a>
            <span class="faded">"Actor"</span>
        </nav>
        <Head id glance=glance.clone() />
        <div class="actor-body">
            <Figures glance />
            <section class="timeline" aria-labelledby="timeline-title">
                <h2 id="timeline-title">"Timeline"</h2>
                {days.into_iter().map(|day| view! { <DaySection day /> }).collect_view()}
                <PagerLinks pager />
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn Head(id: String, glance: Glance) -> impl IntoView {
    let heading = glance.name.unwrap_or_else(|| id.clone());
    view! {
        <header class="actor-head">
            <h1><Text text=heading /></h1>
            <p>
                <span class="v mono">
                    <span class="v-main"><Text text=id.clone() /></span>
                    <span class="v-more"><CopyButton text=id label="Copy the id".to_owned() /></span>
                </span>
                {glance.kind.map(|kind| view! { <span class="kind">{kind}</span> })}
            </p>
            <dl class="seen">
                <div>
                    <dt>"First seen"</dt>
                    <dd><FullTime at=glance.first_seen /></dd>
                </div>
                <div>
                    <dt>"Last seen"</dt>
                    <dd><FullTime at=glance.last_seen /></dd>
                </div>
                <div>
                    <dt>"In all"</dt>
                    <dd><a href=glance.all_events>{glance.events}</a></dd>
                </div>
            </dl>
        </header>
    }
}

#[component]
fn Figures(glance: Glance) -> impl IntoView {
    let bars =
        [("Outcomes", glance.outcomes), ("Busiest actions", glance.actions), ("Busiest addresses", glance.addresses)];
    let bars = bars.into_iter().filter(|(_, bars)| !bars.is_empty());
    view! {
        <aside class="figures" aria-label="Figures">
            <section class="card">
                <h2>"Days"</h2>
                <Days strip=glance.strip />
            </section>
            {bars.map(|(title, bars)| view! { <section class="card"><h2>{title}</h2><Bars bars /></section> }).collect_view()}
            {glance
                .examined
                .map(|examined| {
                    view! { <p class="faded small">"Figures are of the newest "{examined}" events."</p> }
                })}
        </aside>
    }
}

#[component]
fn DaySection(day: DayOf) -> impl IntoView {
    view! {
        <section class="day-of">
            <h3><time datetime=day.date>{day.label}</time></h3>
            {day.sessions.into_iter().map(|session| view! { <SessionSection session /> }).collect_view()}
        </section>
    }
}

#[component]
fn SessionSection(session: SessionOf) -> impl IntoView {
    let span =
        if session.start == session.end { session.start } else { format!("{} – {}", session.start, session.end) };
    let count = session.rows.len();
    let name = match session.id {
        Some(id) => view! { "session "<span class="mono"><Text text=id /></span> }.into_any(),
        None => view! { <span title="These events name no session; 30 minutes of silence end one">"no session named"</span> }.into_any(),
    };
    view! {
        <div class="card session">
            <p class="session-head">
                <b>{span}</b>
                <span class="faded">{session.offset}</span>
                <span class="faded session-name">{name}</span>
                <span class="faded">{count}{if count == 1 { " event" } else { " events" }}</span>
            </p>
            <ol>{session.rows.into_iter().map(|row| view! { <Step row /> }).collect_view()}</ol>
        </div>
    }
}

#[component]
fn Step(row: Row) -> impl IntoView {
    view! {
        <li class="step">
            <a class="row-link mono" href=row.url><Clock at=row.time /></a>
            <span class="mono"><ActionLink action=row.action /></span>
            <span class="mono step-resource">{row.resource.map(|value| view! { <ValueLink value /> })}</span>
            <span class="step-outcome"><OutcomeLink outcome=row.outcome /></span>
            <span class="mono step-address">{row.address.map(|value| view! { <ValueLink value /> })}</span>
        </li>
    }
}
