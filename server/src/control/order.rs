//! What a command asks of the process that owns the data folder, and what it gets back. A command that finds no such
//! process takes the folder itself and carries out the very same order.

use std::path::PathBuf;

use flightbox_domain::{
    name::{PersonName, SourceName, TokenName},
    role::{Role, Roles},
    scope::Sources,
};
use serde::{Deserialize, Serialize};

use super::import::Import;
use crate::{
    App,
    auth::{
        enrol::{self, EnrolError},
        password::NewPassword,
        ring,
    },
    backup::{self, Files},
    jobs::{self, retention::RunFailed},
    journal::{Action, By, Entry},
    master,
    signer::{self, PublicKeys, Retired},
};

/// An order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Add a person.
    AddPerson {
        /// The name to sign in with.
        name: String,
        /// The password.
        password: String,
        /// The roles.
        roles: Vec<String>,
    },
    /// Make a one-time link by which a person chooses another password; the reply is the link.
    ResetPerson {
        /// The name that they sign in with.
        name: String,
    },
    /// Have another key sign session tokens, and revoke those before it if they are to be; the reply is its number.
    RotateSessionKey {
        /// Whether those before it verify nothing from now on.
        revoke: bool,
    },
    /// Wrap all keys with another master key; the reply says how many.
    RotateMasterKey {
        /// The command that prints it; a new one is drawn where there is none.
        command: Option<String>,
    },
    /// Tell the log's origin and public keys.
    LogKeys,
    /// Have another key sign checkpoints; the reply tells all public keys.
    RotateLogKey,
    /// Add a source; the reply is its ingest token.
    AddSource {
        /// Its name.
        name: String,
    },
    /// Add a read token; the reply is the token.
    AddToken {
        /// Its name.
        name: String,
        /// Its roles.
        roles: Vec<String>,
    },
    /// Store events, one a line; the bad ones go to quarantine, with those of which no event could be made.
    Import {
        /// The source they get.
        source: String,
        /// The events.
        lines: String,
        /// Records that are none.
        unread: Vec<Unread>,
        /// Where each record stands, in words: those that are events, and then the others.
        places: Vec<String>,
    },
    /// Remove what is no longer kept, or tell what would go; the reply tells it.
    Retention {
        /// Whether it is only told.
        dry_run: bool,
    },
    /// Copy the log; the reply tells what is where.
    BackUp {
        /// Where to: an absolute path, as of all files here.
        log: PathBuf,
        /// Where to copy its keys, if they are to be.
        keys: Option<PathBuf>,
    },
    /// Tell how the log is.
    Examine,
}

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It is done; what there is to print.
    Done(String),
    /// What became of imported events.
    Imported(Imported),
    /// It is not done, and why.
    Failed(String),
}

/// What became of imported events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Events stored.
    pub accepted: usize,
    /// Events that were there before.
    pub duplicates: usize,
    /// What is wrong with the events that were refused.
    pub refused: Vec<RefusedEvent>,
}

/// A record of which no event could be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unread {
    /// The record.
    pub raw: String,
    /// What was expected of it.
    pub expected: String,
}

/// An event that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedEvent {
    /// Which of the lines, from 0.
    pub index: usize,
    /// What kind of problem it has.
    pub code: String,
    /// What is wrong with it.
    pub why: String,
}

impl Order {
    /// Carries it out.
    pub async fn carry_out(self, app: &App) -> Reply {
        self.try_to(app).await.unwrap_or_else(Reply::Failed)
    }

