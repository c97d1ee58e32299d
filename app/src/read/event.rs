//! One event, whole.

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    flag::Flag,
    page::{Cursor, Direction, Position},
    query::{Key, Qualifier, Query},
    seal::Place,
};
use flightbox_event::{Event, Json, rfc3339};
use flightbox_store::{Removed, Stored};
use futures_util::future::try_join;

use super::{json, sealed::Seals, search::View, sentence, settings::note, zone};
use crate::{
    context,
    error::{AppError, Gone},
    look::{self, Look, Witness},
    pages::{
        beside::Beside,
        event::{Shown, Way},
    },
    parts::{
        changes::{Change, Side},
        facts::{Fact, Given},
        sealed::Sealed,
    },
    state::ViewState,
};

/// How far around an event its surroundings reach, each way.
const AROUND: TimeDelta = TimeDelta::minutes(5);

/// What stands beside the list of a view, if anything does. That there is no such event is no fault of the list. The
/// witness is told of it.
pub async fn beside(view: &View, witness: &Witness) -> Result<Option<Beside>, AppError> {
    let text = &view.state.event;
    if text.is_empty() {
        return Ok(None);
    }
    let shown = match text.parse() {
        Ok(seq) => witness.see(Look::Event(seq), show(view, seq).await),
        Err(_) => Err(AppError::Missing(format!("event “{text}”"))),
    };
    match shown {
        Ok(shown) => Ok(Some(Beside::Event(Box::new(shown)))),
        Err(AppError::Missing(what)) => Ok(Some(Beside::Missing(what))),
        Err(AppError::Removed(gone)) => Ok(Some(Beside::Removed(gone))),
        Err(error) => Err(error),
    }
}

/// The event of that number, if its reader may see it, with its neighbours in the view it was opened from.
pub async fn show(view: &View, seq: i64) -> Result<Shown, AppError> {
    // An event's own address is asking enough to see an entry of the access record.
    let scope = view.person().scope(true);
    let stored = view.store().event(&scope, seq).await.map_err(context::unanswered)?;
    let Some(stored) = stored else { return Err(gone(view, seq).await?) };
    let holds = view.store().holds_on(&stored).await.map_err(context::unanswered)?;
    let (newer, older) = try_join(
        neighbour(view, stored.position, Direction::Newer),
        neighbour(view, stored.position, Direction::Older),
    )
    .await?;
    let event = &stored.record.event;
    let seals = Seals::of(&stored, view.store());
    let whole = stored.to_json(view.store().keys());
    Ok(Shown {
        seq,
        row: view.rows().row(&stored),
        sentence: sentence::of_event(event),
        reason: event.reason.clone(),
        ways: ways(view, &stored),
        sealed: seals.note(seq, view.person()),
        facts: facts(view, &stored, &seals),
        changes: changes(event, &seals),
        details: event.details.iter().flat_map(|details| json::leaves(details, &seals)).collect(),
        raw: json::coloured(&whole),
        raw_text: json::pretty(&whole),
        newer,
        older,
        history: None,
        covered: None,
        holds: holds.into_iter().map(|hold| note(hold, view.window.zone, view.window.now)).collect(),
    })
}

/// Why there is no event of that number: retention removed it, or the reader may know of none.
async fn gone(view: &View, seq: i64) -> Result<AppError, AppError> {
    let removed = view.store().removed(&view.person().scope(true), seq).await.map_err(context::unanswered)?;
    let missing = || AppError::Missing(format!("event {seq}"));
    Ok(removed.map_or_else(missing, |Removed { run, at, .. }| {
        let url = view.person().roles.may_see_access().then(|| look::event_path(run));
        AppError::Removed(Gone { seq, day: stamp(view, at).date, run, url })
    }))
}

/// The number of the next event of the view in that direction.
async fn neighbour(view: &View, position: Position, direction: Direction) -> Result<Option<i64>, AppError> {
    let search = view.search(Some(Cursor { position, direction }), 1);
    let page = view.store().search(&search).await.map_err(context::unanswered)?;
    // With nothing newer, the store answers with the first page instead.
    let beyond = |stored: &&Stored| match direction {
        Direction::Newer => stored.position > position,
        Direction::Older => stored.position < position,
    };
    Ok(page.events.first().filter(beyond).map(|stored| stored.seq))
}

/// Views of what happened around an event: whatever led to it, in its time, its session, its request.
fn ways(view: &View, stored: &Stored) -> Vec<Way> {
    let (place, origin) = (view.state.zone_only(), &stored.record.event.origin);
    let (from, to) = (stored.position.time() - AROUND, stored.position.time() + AROUND);
    let way = |label: &str, state: ViewState| Way { label: label.to_owned(), url: state.events() };
    let same = |label: &str, key, text: &Option<String>| {
        let wanted = Qualifier::equals(key, text.as_deref()?).ok()?;
        Some(way(label, place.with_query(Query::Is(wanted).to_string())))
    };
    let around = way("Five minutes around it", place.with_window(&zone::exact(from), &zone::exact(to)));
    let session = same("Its session", Key::Session, &origin.session_id);
    let request = same("Its request", Key::Request, &origin.request_id);
    [Some(around), session, request].into_iter().flatten().collect()
}

