//! `/export/sealed`: events taken away with their sealed values, after everything that it takes.

use leptos::prelude::*;

use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        icon::Icon,
        problem::settle,
        reason::ReasonField,
        sentence::{Piece, Sentence},
        stamp::{FullTime, Stamp},
        text::Text,
        title::PageTitle,
    },
};

/// What the page shows. Whoever renders it provides this.
#[derive(Clone, Debug, PartialEq)]
pub struct SealedExport(pub Result<Leaving, AppError>);

/// What would leave, and what it still takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The request, as path and query string: that very one is confirmed, approved and sent.
    pub url: String,
    /// The view that it is an export of.
    pub view: String,
    /// The same in words.
    pub sentence: Vec<Piece>,
    /// The file's format, in words.
    pub format: String,
    /// How many events it finds, in words.
    pub count: String,
    /// How many of the newest have sealed values, in words.
    pub sealed: String,
    /// What it still takes.
    pub step: Step,
    /// The reason that was typed.
    pub reason: String,
    /// What is wrong with it, in a sentence.
    pub wrong: Option<String>,
}

/// What an export still takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A reason.
    Take,
    /// A second person's approval, to be asked for with a reason; with what was said the last time.
    Ask(Option<Said>),
    /// That somebody answers.
    Wait {
        /// When it was asked for.
        asked: Stamp,
        /// Up to when somebody can answer.
        until: Stamp,
        /// Why it was asked for.
        reason: String,
    },
    /// Nothing but to begin.
    Approved {
        /// What was said.
        said: Said,
        /// Up to when it can be used.
        until: Stamp,
    },
}

/// What somebody said to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// The page. The server itself answers its form.
#[component]
pub fn SealedExportPage() -> impl IntoView {
    let Some(SealedExport(leaving)) = use_context::<SealedExport>() else { return ().into_any() };
    let shown = settle(leaving, |leaving| view! { <Shown leaving /> }.into_any());
    view! { <Frame>{shown}</Frame> }.into_any()
}

#[component]
fn Shown(leaving: Leaving) -> impl IntoView {
    let Leaving { url, view, sentence, format, count, sealed, step, reason, wrong } = leaving;
    let form = match step {
        Step::Take => view! { <Take url reason wrong /> }.into_any(),
        Step::Ask(said) => view! { <Ask url said reason wrong /> }.into_any(),
        Step::Wait { asked, until, reason } => view! { <Wait asked until reason /> }.into_any(),
        Step::Approved { said, until } => view! { <Approved url said until wrong /> }.into_any(),
    };
    view! {
        <PageTitle text="Export with sealed values · Flightbox" />
        <div class="kept leaving">
            <h1>"Export with sealed values"</h1>
            <section class="card" aria-labelledby="leaves">
                <h2 id="leaves">"What would leave"</h2>
                <p class="leaving-what"><Sentence pieces=sentence /></p>
                <dl class="facts">
                    <div><dt>"Found"</dt><dd>{count}</dd></div>
                    <div><dt>"Sealed values"</dt><dd>{sealed}</dd></div>
                    <div><dt>"File"</dt><dd>{format}</dd></div>
                </dl>
                <p><a href=view>"Back to the view"</a></p>
            </section>
            {form}
        </div>
    }
}

#[component]
fn Take(url: String, reason: String, wrong: Option<String>) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="why">
            <h2 id="why">"Why you need them"</h2>
            <p>
                "What you confirmed is good for this one file. Who takes it, what is asked for, and your reason are recorded before the first of it leaves."
            </p>
            <form class="reason-form" method="post" action=url>
                <ReasonField label="Reason" reason wrong />
                <button class="primary" type="submit"><Icon name="export" />"Export with sealed values"</button>
            </form>
        </section>
    }
}

#[component]
fn Ask(url: String, said: Option<Said>, reason: String, wrong: Option<String>) -> impl IntoView {
    let said = said.map(|Said { by, reason }| {
        view! {
            <p class="refused-before">
                <b><Text text=by /></b>" declined it the last time: “"<Text text=reason />"”"
            </p>
        }
    });
    view! {
        <section class="card" aria-labelledby="why">
            <h2 id="why">"A second person has to agree"</h2>
            {said}
            <p>
                "Another investigator who may see all of this decides. They read what you ask for and your reason; both are recorded. What they approve is good for this one file, within 24 hours from now."
            </p>
            <form class="reason-form" method="post" action=url>
                <ReasonField label="Reason" reason wrong />
                <button class="primary" type="submit">"Ask for approval"</button>
            </form>
        </section>
    }
}

#[component]
fn Wait(asked: Stamp, until: Stamp, reason: String) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="why">
            <h2 id="why">"Waiting for a second person"</h2>
            <p>"You asked at "<FullTime at=asked />", for this reason: “"<Text text=reason />"”"</p>
            <p>
                "Another investigator who may see all of this can answer until "<FullTime at=until />
                ". This page shows what they say; so do "<a href="/approvals">"the approvals"</a>"."
            </p>
        </section>
    }
}

#[component]
fn Approved(url: String, said: Said, until: Stamp, wrong: Option<String>) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="why">
            <h2 id="why">"Approved"</h2>
            <p class="approved">
                <Icon name="agree" />
                <span>
                    "Approved by "<b><Text text=said.by /></b>": “"<Text text=said.reason />"”. It is good once, until "
                    <FullTime at=until />"."
                </span>
            </p>
            {wrong.map(|wrong| view! { <p class="wrong" role="alert">{wrong}</p> })}
            <form class="reason-form" method="post" action=url>
                <button class="primary" type="submit"><Icon name="export" />"Export with sealed values"</button>
            </form>
        </section>
    }
}
