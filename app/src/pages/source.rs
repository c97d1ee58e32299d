//! `/sources/{name}`: one source, its tokens, its habit, and what is new of it.

pub mod tokens;

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use serde::{Deserialize, Serialize};

use self::tokens::{IngestTokenLine, Tokens};
use super::sources::SourceLine;
use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        icon::Icon,
        problem::settle,
        source::{Hours, IngestTokenCard, IngestTokenShown, SourceRefused, SourceStanding, SourceStandingMark},
        stamp::{FullTime, Stamp},
        text::Text,
        title::PageTitle,
    },
    state::ViewState,
};

/// A source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OneSource {
    /// What the list tells of it.
    pub line: SourceLine,
    /// When it was added, if it was.
    pub added: Option<Stamp>,
    /// Since when it is disabled.
    pub disabled: Option<Stamp>,
    /// How many events of it there are.
    pub events: String,
    /// Where they are listed.
    pub list: String,
    /// Its habit, in sentences.
    pub habit: Vec<String>,
    /// Its tokens that are good.
    pub tokens: Vec<IngestTokenLine>,
    /// What was new.
    pub drift: Drift,
    /// What the record of access has of it.
    pub trail: String,
}

/// What was new of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The newest of it.
    pub new: Vec<NewLine>,
    /// How much more there is, in words.
    pub more: Option<String>,
    /// What it has shown besides, in a sentence.
    pub known: String,
    /// Whether it is still being learned.
    pub learning: bool,
    /// What it has shown so much of that nothing of it is new any more, a sentence each.
    pub full: Vec<String>,
}

/// Something that a source showed for the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLine {
    /// What it is.
    pub kind: String,
    /// Its name, as it stands in an event.
    pub name: String,
    /// When the first event with it happened.
    pub at: Stamp,
    /// That event.
    pub url: String,
}

/// Reads a source; one that there is not, or that is not theirs to see, is missing.
#[server(prefix = "/pages", endpoint = "source", input = server_fn::codec::GetUrl)]
pub async fn look_at(
    /// The name.
    name: String,
    /// The zone of times; empty for UTC.
    tz: String,
) -> Result<OneSource, AppError> {
    crate::read::sources::one(&name, &tz).await
}

/// The page. The server itself answers its forms.
#[component]
pub fn SourcePage() -> impl IntoView {
    let tz = ViewState::from_search(&use_location().search.get_untracked()).tz;
    let name = use_params_map().read_untracked().get("name").unwrap_or_default();
    let (shown, refused) = (use_context::<IngestTokenShown>(), use_context::<SourceRefused>());
    let page = Suspend::new(async move {
        settle(look_at(name, tz).await, |source| view! { <Shown source shown refused /> }.into_any())
    });
    view! { <Frame>{page}</Frame> }
}

