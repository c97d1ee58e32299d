//! The figures of the overview.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    bars::Bars,
    glance::Figure,
    histogram::{Histogram, HistogramFigure},
    icon::Icon,
};

/// How much there was of something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Of what.
    pub label: String,
    /// How much, in words.
    pub count: String,
    /// The list of it; none where there is no such list.
    pub url: Option<String>,
    /// How that compares with the time before; none where nothing is known of it.
    pub trend: Option<Trend>,
}

/// More, less or the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trend {
    /// Which way it goes.
    pub way: Way,
    /// How far, in words.
    pub words: String,
    /// How much there was before, in words.
    pub before: String,
}

/// Which way a figure goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// There is more.
    Up,
    /// There is less.
    Down,
    /// There is as much.
    Level,
}

/// The figures, side by side.
#[component]
pub fn Totals(
    /// The figures.
    totals: Vec<Total>,
    /// What they are compared with, if anything.
    compared: Option<String>,
) -> impl IntoView {
    let totals = totals.into_iter().map(|total| view! { <TotalCard total /> }).collect_view();
    view! {
        <section aria-label="In figures">
            <dl class="totals">{totals}</dl>
            {compared.map(|with| view! { <p class="compared">"Compared with "{with}</p> })}
        </section>
    }
}

#[component]
fn TotalCard(total: Total) -> impl IntoView {
    let count = match total.url {
        Some(url) => view! { <a href=url>{total.count}</a> }.into_any(),
        None => total.count.into_any(),
    };
    view! {
        <div class="card total">
            <dt>{total.label}</dt>
            <dd class="amount">{count}</dd>
            {total
                .trend
                .map(|trend| {
                    let icon = match trend.way {
                        Way::Up => "rise",
                        Way::Down => "fall",
                        Way::Level => "level",
                    };
                    view! {
                        <dd class="trend" title=format!("{} before", trend.before)>
                            <Icon name=icon />
                            {trend.words}
                        </dd>
                    }
                })}
        </div>
    }
}

/// When it happened.
#[component]
pub fn When(
    /// The events over time.
    histogram: Histogram,
) -> impl IntoView {
    view! {
        <section class="card when-card" aria-labelledby="when-title">
            <h2 id="when-title">"When"</h2>
            <HistogramFigure histogram />
        </section>
    }
}

/// Who and what was busy.
#[component]
pub fn Busiest(
    /// The figures, each with the busiest first.
    figures: Vec<Figure>,
) -> impl IntoView {
    let figures = figures.into_iter().map(|Figure { title, basis, bars }| {
        view! {
            <section class="card">
                <h2>
                    {title}
                    {basis.map(|basis| view! { " "<small>{basis}</small> })}
                </h2>
                <Bars bars />
            </section>
        }
    });
    view! { <div class="cards busiest">{figures.collect_view()}</div> }
}
