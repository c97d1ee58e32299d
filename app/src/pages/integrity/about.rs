//! What stands below how the log stands: what there is to hold it against, and what to do.

use leptos::prelude::*;

use super::{Anchors, KeyLine, Signed};
use crate::parts::{stamp::FullTime, value::CopyButton};

/// For whoever reads that it is damaged.
#[component]
pub(super) fn WhatToDo() -> impl IntoView {
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
pub(super) fn Log(events: String, signed: Signed) -> impl IntoView {
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
pub(super) fn Anchored(anchors: Anchors) -> impl IntoView {
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
pub(super) fn Keys(keys: Vec<KeyLine>) -> impl IntoView {
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
pub(super) fn Yourself() -> impl IntoView {
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