#[component]
fn Shown(source: OneSource, shown: Option<IngestTokenShown>, refused: Option<SourceRefused>) -> impl IntoView {
    let OneSource { line, added, disabled, events, list, habit, tokens, drift, trail } = source;
    let SourceLine { name, url, standing, seen, rate, lag, refused: kept, .. } = line;
    let silent = matches!(standing, SourceStanding::Silent(_));
    let (total, hourly) = (rate.total.clone(), rate.hourly.clone());
    let wrong = refused.map(|refused| view! { <p class="wrong card" role="alert">{refused.message}</p> });
    let is_added = added.is_some();
    let added = match added {
        Some(at) => view! { <FullTime at /> }.into_any(),
        None => "by nobody: its events were imported".into_any(),
    };
    let seen = match seen {
        Some(at) => view! { <FullTime at /> }.into_any(),
        None => "never".into_any(),
    };
    let is_disabled = disabled.is_some();
    let disabled = disabled.map(|at| view! { <div><dt>"Disabled"</dt><dd><FullTime at /></dd></div> });
    let refused = match kept.kept {
        0 => "nothing that is kept".into_any(),
        1 => view! { <a href=kept.url>"1 batch in quarantine"</a> }.into_any(),
        many => view! { <a href=kept.url>{many}" batches in quarantine"</a> }.into_any(),
    };
    let habit = habit.into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view();
    view! {
        <PageTitle text=format!("{name} · Sources · Flightbox") />
        <nav class="trail" aria-label="Position">
            <a href="/sources" data-up=""><Icon name="earlier" />"Sources"</a>
        </nav>
        <div class="people source-page">
            <div class="person-head">
                <h1><Text text=name.clone() /></h1>
                <SourceStandingMark standing />
            </div>
            {wrong}
            {shown.map(|shown| view! { <IngestTokenCard shown /> })}
            <section class="card" aria-labelledby="about">
                <h2 id="about">"About"</h2>
                <dl class="facts">
                    <div><dt>"Added"</dt><dd>{added}</dd></div>
                    {disabled}
                    <div><dt>"Last seen"</dt><dd>{seen}</dd></div>
                    <div><dt>"Events"</dt><dd><a href=list>{events}</a></dd></div>
                    <div>
                        <dt>"Last 24 hours"</dt>
                        <dd class="rate">
                            <Hours rate />
                            <span><b>{total}</b>{hourly.map(|hourly| view! { <small>{hourly}</small> })}</span>
                        </dd>
                    </div>
                    <div>
                        <dt>"Lag"</dt>
                        <dd>
                            {lag.unwrap_or_else(|| "–".to_owned())}
                            <span class="ago">"the median of its newest twenty events"</span>
                        </dd>
                    </div>
                    <div><dt>"Refused"</dt><dd>{refused}</dd></div>
                </dl>
                <p>
                    <a href=format!("{url}/import")>"Import files"</a>" · "
                    <a href=trail>"All that the record of access has"</a>
                </p>
            </section>
            <section class="card" class:amiss-card=silent aria-labelledby="silence">
                <h2 id="silence">"Silence"</h2>
                {habit}
            </section>
            <Tokens url=url.clone() tokens />
            <section class="card" aria-labelledby="drift">
                <h2 id="drift">"New in what it sends"</h2>
                <DriftList drift />
            </section>
            {is_added.then(|| view! { <Switch url disabled=is_disabled /> })}
        </div>
    }
}

#[component]
fn DriftList(drift: Drift) -> impl IntoView {
    let Drift { new, more, known, learning, full } = drift;
    let none = new.is_empty();
    let rows = new.into_iter().map(|NewLine { kind, name, at, url }| {
        view! {
            <tr>
                <th scope="row"><code><Text text=name /></code></th>
                <td>{kind}</td>
                <td><a href=url><FullTime at /></a></td>
            </tr>
        }
    });
    let learned = if learning { "It is still being learned." } else { "" };
    view! {
        <p class="faded">
            "Actions and fields that it had never sent. What it shows in its first hour, and among its first 1,000 events within a week, is learned and not new. "
            {known}" "{learned}
        </p>
        {if none {
            view! { <p class="calm">"Nothing was new since."</p> }.into_any()
        } else {
            view! {
                <table class="rule-table drift">
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"Kind"</th>
                            <th scope="col">"First event"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            }
                .into_any()
        }}
        {more.map(|more| view! { <p class="faded">{more}</p> })}
        {full.into_iter().map(|full| view! { <p class="note">{full}</p> }).collect_view()}
    }
}

#[component]
fn Switch(url: String, disabled: bool) -> impl IntoView {
    let (what, about, word, class) = if disabled {
        ("enable", "It may send again, with the tokens that it has.", "Enable", "plain")
    } else {
        ("disable", "What it sends is refused (403) until it is enabled again. Its events stay.", "Disable", "danger")
    };
    view! {
        <section class="card" aria-labelledby="switch">
            <h2 id="switch">{if disabled { "Let it send again" } else { "Keep it from sending" }}</h2>
            <form class="act" method="post" action=url>
                <input type="hidden" name="do" value=what />
                <p class="faded">{about}</p>
                <button class=class type="submit">{word}</button>
            </form>
        </section>
    }
}
