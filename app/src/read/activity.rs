//! What an actor has been doing: at a glance, then event by event.

use chrono::{DateTime, Days, NaiveDate, Utc};
use flightbox_domain::{
    query::{Key, Qualifier, Query},
    timeline::{self, Moment, Session},
};
use flightbox_event::ActorKind;
use flightbox_store::{Activity, Stored};

use super::{
    links::Linker,
    row::Rows,
    search::{PAGE, View, grouped, in_words},
    zone,
};
use crate::{
    context,
    error::AppError,
    pages::actor::{DayOf, Glance, Seen, SessionOf},
    parts::{
        bars::Bar,
        strip::{Column, Strip},
    },
    state::{ViewState, actor_path},
};

/// How many days the strip shows.
const STRIP: u64 = 30;

/// The actor of that id as far as its reader may see, with a page of its events.
pub async fn show(id: &str, place: ViewState) -> Result<Seen, AppError> {
    let scope = context::signed_in()?.scope(false);
    let by_actor = Qualifier::equals(Key::Actor, id).map_err(|_| missing(id))?;
    let view = View::read(ViewState { q: Query::Is(by_actor).to_string(), ..place.clone() })?;
    let activity = view.store().activity(&scope, id).await.map_err(context::failed)?;
    let activity = activity.ok_or_else(|| missing(id))?;
    let mut page = view.store().search(&view.search(view.cursor()?, PAGE)).await.map_err(context::failed)?;
    // The query finds actors of that name, too.
    page.events.retain(|stored| stored.record.event.actor.id == id);
    Ok(Seen {
        id: id.to_owned(),
        glance: glance(&view, id, &activity),
        days: days(&view, page.events),
        // The path names the actor already: these links need no query.
        pager: view.pager(&actor_path(id), &place.with_query("").after(place.after.as_str()), page.newer, page.older),
    })
}

fn missing(id: &str) -> AppError {
    AppError::Missing(format!("actor “{id}”"))
}

fn glance(view: &View, id: &str, activity: &Activity) -> Glance {
    let (zone, now) = (view.window.zone, view.window.now);
    let links = Linker { state: &view.state, query: &view.query };
    let bars = |key: Key, counts: Vec<(String, u64)>| -> Vec<Bar> {
        let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(1);
        let bar = |(text, count): (String, u64)| Bar {
            share: count as f64 / most as f64,
            count: grouped(count),
            value: links.value(key.clone(), &text),
        };
        counts.into_iter().map(bar).collect()
    };
    let outcomes = activity.outcomes.iter().map(|(outcome, count)| (outcome.to_string(), *count)).collect();
    Glance {
        name: activity.name.clone().filter(|name| name != id),
        kind: (activity.kind != ActorKind::User).then(|| activity.kind.to_string()),
        first_seen: zone::stamp(activity.first_seen, zone, now),
        last_seen: zone::stamp(activity.last_seen, zone, now),
        events: in_words(activity.events),
        all_events: view.state.events(),
        examined: (!activity.events.exact || activity.examined < activity.events.value)
            .then(|| grouped(activity.examined)),
        outcomes: bars(Key::Outcome, outcomes),
        actions: bars(Key::Action, activity.actions.clone()),
        addresses: bars(Key::Ip, activity.addresses.clone()),
        strip: strip(view, activity),
    }
}

/// The days up to the last one with an event: an actor long gone still shows how it went.
fn strip(view: &View, activity: &Activity) -> Strip {
    let last = activity.last_seen.date_naive();
    let start = last - Days::new(STRIP - 1);
    let count = |day: NaiveDate| activity.days.iter().find(|(date, _)| *date == day).map_or(0, |(_, count)| *count);
    let most = activity.days.iter().filter(|(day, _)| *day >= start).map(|(_, count)| *count).max().unwrap_or(1);
    let column = |day: NaiveDate| {
        let (count, next) = (count(day), day + Days::new(1));
        let utc = view.state.with_zone("").with_window(&day.to_string(), &next.to_string());
        Column {
            label: format!(
                "{}: {} event{}",
                day.format("%-d %B %Y"),
                grouped(count),
                if count == 1 { "" } else { "s" }
            ),
            share: count as f64 / most as f64,
            url: (count > 0).then(|| utc.events()),
        }
    };
    Strip {
        columns: start.iter_days().take(STRIP as usize).map(column).collect(),
        from: start.format("%-d %b").to_string(),
        to: last.format("%-d %b").to_string(),
        most: grouped(most),
    }
}

struct Entry(Stored);

impl Moment for Entry {
    fn time(&self) -> DateTime<Utc> {
        self.0.position.time()
    }

    fn session_id(&self) -> Option<&str> {
        self.0.record.event.origin.session_id.as_deref()
    }
}

fn days(view: &View, events: Vec<Stored>) -> Vec<DayOf> {
    let (zone, now) = (view.window.zone, view.window.now);
    let rows = view.rows();
    let days = timeline::days(events.into_iter().map(Entry).collect(), zone);
    let day = |day: timeline::Day<Entry>| DayOf {
        label: zone::day(day.date, zone, now),
        date: day.date.to_string(),
        sessions: day.sessions.into_iter().map(|session| session_of(&rows, session)).collect(),
    };
    days.into_iter().map(day).collect()
}

fn session_of(rows: &Rows<'_>, session: Session<Entry>) -> SessionOf {
    let clock = |time: Option<DateTime<Utc>>| {
        time.map(|time| time.with_timezone(&rows.zone).format("%H:%M").to_string()).unwrap_or_default()
    };
    let offset = session.start().map(|time| zone::offset(time, rows.zone)).unwrap_or_default();
    SessionOf {
        start: clock(session.start()),
        end: clock(session.end()),
        offset,
        id: session.id,
        rows: session.events.iter().map(|entry| rows.row(&entry.0)).collect(),
    }
}
