//! `/events`: all events of a query and a window, page by page.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    islands::beside::Follow,
    pages::{
        beside::{Beside, Panel},
        help::explain,
    },
    parts::{
        chips::{Chip, Chips},
        empty::{Empty, Wider},
        facets::{FacetList, FacetRail},
        frame::Frame,
        histogram::{Histogram, HistogramFigure},
        language::{KeyList, Language},
        pager::{Pager, PagerLinks},
        problem::{Problem, answer},
        query_box::{QueryBox, QueryError},
        sentence::{Piece, Sentence, plain},
        stamp::{FullTime, Stamp},
        table::{Day, Table},
        time_picker::{PRESETS, TimePicker, UnreadableWindow, WindowView},
        title::PageTitle,
        toolbar::Toolbar,
    },
    state::ViewState,
    stream::before_first_byte,
};

/// A page of events, and what there is to say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The query in words.
    pub sentence: Vec<Piece>,
    /// The query in pieces.
    pub chips: Vec<Chip>,
    /// The window.
    pub window: WindowView,
    /// The events by day, newest first.
    pub days: Vec<Day>,
    /// The view with its times fixed, as a path.
    pub pinned: String,
    /// The page's neighbours.
    pub pager: Pager,
    /// Where the search stopped because it had read enough for one request, if it did.
    pub searched_back_to: Option<Stamp>,
    /// Wider views, where this one finds nothing.
    pub wider: Vec<Wider>,
    /// What stands beside the list.
    pub beside: Option<Beside>,
}

/// All that a query and a window find, counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How many events match, in words.
    pub count: String,
    /// When they happened.
    pub histogram: Histogram,
    /// Their busiest values.
    pub facets: Vec<FacetList>,
}

/// Searches.
#[server(prefix = "/pages", endpoint = "events", input = server_fn::codec::GetUrl)]
pub async fn find(
    /// The view, as its URL has it.
    state: ViewState,
) -> Result<Found, AppError> {
    crate::read::search::View::read(state)?.find().await
}

/// Counts.
#[server(prefix = "/pages", endpoint = "summary", input = server_fn::codec::GetUrl)]
pub async fn summarize(
    /// The view, as its URL has it.
    state: ViewState,
) -> Result<Summary, AppError> {
    crate::read::search::View::read(state)?.summary().await
}

/// The page.
#[component]
pub fn Events() -> impl IntoView {
    let state = ViewState::from_search(&use_location().search.get_untracked());
    let found = before_first_byte(settled(state.clone()));
    let page = Suspend::new(async move {
        match found.await {
            Ok(found) => view! { <FoundEvents state found /> }.into_any(),
            Err(error @ (AppError::Query(_) | AppError::Window(_))) => {
                let language = explain(state.clone()).await;
                view! { <Misread state error language /> }.into_any()
            }
            Err(error) => view! { <Problem error /> }.into_any(),
        }
    });
    view! { <Frame>{page}</Frame> }
}

async fn settled(state: ViewState) -> Result<Found, AppError> {
    let found = find(state).await;
    if let Err(error) = &found {
        answer(error);
    }
    found
}

#[component]
fn FoundEvents(state: ViewState, found: Found) -> impl IntoView {
    let title = format!("{} · Flightbox", plain(&found.sentence));
    let empty = found.days.is_empty();
    let everything = state.zone_only();
    view! {
        <PageTitle text=title />
        <div class="ask">
            <QueryBox state=state.clone() />
            <TimePicker state=state.clone() window=found.window problem=None />
            <Toolbar state=state.clone() pinned=found.pinned />
        </div>
        <div class="found">
            <h1 class="say"><Sentence pieces=found.sentence /></h1>
            {(!found.chips.is_empty())
                .then(|| view! { <Chips chips=found.chips clear=state.with_query("").events() /> })}
            <div class="list">
                {if empty && found.searched_back_to.is_none() {
                    view! { <Empty wider=found.wider everything=everything.events() /> }.into_any()
                } else {
                    view! { <Table days=found.days state=state.clone() /> }.into_any()
                }}
                {found.searched_back_to.map(|at| view! { <Stopped at /> })}
                {(!empty || found.pager != Pager::default()).then(|| view! { <PagerLinks pager=found.pager /> })}
            </div>
            {found.beside.map(|beside| view! { <Panel state=state.clone() beside /> })}
            {Suspend::new(async move {
                let counted = summarize(state).await;
                view! { <Summarized counted /> }
            })}
        </div>
        <Follow />
    }
}

/// Comes last, since counting can take longer than finding; the style sheet puts it where it belongs, which is empty
/// until then, so that nothing moves.
#[component]
fn Summarized(counted: Result<Summary, AppError>) -> impl IntoView {
    match counted {
        Ok(Summary { count, histogram, facets }) => view! {
            <p class="count" role="status">
                {count}
            </p>
            <HistogramFigure histogram />
            <FacetRail facets />
        }
        .into_any(),
        // The list stands above already, and is no less true for it.
        Err(error) => view! {
            <p class="count" role="status">
                {format!("Not counted: {error}")}
            </p>
        }
        .into_any(),
    }
}

#[component]
fn Stopped(at: Stamp) -> impl IntoView {
    view! {
        <p class="stopped">
            "This query has to read each event. It has looked as far as "<FullTime at />", and goes on below."
        </p>
    }
}

#[component]
fn Misread(state: ViewState, error: AppError, language: Result<Language, AppError>) -> impl IntoView {
    answer(&error);
    let preset = PRESETS.iter().find(|preset| preset.from == state.from && state.to.is_empty());
    let label = preset.map_or("Other window", |preset| preset.label).to_owned();
    let window = WindowView { label, ..WindowView::default() };
    let (query, problem) = match error {
        AppError::Query(problem) => (Some(problem), None),
        AppError::Window(problem) => (None, Some(problem)),
        _ => (None, None),
    };
    view! {
        <PageTitle text="A query that cannot be read · Flightbox" />
        <div class="ask">
            <QueryBox state=state.clone() invalid=query.is_some() />
            <TimePicker state=state.clone() window problem=problem.clone() />
        </div>
        {query.map(|problem| view! { <QueryError state=state.clone() problem /> })}
        {problem.map(|problem| view! { <UnreadableWindow problem /> })}
        <KeyHelp language help=state.zone_only().url("/help") />
    }
}

/// What a query can be made of, where somebody has just got it wrong.
#[component]
fn KeyHelp(language: Result<Language, AppError>, help: String) -> impl IntoView {
    view! {
        <section class="examples">
            <h2>"What a query can say"</h2>
            {language.ok().map(|language| view! { <KeyList keys=language.keys /> })}
            <p><a href=help>"All of it, with operators and rules"</a></p>
        </section>
    }
}
