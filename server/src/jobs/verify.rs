//! Verification: round and round through the whole log, at a pace that disturbs nobody, and at once at full speed when
//! somebody asks. What is wrong is told the moment it is found.

use std::time::Duration;

use flightbox_app::integrity::{Finding, Whole};
use flightbox_domain::tree::Checkpoint;
use flightbox_event::{Json, Outcome};
use flightbox_store::{Audit, OpenError, StoreError};
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    App,
    anchors::{believed, file::Notes},
    integrity::judge::{damage, judge},
    journal::{Action, By, Entry},
};

/// How long after the end of a round the next begins, whatever the pace; and after one that came to no end.
const REST: Duration = Duration::from_secs(60);
/// How often it is looked whether there is a first event.
const FIRST: Duration = Duration::from_secs(1);
/// Events that are looked at together.
const TOGETHER: f64 = 256.0;

/// Why a round came to no end.
#[derive(Debug, thiserror::Error)]
enum Unfinished {
    /// Somebody asked for one that hurries.
    #[error("another was asked for")]
    Asked,
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{1}")]
    Store(u64, StoreError),
    #[error("the file of anchors: {0}")]
    Anchors(std::io::Error),
}

/// Looks through the log as long as the server runs.
pub async fn keep_verifying(app: App) {
    // That nothing is whole says nothing.
    while app.store.events() == 0 && !app.integrity.is_asked() {
        tokio::time::sleep(FIRST).await;
    }
    loop {
        let by = app.integrity.begin();
        match round(&app, by.as_deref()).await {
            Ok(()) => app.integrity.over(None),
            Err(Unfinished::Asked) => continue,
            Err(Unfinished::Open(error)) if error.is_damage() => {
                report(
                    &app,
                    Finding { first: 0, words: format!("the database is not as its server left it: {error}") },
                )
                .await;
                app.integrity.over(Some(error.to_string()));
            }
            Err(Unfinished::Store(at, error)) if error.is_damage() => {
                let words = format!("the database cannot be read there, or behind it: {error}");
                report(&app, Finding { first: at, words }).await;
                app.integrity.over(Some(error.to_string()));
            }
            Err(error) => {
                tracing::error!(%error, "the log was not looked through");
                app.integrity.over(Some(error.to_string()));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(REST) => {}
            () = app.integrity.asked() => {}
        }
    }
}

async fn round(app: &App, by: Option<&str>) -> Result<(), Unfinished> {
    let checkpoints = checkpoints(app).await?;
    let sizes: Vec<_> = checkpoints.iter().map(|checkpoint| checkpoint.size).collect();
    let mut audit = Audit::beside(&app.store, app.disk.folder()).await?;
    let mut round = audit.begin(&sizes).await.map_err(|error| Unfinished::Store(0, error))?;
    let mut pace = interval(Duration::from_secs_f64(TOGETHER / f64::from(app.config.verify_pace)));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut first = None;
    loop {
        let at = round.progress().0;
        let failed = |error| Unfinished::Store(at, error);
        app.integrity.progress(round.progress(), by);
        if !audit.step(&mut round).await.map_err(failed)? {
            break;
        }
        if round.first_damaged() != first {
            first = round.first_damaged();
            if let Some(found) = audit.damage(&round).await.map_err(failed)? {
                report(app, damage(&found)).await;
            }
        }
        if by.is_none() {
            tokio::select! {
                _ = pace.tick() => {}
                () = app.integrity.asked() => return Err(Unfinished::Asked),
            }
        }
    }
    let events = round.progress().1;
    let audited = audit.end(round).await.map_err(|error| Unfinished::Store(events, error))?;
    let (now, held) = (app.clock.now(), checkpoints.len() as u64);
    let whole = Whole { at: now, events: audited.events, removed: audited.removed, held };
    let findings = judge(&audited, &checkpoints);
    if app.integrity.ended(whole, findings.clone()).await {
        match findings.is_empty() {
            false => record(app, &findings).await,
            true => Entry::new(Action::IntegrityWhole, By::Flightbox).on("/integrity").commit_or_log(app).await,
        }
    }
    Ok(())
}

/// What the log is held against, by size: every anchor that it signed, and its last checkpoint.
async fn checkpoints(app: &App) -> Result<Vec<Checkpoint>, Unfinished> {
    let (path, keys, last) = (app.anchors.path().to_owned(), app.signer.keys(), app.signer.last().checkpoint);
    // Counted first: one may be added meanwhile, and none is ever taken away.
    let count = app.anchors.kept().count;
    let read = tokio::task::spawn_blocking(move || match Notes::read(&path)? {
        found if found.notes.len() < count => Err(std::io::Error::other("it holds fewer than were put there")),
        found => Ok(believed(&found.notes, &keys)),
    });
    let read = read.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    let mut checkpoints = read.map_err(Unfinished::Anchors)?;
    if !checkpoints.iter().any(|anchor| (anchor.size, anchor.root) == (last.size, last.root)) {
        checkpoints.push(last);
        checkpoints.sort_by_key(|checkpoint| checkpoint.size);
    }
    Ok(checkpoints)
}

/// Makes damage known, unless it is.
async fn report(app: &App, finding: Finding) {
    if app.integrity.damaged(finding.clone(), app.clock.now()).await {
        record(app, &[finding]).await;
    }
}

async fn record(app: &App, findings: &[Finding]) {
    let told: Vec<String> = findings.iter().map(|Finding { first, words }| format!("event {first}: {words}")).collect();
    let told = told.join("; ");
    tracing::error!(found = told, "the log is damaged");
    let listed = findings.iter().map(|Finding { first, words }| {
        Json::object([("first", first.cast_signed().into()), ("what", words.as_str().into())])
    });
    let entry = Entry::new(Action::IntegrityDamage, By::Flightbox).on("/integrity");
    let entry = entry.ended(Outcome::Failure, told).with(Json::object([("findings", Json::Array(listed.collect()))]));
    entry.commit_or_log(app).await;
}
