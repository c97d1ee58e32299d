//! What a handler says of what it does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use flightbox_event::{Actor, Origin};

use crate::{Entry, Recorder, Unrecorded, line, now};

/// What one request may record is handed on when it has grown to this.
const MUCH: usize = 1024 * 1024;

/// The record of one request, for its handlers and inner layers: an extractor, and cheap to clone.
///
/// What is recorded goes out with the request's own event, in order and with its origin and request id. Where recording
/// is required, the answer waits for all of it.
#[derive(Clone)]
pub struct Audit(Arc<Scope>);

struct Scope {
    recorder: Recorder,
    origin: Origin,
    notes: Mutex<Notes>,
}

/// What has been said so far.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) actor: Option<Actor>,
    /// What the request itself is, where a handler said so.
    pub(crate) about: Option<Entry>,
    pub(crate) lines: Vec<u8>,
    pub(crate) events: usize,
    /// Whether something had no room.
    pub(crate) lost: bool,
    /// Whether the request's own event has gone out: whatever comes now goes alone.
    closed: bool,
}

impl Audit {
    pub(crate) fn new(recorder: Recorder, origin: Origin, actor: Option<Actor>) -> Self {
        let notes = Mutex::new(Notes { actor, ..Notes::default() });
        Self(Arc::new(Scope { recorder, origin, notes }))
    }

    /// Says who the request is from. It counts for all that is recorded from then on, and for the request itself.
    pub fn actor(&self, actor: Actor) {
        self.notes().actor = Some(actor);
    }

    /// Records what was done, as an event beside the request's own.
    pub fn record(&self, entry: Entry) {
        let mut notes = self.notes();
        let line = self.line(&notes, entry);
        if notes.closed || notes.lines.len() + line.len() > MUCH {
            let (mut lines, events) = (std::mem::take(&mut notes.lines), std::mem::take(&mut notes.events));
            lines.extend_from_slice(&line);
            notes.lost |= self.0.recorder.queue().try_put(lines, events + 1).is_err();
        } else {
            notes.lines.extend_from_slice(&line);
            notes.events += 1;
        }
    }

    /// Records something, and returns once the server has committed it, or keeps it in quarantine, or the spool has synced
    /// it: for what must be on record before it is done. It overtakes what the same request recorded before.
    ///
    /// # Errors
    /// [`Unrecorded`] where neither did; as an answer it is a 503.
    pub async fn commit(&self, entry: Entry) -> Result<(), Unrecorded> {
        let line = self.line(&self.notes(), entry);
        self.0.recorder.queue().settle(line, 1).await
    }

    /// Says what the request itself was, in place of its method and route: one event, not two.
    pub fn describe(&self, entry: Entry) {
        let mut notes = self.notes();
        if let Some(actor) = &entry.actor {
            notes.actor = Some(actor.clone());
        }
        notes.about = Some(entry);
    }

    /// Records that a permission was asked for and refused, and why.
    pub fn denied(&self, action: impl Into<String>, resource: impl Into<String>, reason: impl Into<String>) {
        self.record(Entry::new(action).on(resource).denied(reason));
    }

    /// Records that somebody has signed in: `login`. The request is theirs from then on.
    pub fn logged_in(&self, actor: Actor) {
        self.actor(actor);
        self.record(Entry::new("login"));
    }

    /// Records that somebody failed to sign in, by the name that they gave, and why.
    pub fn login_failed(&self, name: impl Into<String>, reason: impl Into<String>) {
        let actor = Actor { id: name.into(), ..Actor::default() };
        self.record(Entry::new("login").by(actor).failed(reason));
    }

    /// The request's id, as its events and its answer have it.
    pub fn request_id(&self) -> &str {
        self.0.origin.request_id.as_deref().unwrap_or_default()
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// All that was said; what comes after that goes alone.
    pub(crate) fn close(&self) -> Notes {
        let mut notes = self.notes();
        let last = Notes { actor: notes.actor.clone(), closed: true, ..Notes::default() };
        std::mem::replace(&mut *notes, last)
    }

    fn line(&self, notes: &Notes, Entry { actor, mut event, .. }: Entry) -> Vec<u8> {
        event.id = Some(self.0.recorder.id());
        event.occurred_at = Some(now());
        event.actor = actor.or_else(|| notes.actor.clone()).unwrap_or_else(line::anonymous);
        event.origin = self.0.origin.clone();
        let mut lines = Vec::new();
        line::push(event, &mut lines);
        lines
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// There is no [`AuditLayer`](crate::AuditLayer) around the handler: what it says would be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no AuditLayer around this handler")]
pub struct NoLayer;

impl IntoResponse for NoLayer {
    fn into_response(self) -> Response {
        tracing::error!("{self}");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for Audit {
    type Rejection = NoLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NoLayer> {
        parts.extensions.get::<Self>().cloned().ok_or(NoLayer)
    }
}
