//! The views that people keep, and what each of them shows.

use flightbox_store::ViewRow;

use super::{search::View, sentence};
use crate::{
    context::{self, Person},
    error::AppError,
    pages::views::{Kept, KeptViews},
    parts::{saved::SavedView, sentence::Piece},
    state::ViewState,
};

/// The views that whoever is signed in can open.
pub async fn list() -> Result<KeptViews, AppError> {
    let (person, store, now) = (context::signed_in()?, context::store()?, context::now()?);
    let rows = store.views(&person.name).await.map_err(context::failed)?;
    let sentence = |state: &str| match View::of(ViewState::from_search(state), person.clone(), store.clone(), now) {
        Ok(view) => sentence::of_query(&view.query, &view.window.phrase(&view.state)),
        Err(_) => vec![Piece::Plain("A query that cannot be read any more".to_owned())],
    };
    let kept = |row: ViewRow| Kept {
        url: row.slug.path(),
        slug: row.slug.to_string(),
        sentence: sentence(&row.state),
        name: row.name.to_string(),
        owner: row.owner.to_string(),
        shared: row.shared,
    };
    let (own, others) = rows.into_iter().map(kept).partition(|kept| kept.owner == person.name);
    Ok(KeptViews { own, others })
}

/// The same as ways to them.
pub async fn links(person: &Person) -> Result<Vec<SavedView>, AppError> {
    let rows = context::store()?.views(&person.name).await.map_err(context::failed)?;
    let link = |row: ViewRow| SavedView {
        url: row.slug.path(),
        name: row.name.to_string(),
        by: Some(row.owner.to_string()).filter(|owner| *owner != person.name),
        state: row.state,
    };
    Ok(rows.into_iter().map(link).collect())
}
