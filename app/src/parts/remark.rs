//! What is remarkable about an event: a small mark where it is one of many, a sentence where there is room.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    icon::Icon,
    sentence::{Piece, Sentence, plain},
    text::revealed,
};

/// One thing that is remarkable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Whether its claimed time is what is remarkable, and not that something is new.
    pub skew: bool,
    /// What it is, in a sentence.
    pub sentence: Vec<Piece>,
    /// The view of all that is remarkable in the same way.
    pub others: String,
}

/// What is new about an event. What is wrong with its time stands beside the time.
pub fn new(remarks: Vec<Remark>) -> Vec<Remark> {
    remarks.into_iter().filter(|remark| !remark.skew).collect()
}

/// A mark beside an event that says on request what is remarkable about it; nothing where nothing is.
#[component]
pub fn RemarkMark(
    /// What is remarkable.
    remarks: Vec<Remark>,
) -> impl IntoView {
    let (first, why) = (remarks.first()?.skew, remarks.iter().map(|remark| revealed(&plain(&remark.sentence))));
    let why = why.collect::<Vec<_>>().join("\n");
    let title = why.clone();
    let (class, icon) = if first { ("remark skewed", "skew") } else { ("remark", "new") };
    Some(view! {
        <span class=class title=title>
            <Icon name=icon />
            <span class="vh">{why}</span>
        </span>
    })
}

/// What is new about an event, a sentence each, with the way to all that is new in the same way.
#[component]
pub fn Remarks(
    /// What is remarkable.
    remarks: Vec<Remark>,
) -> impl IntoView {
    let remarks = remarks.into_iter().map(|remark| {
        view! {
            <li>
                <Icon name="new" />
                <span><Sentence pieces=remark.sentence /></span>
                <a href=remark.others>"All of this kind"</a>
            </li>
        }
    });
    view! { <ul class="remarks">{remarks.collect_view()}</ul> }
}
