//! Retention: every night, and whenever somebody asks for it. A run is recorded before anything is removed, with all that
//! it is to remove, and once more where it could not.

use std::time::Duration;

use chrono::{DateTime, Utc};
use flightbox_domain::retention::next_run;
use flightbox_event::{Json, Outcome};
use flightbox_store::{AppendError, Part, Plan, Progress, RetentionTurn, RunError, StoreError};

use crate::{
    App,
    journal::{Action, By, Entry},
};

/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(1);
/// How long after a run that failed another is tried.
const AGAIN: Duration = Duration::from_secs(300);
/// What the entry of a run that was cut off says.
const CUT_OFF: &str = "the server stopped in the midst of it";

/// Why no run was begun.
#[derive(Debug, thiserror::Error)]
pub enum RunFailed {
    /// There is one under way.
    #[error("a run is under way already")]
    Busy,
    /// It could not be recorded.
    #[error("it could not be recorded, so nothing was removed: {0}")]
    Unrecorded(#[from] AppendError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was recorded, and did not do everything.
    #[error("not everything was removed: {0}")]
    Halfway(#[from] RunError),
}

/// A run that is recorded, and has removed nothing yet.
pub struct Begun {
    app: App,
    turn: RetentionTurn,
    plan: Plan,
    event: i64,
    entry: Entry,
}

/// Looks at the clock, as long as the server runs, and runs what is due.
pub async fn every_day(app: App) {
    if let Err(error) = settle(&app).await {
        tracing::error!(%error, "whether a run of retention was cut off is not known");
    }
    let mut known: Option<(u64, Option<DateTime<Utc>>)> = None;
    loop {
        tokio::time::sleep(TICK).await;
        // The database is asked only when something has changed.
        let changes = app.store.retention_changes();
        let next = match known {
            Some((seen, next)) if seen == changes => next,
            _ => match due(&app).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(%error, "when retention is due is not known");
                    continue;
                }
            },
        };
        known = Some((changes, next));
        if next.is_some_and(|next| next <= app.clock.now()) {
            if let Err(error) = run(&app, Entry::new(Action::RetentionRun, By::Flightbox)).await {
                tracing::error!(%error, "retention did not run");
                tokio::time::sleep(AGAIN).await;
            }
            known = None;
        }
    }
}

/// When the next run is due; never, where everything is kept.
pub async fn due(app: &App) -> Result<Option<DateTime<Utc>>, StoreError> {
    if app.store.retention_rules().await?.keep_everything() {
        return Ok(None);
    }
    let last = app.store.retention_runs().await?.first().map(|run| run.started_at);
    let changed = app.store.retention_changed().await?;
    Ok(changed.map(|changed| next_run(last, changed)))
}

/// Runs until nothing is left to remove; what was removed in all.
pub async fn run(app: &App, entry: Entry) -> Result<Progress, RunFailed> {
    let mut all = Progress::default();
    loop {
        let begun = begin(app, entry.clone()).await?;
        let (more, event) = (begun.plan.more, begun.event);
        let finished = begun.finish().await;
        let runs = app.store.retention_runs().await?;
        let done = runs.iter().find(|run| run.event == event).map(|run| run.done).unwrap_or_default();
        (all.events, all.bytes) = (all.events + done.events, all.bytes + done.bytes);
        finished?;
        if !more || done == Progress::default() {
            return Ok(all);
        }
    }
}

/// Records a run before anything is removed.
pub async fn begin(app: &App, entry: Entry) -> Result<Begun, RunFailed> {
    let turn = app.store.retention_turn().ok_or(RunFailed::Busy)?;
    close_cut_off(app).await?;
    let now = app.clock.now();
    let plan = app.store.plan_retention(now).await?;
    let entry = entry.on("/settings/retention");
    let event = entry.clone().with(recorded(&plan)).commit_numbered(app).await?;
    app.store.begin_run(&turn, event, now).await?;
    Ok(Begun { app: app.clone(), turn, plan, event, entry })
}

impl Begun {
    /// Removes what was recorded; where not all of it could be, that is recorded, too.
    pub async fn finish(self) -> Result<(), RunError> {
        let Self { app, turn, plan, event, entry } = self;
        let done = app.store.carry_out(&turn, &plan, event).await;
        let failure = done.as_ref().err().map(|error| match error {
            RunError::Changed => "a rule or a hold was changed meanwhile; what is left is the next run's",
            RunError::Closing => CUT_OFF,
            RunError::Store(_) => "the database failed; what is left is the next run's",
        });
        if let Some(failure) = failure {
            let told = Json::object([("run", event.into())]);
            entry.ended(Outcome::Failure, failure).with(told).commit_or_log(&app).await;
        }
        app.store.end_run(event, failure, app.clock.now()).await?;
        done
    }
}

/// Closes the books on a run that was cut off, unless one is under way.
async fn settle(app: &App) -> Result<(), StoreError> {
    match app.store.retention_turn() {
        Some(_turn) => close_cut_off(app).await,
        None => Ok(()),
    }
}

async fn close_cut_off(app: &App) -> Result<(), StoreError> {
    for run in app.store.retention_runs().await?.into_iter().filter(|run| run.ended_at.is_none()) {
        let entry = Entry::new(Action::RetentionRun, By::Flightbox).on("/settings/retention");
        let entry = entry.ended(Outcome::Failure, CUT_OFF).with(Json::object([("run", run.event.into())]));
        entry.commit_or_log(app).await;
        app.store.end_run(run.event, Some(CUT_OFF), app.clock.now()).await?;
    }
    Ok(())
}

/// What a run's event tells: of each month and source what goes, from which number to which, and what holds keep. Of
/// these numbers only those are meant that are of that source and month; what is held is not.
fn recorded(plan: &Plan) -> Json {
    let number = |number: u64| Json::from(i64::try_from(number).unwrap_or(i64::MAX));
    let part = |part: &Part| {
        Json::object([
            ("month", part.month.as_str().into()),
            ("source", part.source.as_str().into()),
            ("kept_for", part.term.to_string().as_str().into()),
            ("first", part.first.into()),
            ("last", part.last.into()),
            ("events", number(part.events)),
            ("bytes", number(part.bytes)),
            ("held", number(part.kept.events)),
        ])
    };
    let sum = |of: fn(&Part) -> u64| number(plan.parts.iter().map(of).sum());
    Json::object([
        ("events", sum(|part| part.events)),
        ("bytes", sum(|part| part.bytes)),
        ("held", sum(|part| part.kept.events)),
        ("removed", Json::Array(plan.removes().map(part).collect())),
    ])
}

/// A plan, for a terminal.
pub fn told(plan: &Plan) -> String {
    let mut lines: Vec<String> = Vec::new();
    for Part { month, source, events, bytes, kept, .. } in &plan.parts {
        let held = if kept.events > 0 { format!(", {} held", kept.events) } else { String::new() };
        lines.push(format!("{month}  {source}: {events} events, {bytes} bytes of records{held}"));
    }
    let (events, bytes) =
        plan.parts.iter().fold((0, 0), |(events, bytes), part| (events + part.events, bytes + part.bytes));
    lines.push(match events {
        0 => "nothing would go".to_owned(),
        _ => format!("{events} events would go, {bytes} bytes of records"),
    });
    if plan.more {
        lines.push("and more: this is as much as one run removes".to_owned());
    }
    lines.join("\n")
}
