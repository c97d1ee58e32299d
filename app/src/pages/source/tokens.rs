//! The ingest tokens of a source.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::parts::stamp::Stamp;

/// For how long the token before goes on beside a new one, in hours, and how that is said; 0 is until it is revoked.
const OVERLAPS: [(i64, &str); 4] =
    [(24, "for 24 hours"), (1, "for an hour"), (168, "for 7 days"), (0, "until I revoke it")];

/// An ingest token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestTokenLine {
    /// Its number in its source.
    pub number: i64,
    /// When it was made.
    pub made: Stamp,
    /// When it ends, and in how long.
    pub ends: Option<(Stamp, String)>,
    /// How long ago it was last used, if ever.
    pub used: Option<String>,
}

/// The tokens, and what makes another.
#[component]
pub fn Tokens(
    /// The source's page, where the forms go.
    url: String,
    /// The tokens.
    tokens: Vec<IngestTokenLine>,
) -> impl IntoView {
    let count = tokens.len();
    let lines = tokens.into_iter().map(|token| view! { <Token url=url.clone() token /> }).collect_view();
    let terms = OVERLAPS.map(|(hours, words)| view! { <option value=hours>{words}</option> });
    let make = match count {
        0 => view! {
            <form method="post" action=url>
                <input type="hidden" name="do" value="rotate" />
                <button class="primary" type="submit">"Make a token"</button>
            </form>
        }
        .into_any(),
        1 => view! {
            <form class="grants" method="post" action=url>
                <input type="hidden" name="do" value="rotate" />
                <p class="faded">
                    "To put another token in its place, make that first, and give it to the producer. The one above goes on meanwhile; when it was last used tells whether anybody still needs it."
                </p>
                <div class="field">
                    <label for="overlap">"The token above goes on"</label>
                    <select id="overlap" name="overlap">{terms.into_iter().collect_view()}</select>
                </div>
                <button class="primary" type="submit">"Make another token"</button>
            </form>
        }
        .into_any(),
        _ => view! {
            <p class="faded">"Two are as many as a source has. Revoke the one that nobody uses any more, or let it end."</p>
        }
        .into_any(),
    };
    view! {
        <section class="card" aria-labelledby="tokens">
            <h2 id="tokens">"Ingest tokens"</h2>
            {(count == 0).then(|| view! { <p class="faded">"None: nobody can send to this source."</p> })}
            {(count > 0).then(|| view! { <ul class="sessions">{lines}</ul> })}
            <div class="make-token">{make}</div>
        </section>
    }
}

#[component]
fn Token(url: String, token: IngestTokenLine) -> impl IntoView {
    let IngestTokenLine { number, made, ends, used } = token;
    let used = used.map_or("never used".to_owned(), |ago| format!("last used {ago}"));
    let label = format!("Revoke token {number}");
    let ends = match ends {
        Some((at, left)) => {
            let title = format!("{} {} {}", at.date, at.clock, at.offset);
            view! { " · ends in "<time datetime=at.iso title=title>{left}</time> }.into_any()
        }
        None => ().into_any(),
    };
    view! {
        <li>
            <p class="session-device"><b>"Token "{number}</b></p>
            <p class="faded">{used}{ends}" · made "{made.ago}</p>
            <form method="post" action=url>
                <input type="hidden" name="do" value="revoke" />
                <input type="hidden" name="token" value=number />
                <button class="danger" type="submit" aria-label=label>"Revoke"</button>
            </form>
        </li>
    }
}
