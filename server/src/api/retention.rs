//! `/settings/retention`: how long events are kept, and running it now. Its pages stand in the dashboard.

use axum::{
    Extension, Form,
    extract::State,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::pages::settings::retention::NotKept;
use flightbox_domain::{
    name::SourceName,
    retention::{Rules, Term},
    scope::{SELF_SOURCE, Sources},
};
use flightbox_event::Json;
use flightbox_store::RuleChange;
use serde::Deserialize;

use super::session::{again, sentence};
use crate::{
    App,
    auth::{Client, SignedIn},
    fault::Fault,
    jobs::retention::{RunFailed, begin},
    journal::Action,
};

/// Where the page is.
const PAGE: &str = "/settings/retention";
/// What a form calls the rule for all sources: no source's name.
const ALL: &str = "*";

/// A form of the page.
#[derive(Deserialize)]
pub struct Asked {
    /// The source, or `*` for all.
    #[serde(default)]
    source: String,
    #[serde(default)]
    keep: String,
    #[serde(default)]
    days: String,
}

/// What came of a form.
enum Refused {
    Form(String),
    Missing,
    Forbidden,
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// `POST /settings/retention`: back to the page, or the page again with 422.
pub async fn post(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Fault> {
    if !signed_in.person.roles.may_manage_people() {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    match set(&app, &signed_in, &client, &asked).await {
        Ok(()) => Ok(Redirect::to(PAGE).into_response()),
        Err(Refused::Form(message)) => {
            let Asked { source, keep, days } = asked;
            let not_kept = NotKept { source, keep, days, message };
            Ok(again(&app, parts, StatusCode::UNPROCESSABLE_ENTITY, not_kept).await)
        }
        Err(Refused::Missing) => Ok(again(&app, parts, StatusCode::NOT_FOUND, ()).await),
        Err(Refused::Forbidden) => Ok(StatusCode::FORBIDDEN.into_response()),
        Err(Refused::Fault(fault)) => Err(fault),
    }
}

async fn set(app: &App, signed_in: &SignedIn, client: &Client, asked: &Asked) -> Result<(), Refused> {
    let own = &signed_in.person.sources;
    let for_all = [ALL, SELF_SOURCE].contains(&asked.source.as_str());
    if for_all && *own != Sources::All {
        return Err(Refused::Forbidden);
    }
    if !for_all {
        let name: SourceName = asked.source.parse().map_err(|_| Refused::Missing)?;
        if !own.has(name.as_str()) || !app.store.source_exists(&name).await? {
            return Err(Refused::Missing);
        }
    }
    let rules = app.store.retention_rules().await?;
    let term = asked.term(for_all).map_err(Refused::Form)?;
    let before = match asked.source.as_str() {
        ALL => Some(rules.all),
        source => rules.of_source.get(source).copied(),
    };
    if asked.source == SELF_SOURCE {
        long_enough(&rules, term)?;
    }
    if before == term {
        return Ok(());
    }
    let what = if asked.source == ALL { "all sources" } else { &asked.source };
    let told = |term: Option<Term>| match term {
        Some(term) => Json::from(term.to_string().as_str()),
        None if asked.source == SELF_SOURCE => "for good".into(),
        None => "as all sources".into(),
    };
    let entry = signed_in.entry(app, client, Action::RetentionChange).on(PAGE);
    let entry = entry.changing(what, told(before), told(term));
    let change = match (asked.source.as_str(), term) {
        (ALL, term) => RuleChange::All(term.unwrap_or(Term::ForGood)),
        (source, term) => RuleChange::Source(source.to_owned(), term),
    };
    Ok(entry.then(app, app.store.set_retention(&change, app.clock.now())).await?)
}

/// The record of what was done to everything else outlives it.
fn long_enough(rules: &Rules, term: Option<Term>) -> Result<(), Refused> {
    let least = rules.least_of_record();
    match term {
        Some(term) if term < least => Err(Refused::Form(format!(
            "The record of access is kept for a year at least, and as long as anything that it is about: choose {}{least}.",
            if least == Term::ForGood { "" } else { "at least " },
        ))),
        _ => Ok(()),
    }
}

impl Asked {
    /// The term that was chosen; none to go by the rule for all.
    fn term(&self, for_all: bool) -> Result<Option<Term>, String> {
        match self.keep.as_str() {
            "days" => Term::of_days(&self.days).map(Some).map_err(sentence),
            "good" => Ok(Some(Term::ForGood)),
            "all" if !for_all => Ok(None),
            _ => Err("Choose how long: for a number of days, or for good.".to_owned()),
        }
    }
}

/// `POST /settings/retention/run`: begins a run, and back to the page that tells of it.
pub async fn run(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
) -> Result<Response, Fault> {
    let person = &signed_in.person;
    // It removes of every source, so it is for those who see all of them.
    if !person.roles.may_manage_people() || person.sources != Sources::All {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    match begin(&app, signed_in.entry(&app, &client, Action::RetentionRun)).await {
        Ok(begun) => {
            tokio::spawn(async move {
                if let Err(error) = begun.finish().await {
                    tracing::error!(%error, "a run of retention did not do everything");
                }
            });
        }
        // The page says that one is under way.
        Err(RunFailed::Busy) => {}
        Err(RunFailed::Unrecorded(error)) => return Err(error.into()),
        Err(RunFailed::Store(error)) => return Err(error.into()),
        Err(RunFailed::Halfway(error)) => return Err(Fault::Broken(error.to_string())),
    }
    Ok(Redirect::to(PAGE).into_response())
}
