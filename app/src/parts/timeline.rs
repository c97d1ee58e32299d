//! Events as a person would tell them: by day and session.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    outcome::OutcomeLink,
    remark::{Remark, RemarkMark},
    stamp::{Clock, Stamp},
    table::{ActionLink, ActorCell, ActorLink},
    text::Text,
    value::{Value, ValueLink},
};

/// A day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayOf {
    /// The day in words.
    pub label: String,
    /// The day.
    pub date: String,
    /// Its sessions, newest first.
    pub sessions: Vec<SessionOf>,
}

/// What happened in one go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionOf {
    /// The session that the events name, if they do.
    pub id: Option<String>,
    /// When it started that day.
    pub start: String,
    /// When it ended that day.
    pub end: String,
    /// The offset of these times.
    pub offset: String,
    /// Its events, newest first.
    pub steps: Vec<StepOf>,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOf {
    /// Its page.
    pub url: String,
    /// When.
    pub time: Stamp,
    /// What is remarkable about it.
    pub remarks: Vec<Remark>,
    /// What was done.
    pub action: Value,
    /// By whom, or to what: whichever does not go without saying.
    pub other: Other,
    /// How it ended.
    pub outcome: Value,
    /// From where.
    pub address: Option<Value>,
}

/// The side of an event that its timeline is not about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Other {
    /// Who did it, to whatever the timeline is of.
    By(ActorCell),
    /// What it was done to, if to anything, by whomever the timeline is of.
    To(Option<Value>),
}

/// Days of sessions of events.
#[component]
pub fn Timeline(
    /// The days, newest first.
    days: Vec<DayOf>,
) -> impl IntoView {
    let days = days.into_iter().map(|day| {
        view! {
            <section class="day-of">
                <h3><time datetime=day.date>{day.label}</time></h3>
                {day.sessions.into_iter().map(|session| view! { <Session session /> }).collect_view()}
            </section>
        }
    });
    days.collect_view()
}

#[component]
fn Session(session: SessionOf) -> impl IntoView {
    let span =
        if session.start == session.end { session.start } else { format!("{} – {}", session.start, session.end) };
    let count = session.steps.len();
    let name = match session.id {
        Some(id) => view! { "session "<span class="mono"><Text text=id /></span> }.into_any(),
        None => view! { <span title="These events name no session; 30 minutes of silence end one">"no session named"</span> }.into_any(),
    };
    view! {
        <div class="card session">
            <p class="session-head">
                <b>{span}</b>
                <span class="faded">{session.offset}</span>
                <span class="faded session-name">{name}</span>
                <span class="faded">{count}{if count == 1 { " event" } else { " events" }}</span>
            </p>
            <ol>{session.steps.into_iter().map(|step| view! { <Step step /> }).collect_view()}</ol>
        </div>
    }
}

#[component]
fn Step(step: StepOf) -> impl IntoView {
    let action = view! { <span class="mono step-action"><ActionLink action=step.action /></span> };
    // In the order of a sentence: who did what, did what to what.
    let deed = match step.other {
        Other::By(actor) => view! { <span class="step-actor"><ActorLink actor /></span>{action} }.into_any(),
        Other::To(resource) => {
            let resource = resource.map(|value| view! { <ValueLink value /> });
            view! { {action}<span class="mono step-resource">{resource}</span> }.into_any()
        }
    };
    view! {
        <li class="step">
            <span class="step-time">
                <a class="row-link mono" href=step.url><Clock at=step.time /></a>
                <RemarkMark remarks=step.remarks />
            </span>
            {deed}
            <span class="step-outcome"><OutcomeLink outcome=step.outcome /></span>
            <span class="mono step-address">{step.address.map(|value| view! { <ValueLink value /> })}</span>
        </li>
    }
}
