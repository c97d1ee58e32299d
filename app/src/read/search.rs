//! A page of events: searched, counted, and made ready to be shown.

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    filter::Filter,
    mark::Mark,
    page::{Cursor, Position},
    query::{Query, QueryError},
    turn::{Asked, Begun, Turn},
};
use flightbox_store::{Count, Search, Store};

use super::{access, chips, event, links::Linker, row::Rows, sentence, window::Window, zone};
use crate::{
    context::{self, Person},
    error::{AppError, QueryProblem},
    look::{self, Look, Searched},
    pages::events::Found,
    parts::{columns::chosen, empty::Wider, pager::Pager},
    state::{Place, ViewState},
};

pub use crate::parts::number::{grouped, plural};

/// How many events stand on a page.
pub const PAGE: usize = 50;
/// The store counts up to here.
const COUNTED: u64 = 10_000;

/// A view whose every part has been read.
pub struct View {
    /// Its state, as it came.
    pub state: ViewState,
    /// Its query.
    pub query: Query,
    /// Its window.
    pub window: Window,
    person: Person,
    store: Store,
}

impl View {
    /// Reads the view of whoever is signed in.
    pub fn read(state: ViewState) -> Result<Self, AppError> {
        Self::of(state, context::signed_in()?, context::store()?, context::now()?)
    }

    /// Reads the view of a person at a time.
    pub fn of(state: ViewState, person: Person, store: Store, now: DateTime<Utc>) -> Result<Self, AppError> {
        let window = Window::read(&state, now)?;
        let query = Query::parse(&state.q).map_err(problem)?;
        store.rules().allow(&query, &state.q).map_err(problem)?;
        Ok(Self { state, query, window, person, store })
    }

    /// The search for some events of it.
    pub fn search(&self, cursor: Option<Cursor>, limit: usize) -> Search {
        self.search_for(&self.query, &self.window, cursor, limit)
    }

    pub(super) fn search_for(&self, query: &Query, window: &Window, cursor: Option<Cursor>, limit: usize) -> Search {
        let filter = Filter::new(query, self.store.keys(), window.now, window.zone);
        let scope = self.person.scope(filter.asks_for_access());
        Search { filter, scope, range: window.range(), cursor, from_oldest: self.state.oldest_first(), limit }
    }

