//! How many events there were when, as bars to zoom into and as a table.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    number::plural,
    stamp::{FullTime, Stamp},
};
use crate::islands::brush::Brush;

/// A histogram ready to be drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// How long each bar is, in words.
    pub step: String,
    /// How many events the highest bar has, in words.
    pub most: String,
    /// The bars, oldest first.
    pub bars: Vec<Column>,
    /// Times along the axis: where each stands, in percent of the width, and what it says.
    pub marks: Vec<(f64, String)>,
    /// Where counting stopped because there was too much to count, if it did.
    pub counted_back_to: Option<Stamp>,
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// When it starts, in words.
    pub start: String,
    /// When it ends, in words: the next one's start, or, where bars are days, its own last day.
    pub end: String,
    /// The view of just that time.
    pub url: String,
    /// What it holds, from the bottom up; empty where there is nothing.
    pub parts: Vec<Part>,
    /// How many events it has in all.
    pub events: u64,
}

/// The events of one outcome in a bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The outcome.
    pub outcome: String,
    /// How many there are, in words.
    pub count: String,
    /// How high it reaches, in percent of the height.
    pub top: f64,
    /// How high it is, in percent of the height.
    pub height: f64,
}

/// Bars, each a link to its time, and the same figures as a table for whoever does not see them.
#[component]
pub fn HistogramFigure(
    /// What to draw.
    histogram: Histogram,
) -> impl IntoView {
    let bars = histogram.bars.len();
    let width = 100.0 / histogram.bars.len().max(1) as f64;
    let columns = histogram.bars.iter().enumerate().map(|(at, column)| bar(column, at as f64 * width, width));
    let columns = columns.collect_view();
    let marks = histogram.marks.into_iter().map(|(at, label)| {
        view! {
            <text x=percent(at) y="11">
                {label}
            </text>
        }
    });
    view! {
        <figure class="histogram">
            <svg class="histogram-bars" aria-hidden="true">
                {columns}
            </svg>
            <svg class="histogram-axis" aria-hidden="true">
                {marks.collect_view()}
            </svg>
            <figcaption>
                <span>{format!("{} a bar, {} at most", histogram.step, histogram.most)}</span>
                {(bars > 0).then(|| view! { <Brush /> })}
                {histogram
                    .counted_back_to
                    .map(|at| view! { <span>"counted back to "<FullTime at /></span> })}
                <details class="histogram-table">
                    <summary>"As a table"</summary>
                    <Figures columns=histogram.bars />
                </details>
            </figcaption>
        </figure>
    }
}

fn bar(column: &Column, x: f64, width: f64) -> impl IntoView + use<> {
    let parts = column.parts.iter().map(|part| {
        let class = format!("part {}", part.outcome);
        view! { <rect class=class x=percent(x) width=percent(width) y=percent(100.0 - part.top) height=percent(part.height) /> }
    });
    let what = column.parts.iter().rev().map(|part| format!("\n{} {}", part.count, part.outcome)).collect::<String>();
    view! {
        <a
            href=column.url.clone()
            tabindex="-1"
            data-from=column.start.clone()
            data-to=column.end.clone()
            data-events=column.events
        >
            <title>{format!("{}\n{}{what}", column.start, plural(column.events))}</title>
            <rect class="whole" x=percent(x) width=percent(width) y="0" height="100%" />
            {parts.collect_view()}
        </a>
    }
}

fn percent(value: f64) -> String {
    format!("{value:.2}%")
}

#[component]
fn Figures(columns: Vec<Column>) -> impl IntoView {
    let outcomes = ["success", "failure", "denied", "unknown"];
    let rows = columns.into_iter().filter(|column| !column.parts.is_empty()).map(|column| {
        let counts = outcomes.map(|outcome| {
            let part = column.parts.iter().find(|part| part.outcome == outcome);
            view! { <td>{part.map_or("0".to_owned(), |part| part.count.clone())}</td> }
        });
        view! {
            <tr>
                <th scope="row">
                    <a href=column.url>{column.start}</a>
                </th>
                {counts.into_iter().collect_view()}
            </tr>
        }
    });
    view! {
        <table>
            <caption class="vh">"Events over time, by outcome"</caption>
            <thead>
                <tr>
                    <th scope="col">"From"</th>
                    {outcomes.map(|outcome| view! { <th scope="col">{outcome}</th> }).into_iter().collect_view()}
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}
