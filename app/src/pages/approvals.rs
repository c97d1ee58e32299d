//! `/approvals`: exports of sealed values that somebody asks a second person to approve.

use leptos::prelude::*;

use crate::{
    error::AppError,
    pages::sealed_export::Said,
    parts::{
        frame::Frame,
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
pub struct Approvals(pub Result<Shown, AppError>);

/// The requests, or the answer to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All that exist for whoever looks.
    List {
        /// Whether this server asks for a second person.
        on: bool,
        /// Those that wait, or may be used, newest first.
        open: Vec<Request>,
        /// The others.
        past: Vec<Request>,
        /// Why nothing was done.
        wrong: Option<String>,
    },
    /// One that is being answered.
    Answer {
        /// It.
        request: Box<Request>,
        /// Whether it is to be approved.
        approve: bool,
        /// The reason that was typed.
        reason: String,
        /// What is wrong with it.
        wrong: Option<String>,
    },
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its key.
    pub id: String,
    /// Who asks.
    pub by: String,
    /// Whether that is whoever looks.
    pub own: bool,
    /// What would leave, in words.
    pub sentence: Vec<Piece>,
    /// As which file, of which sources.
    pub of: String,
    /// The same as a view of whoever looks.
    pub view: String,
    /// The page of the export, for whoever asked.
    pub page: String,
    /// Why.
    pub reason: String,
    /// When it was asked for.
    pub asked: Stamp,
    /// Up to when it is of use.
    pub until: Stamp,
    /// What became of it.
    pub became: Became,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// Nothing yet.
    Waiting,
    /// It was approved.
    Approved(Said),
    /// It was declined.
    Declined(Said),
    /// It was approved and used.
    Used(Said),
    /// Its day is over.
    Lapsed,
}

/// The page. The server itself answers its forms.
#[component]
pub fn ApprovalsPage() -> impl IntoView {
    let Some(Approvals(shown)) = use_context::<Approvals>() else { return ().into_any() };
    let shown = settle(shown, |shown| match shown {
        Shown::List { on, open, past, wrong } => view! { <List on open past wrong /> }.into_any(),
        Shown::Answer { request, approve, reason, wrong } => {
            view! { <Answering request=*request approve reason wrong /> }.into_any()
        }
    });
    view! {
        <Frame>
            <PageTitle text="Approvals · Flightbox" />
            <div class="kept approvals">{shown}</div>
        </Frame>
    }
    .into_any()
}

#[component]
fn List(on: bool, open: Vec<Request>, past: Vec<Request>, wrong: Option<String>) -> impl IntoView {
    let none = open.is_empty() && past.is_empty();
    let intro = if on {
        "Before sealed values leave in an export, a second investigator agrees who may see all of it. A request waits for 24 hours."
    } else {
        "This server asks for no second person before sealed values leave; FLIGHTBOX_FOUR_EYES makes it ask."
    };
    let section = |id: &'static str, title: &'static str, requests: Vec<Request>| {
        (!requests.is_empty()).then(|| {
            let cards = requests.into_iter().map(|request| view! { <Card request /> }).collect_view();
            view! {
                <section aria-labelledby=id>
                    <h2 id=id>{title}</h2>
                    <ul>{cards}</ul>
                </section>
            }
        })
    };
    view! {
        <h1>"Approvals"</h1>
        <p class="intro">{intro}</p>
        {wrong.map(|wrong| view! { <p class="wrong" role="alert">{wrong}</p> })}
        {none.then(|| view! { <p class="faded">"Nobody has asked for anything yet that you could answer."</p> })}
        {section("open", "Open", open)}
        {section("past", "Done", past)}
    }
}

#[component]
fn Card(request: Request) -> impl IntoView {
    let ways = match (&request.became, request.own) {
        (Became::Waiting, false) => {
            let way = |verb: &str| format!("/approvals?do={verb}&id={}", request.id);
            let by = request.by.clone();
            Some(
                view! {
                    <div class="choice">
                        <a class="primary" href=way("approve") aria-label=format!("Approve what {by} asks for")>"Approve…"</a>
                        <a class="outlined" href=way("decline") aria-label=format!("Decline what {by} asks for")>"Decline…"</a>
                    </div>
                }
                .into_any(),
            )
        }
        (Became::Approved(_), true) => {
            let page = request.page.clone();
            Some(view! { <div class="choice"><a class="primary" href=page>"Export…"</a></div> }.into_any())
        }
        _ => None,
    };
    view! { <li class="card"><What request />{ways}</li> }
}

/// Who asks for what, why, and what became of it.
#[component]
fn What(request: Request) -> impl IntoView {
    let Request { by, own, sentence, of, view, reason, asked, until, became, .. } = request;
    let said = |verb: &'static str, Said { by, reason }: Said| {
        view! { {verb}" by "<b><Text text=by /></b>": “"<Text text=reason />"”" }.into_any()
    };
    let (class, became) = match became {
        Became::Waiting => ("became", view! { "Waits until "<FullTime at=until /> }.into_any()),
        Became::Approved(by) => {
            ("became yes", view! { {said("Approved", by)}" · good once, until "<FullTime at=until /> }.into_any())
        }
        Became::Used(by) => ("became yes", view! { {said("Approved", by)}" · used" }.into_any()),
        Became::Declined(by) => ("became no", said("Declined", by)),
        Became::Lapsed => ("became", "Its 24 hours are over".into_any()),
    };
    view! {
        <p>
            {if own { "You ask for".into_any() } else { view! { <b><Text text=by /></b>" asks for" }.into_any() }}
            " "<a href=view><Sentence pieces=sentence /></a>
        </p>
        <p class="faded small">{of}" · asked "<FullTime at=asked /></p>
        <p>"Reason: “"<Text text=reason />"”"</p>
        <p class=class>{became}</p>
    }
}

#[component]
fn Answering(request: Request, approve: bool, reason: String, wrong: Option<String>) -> impl IntoView {
    let (title, verb, button) = match approve {
        true => ("Approve this export?", "approve", "Approve it"),
        false => ("Decline this export?", "decline", "Decline it"),
    };
    let class = if approve { "primary" } else { "danger" };
    let id = request.id.clone();
    let told = match approve {
        true => {
            "Whoever asked can then take the file once, with its sealed values. That you approved it, and why, is recorded."
        }
        false => "Whoever asked reads your reason, and can ask again. That you declined it, and why, is recorded.",
    };
    view! {
        <h1>{title}</h1>
        <section class="card"><What request /></section>
        <section class="card" aria-labelledby="why">
            <h2 id="why">"Your answer"</h2>
            <p>{told}</p>
            <form class="reason-form" method="post" action="/approvals">
                <input type="hidden" name="do" value=verb />
                <input type="hidden" name="id" value=id />
                <ReasonField label="Reason" reason wrong />
                <div class="choice">
                    <button class=class type="submit">{button}</button>
                    <a class="outlined" href="/approvals">"Leave it"</a>
                </div>
            </form>
        </section>
    }
}