    /// Who reads it.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// The store it is read from.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Makes links from it.
    pub fn links(&self) -> Linker<'_> {
        Linker { state: &self.state, query: &self.query }
    }

    /// Makes its rows.
    pub fn rows(&self) -> Rows<'_> {
        Rows {
            links: self.links(),
            zone: self.window.zone,
            now: self.window.now,
            columns: chosen(self.state.place, &self.state.cols),
            known: Default::default(),
        }
    }

    /// Which page the state asks for.
    pub fn asked(&self) -> Result<Asked, AppError> {
        let after = Some(self.state.after.as_str()).filter(|after| !after.is_empty());
        let open = |text| Turn::open(text, self.store.keys(), &self.person.name, &self.bound()).ok_or(AppError::Cursor);
        Ok(Asked::of(after.map(open).transpose()?, &context::random()?, self.window.now))
    }

    /// The links from a page under `path` to its neighbours; `place` is its state there.
    pub fn pager(&self, begun: Begun, (path, place): (&str, &ViewState), [newer, older]: [Option<Cursor>; 2]) -> Pager {
        let seal = |cursor| Turn { cursor, begun }.seal(self.store.keys(), &self.person.name, &self.bound());
        let url = |cursor: Cursor| place.after(seal(cursor)).url(path);
        Pager {
            start: (!place.after.is_empty()).then(|| place.after("").url(path)),
            newer: newer.map(url),
            older: older.map(url),
            oldest_first: place.oldest_first(),
        }
    }

    /// Who looks at it.
    pub(super) fn reader(&self) -> &str {
        &self.person.name
    }

    /// What a cursor is bound to besides its reader.
    pub(super) fn bound(&self) -> String {
        let ViewState { from, to, sort, .. } = &self.state;
        format!("{}\n{from}\n{to}\n{}\n{sort}", self.query, self.window.zone)
    }

    /// A page of it. That somebody looks at it is recorded.
    pub async fn find(&self) -> Result<Found, AppError> {
        let asked = self.asked()?;
        let (found, count) = match self.find_page(&asked).await {
            Ok((found, count)) => (Ok(found), count),
            Err(error) => (Err(error), None),
        };
        let mut found = match asked.is_first {
            true => look::seen(self.searched(Some(asked.begun), count), found)?,
            false => found?,
        };
        found.beside = event::beside(self, &context::witness()?).await?;
        Ok(found)
    }

    /// The view's search, as the record of access tells of it.
    pub fn searched(&self, begun: Option<Begun>, count: Option<Count>) -> Look {
        let searched =
            Searched::of(self.state.place.path(), &self.state, &self.query, &self.window, &self.store.rules());
        Look::Search(Searched { begun, count, ..searched })
    }

    /// The page, and how many events the whole search finds, where the page itself tells.
    async fn find_page(&self, asked: &Asked) -> Result<(Found, Option<Count>), AppError> {
        // Before the search, so that nothing is taken for shown which came meanwhile.
        let seen = self.store.events();
        let page = self.store.search(&self.search(asked.cursor, PAGE)).await.map_err(context::unanswered)?;
        let unmet = page.events.is_empty() && !self.state.is_live();
        let wider = if unmet { self.wider().await? } else { Vec::new() };
        let whole = asked.cursor.is_none() && page.older.is_none() && page.newer.is_none();
        let count = whole.then_some(Count { value: page.events.len() as u64, exact: true });
        let floor = page.older.map_or(Position::FIRST, |older| older.position);
        let onward = self.onward(Mark { seen, floor })?;
        let (zone, now) = (self.window.zone, self.window.now);
        let (path, told) = (self.state.place.path(), self.told());
        let mut events = page.events;
        if self.state.oldest_first() {
            events.reverse();
        }
        let found = Found {
            sentence: access::worded(self.state.place, sentence::of_query(&told, &self.window.phrase(&self.state))),
            chips: chips::chips(&told, &self.state),
            window: self.window.view(&self.state, path),
            days: self.rows().days(&events),
            pinned: self.pinned().events(),
            pager: self.pager(asked.begun, (path, &self.state), [page.newer, page.older]),
            searched_back_to: page.searched_back_to.map(|time| zone::stamp(time, zone, now)),
            wider,
            beside: None,
            onward,
            sealed: self.state.place == Place::Events && self.person.roles.may_reveal(),
            typed: if self.state.place == Place::Access { told.to_string() } else { self.state.q.clone() },
        };
        Ok((found, count))
    }

    /// The query without what its place says already.
    fn told(&self) -> Query {
        match (self.state.place, access::own(&self.query)) {
            (Place::Access, Some(at)) => self.query.without(at),
            _ => self.query.clone(),
        }
    }

    /// The view with every time in it fixed, so that it shows the same stretch whenever it is opened.
    fn pinned(&self) -> ViewState {
        let Window { from, to, now, .. } = self.window;
        let open_end = from.map(|_| now);
        let exact = |time: Option<DateTime<Utc>>| time.map(zone::exact).unwrap_or_default();
        let window = self.state.after("").with_window(&exact(from), &exact(to.or(open_end)));
        window.with_query(self.query.pinned(now).to_string())
    }

    /// The same, and it ends where it began to be looked at, so that it finds the same at any time but for what comes
    /// late. Fixed again it is the same.
    pub fn fixed(&self) -> ViewState {
        let Window { from, to, now, .. } = self.window;
        let end = to.unwrap_or(from.map_or(now, |from| now.max(from + TimeDelta::milliseconds(1))));
        let start = from.map(zone::exact).unwrap_or_default();
        let window = self.state.after("").with_sort("").with_window(&start, &zone::exact(end));
        window.with_query(self.query.pinned(now).to_string())
    }

    /// Views that find something where this one finds nothing: without its window, and without each of its terms.
    async fn wider(&self) -> Result<Vec<Wider>, AppError> {
        let all_time = Window { from: None, to: None, ..self.window };
        let mut candidates = Vec::new();
        if self.state.has_window() {
            let state = self.state.with_window("", "");
            candidates.push(("The same at any time".to_owned(), state.events(), self.query.clone(), all_time));
        }
        for (at, term) in self.query.terms().iter().enumerate().take(4) {
            let query = self.query.without(at);
            let url = self.state.with_query(query.to_string()).events();
            candidates.push((format!("Without {term}"), url, query, self.window));
        }
        let mut wider = Vec::new();
        for (label, url, query, window) in candidates {
            let search = self.search_for(&query, &window, None, PAGE);
            let count = self.store.count(&search).await.map_err(context::unanswered)?;
            wider.push(Wider { label, url, found: count.value > 0 || !count.exact, count: in_words(count) });
        }
        Ok(wider)
    }
}

/// `1 event`, `4,810 events`, `more than 10,000 events`, and `at least 3 events` where only reading all would tell.
pub fn in_words(count: Count) -> String {
    let bound = match count {
        Count { exact: true, .. } => "",
        Count { value: COUNTED, .. } => "more than ",
        _ => "at least ",
    };
    format!("{bound}{}", plural(count.value))
}

fn problem(error: QueryError) -> AppError {
    AppError::Query(QueryProblem {
        code: error.code.as_str().to_owned(),
        message: error.message,
        position: error.position,
        length: error.length,
        expected: error.expected,
        suggestion: error.suggestion,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_honest() {
        assert_eq!(in_words(Count { value: 1, exact: true }), "1 event");
        assert_eq!(in_words(Count { value: 4_810, exact: true }), "4,810 events");
        assert_eq!(in_words(Count { value: 10_000, exact: false }), "more than 10,000 events");
        assert_eq!(in_words(Count { value: 3, exact: false }), "at least 3 events");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
