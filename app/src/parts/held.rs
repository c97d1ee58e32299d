//! That something is under legal hold, where it is shown.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{icon::Icon, stamp::Stamp, text::Text};

/// A hold, as whoever sees what it holds is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldNote {
    /// What it is called.
    pub name: String,
    /// Since when it stands.
    pub since: Stamp,
    /// Who set it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// The holds on what is shown; nothing where there is none.
#[component]
pub fn HeldNotes(
    /// The holds.
    holds: Vec<HeldNote>,
) -> impl IntoView {
    let note = |HeldNote { name, since, by, reason }: HeldNote| {
        let title = format!("{} {} {}", since.date, since.clock, since.offset);
        view! {
            <p class="held">
                <Icon name="hold" />
                <span>
                    "Under legal hold "<b><Text text=name /></b>" since "
                    <time datetime=since.iso title=title>{since.date}</time>", by "<Text text=by />": "
                    <Text text=reason />
                </span>
            </p>
        }
    };
    holds.into_iter().map(note).collect_view()
}
