//! Trying rules, and putting them in force: checked, then granted, then recorded, then done.

use flightbox_app::{
    context::Person,
    look::Witness,
    pages::rules::{Difference, Standing, Tried},
    read::rules as read,
};
use flightbox_domain::{
    rules::{Rules, Trial, digest},
    step_up::Purpose,
};
use flightbox_event::{Json, Outcome};

use super::{Desk, PAGE};
use crate::{
    App,
    auth::{
        Client,
        grant::{Demand, require_grant},
    },
    fault::Fault,
    journal::Action,
};

/// Why rules were not put in force.
pub enum Refused {
    /// It has to be confirmed first.
    Unconfirmed(Demand),
    /// They are in force already.
    Same,
    /// Other rules were put in force since.
    Overtaken,
    /// Whoever asks sees only some sources.
    TryOnly,
    /// Something broke.
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// What is confirmed: this text, in place of that version.
pub fn request(from: i64, text: &str) -> String {
    format!("{PAGE}?from={from}&digest={}", digest(text))
}

/// Puts a text in force that was made from a version; the number that it gets. It reads as rules.
pub async fn set(desk: &Desk<'_>, client: &Client, text: &str, from: i64) -> Result<i64, Refused> {
    let (app, signed_in) = (desk.app, desk.signed_in);
    if desk.standing() == Standing::TryOnly {
        return Err(Refused::TryOnly);
    }
    if app.store.rules().version != from {
        return Err(Refused::Overtaken);
    }
    let before = desk.in_force().await?;
    if before == text {
        return Err(Refused::Same);
    }
    if let Err(demand) = require_grant(app, signed_in, Purpose::Settings, &request(from, text)).await? {
        return Err(Refused::Unconfirmed(demand));
    }
    let by = &signed_in.person.name;
    let entry = signed_in.entry(app, client, Action::Rules).on(PAGE);
    let entry = entry.changing("version", from.into(), (from + 1).into());
    let (removed, added) = lines(&before, text);
    let entry = entry.changing("rules", removed, added);
    match entry.clone().then(app, app.store.set_rules(text, from, by.as_str(), app.clock.now())).await? {
        Some(version) => Ok(version),
        None => {
            entry.ended(Outcome::Failure, "other rules were put in force meanwhile").commit_or_log(app).await;
            Err(Refused::Overtaken)
        }
    }
}

/// The lines that a change takes away, and those that it brings.
fn lines(before: &str, after: &str) -> (Json, Json) {
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for line in read::changed(before, after) {
        match line {
            Difference::Removed(text) => removed.push(text.into()),
            Difference::Added(text) => added.push(text.into()),
            Difference::Kept(_) => {}
        }
    }
    (Json::Array(removed), Json::Array(added))
}

/// Tries rules on the newest events that somebody may see. They are looked at, and that is recorded.
pub async fn try_on(app: &App, person: &Person, witness: &Witness, rules: Rules) -> Result<Tried, Fault> {
    let events = match read::newest(&app.store, person, witness, app.clock.now()).await {
        Ok(events) => events,
        Err(error) => return Err(Fault::of(error)),
    };
    let in_force = app.store.rules();
    // It keeps a thread busy for a while.
    let tried = tokio::task::spawn_blocking(move || {
        let mut trial = Trial::new(&rules, &in_force);
        events.iter().for_each(|event| trial.see(event.seq, &event.record));
        read::tried(&trial, &rules)
    });
    tried.await.map_err(|error| Fault::Broken(error.to_string()))
}
