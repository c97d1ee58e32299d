//! What is counted of a view, which comes after the list: counting can take longer than finding.

use leptos::prelude::*;

use super::{facets::FacetRail, histogram::HistogramFigure, slow::narrower};
use crate::{error::AppError, pages::events::Summary, state::ViewState};

/// Stands where the total will, for as long as that takes. The style sheet takes it away once the total is there.
#[component]
pub fn Counting(
    /// The view.
    state: ViewState,
) -> impl IntoView {
    view! {
        <p class="counting">"Counting… "<a href=state.with_counts(false).events()>"Stop"</a></p>
    }
}

/// Stands where the total would, in a view that nobody counts.
#[component]
pub fn Uncounted(
    /// The view.
    state: ViewState,
) -> impl IntoView {
    view! {
        <p class="count">
            <span class="faded">"Not counted. "</span>
            <a href=state.with_counts(true).events()>"Count"</a>
        </p>
    }
}

/// What was counted, or why not: the list stands above already, and is no less true for it.
#[component]
pub fn Counted(
    /// The view.
    state: ViewState,
    /// What came of counting.
    counted: Result<Summary, AppError>,
) -> impl IntoView {
    match counted {
        Ok(Summary { count, histogram, facets }) => view! {
            <p class="count" role="status">
                {count}
                {state.is_live().then(|| view! { <span class="faded">" when it began"</span> })}
            </p>
            <HistogramFigure histogram />
            <FacetRail facets />
        }
        .into_any(),
        Err(AppError::TooSlow) => {
            let narrower = narrower(&state).into_iter().next_back();
            view! {
                <p class="count" role="status">
                    <span class="faded">"Not counted: that takes too long. "</span>
                    {narrower.map(|(label, url)| view! { <a href=url>{label}</a> })}
                </p>
            }
            .into_any()
        }
        Err(error) => view! {
            <p class="count" role="status">
                {format!("Not counted: {error}")}
            </p>
        }
        .into_any(),
    }
}
