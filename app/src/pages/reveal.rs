//! `/events/{seq}/reveal`: the sealed values of one event, for a reason and for a while.

use leptos::prelude::*;

use crate::{
    error::AppError,
    islands::countdown::Countdown,
    parts::{
        frame::Frame,
        icon::Icon,
        problem::settle,
        reason::ReasonField,
        sentence::{Piece, Sentence},
        text::Text,
        title::PageTitle,
    },
};

/// What the page shows. Whoever renders it provides this.
#[derive(Clone, Debug, PartialEq)]
pub struct RevealAsked(pub Result<Revealing, AppError>);

/// An event whose sealed values are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Revealing {
    /// Its sequence number.
    pub seq: i64,
    /// What happened, in words.
    pub sentence: Vec<Piece>,
    /// Its sealed values.
    pub fields: Vec<Field>,
    /// The reason that was given.
    pub reason: String,
    /// Why nothing was revealed.
    pub wrong: Option<String>,
    /// For how many seconds more anything can be revealed.
    pub seconds: u32,
    /// Whether it was.
    pub revealed: bool,
}

/// One sealed value.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Where it stands.
    pub path: String,
    /// What it is called.
    pub kind: String,
    /// What can be seen of it.
    pub shown: Shown,
}

/// What can be seen of a sealed value.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// That there is one.
    Sealed,
    /// The value.
    Value(String),
    /// That there was one.
    Erased,
    /// That something was altered, so that it does not open.
    Broken,
}

/// The page. The server itself answers it.
#[component]
pub fn Reveal() -> impl IntoView {
    let Some(RevealAsked(asked)) = use_context() else { return ().into_any() };
    let page = settle(asked, |asked| view! { <Asked asked /> }.into_any());
    view! { <Frame>{page}</Frame> }.into_any()
}

#[component]
fn Asked(asked: Revealing) -> impl IntoView {
    let event = format!("/events/{}", asked.seq);
    let rows = asked.fields.iter().cloned().map(|field| {
        let shown = match field.shown {
            Shown::Sealed => view! { <span class="sealed"><Icon name="lock" />"sealed"</span> }.into_any(),
            Shown::Value(text) => view! { <span class="revealed mono"><Text text /></span> }.into_any(),
            Shown::Erased => view! { <span class="sealed"><Icon name="lock" />"erased for good"</span> }.into_any(),
            Shown::Broken => {
                view! { <span class="wrong">"does not open: the record or its key was altered"</span> }.into_any()
            }
        };
        view! {
            <tr>
                <th scope="row"><Text text=field.path /></th>
                <td>{field.kind}</td>
                <td>{shown}</td>
            </tr>
        }
    });
    let table = view! {
        <table class="revealing">
            <thead>
                <tr>
                    <th scope="col">"Field"</th>
                    <th scope="col">"Kind"</th>
                    <th scope="col">"Value"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    };
    let how = if asked.revealed {
        view! { <Told reason=asked.reason.clone() seconds=asked.seconds event=event.clone() /> }.into_any()
    } else {
        view! { <Ask asked=asked.clone() event=event.clone() /> }.into_any()
    };
    let title = if asked.revealed { "Revealed values" } else { "Reveal sealed values" };
    view! {
        <PageTitle text=format!("{title} · Flightbox") />
        <nav class="trail" aria-label="Position">
            <a href=event data-up=""><Icon name="earlier" />"Event "{asked.seq}</a>
        </nav>
        <div class="kept reveal-page">
            <h1>{title}</h1>
            <p class="intro"><Sentence pieces=asked.sentence /></p>
            {how}
            <section class="card">{table}</section>
        </div>
    }
}

#[component]
fn Ask(asked: Revealing, event: String) -> impl IntoView {
    let left = asked.fields.iter().filter(|field| field.shown == Shown::Sealed).count();
    if left == 0 {
        return view! { <p>"There is nothing left to reveal."</p> }.into_any();
    }
    let label = if left == 1 { "Reveal the value".to_owned() } else { format!("Reveal {left} values") };
    let leads = event.clone();
    view! {
        <form class="card reason-form" method="post">
            <ReasonField label="Why do you have to see this?" reason=asked.reason wrong=asked.wrong />
            <p class="faded small">
                "Your name and your reason go on record before anything is shown. You can reveal for another "
                <Countdown seconds=asked.seconds leads />"."
            </p>
            <div class="choice">
                <button class="primary" type="submit">{label}</button>
                <a class="outlined" href=event>"Leave it sealed"</a>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Told(reason: String, seconds: u32, event: String) -> impl IntoView {
    let leads = event.clone();
    view! {
        <p class="reason"><Text text=reason /></p>
        <p class="until">
            <span>"Shown for another "<Countdown seconds leads />", then hidden again."</span>
            <a class="outlined" href=event>"Hide now"</a>
        </p>
    }
}
