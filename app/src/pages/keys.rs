//! `/settings/keys`: which keys there are. They are changed at the command line alone.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    pages::settings::SettingTrail,
    parts::{
        frame::Frame,
        number::grouped,
        problem::settle,
        stamp::{FullTime, Stamp},
        text::Text,
        title::PageTitle,
        value::CopyButton,
    },
};

/// Where the master key comes from. The server provides it to each page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MasterFrom {
    /// A file in the data folder.
    File,
    /// What a command prints.
    Command,
}

/// The keys, as far as anybody may know them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysShown {
    /// The fingerprint of the master key.
    pub fingerprint: String,
    /// Where it comes from.
    pub from: MasterFrom,
    /// When it was last changed and by whom, with the event that says so.
    pub changed: Option<(Stamp, String, i64)>,
    /// How many keys an earlier master key still wraps.
    pub elsewhere: u64,
    /// How many subjects' keys are in use.
    pub in_use: u64,
    /// When the oldest and the newest of them were made.
    pub made: Option<(Stamp, Stamp)>,
    /// How many were destroyed.
    pub erased: u64,
    /// When the last of those was.
    pub last_erased: Option<Stamp>,
    /// The number of the key that signs session tokens, and since when it does; none before anybody signed in.
    pub session: Option<(i64, Stamp)>,
    /// How many before it still verify.
    pub verifying: u64,
}

/// Counts them.
#[server(prefix = "/pages", endpoint = "keys", input = server_fn::codec::GetUrl)]
pub async fn read() -> Result<KeysShown, AppError> {
    crate::read::keys::read().await
}

/// The page.
#[component]
pub fn KeysPage() -> impl IntoView {
    let page = Suspend::new(async move { settle(read().await, |keys| view! { <Shown keys /> }.into_any()) });
    view! { <Frame>{page}</Frame> }
}

#[component]
fn Shown(keys: KeysShown) -> impl IntoView {
    let KeysShown { fingerprint, from, changed, elsewhere, in_use, made, erased, last_erased, session, verifying } =
        keys;
    let origin = match from {
        MasterFrom::File => "The file master.key in the data folder",
        MasterFrom::Command => "What the command in FLIGHTBOX_MASTER_KEY_COMMAND prints",
    };
    let changed = match changed {
        Some((at, by, seq)) => view! {
            <FullTime at />" by "<Text text=by />
            <a class="aside-link" href=format!("/events/{seq}")>"Event "{seq}</a>
        }
        .into_any(),
        None => "Never, as far as the record of access goes".into_any(),
    };
    let wrapped = match elsewhere {
        0 => "All keys, and the log’s own".to_owned(),
        count => {
            format!("All but {}, which an earlier master key still wraps; rotate again to end that", grouped(count))
        }
    };
    let made = made.map(|(oldest, newest)| {
        view! {
            <div><dt>"Oldest"</dt><dd><FullTime at=oldest /></dd></div>
            <div><dt>"Newest"</dt><dd><FullTime at=newest /></dd></div>
        }
    });
    let last_erased = last_erased.map(|at| view! { ", the last "<FullTime at /> });
    let signs = match session {
        Some((number, at)) => view! { "session-"{number}", since "<FullTime at /> }.into_any(),
        None => "None yet: nobody has signed in".into_any(),
    };
    view! {
        <PageTitle text="Keys · Flightbox" />
        <SettingTrail title="Keys" />
        <div class="people keys-page">
            <h1>"Keys"</h1>
            <section class="card" aria-labelledby="master">
                <h2 id="master">"Master key"</h2>
                <dl class="facts">
                    <div>
                        <dt>"Fingerprint"</dt>
                        <dd><code>{fingerprint.clone()}</code>" "<CopyButton text=fingerprint label="Copy the fingerprint".to_owned() /></dd>
                    </div>
                    <div><dt>"Comes from"</dt><dd>{origin}</dd></div>
                    <div><dt>"Wraps"</dt><dd>{wrapped}</dd></div>
                    <div><dt>"Last changed"</dt><dd>{changed}</dd></div>
                </dl>
                <p>
                    "It wraps all other keys and stands in no database. Without it the log does not open: keep it in a backup of its own."
                </p>
            </section>
            <section class="card" aria-labelledby="data">
                <h2 id="data">"Keys of sealed values"</h2>
                <dl class="facts">
                    <div><dt>"In use"</dt><dd>{grouped(in_use)}</dd></div>
                    {made}
                    <div><dt>"Destroyed"</dt><dd>{grouped(erased)}{last_erased}</dd></div>
                </dl>
                <p>
                    "Each person that sealed values are about has one in each source. Destroying it erases those values for good; what is left of it only says so. They are in keys.db: back it up apart from the events, and keep its newest copy alone."
                </p>
            </section>
            <section class="card" aria-labelledby="sessions">
                <h2 id="sessions">"Keys of sessions"</h2>
                <dl class="facts">
                    <div><dt>"Signs"</dt><dd>{signs}</dd></div>
                    <div><dt>"Verify still"</dt><dd>{match verifying { 0 => "No other".to_owned(), count => format!("{} before it", grouped(count)) }}</dd></div>
                </dl>
            </section>
            <Rotate from />
        </div>
    }
}

/// The commands.
#[component]
fn Rotate(from: MasterFrom) -> impl IntoView {
    let (master, then) = match from {
        MasterFrom::File => (
            "flightbox keys rotate",
            "A new key is drawn, all others are wrapped anew by it, and it takes the place of master.key. Cut off anywhere, it goes on at the next start.",
        ),
        MasterFrom::Command => (
            "flightbox keys rotate --command 'COMMAND THAT PRINTS THE NEXT KEY'",
            "All keys are wrapped anew by the key that the command prints. From then on FLIGHTBOX_MASTER_KEY_COMMAND has to be that command; cut off, the server starts with both, the next one in FLIGHTBOX_NEXT_MASTER_KEY_COMMAND.",
        ),
    };
    view! {
        <section class="card" aria-labelledby="rotate">
            <h2 id="rotate">"To change them"</h2>
            <p>"At the command line, beside the running server; events come in and are read meanwhile."</p>
            <pre class="sample">{master}</pre>
            <p class="faded">{then}</p>
            <pre class="sample">"flightbox session-key rotate"</pre>
            <p class="faded">
                "Another key signs sessions from now on. With --revoke those before it verify nothing, and everybody signs in again."
            </p>
        </section>
    }
}
