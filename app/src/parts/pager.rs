//! On to newer and older pages.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::icon::Icon;

/// The neighbours of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pager {
    /// The first page, where this is another.
    pub newest: Option<String>,
    /// The page of newer events, if there are any.
    pub newer: Option<String>,
    /// The page of older events, if there are any.
    pub older: Option<String>,
}

/// Links to the neighbours of a page; where there is none, its word stays and is dimmed, so that nothing moves.
#[component]
pub fn PagerLinks(
    /// The neighbours.
    pager: Pager,
) -> impl IntoView {
    view! {
        <nav class="pager" aria-label="Pages">
            {pager.newest.map(|url| view! { <a href=url><Icon name="newest" />"Newest"</a> })}
            <Step url=pager.newer rel="prev">
                <Icon name="earlier" />
                "Newer"
            </Step>
            <Step url=pager.older rel="next">
                "Older"
                <Icon name="later" />
            </Step>
        </nav>
    }
}

/// One step, if there is anything that way.
#[component]
pub fn Step(
    /// Where to.
    url: Option<String>,
    /// `prev` or `next`.
    rel: &'static str,
    children: Children,
) -> impl IntoView {
    match url {
        Some(url) => view! { <a href=url rel=rel>{children()}</a> }.into_any(),
        None => view! { <span aria-disabled="true">{children()}</span> }.into_any(),
    }
}
