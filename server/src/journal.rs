//! Flightbox's record of access to itself, in the same log as everything else, under the source `flightbox`.
//!
//! Who signed in, failed to, or was refused; who added whom; who looked at what. An entry is committed before the answer
//! that it is about leaves; what is merely looked at is queued before. Neither passwords nor tokens stand in one, nor the
//! names that strangers type: many a password was typed into the wrong box.

mod action;

use flightbox_domain::{
    name::{PersonName, SourceName, TokenName},
    scope::SELF_SOURCE,
    turn::Begun,
};
use flightbox_event::{Actor, ActorKind, Change, Event, Json, Origin, Outcome, Resource};
use flightbox_store::{AddError, AppendError, SessionId};

use crate::{App, auth::Client, fault::Fault};
pub use action::Action;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A person of that name.
    Person(PersonName),
    /// A program with that read token.
    Token(TokenName),
    /// A producer of that source.
    Source(SourceName),
    /// Whoever has the data folder, at the command line.
    Console,
    /// The server, of itself.
    Flightbox,
    /// Nobody we know.
    Stranger,
}

impl By {
    fn actor(&self) -> Actor {
        let (id, kind) = match self {
            By::Person(name) => (name.as_str(), ActorKind::User),
            By::Token(name) => (name.as_str(), ActorKind::Service),
            By::Source(name) => (name.as_str(), ActorKind::Service),
            By::Console => ("console", ActorKind::System),
            By::Flightbox => ("flightbox", ActorKind::System),
            By::Stranger => ("stranger", ActorKind::Anonymous),
        };
        Actor { id: id.to_owned(), kind, ..Actor::default() }
    }
}

/// One entry, until it is committed.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "an entry that is not committed is lost"]
pub struct Entry {
    id: Option<String>,
    action: Action,
    by: By,
    resource: Option<String>,
    outcome: Outcome,
    reason: Option<String>,
    origin: Origin,
    changes: Vec<(String, Change)>,
    details: Option<Json>,
}

impl Entry {
    /// An entry of something that was done.
    pub fn new(action: Action, by: By) -> Self {
        Self {
            id: None,
            action,
            by,
            resource: None,
            outcome: Outcome::Success,
            reason: None,
            origin: Origin::default(),
            changes: Vec::new(),
            details: None,
        }
    }

    /// To whom or what: a path such as `/people/alice`.
    pub fn on(mut self, resource: impl Into<String>) -> Self {
        // A path may be longer than a resource can be.
        self.resource = Some(resource.into().chars().take(1024).collect());
        self
    }

    /// From where.
    pub fn from(mut self, client: &Client) -> Self {
        self.origin.ip = Some(client.address.to_string());
        self.origin.user_agent = client.agent.clone();
        self
    }

    /// In which session: by a digest, for the id itself is nobody's business.
    pub fn within(mut self, app: &App, session: &SessionId) -> Self {
        self.origin.session_id = Some(session.digest(app.store.keys()));
        self
    }

    /// By the name that a search's cursors have for it.
    pub fn named(mut self, search: Option<Begun>) -> Self {
        self.id = search.map(|search| search.id());
        self
    }

    /// By an id of its own: of several entries with the same one, only the first is recorded.
    pub fn known_as(mut self, id: String) -> Self {
        self.id = Some(id);
        self
    }

    /// With what else is to be known of it.
    pub fn with(mut self, details: Json) -> Self {
        self.details = Some(details);
        self
    }

    /// With one thing more to be known of it.
    pub fn with_detail(mut self, key: &str, value: Json) -> Self {
        if let Json::Object(members) = self.details.get_or_insert_with(|| Json::object([])) {
            members.push((key.to_owned(), value));
        }
        self
    }

    /// What it changes a field from and to.
    pub fn changing(mut self, field: &str, before: Json, after: Json) -> Self {
        self.changes.push((field.to_owned(), Change { before: Some(before), after: Some(after) }));
        self
    }

    /// Why, or how.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// How it ended and why.
    pub fn ended(mut self, outcome: Outcome, reason: impl Into<String>) -> Self {
        (self.outcome, self.reason) = (outcome, Some(reason.into()));
        self
    }

    /// Appends it to the log; it is on disk when this returns.
    pub async fn commit(self, app: &App) -> Result<(), AppendError> {
        self.commit_numbered(app).await.map(|_| ())
    }

    /// The same; its number.
    pub async fn commit_numbered(self, app: &App) -> Result<i64, AppendError> {
        app.store.record(SELF_SOURCE, self.into_event(), app.clock.now()).await.map(|receipt| receipt.seq)
    }

    /// Commits it, and then does what it tells of; where that fails, that is recorded, too.
    ///
    /// # Errors
    /// Nothing was done where it could not be recorded.
    pub async fn then<T, E: Into<Fault>>(
        self,
        app: &App,
        deed: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Fault> {
        self.clone().commit(app).await?;
        match deed.await {
            Ok(done) => Ok(done),
            Err(error) => {
                self.ended(Outcome::Failure, "the database failed").commit_or_log(app).await;
                Err(error.into())
            }
        }
    }

    /// The same for what may find nothing to do any more; `false` then, and why is recorded, too.
    pub async fn then_if<E: Into<Fault>>(
        self,
        app: &App,
        deed: impl Future<Output = Result<bool, E>>,
        otherwise: &'static str,
    ) -> Result<bool, Fault> {
        let done = self.clone().then(app, deed).await?;
        if !done {
            self.ended(Outcome::Failure, otherwise).commit_or_log(app).await;
        }
        Ok(done)
    }

    /// Records as failed, too, what was recorded as done and then could not be added.
    pub async fn undone(self, app: &App, error: &AddError) {
        let reason = match error {
            AddError::Exists => "the name was taken meanwhile",
            _ => "the database failed",
        };
        self.ended(Outcome::Failure, reason).commit_or_log(app).await;
    }

    /// Queues it for the log and does not wait for its commit: for what is looked at, which is read and gone.
    pub fn note(self, app: &App) -> Result<(), AppendError> {
        app.store.note(SELF_SOURCE, self.into_event(), app.clock.now())
    }

    /// The same as [`Entry::commit`] for what takes something away, access above all: that is not undone because it
    /// went unrecorded.
    pub async fn commit_or_log(self, app: &App) {
        let action = self.action.as_str();
        if let Err(error) = self.commit(app).await {
            tracing::error!(%error, action, "an entry was not recorded");
        }
    }

    fn into_event(self) -> Event {
        Event {
            id: self.id,
            occurred_at: None,
            actor: self.by.actor(),
            action: self.action.as_str().to_owned(),
            resource: self.resource.map(Resource::new),
            outcome: self.outcome,
            reason: self.reason,
            origin: self.origin,
            http: None,
            changes: self.changes,
            details: self.details,
            sensitive: Vec::new(),
            severity: self.action.severity(self.outcome),
        }
    }
}
