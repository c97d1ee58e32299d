//! What business code says was done.

use flightbox_event::{Actor, Change, Event, Json, Origin, Outcome, Resource, Severity};

/// Something that was done, tried or refused, in the making. Who did it and from where, it has from its request.
#[derive(Clone, Debug)]
#[must_use = "an entry says nothing until it is recorded"]
pub struct Entry {
    pub(crate) actor: Option<Actor>,
    /// Whether its outcome was said; a request's own is told by its status otherwise.
    pub(crate) judged: bool,
    pub(crate) event: Event,
}

impl Entry {
    /// What was done, such as `user.update`; at most 128 characters.
    pub fn new(action: impl Into<String>) -> Self {
        Self { actor: None, judged: false, event: blank(action.into()) }
    }

    /// What it was done to, such as `/users/42`, of type `users`.
    pub fn on(self, resource: impl Into<String>) -> Self {
        self.on_resource(Resource::new(resource))
    }

    /// The same, with a type or a name of its own.
    pub fn on_resource(mut self, resource: Resource) -> Self {
        self.event.resource = Some(resource);
        self
    }

    /// Who did it, where that is not whoever the request is from.
    pub fn by(mut self, actor: Actor) -> Self {
        self.actor = Some(actor);
        self
    }

    /// How it ended; without a word, well.
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.event.outcome = outcome;
        self.judged = true;
        self
    }

    /// It failed, and why.
    pub fn failed(self, reason: impl Into<String>) -> Self {
        self.outcome(Outcome::Failure).reason(reason)
    }

    /// It was refused for want of permission, and which.
    pub fn denied(self, reason: impl Into<String>) -> Self {
        self.outcome(Outcome::Denied).reason(reason)
    }

    /// Why it was done, or failed; at most 1,024 characters.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.event.reason = Some(reason.into());
        self
    }

    /// One field that was changed.
    pub fn change(mut self, field: impl Into<String>, before: impl Into<Json>, after: impl Into<Json>) -> Self {
        let change = Change { before: Some(before.into()), after: Some(after.into()) };
        self.event.changes.push((field.into(), change));
        self
    }

    /// Anything else that belongs to it.
    pub fn detail(mut self, key: impl Into<String>, value: impl Into<Json>) -> Self {
        if let Json::Object(members) = self.event.details.get_or_insert(Json::Object(Vec::new())) {
            members.push((key.into(), value.into()));
        }
        self
    }

    /// A value that only few may read, by its path: `details.card`, `changes.email`. The server seals it.
    pub fn sensitive(mut self, path: impl Into<String>) -> Self {
        self.event.sensitive.push(path.into());
        self
    }

    /// How much it matters.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.event.severity = severity;
        self
    }
}

/// An event of which only the action is known.
pub(crate) fn blank(action: String) -> Event {
    Event {
        id: None,
        occurred_at: None,
        actor: Actor::default(),
        action,
        resource: None,
        outcome: Outcome::default(),
        reason: None,
        origin: Origin::default(),
        http: None,
        changes: Vec::new(),
        details: None,
        sensitive: Vec::new(),
        severity: Severity::default(),
    }
}
