//! One request from its arrival to its answer.

use std::{
    thread,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, OriginalUri},
    http::{HeaderValue, StatusCode, header, request::Parts},
};
use flightbox_event::{Event, Http, Json, Origin, Outcome, Resource, json};

use crate::{
    Audit, Recorder, Unrecorded,
    entry::blank,
    layer::{REQUEST_ID, Rules},
    line, now,
};

/// The longest request id that is taken over.
const LONGEST_ID: usize = 128;

/// A request that is being handled. Dropped before it is finished, it records that nobody got an answer.
pub(crate) struct Visit {
    audit: Audit,
    recorder: Recorder,
    /// What is known of it so far; nothing where it is no event itself.
    event: Option<Event>,
    started: Instant,
    open: bool,
}

impl Visit {
    pub(crate) fn begin(rules: &Rules, recorder: &Recorder, parts: &Parts) -> Self {
        let id = recorder.id();
        let (address, port) = rules.proxies.client(parts);
        let agent = parts.headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        let origin = Origin {
            ip: address.map(|address| address.to_string()),
            port,
            user_agent: agent.map(|agent| agent.into_owned()),
            request_id: Some(given_id(parts).unwrap_or(&id).to_owned()),
            ..Origin::default()
        };
        let actor = rules.actor.as_ref().and_then(|actor| actor(parts));
        let recorded = !rules.skips(parts);
        Self {
            audit: Audit::new(recorder.clone(), origin, actor),
            recorder: recorder.clone(),
            event: recorded.then(|| Event { id: Some(id), occurred_at: Some(now()), ..request(rules, parts) }),
            started: Instant::now(),
            open: true,
        }
    }

    pub(crate) fn audit(&self) -> Audit {
        self.audit.clone()
    }

    /// The request's id as a header; it was a header before, or is one of ours.
    pub(crate) fn id(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(self.audit.request_id()).ok()
    }

    /// Records how it was answered. Where that is required, returns once it is on record.
    pub(crate) async fn finish(mut self, status: Option<StatusCode>, required: bool) -> Result<(), Unrecorded> {
        let outcome = status.map_or(Outcome::Failure, |status| Outcome::of_status(status.as_u16()));
        let (lines, events, lost) = self.close(status, outcome, None);
        let queue = self.recorder.queue();
        let put = match events {
            0 => Ok(()),
            _ if required => queue.settle(lines, events).await,
            _ => queue.put_in_turn(lines, events).await,
        };
        if lost { Err(Unrecorded) } else { put }
    }

    /// All that is to be said of it.
    fn close(&mut self, status: Option<StatusCode>, outcome: Outcome, reason: Option<&str>) -> (Vec<u8>, usize, bool) {
        self.open = false;
        let notes = self.audit.close();
        let (mut lines, mut events) = (notes.lines, notes.events);
        if let Some(mut event) = self.event.take() {
            (event.outcome, event.reason) = (outcome, reason.map(str::to_owned));
            if let Some(http) = &mut event.http {
                http.status = status.map(|status| status.as_u16());
                http.duration_ms = Some(milliseconds(self.started.elapsed()));
            }
            event.origin = self.audit.origin().clone();
            event.actor = notes.actor.unwrap_or_else(line::anonymous);
            if let Some(about) = notes.about {
                let judged = about.judged && reason.is_none();
                let said = about.event;
                event.action = said.action;
                event.resource = said.resource.or(event.resource);
                event.outcome = if judged { said.outcome } else { event.outcome };
                event.reason = event.reason.or(said.reason);
                (event.changes, event.sensitive, event.severity) = (said.changes, said.sensitive, said.severity);
                event.details = merged(event.details, said.details);
            }
            line::push(event, &mut lines);
            events += 1;
        }
        (lines, events, notes.lost)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if self.open {
            // Nobody can wait here. A client that leaves early must not go unrecorded all the same.
            let (outcome, reason) = match thread::panicking() {
                true => (Outcome::Failure, "the handler panicked"),
                false => (Outcome::Unknown, "whoever asked left before the answer"),
            };
            let (lines, events, _) = self.close(None, outcome, Some(reason));
            if events > 0 && self.recorder.queue().try_put(lines, events).is_err() {
                tracing::error!("a request that was left could not be recorded");
            }
        }
    }
}

/// What the request says of itself.
fn request(rules: &Rules, parts: &Parts) -> Event {
    let OriginalUri(uri) = parts.extensions.get().cloned().unwrap_or_else(|| OriginalUri(parts.uri.clone()));
    let route = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
    let action = rules.action.as_ref().and_then(|action| action(parts));
    let mut event = blank(action.unwrap_or_else(|| format!("{} {}", parts.method, route.unwrap_or("*"))));
    event.resource = Some(Resource::new(uri.path()));
    event.http = Some(Http {
        method: Some(parts.method.to_string()),
        path: Some(uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string)),
        ..Http::default()
    });
    event.details = route.map(|route| Json::object([("route", route.into())]));
    event
}

/// The id that a proxy or a caller gave the request, where it is one that can be shown and searched for.
fn given_id(parts: &Parts) -> Option<&str> {
    let id = parts.headers.get(REQUEST_ID)?.to_str().ok()?;
    let sane = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:+/=@".contains(&byte);
    (1..=LONGEST_ID).contains(&id.len()).then_some(id).filter(|id| id.bytes().all(sane))
}

/// To the microsecond.
fn milliseconds(time: Duration) -> Json {
    let micros = time.as_micros();
    json::parse(format!("{}.{:03}", micros / 1_000, micros % 1_000).as_bytes()).unwrap_or_default()
}

fn merged(own: Option<Json>, said: Option<Json>) -> Option<Json> {
    match (own, said) {
        (Some(Json::Object(mut own)), Some(Json::Object(said))) => {
            own.retain(|(key, _)| said.iter().all(|(other, _)| other != key));
            own.extend(said);
            Some(Json::Object(own))
        }
        (own, said) => said.or(own),
    }
}
