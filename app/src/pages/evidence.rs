//! `/export/evidence`: events taken away so that others can check them, after what it says and for a reason.

use leptos::prelude::*;

use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        icon::Icon,
        problem::settle,
        reason::ReasonField,
        sentence::{Piece, Sentence},
        title::PageTitle,
    },
};

/// What the page shows. Whoever renders it provides this.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceAsked(pub Result<Taking, AppError>);

/// What the file would hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taking {
    /// The request, as path and query string.
    pub url: String,
    /// The view that it is taken from.
    pub view: String,
    /// The same in words.
    pub sentence: Vec<Piece>,
    /// How many events it finds, in words.
    pub count: String,
    /// What there is too much of, in a sentence.
    pub too_many: Option<String>,
    /// The reason that was typed.
    pub reason: String,
    /// The size of a checkpoint that was typed.
    pub since: String,
    /// What is wrong with the reason, in a sentence.
    pub wrong_reason: Option<String>,
    /// What is wrong with the size, in a sentence.
    pub wrong_since: Option<String>,
}

/// The page. The server itself answers its form.
#[component]
pub fn EvidencePage() -> impl IntoView {
    let Some(EvidenceAsked(taking)) = use_context::<EvidenceAsked>() else { return ().into_any() };
    let shown = settle(taking, |taking| view! { <Shown taking /> }.into_any());
    view! { <Frame>{shown}</Frame> }.into_any()
}

#[component]
fn Shown(taking: Taking) -> impl IntoView {
    let Taking { url, view, sentence, count, too_many, reason, since, wrong_reason, wrong_since } = taking;
    let form = match too_many {
        Some(too_many) => view! { <p class="wrong" role="alert">{too_many}</p> }.into_any(),
        None => view! { <Take url reason since wrong_reason wrong_since /> }.into_any(),
    };
    view! {
        <PageTitle text="Take evidence · Flightbox" />
        <div class="kept leaving">
            <h1>"Take evidence"</h1>
            <section class="card" aria-labelledby="holds">
                <h2 id="holds">"What the file holds"</h2>
                <p class="leaving-what"><Sentence pieces=sentence /></p>
                <dl class="facts">
                    <div><dt>"Found"</dt><dd>{count}</dd></div>
                    <div><dt>"Records"</dt><dd>"byte by byte as they were hashed; sealed values stay sealed"</dd></div>
                    <div><dt>"Proofs"</dt><dd>"that each stands in the log, at its number, under one signed checkpoint"</dd></div>
                    <div><dt>"Its own event"</dt><dd>"that you took it, what you asked for, and why"</dd></div>
                </dl>
                <p><a href=view>"Back to the view"</a></p>
            </section>
            {form}
            <section class="card" aria-labelledby="check">
                <h2 id="check">"How it is checked"</h2>
                <p>
                    "On any machine, without a network: with "
                    <code>"flightbox verify --evidence FILE --key KEY"</code>", or dropped on "
                    <a href="/verify">"the page that verifies"</a>
                    ", which can be saved and handed on with it. The key has to come from elsewhere: "
                    <code>"flightbox log-key show"</code>" prints it."
                </p>
            </section>
        </div>
    }
}

#[component]
fn Take(
    url: String,
    reason: String,
    since: String,
    wrong_reason: Option<String>,
    wrong_since: Option<String>,
) -> impl IntoView {
    let refused = wrong_since.is_some();
    view! {
        <section class="card" aria-labelledby="why">
            <h2 id="why">"Why you take it"</h2>
            <p>"That you take it is recorded before the first of it leaves, and stands in the file itself."</p>
            <form class="reason-form" method="post" action=url>
                <ReasonField label="Reason" reason wrong=wrong_reason first=!refused />
                <div class="reason-field">
                    <label for="since">"Size of a checkpoint that was kept elsewhere"</label>
                    <input
                        id="since"
                        name="since"
                        inputmode="numeric"
                        autocomplete="off"
                        value=since
                        autofocus=refused
                        aria-describedby=if refused { "since-wrong since-what" } else { "since-what" }
                        aria-invalid=refused.then_some("true")
                    />
                    {wrong_since.map(|wrong| view! { <p class="wrong" id="since-wrong" role="alert">{wrong}</p> })}
                    <p class="faded" id="since-what">
                        "If you have one: the number on its second line. The file then proves that the log grew from it."
                    </p>
                </div>
                <button class="primary" type="submit"><Icon name="export" />"Take evidence"</button>
            </form>
        </section>
    }
}
