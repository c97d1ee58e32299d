//! `/settings/retention`: how long events are kept, and the runs that remove what is not.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

use super::SettingTrail;
use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        icon::Icon,
        problem::settle,
        stamp::{FullTime, Stamp},
        title::PageTitle,
    },
    state::ViewState,
};

/// A rule, of one source or of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleLine {
    /// The source, or `*` for all.
    pub source: String,
    /// What it is called.
    pub label: String,
    /// How long its events are kept, in words.
    pub kept: String,
    /// What is chosen: `days`, `good` or `all`.
    pub keep: String,
    /// For how many days.
    pub days: String,
    /// Whether the rule for all can be chosen.
    pub may_follow: bool,
}

/// A run that was, or is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLine {
    /// The event that says so.
    pub url: String,
    /// When it began.
    pub at: Stamp,
    /// What it did, in words.
    pub did: String,
    /// Why it did not do everything.
    pub failure: Option<String>,
}

/// Everything about retention that somebody may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    /// The rules that they may set.
    pub rules: Vec<RuleLine>,
    /// The rule for all, in words, where they may not set it.
    pub for_all: Option<String>,
    /// When the next run is due; never, where everything is kept.
    pub next: Option<Stamp>,
    /// The latest runs; none where they see some sources only.
    pub runs: Vec<RunLine>,
}

/// Why a rule was not set. Whoever answers the form provides it when rendering the page again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotKept {
    /// The source, or `*` for all.
    pub source: String,
    /// What was chosen.
    pub keep: String,
    /// The days that were typed.
    pub days: String,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// Reads it.
#[server(prefix = "/pages", endpoint = "retention", input = server_fn::codec::GetUrl)]
pub async fn look_at(
    /// The zone of times; empty for UTC.
    tz: String,
) -> Result<Retained, AppError> {
    crate::read::settings::retention(&tz).await
}

/// The page. The server itself answers its forms.
#[component]
pub fn Retention() -> impl IntoView {
    let tz = ViewState::from_search(&use_location().search.get_untracked()).tz;
    let not_kept = use_context::<NotKept>();
    let page =
        Suspend::new(
            async move { settle(look_at(tz).await, |retained| view! { <Shown retained not_kept /> }.into_any()) },
        );
    view! { <Frame>{page}</Frame> }
}

#[component]
fn Shown(retained: Retained, not_kept: Option<NotKept>) -> impl IntoView {
    let Retained { rules, for_all, next, runs } = retained;
    let none = rules.is_empty();
    let lines = rules.into_iter().map(|rule| {
        let wrong = not_kept.clone().filter(|refused| refused.source == rule.source);
        view! { <Rule rule wrong /> }
    });
    let lines = lines.collect_view();
    view! {
        <PageTitle text="Retention · Flightbox" />
        <SettingTrail title="Retention" />
        <div class="people">
            <h1>"Retention"</h1>
            <section class="card" aria-labelledby="rules">
                <h2 id="rules">"How long events are kept"</h2>
                <p class="faded">
                    "Events go by the month: when its end, and the receipt of the newest of them, are as long ago as is chosen here. What a "
                    <a href="/settings/holds">"legal hold"</a>" holds stays. What is removed cannot be brought back."
                </p>
                {for_all.map(|kept| view! { <p>{format!("All sources without a rule of their own: {kept}.")}</p> })}
                {none.then(|| view! { <p class="faded">"No source that you may see has been added yet."</p> })}
                <ul class="retention-rules">{lines}</ul>
            </section>
            <section class="card" aria-labelledby="runs">
                <h2 id="runs">"Runs"</h2>
                <dl class="facts">
                    <div>
                        <dt>"Next"</dt>
                        <dd>
                            {match next {
                                Some(at) => view! { <FullTime at /> }.into_any(),
                                None => "none: everything is kept for good".into_any(),
                            }}
                        </dd>
                    </div>
                </dl>
                <p><a href="/settings/retention/run">"See what would go now"</a></p>
                {(!runs.is_empty())
                    .then(|| {
                        let runs = runs.into_iter().map(|run| view! { <Run run /> }).collect_view();
                        view! { <ul class="sessions runs">{runs}</ul> }
                    })}
            </section>
        </div>
    }
}

#[component]
fn Rule(rule: RuleLine, wrong: Option<NotKept>) -> impl IntoView {
    let RuleLine { source, label, kept, keep, days, may_follow } = rule;
    let (keep, days) = match &wrong {
        Some(typed) => (typed.keep.clone(), typed.days.clone()),
        None => (keep, days),
    };
    // A source's name is letters, digits and marks that an id may have; all of them have one of their own.
    let id = if source == "*" { "all".to_owned() } else { format!("of-{source}") };
    let (choice, number, problem) = (format!("keep-{id}"), format!("days-{id}"), format!("wrong-{id}"));
    let refused = wrong.is_some();
    let option = |value: &'static str, text: &'static str| {
        let selected = keep == value;
        view! { <option value=value selected=selected>{text}</option> }
    };
    view! {
        <li>
            <form class="rule" method="post" action="/settings/retention">
                <input type="hidden" name="source" value=source />
                <p class="rule-of">
                    <b>{label.clone()}</b>
                    <span class="faded">{kept}</span>
                </p>
                <div class="field">
                    <label class="vh" for=choice.clone()>{format!("Keep {label}")}</label>
                    <select id=choice name="keep">
                        {option("days", "for so many days")}
                        {option("good", "for good")}
                        {may_follow.then(|| option("all", "as all sources"))}
                    </select>
                </div>
                <div class="field rule-days">
                    <label class="vh" for=number.clone()>{format!("Days to keep {label}")}</label>
                    <input
                        id=number
                        name="days"
                        type="text"
                        inputmode="numeric"
                        value=days
                        placeholder="days"
                        maxlength="16"
                        autocomplete="off"
                        autofocus=refused
                        aria-invalid=refused.then_some("true")
                        aria-describedby=refused.then(|| problem.clone())
                    />
                </div>
                <button class="plain" type="submit" aria-label=format!("Save the rule for {label}")>"Save"</button>
                {wrong.map(|wrong| view! { <p class="wrong" id=problem role="alert">{wrong.message}</p> })}
            </form>
        </li>
    }
}

#[component]
fn Run(run: RunLine) -> impl IntoView {
    let RunLine { url, at, did, failure } = run;
    view! {
        <li>
            <p class="session-device"><a href=url>{did}<Icon name="arrow" /></a></p>
            <p class="faded"><FullTime at /></p>
            {failure.map(|why| view! { <p class="wrong">{why}</p> })}
        </li>
    }
}
