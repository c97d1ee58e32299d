//! On to newer and older pages.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::icon::Icon;

/// The neighbours of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pager {
    /// The first page, where this is another.
    pub start: Option<String>,
    /// The page of newer events, if there are any.
    pub newer: Option<String>,
    /// The page of older events, if there are any.
    pub older: Option<String>,
    /// Whether the oldest page is the first.
    pub oldest_first: bool,
}

/// Links to the neighbours of a page; where there is none, its word stays and is dimmed, so that nothing moves.
#[component]
pub fn PagerLinks(
    /// The neighbours.
    pager: Pager,
) -> impl IntoView {
    let start = if pager.oldest_first { "Oldest" } else { "Newest" };
    view! {
        <nav class="pager" aria-label="Pages">
            {pager.start.map(|url| view! { <a href=url><Icon name="newest" />{start}</a> })}
            <Steps newer=pager.newer older=pager.older oldest_first=pager.oldest_first />
        </nav>
    }
}

/// One step back and one on, in the order of the list.
#[component]
pub fn Steps(
    /// To what is newer, if there is anything.
    newer: Option<String>,
    /// To what is older, if there is anything.
    older: Option<String>,
    /// Whether the list starts with the oldest.
    oldest_first: bool,
) -> impl IntoView {
    let [(before, back), (after, on)] = match oldest_first {
        false => [("Newer", newer), ("Older", older)],
        true => [("Older", older), ("Newer", newer)],
    };
    view! {
        <Step url=back rel="prev">
            <Icon name="earlier" />
            {before}
        </Step>
        <Step url=on rel="next">
            {after}
            <Icon name="later" />
        </Step>
    }
}

#[component]
fn Step(url: Option<String>, rel: &'static str, children: Children) -> impl IntoView {
    match url {
        Some(url) => view! { <a href=url rel=rel>{children()}</a> }.into_any(),
        None => view! { <span aria-disabled="true">{children()}</span> }.into_any(),
    }
}
