//! Pages and single events: every read takes a scope, and answers what lies in it alone.

use chrono::{DateTime, Utc};
use flightbox_domain::{
    filter::Filter,
    page::{Cursor, Direction, Position, Range},
    scope::Scope,
};

use crate::{Store, StoreError, Stored, walk::Walk};

/// Records that one request may decode to find matches that the index alone cannot tell.
pub(crate) const EXAMINED: usize = 20_000;

/// What to look for.
#[derive(Clone, Debug)]
pub struct Search {
    /// Which events.
    pub filter: Filter,
    /// Which of them the reader may see.
    pub scope: Scope,
    /// Between which positions.
    pub range: Range,
    /// Where to go on from; from the newest where there is none.
    pub cursor: Option<Cursor>,
    /// Which end the first page shows; its events stand newest first either way.
    pub from_oldest: bool,
    /// How many events make a page.
    pub limit: usize,
}

/// One page of matches.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The matches, newest first.
    pub events: Vec<Stored>,
    /// Where newer ones are, if there are any.
    pub newer: Option<Cursor>,
    /// Where older ones are, if there are any.
    pub older: Option<Cursor>,
    /// The search stopped here, at its bound on examined records, before the page was full. Going on is one click.
    pub searched_back_to: Option<DateTime<Utc>>,
}

impl Search {
    /// The positions in question, the cursor aside.
    pub(crate) fn window(&self) -> Range {
        self.range.and(self.filter.range())
    }

    /// Flightbox's own record is left out unless the query asks for it.
    pub fn effective_scope(&self) -> Scope {
        if self.filter.asks_for_access() { self.scope.clone() } else { self.scope.without_access() }
    }
}

impl Store {
    /// One page of a search, newest first.
    pub async fn search(&self, search: &Search) -> Result<Page, StoreError> {
        self.readers().patiently(self.find(search)).await
    }

    async fn find(&self, search: &Search) -> Result<Page, StoreError> {
        let search = &*self.narrowed(search).await?;
        let onwards = if search.from_oldest { Direction::Newer } else { Direction::Older };
        let Some(cursor) = search.cursor else { return self.page(search, onwards, search.window()).await };
        let beyond = match cursor.direction {
            Direction::Older => Range { from: Position::FIRST, to: cursor.position },
            Direction::Newer => Range { from: cursor.position.next(), to: Position::LAST },
        };
        let page = self.page(search, cursor.direction, search.window().and(beyond)).await?;
        // What lies before the cursor may not fill a page; the first page shows it, and what was there already.
        let ahead = if cursor.direction == Direction::Newer { page.newer } else { page.older };
        if cursor.direction != onwards && ahead.is_none() {
            let first = Search { cursor: None, ..search.clone() };
            return self.page(&first, onwards, first.window()).await;
        }
        Ok(page)
    }

    async fn page(&self, search: &Search, direction: Direction, range: Range) -> Result<Page, StoreError> {
        let expr = search.filter.at_most(self.keys(), &search.effective_scope());
        let exact = search.filter.is_exact();
        let mut walk = Walk { expr: &expr, range, direction };
        let (mut events, mut examined, mut stopped) = (Vec::new(), 0, None);
        while events.len() <= search.limit {
            let wanted = if exact { search.limit + 1 - events.len() } else { search.limit.max(256) };
            let found = self.walk(&walk, wanted).await?;
            let Some(last) = found.last().map(|event| event.position) else { break };
            examined += found.len();
            // Also where the index proves it: a value that came first after a prefix's terms were looked up escapes them.
            events.extend(found.into_iter().filter(|event| event.passes(&search.filter)));
            walk.advance(last);
            if !exact && examined >= EXAMINED && events.len() <= search.limit {
                stopped = Some(last);
                break;
            }
        }
        Ok(assemble(search, direction, events, stopped))
    }
}

/// The page of what was found in walking order: at most one more than the limit, which tells that there is more.
fn assemble(search: &Search, direction: Direction, mut events: Vec<Stored>, stopped: Option<Position>) -> Page {
    let more = events.len() > search.limit;
    events.truncate(search.limit);
    if direction == Direction::Newer {
        events.reverse();
    }
    let at = |event: Option<&Stored>, direction| event.map(|event| Cursor { position: event.position, direction });
    let ahead = match stopped {
        Some(position) => Some(Cursor { position, direction }),
        None if more => at(if direction == Direction::Older { events.last() } else { events.first() }, direction),
        None => None,
    };
    // Whatever lay on the cursor's other side is still there.
    let (newer, older) = match direction {
        Direction::Older => {
            let edge = |cursor: Cursor| events.first().map_or(Position(cursor.position.0 - 1), |first| first.position);
            (search.cursor.map(|cursor| Cursor { position: edge(cursor), direction: Direction::Newer }), ahead)
        }
        Direction::Newer => {
            let edge = |cursor: Cursor| events.last().map_or(cursor.position.next(), |last| last.position);
            (ahead, search.cursor.map(|cursor| Cursor { position: edge(cursor), direction: Direction::Older }))
        }
    };
    Page { searched_back_to: stopped.map(Position::time), events, newer, older }
}
