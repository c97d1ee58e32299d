//! Requests for approval, as far as whoever asks may know them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_domain::scope::Sources;
use flightbox_store::{Answer, ApprovalRow, Standing, Store};

use super::{search::View, sentence, zone};
use crate::{
    context::{self, Person},
    error::AppError,
    pages::{
        approvals::{Became, Request},
        sealed_export::Said,
    },
    parts::sentence::Piece,
    state::{ViewState, parameter},
};

/// How many requests a person could answer now; none where nobody asks them.
pub async fn waiting(person: &Person) -> Result<Option<usize>, AppError> {
    if !context::four_eyes() || !person.roles.may_reveal() {
        return Ok(None);
    }
    let (store, now) = (context::store()?, context::now()?);
    store.approvals_waiting(&person.name, &person.sources, now).await.map(Some).map_err(context::unanswered)
}

/// A request as a person sees it.
pub fn request(row: &ApprovalRow, person: &Person, store: &Store, now: DateTime<Utc>) -> Request {
    let search = row.url.split_once('?').map_or("", |(_, search)| search);
    let state = ViewState::from_search(search);
    let format = format_words(&parameter(search, "format").unwrap_or_default());
    let view = View::of(state.clone(), person.clone(), store.clone(), now);
    let (words, zone) = match &view {
        Ok(view) => (sentence::of_query(&view.query, &view.window.phrase(&view.state)), view.window.zone),
        Err(_) => (vec![Piece::Plain("a query that cannot be read any more".to_owned())], Tz::UTC),
    };
    let stamp = |time| zone::stamp(time, zone, now);
    Request {
        id: row.id.to_string(),
        by: row.asked_by.to_string(),
        own: row.asked_by.as_str() == person.name,
        sentence: words,
        of: format!("{format}, of {}", source_words(&row.sources)),
        view: state.events(),
        page: row.url.clone(),
        reason: row.reason.clone(),
        asked: stamp(row.asked_at),
        until: stamp(row.expires_at),
        became: became(row, now),
    }
}

/// The format of a file in words.
pub fn format_words(format: &str) -> String {
    match format {
        "csv" => "CSV, for spreadsheets",
        "jsonl" => "JSON lines, one event a line",
        _ => "JSON, one document",
    }
    .to_owned()
}

/// What somebody said.
pub fn said(answer: &Answer) -> Said {
    Said { by: answer.by.to_string(), reason: answer.reason.clone() }
}

fn became(row: &ApprovalRow, now: DateTime<Utc>) -> Became {
    let answer = row.answer.as_ref().map(said);
    match (row.standing(now), answer) {
        (Standing::Approved, Some(said)) => Became::Approved(said),
        (Standing::Declined, Some(said)) => Became::Declined(said),
        (Standing::Used, Some(said)) => Became::Used(said),
        (Standing::Lapsed, _) => Became::Lapsed,
        _ => Became::Waiting,
    }
}

fn source_words(sources: &Sources) -> String {
    match sources {
        Sources::All => "all sources".to_owned(),
        Sources::Only(names) if names.is_empty() => "no source".to_owned(),
        Sources::Only(names) => names.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    }
}
