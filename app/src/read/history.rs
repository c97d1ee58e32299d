//! Who looked at an event: by its number, and by what was taken away and holds it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_domain::{
    filter::Filter,
    page::{Position, Range},
    query::{Key, Qualifier, Query},
    scope::{SELF_SOURCE, Scope, Sources},
};
use flightbox_event::{Json, mask::MASK};
use flightbox_store::{Search, Stored};

use super::{event, integrity, search::View, zone};
use crate::{
    context,
    error::AppError,
    look::event_path,
    pages::event::Shown,
    parts::history::{Entry, History},
    state::{Place, ViewState},
};

/// How many entries are shown.
const SHOWN: usize = 8;
/// How many of the latest exports are looked into.
const EXPORTS: usize = 200;

/// An event as its page shows it: with who looked at it, for those who may know.
pub async fn show(view: &View, seq: i64) -> Result<Shown, AppError> {
    let mut shown = event::show(view, seq).await?;
    shown.covered = Some(integrity::covered(seq, view.window.now)?);
    if view.person().roles.may_see_access() {
        shown.history = history(view, seq).await?;
    }
    Ok(shown)
}

async fn history(view: &View, seq: i64) -> Result<Option<History>, AppError> {
    let stored = view.store().event(&view.person().scope(true), seq).await.map_err(context::unanswered)?;
    let Some(stored) = stored else { return Ok(None) };
    let its_own = Qualifier::equals(Key::Resource, &event_path(seq)).map_err(context::failed)?;
    let looks = entries(view, its_own.clone(), stored.record.received_at, SHOWN + 1).await?;
    let exports = Qualifier::equals(Key::Action, "events.export").map_err(context::failed)?;
    let mut exports = entries(view, exports, stored.record.received_at, EXPORTS).await?;
    exports.retain(|entry| holds(view, entry, &stored));
    let mut all: Vec<_> = looks.into_iter().chain(exports).collect();
    all.sort_by_key(|entry| std::cmp::Reverse(entry.position));
    let more = all.len() > SHOWN;
    all.truncate(SHOWN);
    let rows = view.rows();
    let entry = |stored: Stored| Entry {
        at: zone::stamp(stored.position.time(), view.window.zone, view.window.now),
        by: rows.actor(&stored.record.event.actor).id.text,
        action: stored.record.event.action.clone(),
        outcome: stored.record.event.outcome.to_string(),
        url: view.state.zone_only().url(&event_path(stored.seq)),
    };
    let record = ViewState { place: Place::Access, ..view.state.zone_only() };
    Ok(Some(History {
        entries: all.into_iter().map(entry).collect(),
        more,
        all: record.with_query(Query::Is(its_own).to_string()).events(),
    }))
}

/// The latest entries of the record of access, since an event came, that a qualifier finds.
async fn entries(view: &View, wanted: Qualifier, since: DateTime<Utc>, limit: usize) -> Result<Vec<Stored>, AppError> {
    let own = Qualifier::equals(Key::Source, SELF_SOURCE).map_err(context::failed)?;
    let query = Query::Is(own).and(Query::Is(wanted));
    let search = Search {
        filter: Filter::new(&query, view.store().keys(), view.window.now, Tz::UTC),
        scope: view.person().scope(true),
        range: Range { from: Position::start_of(since), to: Position::LAST },
        cursor: None,
        from_oldest: false,
        limit,
    };
    Ok(view.store().search(&search).await.map_err(context::unanswered)?.events)
}

/// Whether an export took an event along, as far as its entry tells: what it asked for, of which sources, and when. A
/// part of the query that was masked is left out, so that a doubt counts as a yes.
fn holds(view: &View, entry: &Stored, stored: &Stored) -> bool {
    let details = entry.record.event.details.as_ref();
    let text = |key: &str| details.and_then(|details| details.get(key)).and_then(Json::as_str);
    let (Some(query), Some(sources)) = (text("query"), text("sources")) else { return false };
    let time = |key: &str| text(key).and_then(|time| time.parse::<DateTime<Utc>>().ok());
    let Ok(query) = Query::parse(query) else { return false };
    let hidden = |term: &Query| term.to_string().contains(MASK);
    let told = query.terms().iter().filter(|term| !hidden(term)).cloned().fold(Query::All, Query::and);
    let zone = text("zone").and_then(|zone| zone.parse().ok()).unwrap_or(Tz::UTC);
    let filter = Filter::new(&told, view.store().keys(), entry.position.time(), zone);
    let scope = Scope::new(Sources::from(sources), query.asks_for_access());
    entry.record.event.outcome == flightbox_event::Outcome::Success
        && stored.seq < entry.seq
        && scope.allows(&stored.record.source)
        && Range::between(time("from"), time("to")).and(filter.range()).contains(stored.position)
        && stored.passes(&filter)
}
