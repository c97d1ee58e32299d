//! A time, in the view's zone.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Everything that shows of a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// For machines: RFC 3339 with its offset.
    pub iso: String,
    /// The day: `2026-11-22`.
    pub date: String,
    /// The time of day to the second.
    pub clock: String,
    /// What is finer, to the millisecond: `.412`.
    pub fraction: String,
    /// The zone's offset then.
    pub offset: String,
    /// How long ago it was when the page was made.
    pub ago: String,
}

/// The time of day. Day and offset stand in the heading above; pointing at it tells all.
#[component]
pub fn Clock(
    /// The time.
    at: Stamp,
    /// Whether the offset differs from what the heading says.
    #[prop(optional)]
    own_offset: bool,
) -> impl IntoView {
    let title = format!("{} {}{} {} · {}", at.date, at.clock, at.fraction, at.offset, at.ago);
    view! {
        <time datetime=at.iso title=title>
            {at.clock}
            <span class="faded">{at.fraction}</span>
            {own_offset.then(|| view! { <span class="faded">" "{at.offset}</span> })}
        </time>
    }
}

/// Day, time, offset, and how long ago.
#[component]
pub fn FullTime(
    /// The time.
    at: Stamp,
) -> impl IntoView {
    view! {
        <time datetime=at.iso class="full-time">
            <span class="mono">{at.date}" "{at.clock}<span class="faded">{at.fraction}</span></span>
            " "
            <span class="faded">{at.offset}</span>
        </time>
        " "
        <span class="ago">{at.ago}</span>
    }
}
