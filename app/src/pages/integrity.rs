//! `/integrity`: whether the log is what was recorded, how that is known, and how to find out oneself.

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
        value::CopyButton,
    },
};

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
    let damaged = now.state == State::Damaged;
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
            {damaged.then(|| view! { <WhatToDo /> })}
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

/// For whoever reads that it is damaged.
#[component]
fn WhatToDo() -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="to-do">
            <h2 id="to-do">"What to do"</h2>
            <ol class="integrity-steps">
                <li>"Copy the whole data folder away before anything else is changed. Events go on being recorded meanwhile."</li>
                <li>
                    "Run "<code>"flightbox verify --since FILE"</code>
                    " with the newest checkpoint that was kept elsewhere: it tells whether the log still leads on from that, and names the first event that does not fit."
                </li>
                <li>"Find out who could write to the data folder in the time that is named, and compare with a backup from before."</li>
                <li>"It stays red until the log was looked through completely and found whole."</li>
            </ol>
        </section>
    }
}

#[component]
fn Log(events: String, signed: Signed) -> impl IntoView {
    let Signed { size, root, at, origin, note } = signed;
    view! {
        <section class="card" aria-labelledby="log">
            <h2 id="log">"The log"</h2>
            <dl class="facts">
                <div><dt>"Name"</dt><dd class="mono">{origin}</dd></div>
                <div><dt>"Size"</dt><dd>{events}</dd></div>
                <div><dt>"Last checkpoint"</dt><dd>"Of "{size}", signed "<FullTime at /></dd></div>
                <div><dt>"Root"</dt><dd><code>{root.clone()}</code>" "<CopyButton text=root label="Copy the root".to_owned() /></dd></div>
            </dl>
            <details class="integrity-note">
                <summary>"The signed checkpoint"</summary>
                <pre class="sample">{note.clone()}</pre>
                <p>
                    <CopyButton text=note label="Copy the checkpoint".to_owned() />
                    " Anybody gets it from "<a href="/checkpoint">"/checkpoint"</a>"."
                </p>
            </details>
        </section>
    }
}

#[component]
fn Anchored(anchors: Anchors) -> impl IntoView {
    let Anchors { path, count, torn, newest, failure, delivery } = anchors;
    let newest = match newest {
        Some((size, at)) => view! { "Of "{size}", signed "<FullTime at /> }.into_any(),
        None => "None yet".into_any(),
    };
    let delivery = delivery.map(|(host, arrived, failed)| {
        view! {
            <div>
                <dt>"Webhook"</dt>
                <dd>
                    {host.map(|host| view! { <code>{host}</code>" " })}{arrived}
                    {failed.map(|why| view! { <span class="wrong">{why}</span> })}
                </dd>
            </div>
        }
    });
    view! {
        <section class="card" aria-labelledby="anchors">
            <h2 id="anchors">"Anchors"</h2>
            <dl class="facts">
                <div><dt>"Newest"</dt><dd>{newest}</dd></div>
                <div><dt>"In the file"</dt><dd>{count}</dd></div>
                {path.map(|path| view! { <div><dt>"File"</dt><dd><code>{path}</code></dd></div> })}
                {delivery}
            </dl>
            {failure.map(|why| view! { <p class="wrong">"The last was not written: "{why}</p> })}
            {(torn > 0).then(|| view! { <p class="faded">"Something in the file is cut off, and is passed over."</p> })}
            <p>
                "What an anchor covers cannot be altered unseen any more, not even with the log’s own key. An anchor that this machine can rewrite holds no longer than the machine."
            </p>
        </section>
    }
}

#[component]
fn Keys(keys: Vec<KeyLine>) -> impl IntoView {
    let lines = keys.into_iter().map(|KeyLine { key, about }| {
        view! {
            <li>
                <code>{key.clone()}</code>" "
                <CopyButton text=key label=format!("Copy the key that {about}") />
                <span class="faded">{about}</span>
            </li>
        }
    });
    view! {
        <section class="card" aria-labelledby="keys">
            <h2 id="keys">"Public keys"</h2>
            <ul class="integrity-keys">{lines.collect_view()}</ul>
        </section>
    }
}

#[component]
fn Yourself() -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="yourself">
            <h2 id="yourself">"Find out yourself"</h2>
            <p>
                "Nothing that a server says of itself proves anything. Keep its keys, and now and then a checkpoint, where nobody who has the data folder can change them:"
            </p>
            <pre class="sample">"flightbox log-key show > log-keys\ncurl https://THIS-SERVER/checkpoint > checkpoint"</pre>
            <p>"Then, beside the server or on a copy of its data folder, the log is held against what you kept:"</p>
            <pre class="sample">"flightbox verify --since checkpoint --key KEY"</pre>
        </section>
    }
}
