//! The window of a view, and ways to another.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::icon::Icon;
use crate::{error::WindowProblem, state::ViewState};

/// A window that is one click away.
pub struct Preset {
    /// How long ago it starts, in the query language's words; empty for all time.
    pub from: &'static str,
    /// What it is called.
    pub label: &'static str,
}

/// The windows that are one click away, narrowest first.
pub const PRESETS: &[Preset] = &[
    Preset { from: "-1h", label: "Last hour" },
    Preset { from: "-24h", label: "Last 24 hours" },
    Preset { from: "-7d", label: "Last 7 days" },
    Preset { from: "-30d", label: "Last 30 days" },
    Preset { from: "", label: "All time" },
];

/// Zones that are offered by name; any other can be typed.
pub const ZONES: &[&str] = &[
    "UTC",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "America/Chicago",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Paris",
    "Europe/Prague",
];

/// What shows of a window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowView {
    /// What it is called.
    pub label: String,
    /// The zone's offset at its end.
    pub offset: String,
    /// The URL of the window just before, as long as this one.
    pub earlier: Option<String>,
    /// The URL of the window just after.
    pub later: Option<String>,
    /// The zones that are offered, and the offset of each at the window's end.
    pub zones: Vec<(String, String)>,
}

/// The window, with its neighbours beside it and everything else in a panel that needs no script.
#[component]
pub fn TimePicker(
    /// The view.
    state: ViewState,
    /// Its window, once it has been read.
    window: WindowView,
    /// What is wrong with it.
    #[prop(optional_no_strip)]
    problem: Option<WindowProblem>,
    /// The path of the page whose window it is.
    #[prop(default = "/events")]
    path: &'static str,
) -> impl IntoView {
    // Of all time nothing came before, and a glance at it says little.
    let presets = PRESETS.iter().filter(|preset| path == "/events" || !preset.from.is_empty()).map(|preset| {
        let current = (preset.from == state.from && state.to.is_empty()).then_some("true");
        view! {
            <li>
                <a href=state.with_window(preset.from, "").url(path) aria-current=current>{preset.label}</a>
            </li>
        }
    });
    let (open, zones) = (problem.is_some(), window.zones);
    view! {
        <div class="when">
            <Shift url=window.earlier label="Earlier window" icon="earlier" />
            <details open=open>
                <summary>
                    <Icon name="clock" />
                    <span class="when-label">{window.label}</span>
                    <span class="faded">{window.offset}</span>
                    <Icon name="down" />
                </summary>
                <div class="panel">
                    <ul class="presets">{presets.collect_view()}</ul>
                    <WindowForm state=state.clone() zones problem path />
                </div>
            </details>
            <Shift url=window.later label="Later window" icon="later" />
        </div>
    }
}

#[component]
fn Shift(url: Option<String>, label: &'static str, icon: &'static str) -> impl IntoView {
    match url {
        Some(url) => view! { <a class="shift" href=url aria-label=label title=label><Icon name=icon /></a> }.into_any(),
        None => view! { <span class="shift" aria-hidden="true"><Icon name=icon /></span> }.into_any(),
    }
}

#[component]
fn WindowForm(
    state: ViewState,
    zones: Vec<(String, String)>,
    problem: Option<WindowProblem>,
    path: &'static str,
) -> impl IntoView {
    let wrong = problem.as_ref().map(|problem| problem.field.clone()).unwrap_or_default();
    let field = move |name: &'static str, label: &'static str, value: String, hint: &'static str| {
        view! {
            <label for=format!("w-{name}")>{label}</label>
            <input
                id=format!("w-{name}")
                name=name
                type="text"
                value=value
                placeholder=hint
                autocomplete="off"
                spellcheck="false"
                list=(name == "tz").then_some("zones")
                aria-invalid=(wrong == name).then_some("true")
                aria-describedby=(wrong == name).then_some("window-problem")
            />
        }
    };
    let zones = labelled(zones).map(|(zone, label)| view! { <option value=zone>{label}</option> });
    let local = !matches!(state.tz.as_str(), "" | "UTC");
    let hidden = state.with_zone("").with_window("", "").fields().into_iter();
    view! {
        <form method="get" action=path>
            {hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()}
            {field("from", "From", state.from.clone(), "-24h or 2026-01-31 09:30")}
            {field("to", "Until", state.to.clone(), "now")}
            {field("tz", "Zone", state.tz.clone(), "UTC")}
            <datalist id="zones">{zones.collect_view()}</datalist>
            <button type="button" class="zone-switch needs-js" data-switch-zone="" title="UTC or local time (u)">
                <Icon name="clock" />
                {if local { "Switch to UTC" } else { "Switch to local time" }}
            </button>
            {problem.map(|problem| view! { <p id="window-problem" class="wrong" role="alert">{problem.message}</p> })}
            <button class="primary" type="submit">"Show"</button>
        </form>
    }
}

/// What is wrong with a window, where its page would stand.
#[component]
pub fn UnreadableWindow(
    /// What is wrong.
    problem: WindowProblem,
) -> impl IntoView {
    view! {
        <section class="query-problem">
            <h1>"This window cannot be read"</h1>
            <p>{problem.message}</p>
        </section>
    }
}

/// The zones that are offered, each with its label: some browsers show the name, some the label, some both. Where the
/// window cannot be read nobody knows its offsets.
fn labelled(zones: Vec<(String, String)>) -> impl Iterator<Item = (String, String)> {
    let unknown = ZONES.iter().filter(|_| zones.is_empty()).map(|zone| ((*zone).to_owned(), String::new()));
    let unknown: Vec<_> = unknown.collect();
    zones.into_iter().chain(unknown).map(|(zone, offset)| {
        let says_more = !offset.is_empty() && offset != zone;
        let label = if says_more { format!("{zone}, {offset}") } else { zone.clone() };
        (zone, label)
    })
}
