//! Versions of the rules: which there were, and what each changed.

use leptos::prelude::*;

use super::{Difference, OneVersion, Version};
use crate::parts::{
    stamp::{FullTime, Stamp},
    text::Text,
};

/// The last versions, each with a way to it.
#[component]
pub fn Versions(
    /// The versions, the newest first.
    versions: Vec<Version>,
    /// The one in force.
    current: i64,
) -> impl IntoView {
    let lines = versions.into_iter().map(|Version { number, made }| {
        let url = format!("/settings/rules?version={number}");
        view! {
            <li>
                <a href=url>"Version "{number}</a>
                {(number == current).then(|| view! { <span class="standing active">"in force"</span> })}
                <span class="faded"><Made made /></span>
            </li>
        }
    });
    view! {
        <section class="card" aria-labelledby="versions">
            <h2 id="versions">"Versions"</h2>
            <p class="faded">"Each event names the version that it met."</p>
            <ul class="rule-versions">{lines.collect_view()}</ul>
        </section>
    }
}

#[component]
fn Made(made: Option<(Stamp, String)>) -> impl IntoView {
    match made {
        Some((at, by)) => view! { <FullTime at />" by "<Text text=by /> }.into_any(),
        None => "what a new log starts with".into_any(),
    }
}

/// One version, with what it changed of the one before.
#[component]
pub fn OneVersionCard(
    /// The version.
    asked: OneVersion,
    /// The number of the one in force.
    current: i64,
) -> impl IntoView {
    let OneVersion { version: Version { number, made }, lines } = asked;
    let in_force = number == current;
    let changed = lines.iter().any(|line| !matches!(line, Difference::Kept(_)));
    let first = made.is_none();
    let intro = match (first, changed) {
        (true, _) => "",
        (false, true) => "Marked is what it changed of the version before.",
        (false, false) => "It says the same as the version before.",
    };
    view! {
        <section class="card" aria-labelledby="version">
            <h2 id="version">"Version "{number}{if in_force { ", in force" } else { "" }}</h2>
            <p class="faded"><Made made />". "{intro}</p>
            <Differences lines />
            <p><a href="/settings/rules">{if in_force { "Change them" } else { "The rules in force" }}</a></p>
        </section>
    }
}

/// Lines of a text, with what was added and removed.
#[component]
pub fn Differences(
    /// The lines.
    lines: Vec<Difference>,
) -> impl IntoView {
    let lines = lines.into_iter().map(|line| match line {
        Difference::Kept(text) => view! { <li><Line text /></li> }.into_any(),
        Difference::Removed(text) => view! { <li><del><Line text /></del></li> }.into_any(),
        Difference::Added(text) => view! { <li><ins><Line text /></ins></li> }.into_any(),
    });
    view! { <ol class="rule-lines">{lines.collect_view()}</ol> }
}

#[component]
fn Line(text: String) -> impl IntoView {
    // An empty line is a line.
    if text.is_empty() { "\u{a0}".into_any() } else { view! { <Text text /> }.into_any() }
}
