//! What an actor has been doing, and what has been done to a resource: at a glance, then event by event.

use chrono::{DateTime, Days, NaiveDate, Utc};
use flightbox_domain::{
    query::{Key, Qualifier, Query},
    timeline::{self, Moment, Session},
    turn::Begun,
};
use flightbox_event::ActorKind;
use flightbox_store::{Activity, Erased, Stored, Subject};

use super::{
    remark,
    sealed::erase_path,
    search::{PAGE, View, grouped, in_words, plural},
    zone,
};
use crate::{
    context,
    error::AppError,
    look::{self, Look},
    parts::{
        activity::{Erasable, Seen},
        bars::{Bar, Counted},
        glance::{Figure, Glance},
        strip::{Column, Strip},
        timeline::{DayOf, Other, SessionOf, StepOf},
    },
    state::{ViewState, actor_path, resource_path},
};

/// How many days the strip shows.
const STRIP: u64 = 30;

/// The subject as far as its reader may see, with a page of its events.
pub async fn show(subject: Subject<'_>, place: ViewState) -> Result<Seen, AppError> {
    let scope = context::signed_in()?.scope(false);
    let (key, id, path) = match subject {
        Subject::Actor(id) => (Key::Actor, id, actor_path(id)),
        Subject::Resource(id) => (Key::Resource, id, resource_path(id)),
    };
    // Whether there is none or it may not be seen, the answer is the same.
    let missing = || AppError::Missing(format!("{key} “{id}”"));
    let its_own = Qualifier::equals(key.clone(), id).map_err(|_| missing())?;
    let view = View::read(ViewState { q: Query::Is(its_own).to_string(), ..place.clone() })?;
    let asked = view.asked()?;
    let activity = view.store().activity(&scope, subject).await.map_err(context::unanswered);
    let activity = activity.and_then(|activity| activity.ok_or_else(missing));
    let activity = if asked.is_first { look::seen(look_at(subject, asked.begun), activity)? } else { activity? };
    let mut page = view.store().search(&view.search(asked.cursor, PAGE)).await.map_err(context::unanswered)?;
    let many = match subject {
        Subject::Actor(id) => view.store().shows_many(&scope, id).await.map_err(context::unanswered)?,
        Subject::Resource(_) => Vec::new(),
    };
    let unremarkable = many.iter().map(|(source, kind)| remark::unremarkable(source, *kind)).collect();
    // The query finds actors of that name, too.
    page.events.retain(|stored| subject.concerns(&stored.record.event));
    Ok(Seen {
        id: id.to_owned(),
        sealed: erasable(&view, subject).await?,
        glance: Glance { unremarkable, ..glance(&view, subject, activity) },
        days: days(&view, subject, page.events),
        // The path names the subject already: these links need no query.
        pager: view.pager(
            asked.begun,
            (&path, &place.with_query("").after(place.after.as_str())),
            [page.newer, page.older],
        ),
    })
}

/// What was erased of an actor, and what can be.
async fn erasable(view: &View, subject: Subject<'_>) -> Result<Option<Erasable>, AppError> {
    let Subject::Actor(id) = subject else { return Ok(None) };
    let scope = view.person().scope(false);
    let erasures = view.store().erasures(&scope, id).await.map_err(context::unanswered)?;
    let may = view.person().roles.may_erase();
    let left = may && view.store().can_be_erased(&scope, id).await.map_err(context::unanswered)? > 0;
    let stamp = |erased: Erased| (zone::stamp(erased.at, view.window.zone, view.window.now), erased.by, erased.reason);
    let erased: Vec<_> = erasures.into_iter().map(stamp).collect();
    let erase = left.then(|| erase_path(id));
    Ok((!erased.is_empty() || left).then_some(Erasable { erased, erase }))
}

fn look_at(subject: Subject<'_>, begun: Begun) -> Look {
    match subject {
        Subject::Actor(id) => Look::Actor(id.to_owned(), begun),
        Subject::Resource(id) => Look::Resource(id.to_owned(), begun),
    }
}

fn glance(view: &View, subject: Subject, activity: Activity) -> Glance {
    let (zone, now) = (view.window.zone, view.window.now);
    let (id, plain) = match subject {
        Subject::Actor(id) => (id, Some(ActorKind::User.as_str())),
        Subject::Resource(id) => (id, None),
    };
    Glance {
        first_seen: zone::stamp(activity.first_seen, zone, now),
        last_seen: zone::stamp(activity.last_seen, zone, now),
        events: in_words(activity.events),
        all_events: view.state.after("").events(),
        strip: strip(view, &activity),
        examined: (!activity.events.exact || activity.examined < activity.events.value)
            .then(|| grouped(activity.examined)),
        figures: figures(view, subject, &activity),
        name: activity.name.filter(|name| name != id),
        unremarkable: Vec::new(),
        kind: activity.kind.filter(|kind| plain != Some(kind.as_str())),
    }
}

