//! Sources that fall silent: told in the log once, when they do, and once more when they are heard again.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, SecondsFormat, Utc};
use flightbox_domain::{
    scope::{Scope, Sources},
    silence::Silence,
};
use flightbox_event::Json;
use flightbox_store::StoreError;

use crate::{
    App,
    fault::Fault,
    journal::{Action, By, Entry},
};

/// How often it is looked. Silences are hours long.
const TICK: Duration = Duration::from_secs(60);

/// The sources that are silent, as of the last look.
#[derive(Default)]
pub struct Silences(Mutex<BTreeMap<String, Silence>>);

impl Silences {
    /// All of them.
    pub fn all(&self) -> BTreeMap<String, Silence> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, silent: BTreeMap<String, Silence>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = silent;
    }
}

/// Looks as long as the server runs.
pub async fn keep_looking(app: App) {
    loop {
        if let Err(error) = look(&app).await {
            tracing::warn!(%error, "nobody looked which sources are silent");
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Looks which sources are silent now, and records which have fallen silent or were heard again. What has been recorded
/// before the last start is known by its id and recorded no second time.
pub async fn look(app: &App) -> Result<(), Fault> {
    let now = app.clock.now();
    app.store.expire_quarantine(now).await?;
    let everything = Scope::new(Sources::All, false);
    let silent: BTreeMap<_, _> = app.store.silent_sources(&everything, now).await?.into_iter().collect();
    let before = app.silences.all();
    for (source, silence) in &silent {
        if before.get(source).is_none_or(|known| known.since != silence.since) {
            entry(Action::SourceSilent, source, silence).commit(app).await?;
        }
    }
    for (source, silence) in &before {
        if !silent.contains_key(source) && heard_again(app, source, silence.since).await? {
            entry(Action::SourceHeard, source, silence).commit(app).await?;
        }
    }
    app.silences.replace(silent);
    Ok(())
}

/// Whether a source has sent since; otherwise it was disabled, or its silence is no longer news.
async fn heard_again(app: &App, source: &str, since: DateTime<Utc>) -> Result<bool, StoreError> {
    let own = Scope::new(Sources::Only([source.to_owned()].into()), false);
    Ok(app.store.last_event(&own).await?.is_some_and(|last| last > since))
}

fn entry(action: Action, source: &str, silence: &Silence) -> Entry {
    let since = silence.since.to_rfc3339_opts(SecondsFormat::Millis, true);
    let usual = silence.longest_pause.num_seconds();
    let entry = Entry::new(action, By::Flightbox).on(format!("/sources/{source}"));
    let entry = entry.known_as(format!("{} {source} {since}", action.as_str()));
    entry.with(Json::object([("since", since.as_str().into()), ("longest_pause_seconds", usual.into())]))
}
