//! `/events/{seq}`: one event, whole.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    parts::{
        changes::{Change, Changes},
        facts::{Fact, Facts},
        frame::Frame,
        held::{HeldNote, HeldNotes},
        history::{History, HistoryList},
        icon::Icon,
        json::{Leaf, Leaves, Raw, Token},
        outcome::OutcomeLink,
        pager::Steps,
        problem::settle,
        remark::{self, Remarks},
        sealed::{SealedLine, SealedNote},
        sentence::{Piece, Sentence, plain},
        table::{ActionLink, Row},
        text::Text,
        title::PageTitle,
        value::CopyButton,
    },
    state::ViewState,
};

/// An event with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its sequence number.
    pub seq: i64,
    /// What a table shows of it.
    pub row: Row,
    /// What happened, in words.
    pub sentence: Vec<Piece>,
    /// Why it failed or was done.
    pub reason: Option<String>,
    /// Views of what happened around it.
    pub ways: Vec<Way>,
    /// What of it is not shown.
    pub sealed: Option<SealedNote>,
    /// What is known of it.
    pub facts: Vec<Fact>,
    /// What it changed.
    pub changes: Vec<Change>,
    /// Everything else the producer told.
    pub details: Vec<Leaf>,
    /// The whole as JSON.
    pub raw: Vec<Token>,
    /// The same as one text.
    pub raw_text: String,
    /// The number of the next newer event of the view.
    pub newer: Option<i64>,
    /// The number of the next older event of the view.
    pub older: Option<i64>,
    /// Who looked at it, for those who may know.
    pub history: Option<History>,
    /// Whether it is under a signed checkpoint, on its own page.
    pub covered: Option<Covered>,
    /// The legal holds on it.
    pub holds: Vec<HeldNote>,
}

/// What is known of whether the event is what was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// The checkpoint that it is under.
    pub words: String,
    /// What is wrong with it.
    pub damage: Option<String>,
}

/// A way on from an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// What it shows.
    pub label: String,
    /// The URL of the view.
    pub url: String,
}

/// Reads one event, and its neighbours in the view.
#[server(prefix = "/pages", endpoint = "event", input = server_fn::codec::GetUrl)]
pub async fn show(
    /// The event's sequence number.
    seq: i64,
    /// The view it was opened from.
    state: ViewState,
) -> Result<Shown, AppError> {
    let view = crate::read::search::View::read(state)?;
    let shown = crate::read::history::show(&view, seq).await;
    crate::look::seen(crate::look::Look::Event(seq), shown)
}

/// The page.
#[component]
pub fn Event() -> impl IntoView {
    let state = ViewState::from_search(&use_location().search.get_untracked());
    let text = use_params_map().read_untracked().get("seq").unwrap_or_default();
    let page = Suspend::new(async move {
        let read = match text.parse() {
            Ok(seq) => show(seq, state.clone()).await,
            Err(_) => Err(AppError::Missing(format!("event “{text}”"))),
        };
        settle(read, |shown| view! { <ShownEvent state shown /> }.into_any())
    });
    view! { <Frame>{page}</Frame> }
}

#[component]
fn ShownEvent(state: ViewState, shown: Shown) -> impl IntoView {
    let title = format!("{} · event {} · Flightbox", plain(&shown.sentence), shown.seq);
    let ways =
        shown.ways.into_iter().map(|way| view! { <li><a href=way.url>{way.label}<Icon name="arrow" /></a></li> });
    let (row, changes, details) = (shown.row, shown.changes, shown.details);
    let new = remark::new(row.remarks);
    let page = |seq: Option<i64>| seq.map(|seq| state.event_page(seq));
    view! {
        <PageTitle text=title />
        <nav class="trail" aria-label="Position">
            <a href=state.alone().events() data-up=""><Icon name="earlier" />"Events"</a>
            <span class="faded">"Event "{shown.seq}</span>
            <span class="grow"></span>
            <Steps newer=page(shown.newer) older=page(shown.older) oldest_first=state.oldest_first() />
        </nav>
        <header class="event-head">
            <p class="event-kind">
                <OutcomeLink outcome=row.outcome />
                <span class="mono"><ActionLink action=row.action /></span>
            </p>
            <h1><Sentence pieces=shown.sentence /></h1>
            {shown.reason.map(|text| view! { <p class="reason"><Text text /></p> })}
            {(!new.is_empty()).then(|| view! { <Remarks remarks=new /> })}
            <HeldNotes holds=shown.holds />
            {shown.sealed.map(|note| view! { <SealedLine note /> })}
            <nav aria-label="Around this event">
                <ul class="event-ways">{ways.collect_view()}</ul>
            </nav>
        </header>
        <div class="event-body">
            <div class="event-main">
                <Section id="summary" title="Summary"><Facts facts=shown.facts /></Section>
                {(!changes.is_empty())
                    .then(|| view! { <Section id="changes" title="Changes"><Changes changes /></Section> })}
                {(!details.is_empty())
                    .then(|| view! { <Section id="details" title="Details"><Leaves leaves=details /></Section> })}
                {shown
                    .covered
                    .map(|Covered { words, damage }| {
                        view! {
                            <Section id="integrity" title="Integrity">
                                <p><a class="aside-link" href="/integrity">"How the log stands"</a>{words}</p>
                                {damage.map(|damage| view! { <p class="wrong">"Damaged: "{damage}</p> })}
                            </Section>
                        }
                    })}
                {shown
                    .history
                    .map(|history| {
                        view! { <Section id="history" title="Access history"><HistoryList history /></Section> }
                    })}
            </div>
            <section class="card raw" id="raw" aria-labelledby="raw-title">
                <div class="card-head">
                    <h2 id="raw-title">"Raw"</h2>
                    <CopyButton text=shown.raw_text label="Copy the raw event".to_owned() />
                </div>
                // A region that scrolls has to be reachable by keyboard.
                <div class="scroll" tabindex="0" role="group" aria-labelledby="raw-title">
                    <Raw tokens=shown.raw />
                </div>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn Section(id: &'static str, title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="card" id=id aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{title}</h2>
            {children()}
        </section>
    }
}
