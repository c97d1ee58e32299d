//! Native only: who looks at what. Whatever shows events tells it to the [`Witness`] that the server has put into the
//! request, before any of it leaves; where it cannot be recorded, nothing is shown.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_domain::{query::Query, rules::Rules, turn::Begun};
use flightbox_store::Count;

use crate::{
    context,
    error::AppError,
    read::window::Window,
    state::{ViewState, actor_path, resource_path},
};

/// The actions under which looks are recorded.
pub const ACTIONS: [&str; 6] =
    ["events.search", "events.live", "event.view", "actor.view", "resource.view", "overview.view"];

/// What somebody looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Look {
    /// The first page of a search, or what is counted of one.
    Search(Searched),
    /// What comes into a view, as it comes.
    Live(Searched),
    /// One event.
    Event(i64),
    /// An actor's events, in a search of that name.
    Actor(String, Begun),
    /// A resource's events, in a search of that name.
    Resource(String, Begun),
    /// What happened lately, in figures.
    Overview,
}

/// A search as it may be written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Searched {
    /// Its name, where it has pages to turn.
    pub begun: Option<Begun>,
    /// Where it was asked for, as the path and query string of a URL.
    pub page: String,
    /// The query, secrets masked.
    pub query: String,
    /// The start of its window.
    pub from: Option<DateTime<Utc>>,
    /// The end of its window.
    pub to: Option<DateTime<Utc>>,
    /// The zone that days and times in it are read in.
    pub zone: Tz,
    /// How many events it finds, where that is known.
    pub count: Option<Count>,
}

impl Searched {
    /// A search in the view of a state, asked for at a path.
    pub fn of(path: &str, state: &ViewState, query: &Query, window: &Window, rules: &Rules) -> Self {
        let query = query.masked(rules).to_string();
        let place = ViewState { q: query.clone(), ..state.after("") };
        let Window { from, to, zone, .. } = *window;
        Self { begun: None, page: place.url(path), query, from, to, zone, count: None }
    }
}

/// What came of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was shown.
    Shown,
    /// There is none, or whoever looks may not know of it.
    Missing,
    /// It took too long.
    TooSlow,
}

impl Ended {
    /// What came of it; `None` where nothing was looked at, for want of a readable question or of a server that works.
    fn of<T>(result: &Result<T, AppError>) -> Option<Self> {
        match result {
            Ok(_) => Some(Ended::Shown),
            Err(AppError::Missing(_) | AppError::Removed(_)) => Some(Ended::Missing),
            Err(AppError::TooSlow) => Some(Ended::TooSlow),
            Err(_) => None,
        }
    }

    /// Why it was not shown.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Ended::Shown => None,
            Ended::Missing => Some("there is none, or it is not theirs"),
            Ended::TooSlow => Some("it took too long"),
        }
    }
}

impl Look {
    /// The action under which it is recorded.
    pub fn action(&self) -> &'static str {
        let [search, live, event, actor, resource, overview] = ACTIONS;
        match self {
            Look::Search(_) => search,
            Look::Live(_) => live,
            Look::Event(_) => event,
            Look::Actor(..) => actor,
            Look::Resource(..) => resource,
            Look::Overview => overview,
        }
    }

    /// What was looked at, as a path.
    pub fn resource(&self) -> String {
        match self {
            Look::Search(searched) | Look::Live(searched) => searched.page.clone(),
            Look::Event(seq) => event_path(*seq),
            Look::Actor(id, _) => actor_path(id),
            Look::Resource(id, _) => resource_path(id),
            Look::Overview => "/".to_owned(),
        }
    }

    /// The name of the search, where its pages can be turned.
    pub fn begun(&self) -> Option<Begun> {
        match self {
            Look::Search(searched) => searched.begun,
            Look::Actor(_, begun) | Look::Resource(_, begun) => Some(*begun),
            Look::Live(_) | Look::Event(_) | Look::Overview => None,
        }
    }
}

/// The path of an event's page.
pub fn event_path(seq: i64) -> String {
    format!("/events/{seq}")
}

/// There was no room to record it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unrecorded;

/// Whoever records what the person of this request looks at.
#[derive(Clone)]
pub struct Witness(Arc<dyn Fn(Look, Ended) -> Result<(), Unrecorded> + Send + Sync>);

impl Witness {
    /// A witness that hands on what it sees.
    pub fn new(record: impl Fn(Look, Ended) -> Result<(), Unrecorded> + Send + Sync + 'static) -> Self {
        Self(Arc::new(record))
    }

    /// Records what came of a look, and hands it on.
    pub fn see<T>(&self, look: Look, result: Result<T, AppError>) -> Result<T, AppError> {
        match Ended::of(&result).map(|ended| (self.0)(look, ended)) {
            Some(Err(Unrecorded)) => Err(AppError::Busy),
            Some(Ok(())) | None => result,
        }
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Witness")
    }
}

/// Records what came of a look at this page, and hands it on.
pub fn seen<T>(look: Look, result: Result<T, AppError>) -> Result<T, AppError> {
    context::witness()?.see(look, result)
}

/// The same for a part of the overview, which was recorded when the page began, unless the part is all that was asked
/// for.
pub fn seen_alone<T>(result: Result<T, AppError>) -> Result<T, AppError> {
    if context::is_called() { seen(Look::Overview, result) } else { result }
}
