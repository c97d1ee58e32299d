//! `/integrity`: whether the log is what was recorded, how that is known, and how to find out oneself.

mod about;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    islands::follow::Following,
    parts::{
        badge::State,
        frame::Frame,
        icon::Icon,
        problem::settle,
        stamp::{FullTime, Stamp},
        title::PageTitle,
    },
};
use about::{Anchored, Keys, Log, WhatToDo, Yourself};

/// Everything that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrityShown {
    /// What changes while somebody looks at it.
    pub now: Now,
    /// How many events there are.
    pub events: String,
    /// The last checkpoint.
    pub signed: Signed,
    /// What is anchored.
    pub anchors: Anchors,
    /// The log's public keys, the one that signs first.
    pub keys: Vec<KeyLine>,
    /// Whether whoever looks may have all of it looked through.
    pub may_verify: bool,
}

/// How the log stands right now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// In a word.
    pub state: State,
    /// In a sentence.
    pub sentence: String,
    /// How that is known.
    pub held: Option<String>,
    /// Why nothing is signed, where nothing is.
    pub refused: Option<String>,
    /// What is wrong.
    pub findings: Vec<FindingLine>,
    /// When that was found.
    pub found: Option<Stamp>,
    /// When all of it was last whole.
    pub whole: Option<Stamp>,
    /// How far it is being looked through.
    pub round: Option<Progress>,
    /// Why the last round came to no end.
    pub trouble: Option<String>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingLine {
    /// The first event that it concerns.
    pub seq: u64,
    /// Its page, if there is such an event.
    pub url: Option<String>,
    /// What it is.
    pub words: String,
}

/// A round that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Events that are done.
    pub done: u64,
    /// Events that it has.
    pub of: u64,
    /// The same in words.
    pub words: String,
    /// Who asked for it.
    pub by: Option<String>,
}

/// A checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// How many events it covers.
    pub size: String,
    /// Their root.
    pub root: String,
    /// When it was signed.
    pub at: Stamp,
    /// The log's name.
    pub origin: String,
    /// The signed note.
    pub note: String,
}

/// What is anchored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchors {
    /// The file, for those who may know.
    pub path: Option<String>,
    /// How many it holds.
    pub count: String,
    /// How many pieces of it are cut off.
    pub torn: usize,
    /// How many events the newest covers, and when it was signed.
    pub newest: Option<(String, Stamp)>,
    /// Why the last was not written.
    pub failure: Option<String>,
    /// The webhook, where there is one: its host for those who may know, what arrived, and what did not.
    pub delivery: Option<(Option<String>, String, Option<String>)>,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLine {
    /// The key, as it is written.
    pub key: String,
    /// What it does or did.
    pub about: String,
}

/// Tells it.
#[server(prefix = "/pages", endpoint = "integrity", input = server_fn::codec::GetUrl)]
pub async fn read() -> Result<IntegrityShown, AppError> {
    crate::read::integrity::read()
}

/// The page. The server itself answers its form.
#[component]
pub fn Integrity() -> impl IntoView {
    let page = Suspend::new(async move { settle(read().await, |shown| view! { <Shown shown /> }.into_any()) });
    view! { <Frame>{page}</Frame> }
}

/// What changes while somebody looks at it, alone.
#[cfg(feature = "ssr")]
pub fn fragment(now: Now) -> String {
    view! { <Standing now /> }.to_html()
}

#[component]
fn Shown(shown: IntegrityShown) -> impl IntoView {
    let IntegrityShown { now, events, signed, anchors, keys, may_verify } = shown;
    view! {
        <PageTitle text=format!("{} · Integrity · Flightbox", now.state.word()) />
        <div class="people integrity-page">
            <div class="integrity-head">
                <h1>"Integrity"</h1>
                {may_verify
                    .then(|| {
                        view! {
                            <form method="post" action="/integrity/verify">
                                <button class="plain" type="submit">"Verify now"</button>
                            </form>
                        }
                    })}
            </div>
            <div data-stream="/integrity/live"><Standing now /></div>
            <Following />
            <Log events signed />
            <Anchored anchors />
            <Keys keys />
            <Yourself />
        </div>
    }
}

#[component]
fn Standing(now: Now) -> impl IntoView {
    let Now { state, sentence, held, refused, findings, found, whole, round, trouble } = now;
    let hurries = round.as_ref().is_some_and(|round| round.by.is_some());
    let findings = findings.into_iter().map(|FindingLine { seq, url, words }| {
        let event = format!("Event {seq}");
        let event = match url {
            Some(url) => view! { <a href=url>{event}</a> }.into_any(),
            None => event.into_any(),
        };
        view! { <li>{event}": "{words}</li> }
    });
    let whole = whole
        .filter(|_| state == State::Damaged)
        .map(|at| view! { <p class="faded">"All of it was last whole "<FullTime at /></p> });
    view! {
        <section class=format!("card integrity-now {}", state.class()) aria-label="How the log stands">
            <p class="integrity-word" role="status"><Icon name=state.icon() />{state.word()}</p>
            <p class="integrity-sentence">{sentence}</p>
            {held.map(|held| view! { <p class="faded">{held}</p> })}
            <ul class="integrity-found">
                {refused.map(|why| view! { <li>"Not signed: "{why}</li> })}
                {findings.collect_view()}
            </ul>
            {found.map(|at| view! { <p class="faded">"Found "<FullTime at /></p> })}
            {whole}
            {round.map(|round| view! { <Going round /> })}
            {trouble.map(|why| view! { <p class="wrong">"The last round came to no end: "{why}</p> })}
            {hurries
                .then(|| {
                    view! {
                        <noscript>
                            <meta http-equiv="refresh" content="2; url=/integrity" />
                            <p><a href="/integrity">"Show it again"</a></p>
                        </noscript>
                    }
                })}
        </section>
        {(state == State::Damaged).then(|| view! { <WhatToDo /> })}
    }
}

#[component]
fn Going(round: Progress) -> impl IntoView {
    let Progress { done, of, words, by } = round;
    let about = match by {
        Some(by) => format!(", at full speed, for {by}"),
        None => ", in the background".to_owned(),
    };
    view! {
        <div class="integrity-round">
            <progress max=of.to_string() value=done.to_string() aria-label="How far this round is"></progress>
            <p class="small">{words}<span class="faded">{about}</span></p>
        </div>
    }
}