    async fn try_to(self, app: &App) -> Result<Reply, String> {
        match self {
            Order::AddPerson { name, password, roles } => {
                let name: PersonName = named("the name", &name)?;
                let password = NewPassword::parse(&password, name.as_str(), &app.config.public_url);
                let password = password.map_err(|error| error.to_string())?;
                let added =
                    enrol::person(app, By::Console, &name, password, &parse_roles(&roles)?, &Sources::All).await;
                added.map_err(|error| enrol_failed("person", name.as_str(), error))?;
                Ok(Reply::Done(String::new()))
            }
            Order::ResetPerson { name } => {
                let name: PersonName = named("the name", &name)?;
                let drawn = enrol::reset(app, By::Console, &name).await.map_err(|error| error.to_string())?;
                let drawn =
                    drawn.ok_or_else(|| format!("there is nobody called {:?} who may sign in", name.as_str()))?;
                Ok(Reply::Done(drawn.url(app)))
            }
            Order::RotateSessionKey { revoke } => {
                let number = ring::rotate(app, By::Console, revoke).await.map_err(|error| error.to_string())?;
                Ok(Reply::Done(format!("session-{number} signs from now on")))
            }
            Order::RotateMasterKey { command } => {
                let rotated = master::rotate(app, By::Console, command.as_deref()).await;
                let keys = rotated.map_err(|error| error.to_string())?;
                let then = command.map_or(String::new(), |command| {
                    format!("; from now on FLIGHTBOX_MASTER_KEY_COMMAND has to be {command:?}")
                });
                Ok(Reply::Done(format!("{keys} keys are wrapped by another master key{then}")))
            }
            Order::LogKeys => Ok(Reply::Done(told(&app.signer.keys()))),
            Order::RotateLogKey => {
                signer::rotate(app, By::Console).await.map_err(|error| error.to_string())?;
                Ok(Reply::Done(told(&app.signer.keys())))
            }
            Order::AddSource { name } => {
                let name: SourceName = named("the name", &name)?;
                let added = enrol::source(app, By::Console, &name).await;
                let token = added.map_err(|error| enrol_failed("source", name.as_str(), error))?;
                Ok(Reply::Done(token.expose().to_owned()))
            }
            Order::AddToken { name, roles } => {
                let name: TokenName = named("the name", &name)?;
                let added = enrol::token(app, By::Console, &name, &parse_roles(&roles)?, &Sources::All).await;
                let token = added.map_err(|error| enrol_failed("token", name.as_str(), error))?;
                Ok(Reply::Done(token.expose().to_owned()))
            }
            Order::Import { source, lines, unread, places } => {
                Import::read(app, &source, lines, unread, places).await?.store(app).await
            }
            Order::Retention { dry_run } => retention(app, dry_run).await,
            Order::BackUp { log, keys } => {
                let made = backup::make(app, By::Console, Files { log, keys }).await;
                Ok(Reply::Done(made.map_err(|error| error.to_string())?))
            }
            Order::Examine => examine(app).await,
        }
    }
}

/// The keys that a verifier pins, a line each.
fn told(keys: &PublicKeys) -> String {
    let retired =
        keys.retired.iter().rev().map(|Retired { key, size }| format!("retired  {key} (up to {size} events)"));
    let lines = [format!("origin   {}", keys.current.origin()), format!("signing  {}", keys.current)];
    lines.into_iter().chain(retired).collect::<Vec<_>>().join("\n")
}

async fn retention(app: &App, dry_run: bool) -> Result<Reply, String> {
    let failed = |error: RunFailed| error.to_string();
    if dry_run {
        let plan = app.store.plan_retention(app.clock.now()).await.map_err(|error| error.to_string())?;
        return Ok(Reply::Done(jobs::retention::told(&plan)));
    }
    let done = jobs::retention::run(app, Entry::new(Action::RetentionRun, By::Console)).await.map_err(failed)?;
    Ok(Reply::Done(format!("removed {} events, {} bytes of records", done.events, done.bytes)))
}

async fn examine(app: &App) -> Result<Reply, String> {
    let facts = app.store.facts().await.map_err(|error| error.to_string())?;
    let mut lines = vec![
        format!("sqlite       {} ({} journal, synchronous {})", facts.sqlite, facts.journal, facts.synchronous),
        format!("schema       {}", facts.schema),
        format!("events       {}", facts.events),
        format!("size         {} bytes", facts.bytes),
        format!("quick check  {}", facts.check),
        "master key   belongs to this log".to_owned(),
    ];
    let now = app.clock.now();
    let kept = app.store.refused(now).await.map_err(|error| error.to_string())?;
    for (source, (batches, _)) in &kept {
        let newest = app.store.refusals(source, 1, now).await.map_err(|error| error.to_string())?;
        let readable = newest.iter().all(|one| one.about.is_some());
        let state = if readable { "readable" } else { "NOT READABLE with this master key" };
        lines.push(format!("quarantine   {source}: {batches} refused, {state}"));
    }
    if kept.is_empty() {
        lines.push("quarantine   empty".to_owned());
    }
    if let Some(queue) = app.queue.standing() {
        lines.push(format!("queue        {}: {}, {} waiting", queue.stream, queue.state(), queue.waiting));
        lines.extend(queue.risks.iter().map(|risk| format!("queue        {risk}")));
    }
    if facts.check != "ok" {
        return Err(lines.join("\n"));
    }
    Ok(Reply::Done(lines.join("\n")))
}

pub(super) fn named<T: std::str::FromStr<Err: std::fmt::Display>>(what: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("{what} {text:?} cannot be used: {error}"))
}

fn parse_roles(words: &[String]) -> Result<Roles, String> {
    words.iter().map(|word| word.parse::<Role>()).collect::<Result<_, _>>().map_err(|error| error.to_string())
}

fn enrol_failed(what: &str, name: &str, error: EnrolError) -> String {
    match error {
        EnrolError::Exists => format!("there is a {what} {name:?} already"),
        EnrolError::Fault(fault) => fault.to_string(),
    }
}