fn figures(view: &View, subject: Subject, activity: &Activity) -> Vec<Figure> {
    let rows = view.rows();
    let values = |title, key: Key, counts: &[(String, u64)]| {
        figure(title, counts, |text| Counted::Value(rows.links.value(key.clone(), text)))
    };
    let figures = [
        figure("Outcomes", &activity.outcomes, |outcome| {
            Counted::Value(rows.links.value(Key::Outcome, outcome.as_str()))
        }),
        values("Busiest actions", Key::Action, &activity.actions),
        match subject {
            Subject::Actor(_) => values("Busiest resources", Key::Resource, &activity.resources),
            Subject::Resource(_) => {
                figure("Busiest actors", &activity.actors, |actor| Counted::Actor(rows.actor(actor)))
            }
        },
        values("Busiest addresses", Key::Ip, &activity.addresses),
        values("Busiest user agents", Key::Agent, &activity.agents),
    ];
    figures.into_iter().filter(|figure| !figure.bars.is_empty()).collect()
}

pub(super) fn figure<T>(title: &str, counts: &[(T, u64)], of: impl Fn(&T) -> Counted) -> Figure {
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(1);
    let bar =
        |(what, count): &(T, u64)| Bar { of: of(what), count: grouped(*count), share: *count as f64 / most as f64 };
    Figure { title: title.to_owned(), basis: None, bars: counts.iter().map(bar).collect() }
}

/// The days up to the last one with an event: what is long gone still shows how it went.
fn strip(view: &View, activity: &Activity) -> Strip {
    let last = activity.last_seen.date_naive();
    let start = last - Days::new(STRIP - 1);
    let count = |day: NaiveDate| activity.days.iter().find(|(date, _)| *date == day).map_or(0, |(_, count)| *count);
    let most = activity.days.iter().filter(|(day, _)| *day >= start).map(|(_, count)| *count).max().unwrap_or(1);
    let column = |day: NaiveDate| {
        let (count, next) = (count(day), day + Days::new(1));
        let utc = view.state.with_zone("").with_window(&day.to_string(), &next.to_string());
        Column {
            label: format!("{}: {}", day.format("%-d %B %Y"), plural(count)),
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

/// A stored event as a timeline knows it.
struct Entry(Stored);

impl Moment for Entry {
    fn time(&self) -> DateTime<Utc> {
        self.0.position.time()
    }

    fn session_id(&self) -> Option<&str> {
        self.0.record.event.origin.session_id.as_deref()
    }
}

fn days(view: &View, subject: Subject, events: Vec<Stored>) -> Vec<DayOf> {
    let (zone, now) = (view.window.zone, view.window.now);
    let days = timeline::days(events.into_iter().map(Entry).collect(), zone);
    let day = |day: timeline::Day<Entry>| DayOf {
        label: zone::day(day.date, zone, now),
        date: day.date.to_string(),
        sessions: day.sessions.into_iter().map(|session| session_of(view, subject, session)).collect(),
    };
    days.into_iter().map(day).collect()
}

fn session_of(view: &View, subject: Subject, session: Session<Entry>) -> SessionOf {
    let zone = view.window.zone;
    let clock = |time: Option<DateTime<Utc>>| {
        time.map(|time| time.with_timezone(&zone).format("%H:%M").to_string()).unwrap_or_default()
    };
    SessionOf {
        start: clock(session.start()),
        end: clock(session.end()),
        offset: session.start().map(|time| zone::offset(time, zone)).unwrap_or_default(),
        steps: session.events.iter().map(|entry| step(view, subject, &entry.0)).collect(),
        id: session.id,
    }
}

fn step(view: &View, subject: Subject, stored: &Stored) -> StepOf {
    let row = view.rows().row(stored);
    StepOf {
        url: row.url,
        time: row.time,
        remarks: row.remarks,
        action: row.action,
        other: match subject {
            Subject::Actor(_) => Other::To(row.resource),
            Subject::Resource(_) => Other::By(row.actor),
        },
        outcome: row.outcome,
        address: row.address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::links::Linker;

    #[test]
    fn the_busiest_is_a_whole_bar_and_the_others_are_shares_of_it() {
        let state = ViewState::default();
        let links = Linker { state: &state, query: &Query::All };
        let counts = [("login".to_owned(), 4_000), ("logout".to_owned(), 1_000)];
        let figure = figure("Actions", &counts, |text| Counted::Value(links.value(Key::Action, text)));
        let told: Vec<_> = figure.bars.iter().map(|bar| (bar.count.as_str(), bar.share)).collect();
        assert_eq!(told, [("4,000", 1.0), ("1,000", 0.25)]);
    }
}
