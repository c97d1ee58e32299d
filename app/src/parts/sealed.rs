//! Values that are not shown: that there is one, and what kind.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::icon::Icon;

/// A sealed value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// What it is called: `email`.
    pub kind: String,
    /// Whether its key was destroyed, and the value with it.
    pub erased: bool,
}

impl Sealed {
    /// It in words.
    pub fn words(&self) -> String {
        format!("{}, {}", self.kind, if self.erased { "erased" } else { "sealed" })
    }
}

/// In the place of the value.
#[component]
pub fn SealedMark(
    /// It in words.
    words: String,
) -> impl IntoView {
    view! { <span class="sealed"><Icon name="lock" />{words}</span> }
}

/// A mark beside an event in a list.
#[component]
pub fn SealedSign() -> impl IntoView {
    view! {
        <span class="remark sealed-sign" title="Has sealed values">
            <Icon name="lock" />
            <span class="vh">"Has sealed values"</span>
        </span>
    }
}

/// What an event has sealed, and what its reader can do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedNote {
    /// How many values can be revealed.
    pub sealed: usize,
    /// How many were erased.
    pub erased: usize,
    /// Where to reveal them, for those who may.
    pub reveal: Option<String>,
}

/// The note, in the head of an event.
#[component]
pub fn SealedLine(
    /// The note.
    note: SealedNote,
) -> impl IntoView {
    let SealedNote { sealed, erased, reveal } = note;
    let many = |count: usize, how: &str| match count {
        1 => format!("One value is {how}"),
        count => format!("{count} values are {how}"),
    };
    let (words, how) = match (sealed, erased) {
        (0, erased) => (many(erased, "erased"), view! { " for good: the key was destroyed." }.into_any()),
        (sealed, erased) => {
            let also = if erased > 0 { format!(", {erased} erased") } else { String::new() };
            let how = match reveal {
                Some(url) => view! { "." <a class="reveal" href=url>"Reveal…"</a> }.into_any(),
                None if sealed == 1 => view! { ". Somebody with the role of investigator can reveal it." }.into_any(),
                None => view! { ". Somebody with the role of investigator can reveal them." }.into_any(),
            };
            (many(sealed, "sealed") + &also, how)
        }
    };
    view! { <p class="sealed-line"><Icon name="lock" /><span>{words}{how}</span></p> }
}
