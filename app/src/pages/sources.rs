//! `/sources`: who sends, how much and how late, and what is amiss.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        person::NameField,
        problem::settle,
        queue::{QueueCard, QueueShown},
        source::{Hours, IngestTokenCard, IngestTokenShown, Rate, SourceRefused, SourceStanding, SourceStandingMark},
        stamp::Stamp,
        text::Text,
        title::PageTitle,
    },
    state::ViewState,
};

/// A source, as the list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceLine {
    /// The name.
    pub name: String,
    /// Its page.
    pub url: String,
    /// How it stands.
    pub standing: SourceStanding,
    /// When an event of it was last received.
    pub seen: Option<Stamp>,
    /// What it sent within a day.
    pub rate: Rate,
    /// How late its newest events were received, in words.
    pub lag: Option<String>,
    /// What is in quarantine.
    pub refused: Refused,
    /// What was new of it within a week, in words.
    pub new: Option<String>,
}

/// What was refused of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// How many batches are kept.
    pub kept: u64,
    /// How many of them came within a day.
    pub lately: u64,
    /// Where they are.
    pub url: String,
}

/// The sources that somebody sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceList {
    /// By name.
    pub sources: Vec<SourceLine>,
    /// Whether they may add one: whoever sees some would not see another.
    pub may_add: bool,
    /// The queue that events come from, where there is one.
    pub queue: Option<QueueShown>,
}

/// Lists them.
#[server(prefix = "/pages", endpoint = "sources", input = server_fn::codec::GetUrl)]
pub async fn list(
    /// The zone of times; empty for UTC.
    tz: String,
) -> Result<SourceList, AppError> {
    crate::read::sources::list(&tz).await
}

/// The page. The server itself answers its form.
#[component]
pub fn SourcesPage() -> impl IntoView {
    let tz = ViewState::from_search(&use_location().search.get_untracked()).tz;
    let (shown, refused) = (use_context::<IngestTokenShown>(), use_context::<SourceRefused>());
    let page =
        Suspend::new(
            async move { settle(list(tz).await, |sources| view! { <Listed sources shown refused /> }.into_any()) },
        );
    view! { <Frame>{page}</Frame> }
}

#[component]
fn Listed(sources: SourceList, shown: Option<IngestTokenShown>, refused: Option<SourceRefused>) -> impl IntoView {
    let SourceList { sources, may_add, queue } = sources;
    let none = sources.is_empty();
    let lines = sources.into_iter().map(|source| view! { <Line source /> }).collect_view();
    view! {
        <PageTitle text="Sources · Flightbox" />
        <div class="people sources-page">
            <h1>"Sources"</h1>
            {shown.map(|shown| view! { <IngestTokenCard shown /> })}
            {if none {
                view! {
                    <section class="card">
                        <p class="faded">
                            "Nothing sends yet. A source is whatever sends events under one name, such as a service: add it, give it its token, and its first event appears here. Files of other systems are imported into one, too."
                        </p>
                    </section>
                }
                    .into_any()
            } else {
                view! {
                    <div class="card people-card">
                        <table class="people-list sources-list">
                            <caption class="vh">"Everything that sends events, by name"</caption>
                            <thead>
                                <tr>
                                    <th scope="col">"Name"</th>
                                    <th scope="col">"State"</th>
                                    <th scope="col">"Last seen"</th>
                                    <th scope="col">"Last 24 hours"</th>
                                    <th scope="col">
                                        "Lag"<span class="vh">", the median of the newest twenty events"</span>
                                    </th>
                                    <th scope="col">"Refused"</th>
                                    <th scope="col">"New in 7 days"</th>
                                </tr>
                            </thead>
                            <tbody>{lines}</tbody>
                        </table>
                    </div>
                    <p class="faded small">
                        "Lag is how long after it happened an event is received, the median of a source’s newest twenty. Refused batches are kept for 30 days. New are actions and fields that a known source had never sent."
                    </p>
                }
                    .into_any()
            }}
            {queue.map(|queue| view! { <QueueCard queue /> })}
            {if may_add {
                view! { <Add refused /> }.into_any()
            } else {
                view! { <p class="faded">"Sources are added by administrators who see all of them."</p> }.into_any()
            }}
        </div>
    }
}

#[component]
fn Line(source: SourceLine) -> impl IntoView {
    let SourceLine { name, url, standing, seen, rate, lag, refused, new } = source;
    let seen = match seen {
        Some(at) => {
            let title = format!("{} {} {}", at.date, at.clock, at.offset);
            view! { <time datetime=at.iso title=title>{at.ago}</time> }.into_any()
        }
        None => view! { <span class="faded">"never"</span> }.into_any(),
    };
    let (total, hourly) = (rate.total.clone(), rate.hourly.clone());
    let Refused { kept, lately, url: quarantine } = refused;
    let refused = match (kept, lately) {
        (0, _) => view! { <span class="faded">"none"</span> }.into_any(),
        (kept, 0) => view! { <a class="amiss" href=quarantine>{kept}" kept"</a> }.into_any(),
        (kept, lately) => view! { <a class="amiss" href=quarantine>{kept}" kept, "{lately}" today"</a> }.into_any(),
    };
    let new = match new {
        Some(new) => view! { <a class="amiss" href=format!("{url}#drift")>{new}</a> }.into_any(),
        None => view! { <span class="faded">"nothing"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row"><a href=url><Text text=name /></a></th>
            <td><SourceStandingMark standing /></td>
            <td>{seen}</td>
            <td>
                <div class="rate">
                    <Hours rate />
                    <span><b>{total}</b>{hourly.map(|hourly| view! { <small>{hourly}</small> })}</span>
                </div>
            </td>
            <td data-is="Lag">{lag.unwrap_or_else(|| "–".to_owned())}</td>
            <td data-is="Refused">{refused}</td>
            <td data-is="New">{new}</td>
        </tr>
    }
}

#[component]
fn Add(refused: Option<SourceRefused>) -> impl IntoView {
    let (name, message) = refused.map(|SourceRefused { name, message }| (name, message)).unzip();
    view! {
        <section class="card" aria-labelledby="add">
            <h2 id="add">"Add a source"</h2>
            <p class="faded">
                "You get the token that it sends with. The name stands on each of its events and never changes: small letters, digits and . _ -"
            </p>
            <form class="grants" method="post" action="/sources">
                <input type="hidden" name="do" value="add" />
                <NameField name=name.unwrap_or_default() wrong=message />
                <button class="primary" type="submit">"Add the source"</button>
            </form>
        </section>
    }
}
