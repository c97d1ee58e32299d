//! The last import of whoever looks: how far it is, or what came of it.

use leptos::prelude::*;

use super::preview::Guesses;
use crate::parts::{icon::Icon, text::Text};

/// An import.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportNow {
    /// How it stands.
    pub state: ImportState,
    /// In a few words.
    pub title: String,
    /// What that means, in a sentence.
    pub sentence: String,
    /// How far it is, while it is under way.
    pub progress: Option<ImportProgress>,
    /// Numbers, each with what it counts and where that is.
    pub figures: [Figure; 3],
    /// Where the events are that are stored.
    pub list: Option<String>,
    /// Counts of what there is to tell, each list with its title.
    pub counts: Vec<(&'static str, Vec<(String, String)>)>,
    /// The first of the records in quarantine: where each stands, and what was expected.
    pub first: Vec<(String, String)>,
    /// How many more there are, in words.
    pub more: Option<String>,
    /// Files that were not read, and why.
    pub broken: Vec<(String, String, Vec<&'static str>)>,
    /// How many more there are, in words.
    pub more_broken: Option<String>,
}

/// How an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportState {
    /// It is under way.
    Running,
    /// It is done.
    Done,
    /// It is done, and something was not read.
    Lacking,
    /// It was cancelled, or broke off.
    Ended,
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// Bytes that have come, and of how many, where that is known.
    pub bytes: (u64, Option<u64>),
    /// In words.
    pub words: String,
}

/// A number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What it counts.
    pub label: &'static str,
    /// The number.
    pub number: String,
    /// Where what it counts is.
    pub url: Option<String>,
}

/// What changes while somebody looks at it, alone.
#[cfg(feature = "ssr")]
pub fn fragment(now: Option<ImportNow>) -> String {
    view! { <Now now /> }.to_html()
}

/// How it stands.
#[component]
pub fn Now(
    /// The import, if there was one.
    now: Option<ImportNow>,
) -> impl IntoView {
    let Some(now) = now else { return ().into_any() };
    let ImportNow { state, title, sentence, progress, figures, list, counts, first, more, broken, more_broken } = now;
    let (class, icon) = match state {
        ImportState::Running => ("checking", "clock"),
        ImportState::Done => ("whole", "success"),
        ImportState::Lacking => ("lacking", "failure"),
        ImportState::Ended => ("lacking", "denied"),
    };
    let figures = figures.map(|Figure { label, number, url }| {
        let number = match url {
            Some(url) => view! { <a href=url>{number}</a> }.into_any(),
            None => number.into_any(),
        };
        view! { <div><dt>{label}</dt><dd>{number}</dd></div> }
    });
    let counts = counts.into_iter().filter(|(_, counts)| !counts.is_empty()).map(|(title, counts)| {
        let items = counts.into_iter().map(|(name, count)| {
            view! { <li><Text text=name />" "<span class="faded">{count}</span></li> }
        });
        view! { <div><dt>{title}</dt><dd><ul>{items.collect_view()}</ul></dd></div> }
    });
    let first = first.into_iter().map(|(place, why)| {
        view! { <li><b><Text text=place /></b>" "<Text text=why /></li> }
    });
    let first = first.collect_view();
    let broken = broken.into_iter().map(|(name, why, nearest)| {
        view! { <div class="import-broken"><h3><Text text=name /></h3><Guesses why nearest /></div> }
    });
    view! {
        <section class=format!("card integrity-now {class}") aria-label="The last import">
            <p class="integrity-word" role="status"><Icon name=icon />{title}</p>
            <p class="integrity-sentence"><Text text=sentence /></p>
            {progress.map(|progress| view! { <Going progress /> })}
            <dl class="import-figures">{figures.into_iter().collect_view()}</dl>
            {broken.collect_view()}
            {more_broken.map(|more| view! { <p class="faded">{more}</p> })}
            <ol class="import-first">{first}{more.map(|more| view! { <li class="faded">{more}</li> })}</ol>
            <dl class="import-counts">{counts.collect_view()}</dl>
            {list.map(|url| view! { <p class="import-on"><a class="primary" href=url>"Browse the events"</a></p> })}
        </section>
    }
    .into_any()
}

#[component]
fn Going(progress: ImportProgress) -> impl IntoView {
    let ImportProgress { bytes: (done, of), words } = progress;
    let of = of.filter(|of| *of > 0);
    view! {
        <div class="integrity-round">
            <progress
                max=of.map(|of| of.to_string())
                value=of.map(|_| done.to_string())
                aria-label="How much of the files has come"
            ></progress>
            <p class="small">{words}</p>
        </div>
        <noscript>
            <meta http-equiv="refresh" content="2" />
        </noscript>
    }
}
