//! Events a day, as columns.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Some days in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strip {
    /// A column a day, oldest first.
    pub columns: Vec<Column>,
    /// The first day, briefly.
    pub from: String,
    /// The last day, briefly.
    pub to: String,
    /// The most events that any of them has.
    pub most: String,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The day and its count, in words.
    pub label: String,
    /// The count as a share of the highest, from 0 to 1.
    pub share: f64,
    /// The day's events, if it has any.
    pub url: Option<String>,
}

/// Height of the drawing. A day with any event is at least one of these high, so that it shows.
const HEIGHT: f64 = 48.0;

/// The days as columns, each a link to its events. To those who cannot see them they are a list.
#[component]
pub fn Days(
    /// The days.
    strip: Strip,
) -> impl IntoView {
    let columns = strip.columns.into_iter().map(|column| {
        let height = if column.url.is_some() { (column.share * HEIGHT).max(2.0) } else { 1.0 };
        let drawing = view! {
            <svg viewBox="0 0 10 48" preserveAspectRatio="none" aria-hidden="true">
                <rect y=format!("{:.1}", HEIGHT - height) width="10" height=format!("{height:.1}") />
            </svg>
        };
        let inner = match column.url {
            Some(url) => {
                view! { <a href=url aria-label=column.label.clone() title=column.label>{drawing}</a> }.into_any()
            }
            None => view! { <span title=column.label>{drawing}</span> }.into_any(),
        };
        view! { <li>{inner}</li> }
    });
    view! {
        <figure class="strip">
            <ol>{columns.collect_view()}</ol>
            <figcaption>
                <span>{strip.from}</span>
                <span>"at most "{strip.most}" a day, UTC"</span>
                <span>{strip.to}</span>
            </figcaption>
        </figure>
    }
}
