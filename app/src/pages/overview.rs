//! `/`: what happened lately, at a glance.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

use crate::{
    error::{AppError, WindowProblem},
    parts::{
        empty::NothingYet,
        frame::Frame,
        glance::Figure,
        histogram::Histogram,
        notable::{Notable, NotableCards},
        overview::{Busiest, Total, Totals, When},
        problem::{Problem, answer},
        query_box::QueryBox,
        stamp::{FullTime, Stamp},
        time_picker::{TimePicker, UnreadableWindow, WindowView},
        title::PageTitle,
    },
    state::ViewState,
    stream::before_first_byte,
};

/// The start of the window where nobody chose one.
const WEEK: &str = "-7d";

/// What stands over the figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The window.
    pub window: WindowView,
    /// The same as the end of a sentence.
    pub phrase: String,
    /// What there is to see.
    pub there: There,
}

/// Whether there is anything to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum There {
    /// Not one event in the whole log.
    Nothing,
    /// None since before the window: the last one, and the week that leads up to it.
    Before(Stamp, String),
    /// Maybe some in the window.
    Something,
}

/// What happened, in figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// How much of what.
    pub totals: Vec<Total>,
    /// What the figures are compared with, if there is anything.
    pub compared: Option<String>,
    /// When.
    pub histogram: Histogram,
}

/// Reads the window, and whether there is anything to see.
#[server(prefix = "/pages", endpoint = "overview", input = server_fn::codec::GetUrl)]
pub async fn begin(
    /// The window, as the URL has it.
    state: ViewState,
) -> Result<Begun, AppError> {
    let begun = crate::read::search::View::read(state)?.begin().await;
    crate::look::seen(crate::look::Look::Overview, begun)
}

/// Counts what happened.
#[server(prefix = "/pages", endpoint = "totals", input = server_fn::codec::GetUrl)]
pub async fn count(
    /// The window.
    state: ViewState,
) -> Result<Counted, AppError> {
    crate::look::seen_alone(crate::read::search::View::read(state)?.totals().await)
}

/// Finds what deserves a look.
#[server(prefix = "/pages", endpoint = "notable", input = server_fn::codec::GetUrl)]
pub async fn look(
    /// The window.
    state: ViewState,
) -> Result<Notable, AppError> {
    crate::look::seen_alone(crate::read::search::View::read(state)?.notable().await)
}

/// Counts who and what was busy.
#[server(prefix = "/pages", endpoint = "busiest", input = server_fn::codec::GetUrl)]
pub async fn rank(
    /// The window.
    state: ViewState,
) -> Result<Vec<Figure>, AppError> {
    crate::look::seen_alone(crate::read::search::View::read(state)?.busiest().await)
}

/// The page.
#[component]
pub fn Overview() -> impl IntoView {
    let state = window_of(&use_location().search.get_untracked());
    let begun = before_first_byte(settled(state.clone()));
    let page = Suspend::new(async move {
        match begun.await {
            Ok(begun) => view! { <Glance state begun /> }.into_any(),
            Err(AppError::Window(problem)) => {
                let window = WindowView { label: "Other window".to_owned(), ..WindowView::default() };
                view! {
                    <PageTitle text="Overview · Flightbox" />
                    <Ask state window problem=Some(problem.clone()) />
                    <UnreadableWindow problem />
                }
                .into_any()
            }
            Err(error) => view! { <Problem error /> }.into_any(),
        }
    });
    view! { <Frame>{page}</Frame> }
}

/// The window of a URL, and its zone; the last seven days where it names none.
fn window_of(search: &str) -> ViewState {
    let ViewState { from, to, tz, .. } = ViewState::from_search(search);
    let state = ViewState { from, to, tz, ..ViewState::default() };
    if state.has_window() { state } else { state.with_window(WEEK, "") }
}

async fn settled(state: ViewState) -> Result<Begun, AppError> {
    let begun = begin(state).await;
    if let Err(error) = &begun {
        answer(error);
    }
    begun
}

#[component]
fn Ask(state: ViewState, window: WindowView, problem: Option<WindowProblem>) -> impl IntoView {
    view! {
        <div class="ask">
            <QueryBox state=state.clone() />
            <TimePicker state window problem path="/" />
        </div>
    }
}

#[component]
fn Glance(state: ViewState, begun: Begun) -> impl IntoView {
    let Begun { window, phrase, there } = begun;
    let content = match there {
        There::Nothing => view! { <NothingYet /> }.into_any(),
        There::Something => view! { <Seen state=state.clone() last=None /> }.into_any(),
        There::Before(last, url) => view! { <Seen state=state.clone() last=Some((last, url)) /> }.into_any(),
    };
    view! {
        <PageTitle text="Overview · Flightbox" />
        <Ask state window problem=None />
        <div class="overview">
            <h1 class="say">"What happened "<b>{phrase}</b></h1>
            {content}
        </div>
    }
}

/// Each part leaves as soon as it is known; those that take longer come last, so that nothing moves. Each is begun when
/// the one before has left: begun earlier it would hold connections to the database while nobody polls it.
#[component]
fn Seen(state: ViewState, last: Option<(Stamp, String)>) -> impl IntoView {
    let nothing = last.map(|(at, url)| {
        view! {
            <p class="nothing">
                "Nothing happened then. The last event was at "<FullTime at />". "<a href=url>"The week up to it"</a>
            </p>
        }
    });
    view! {
        {nothing}
        {Suspend::new(async move {
            let counted = match count(state.clone()).await {
                Ok(Counted { totals, compared, histogram }) => {
                    view! { <Totals totals compared /><When histogram /> }.into_any()
                }
                Err(error) => view! { <Untold error /> }.into_any(),
            };
            view! { {counted}<Looked state /> }
        })}
    }
}

#[component]
fn Looked(state: ViewState) -> impl IntoView {
    Suspend::new(async move {
        let looked = match look(state.clone()).await {
            Ok(notable) => view! { <NotableCards notable /> }.into_any(),
            Err(error) => view! { <Untold error /> }.into_any(),
        };
        view! { {looked}<Ranked state /> }
    })
}

#[component]
fn Ranked(state: ViewState) -> impl IntoView {
    Suspend::new(async move {
        match rank(state).await {
            Ok(figures) => view! { <Busiest figures /> }.into_any(),
            Err(error) => view! { <Untold error /> }.into_any(),
        }
    })
}

/// The rest of the page stands already, and is no less true for it.
#[component]
fn Untold(error: AppError) -> impl IntoView {
    view! { <p class="nothing">{format!("Not counted: {error}")}</p> }
}