fn facts(view: &View, stored: &Stored, seals: &Seals<'_>) -> Vec<Fact> {
    let (record, event, rows) = (&stored.record, &stored.record.event, view.rows());
    let skewed = stored.flags.contains(Flag::ClockSkew);
    let mut facts = Facts::default();
    facts.put("Time", Given::Time { at: stamp(view, record.occurred_at()), note: skewed.then(|| skew(stored)) });
    facts.put("Received", Given::Time { at: stamp(view, record.received_at), note: None });
    facts.put("Actor", Given::Actor(rows.actor(&event.actor)));
    facts.sealed("Actor’s name", seals.field("/actor/name"));
    facts.text("E-mail", event.actor.email.as_deref());
    facts.sealed("E-mail", seals.field("/actor/email"));
    facts.put("Action", Given::Action(rows.links.value(Key::Action, &event.action)));
    if let Some(resource) = &event.resource {
        let also = [resource.kind.as_deref(), resource.name.as_deref()].into_iter().flatten();
        let also = Some(also.collect::<Vec<_>>().join(" · ")).filter(|also| !also.is_empty());
        facts.put("Resource", Given::Noted(rows.links.value(Key::Resource, &resource.id), also));
    }
    facts.sealed("Resource’s name", seals.field("/resource/name"));
    facts.put("Outcome", Given::Outcome(rows.links.value(Key::Outcome, event.outcome.as_str())));
    facts.text("Severity", Some(event.severity.as_str()).filter(|_| event.severity != Default::default()));
    facts.sealed("Reason", seals.field("/reason"));
    origin(&mut facts, view, event);
    facts.sealed("Session", seals.field("/origin/session_id"));
    facts.sealed("User agent", seals.field("/origin/user_agent"));
    request(&mut facts, event);
    facts.sealed("HTTP path", seals.field("/http/path"));
    facts.put("Source", Given::Noted(rows.links.value(Key::Source, &record.source), None));
    facts.copied("Producer’s id", event.id.as_deref());
    facts.copied("Sequence number", Some(&stored.seq.to_string()));
    facts.copied("Leaf hash", Some(&stored.leaf(view.store().keys()).to_string()));
    facts.0
}

fn origin(facts: &mut Facts, view: &View, event: &Event) {
    let origin = &event.origin;
    if let Some(ip) = &origin.ip {
        let port = origin.port.map(|port| format!("port {port}"));
        let also: Vec<_> = origin.country.clone().into_iter().chain(port).collect();
        let also = (!also.is_empty()).then(|| also.join(" · "));
        facts.put("Address", Given::Noted(view.rows().links.value(Key::Ip, ip), also));
    } else {
        facts.text("Country", origin.country.as_deref());
    }
    facts.copied("Session", origin.session_id.as_deref());
    facts.copied("Request", origin.request_id.as_deref());
    facts.text("User agent", origin.user_agent.as_deref());
}

fn request(facts: &mut Facts, event: &Event) {
    let Some(http) = &event.http else { return };
    let parts = [http.method.clone(), http.path.clone(), http.status.map(|status| format!("answered {status}"))];
    let took = http.duration_ms.as_ref().map(|millis| format!("in {} ms", json::brief(millis)));
    let line: Vec<_> = parts.into_iter().chain([took]).flatten().collect();
    facts.text("HTTP", Some(line.join(" ").as_str()).filter(|line| !line.is_empty()));
}

fn skew(stored: &Stored) -> String {
    format!(
        "The producer’s clock cannot be right: the event claims {}. It is ordered as if it had happened at {}.",
        rfc3339(stored.record.occurred_at()),
        rfc3339(stored.position.time()),
    )
}

fn stamp(view: &View, time: DateTime<Utc>) -> crate::parts::stamp::Stamp {
    zone::stamp(time, view.window.zone, view.window.now)
}

fn changes(event: &Event, seals: &Seals<'_>) -> Vec<Change> {
    let side = |field: &str, side: &str, value: &Option<Json>| {
        let place = Place::of(&["changes", field, side]);
        let clear = || value.as_ref().map(|value| Side::Text(brief(value, &place, seals)));
        seals.at(&place).map(Side::Sealed).or_else(clear)
    };
    let change = |(field, change): &(String, flightbox_event::Change)| Change {
        field: field.clone(),
        before: side(field, "before", &change.before),
        after: side(field, "after", &change.after),
    };
    event.changes.iter().map(change).collect()
}

/// A value on one line; where a part of it is sealed, what kind.
fn brief(value: &Json, place: &Place, seals: &Seals<'_>) -> String {
    json::brief(&seals.marked(value, place))
}

#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn put(&mut self, label: &str, given: Given) {
        self.0.push(Fact { label: label.to_owned(), given });
    }

    fn text(&mut self, label: &str, text: Option<&str>) {
        text.into_iter().for_each(|text| self.put(label, Given::Text(text.to_owned())));
    }

    fn sealed(&mut self, label: &str, sealed: Option<Sealed>) {
        sealed.into_iter().for_each(|sealed| self.put(label, Given::Sealed(sealed)));
    }

    fn copied(&mut self, label: &str, text: Option<&str>) {
        text.into_iter().for_each(|text| self.put(label, Given::Copied(text.to_owned())));
    }
}
