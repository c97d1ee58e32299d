//! `/events`: all events of a query and a window, page by page.

use std::mem::take;

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
        counts::{Counted, Counting, Uncounted},
        empty::{Empty, Wider},
        facets::FacetList,
        frame::Frame,
        histogram::Histogram,
        language::{KeyList, Language},
        live::{Announced, Onward, TailBar, TailFoot},
        pager::{Pager, PagerLinks},
        problem::{Problem, answer},
        query_box::{QueryBox, QueryError},
        sentence::{Piece, Sentence, plain},
        slow::TooSlow,
        stamp::{FullTime, Stamp},
        table::{Day, Table},
        time_picker::{PRESETS, TimePicker, UnreadableWindow, WindowView},
        title::PageTitle,
        toolbar::Toolbar,
    },
    state::{Place, ViewState},
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
    /// From where the page goes on, where what comes belongs on top of it.
    pub onward: Option<Onward>,
    /// The query as it stands in the query box.
    pub typed: String,
    /// Whether whoever looks may take sealed values away.
    pub sealed: bool,
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
    let view = crate::read::search::View::read(state)?;
    let counted = view.summary().await;
    // A page that has its counts was recorded when its list was found.
    if crate::context::is_called() { crate::look::seen(view.searched(None, None), counted) } else { counted }
}

/// The page.
#[component]
pub fn Events() -> impl IntoView {
    let state = ViewState::from_search(&use_location().search.get_untracked());
    let found = before_first_byte(settled(state.clone()));
    let page = Suspend::new(async move {
        match found.await {
            Ok(found) => view! { <FoundEvents state found /> }.into_any(),
            Err(error @ (AppError::Query(_) | AppError::Window(_) | AppError::TooSlow)) => {
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

/// The list that was found, and what belongs to it.
#[component]
pub fn FoundEvents(
    /// The view.
    state: ViewState,
    /// What was found.
    mut found: Found,
    /// What leads up to the list.
    #[prop(optional)]
    lead: Option<AnyView>,
) -> impl IntoView {
    let place = match state.place {
        Place::Events => "",
        Place::Access => "Access · ",
    };
    let title = format!("{place}{} · Flightbox", plain(&found.sentence));
    let (sentence, chips) = (take(&mut found.sentence), take(&mut found.chips));
    let typed = ViewState { q: take(&mut found.typed), ..state.clone() };
    let (window, pinned, beside) = (take(&mut found.window), take(&mut found.pinned), found.beside.take());
    let counts = match state.is_counted() {
        true => {
            let view = state.clone();
            let counted = Suspend::new(async move {
                let counted = summarize(view.clone()).await;
                view! { <Counted state=view counted /> }
            });
            view! { <Counting state=state.clone() />{counted} }.into_any()
        }
        false => view! { <Uncounted state=state.clone() /> }.into_any(),
    };
    view! {
        <PageTitle text=title />
        <div class="ask">
            <QueryBox state=typed />
            <TimePicker state=state.clone() window problem=None path=state.place.path() />
            <Toolbar state=state.clone() pinned sealed=found.sealed />
        </div>
        {lead}
        <div class=if state.is_counted() { "found" } else { "found uncounted" }>
            <h1 class="say"><Sentence pieces=sentence /></h1>
            {(!chips.is_empty()).then(|| view! { <Chips chips clear=state.with_query("").events() /> })}
            <div class="list"><List state=state.clone() found /></div>
            {beside.map(|beside| view! { <Panel state=state.clone() beside /> })}
            {counts}
        </div>
        {(state.place == Place::Events).then(|| view! { <Follow /> })}
    }
}

/// The page's events, with what leads on from them.
#[component]
fn List(state: ViewState, found: Found) -> impl IntoView {
    let Found { days, pager, searched_back_to, wider, onward, .. } = found;
    let live = state.is_live();
    let empty = days.is_empty();
    let head = onward.map(|onward| match live {
        true => view! { <TailBar onward state=state.clone() /> }.into_any(),
        false => view! { <Announced onward /> }.into_any(),
    });
    let everything = ViewState { place: state.place, ..state.zone_only() }.events();
    let body = match empty && !live && searched_back_to.is_none() {
        true => view! { <Empty wider everything /> }.into_any(),
        false => view! { <Table days state=state.clone() /> }.into_any(),
    };
    let foot = match live {
        true => view! { <TailFoot state /> }.into_any(),
        false => (!empty || pager != Pager::default()).then(|| view! { <PagerLinks pager /> }).into_any(),
    };
    view! {
        {head}
        {body}
        {searched_back_to.map(|at| view! { <Stopped at /> })}
        {foot}
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

/// A view that could not be searched, with what was asked and what would do.
#[component]
pub fn Misread(
    /// The view.
    state: ViewState,
    /// What is wrong.
    error: AppError,
    /// What a query can say.
    language: Result<Language, AppError>,
) -> impl IntoView {
    answer(&error);
    let preset = PRESETS.iter().find(|preset| preset.from == state.from && state.to.is_empty());
    let label = preset.map_or("Other window", |preset| preset.label).to_owned();
    let window = WindowView { label, ..WindowView::default() };
    let (query, problem, slow) = match error {
        AppError::Query(problem) => (Some(problem), None, false),
        AppError::Window(problem) => (None, Some(problem), false),
        _ => (None, None, true),
    };
    let title =
        if slow { "A view that takes too long · Flightbox" } else { "A query that cannot be read · Flightbox" };
    view! {
        <PageTitle text=title />
        <div class="ask">
            <QueryBox state=state.clone() invalid=query.is_some() />
            <TimePicker state=state.clone() window problem=problem.clone() path=state.place.path() />
        </div>
        {query.map(|problem| view! { <QueryError state=state.clone() problem /> })}
        {problem.map(|problem| view! { <UnreadableWindow problem /> })}
        {match slow {
            true => view! { <TooSlow state /> }.into_any(),
            false => {
                let help = state.zone_only().url("/help");
                view! { <KeyHelp language help /> }.into_any()
            }
        }}
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
