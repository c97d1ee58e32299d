//! Flightbox's record of access to itself, in the same log as everything else, under the source `flightbox`.
//!
//! Who signed in, failed to, or was refused; who added whom. An entry is committed before the answer that it is about
//! leaves. Neither passwords nor tokens stand in one, nor the names that strangers type: many a password was typed into
//! the wrong box.

use flightbox_domain::{
    name::{PersonName, SourceName, TokenName},
    record::hex,
    scope::SELF_SOURCE,
};
use flightbox_event::{Actor, ActorKind, Event, Json, Origin, Outcome, Resource, Severity};
use flightbox_store::{AppendError, SessionId};

use crate::{App, auth::Client};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A person signed in, or tried to.
    SignIn,
    /// A person signed out.
    SignOut,
    /// A person confirmed that it is they, or tried to.
    StepUp,
    /// A person added a second factor.
    FactorAdd,
    /// A person removed a second factor.
    FactorRemove,
    /// A person got other recovery codes.
    FactorCodes,
    /// A person took events away as a file.
    Export,
    /// Somebody asked for what is not theirs.
    Refuse,
    /// A person keeps a view.
    ViewSave,
    /// A person called a view something else, or shared it, or no longer.
    ViewChange,
    /// A person keeps a view no longer.
    ViewDelete,
    /// A person was added.
    PersonAdd,
    /// A person got another password.
    PersonPassword,
    /// A source was added.
    SourceAdd,
    /// A read token was added.
    TokenAdd,
}

impl Action {
    /// The event's action.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::SignIn => "session.sign-in",
            Action::SignOut => "session.sign-out",
            Action::StepUp => "session.step-up",
            Action::FactorAdd => "factor.add",
            Action::FactorRemove => "factor.remove",
            Action::FactorCodes => "factor.codes",
            Action::Export => "events.export",
            Action::Refuse => "access.refuse",
            Action::ViewSave => "view.save",
            Action::ViewChange => "view.change",
            Action::ViewDelete => "view.delete",
            Action::PersonAdd => "person.add",
            Action::PersonPassword => "person.password",
            Action::SourceAdd => "source.add",
            Action::TokenAdd => "token.add",
        }
    }

    fn severity(self, outcome: Outcome) -> Severity {
        use Action::{SignIn, SignOut, StepUp, ViewChange, ViewDelete, ViewSave};
        match (self, outcome) {
            (SignIn | SignOut | StepUp | ViewSave | ViewChange | ViewDelete, Outcome::Success) => Severity::Info,
            _ => Severity::Notice,
        }
    }
}

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
            By::Stranger => ("stranger", ActorKind::Anonymous),
        };
        Actor { id: id.to_owned(), kind, ..Actor::default() }
    }
}

/// One entry, until it is committed.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "an entry that is not committed is lost"]
pub struct Entry {
    action: Action,
    by: By,
    resource: Option<String>,
    outcome: Outcome,
    reason: Option<String>,
    origin: Origin,
    details: Option<Json>,
}

impl Entry {
    /// An entry of something that was done.
    pub fn new(action: Action, by: By) -> Self {
        Self {
            action,
            by,
            resource: None,
            outcome: Outcome::Success,
            reason: None,
            origin: Origin::default(),
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
        self.origin.session_id = Some(hex(&app.store.keys().term(&[b"session", session.as_str().as_bytes()])));
        self
    }

    /// With what else is to be known of it.
    pub fn with(mut self, details: Json) -> Self {
        self.details = Some(details);
        self
    }

    /// How it ended and why.
    pub fn ended(mut self, outcome: Outcome, reason: &'static str) -> Self {
        (self.outcome, self.reason) = (outcome, Some(reason.to_owned()));
        self
    }

    /// Appends it to the log; it is on disk when this returns.
    pub async fn commit(self, app: &App) -> Result<(), AppendError> {
        app.store.record(SELF_SOURCE, self.into_event(), app.clock.now()).await.map(|_| ())
    }

    /// The same for what takes something away, access above all: that is not undone because it went unrecorded.
    pub async fn commit_or_log(self, app: &App) {
        let action = self.action.as_str();
        if let Err(error) = self.commit(app).await {
            tracing::error!(%error, action, "an entry was not recorded");
        }
    }

    fn into_event(self) -> Event {
        Event {
            id: None,
            occurred_at: None,
            actor: self.by.actor(),
            action: self.action.as_str().to_owned(),
            resource: self.resource.map(Resource::new),
            outcome: self.outcome,
            reason: self.reason,
            origin: self.origin,
            http: None,
            changes: Vec::new(),
            details: self.details,
            sensitive: Vec::new(),
            severity: self.action.severity(self.outcome),
        }
    }
}
