//! Which events somebody wants to take away, and as what.

use flightbox_app::{
    context::Person,
    error::{AppError, QueryProblem},
    look::Searched,
    read::search::View,
    state::parameter,
};
use flightbox_event::Json;
use flightbox_store::{ApprovalAsked, Count};

use super::{Asker, Refused};
use crate::{
    App,
    api::fixed::fixed,
    auth::{SignedIn, next::Next},
    export::{Format, details},
    journal::{Action, Entry},
};

/// A view whose every time is fixed, and the file that it becomes.
pub struct Wish {
    /// The view.
    pub view: View,
    /// The kind of file.
    pub format: Format,
    /// Path and query string of the page: what is confirmed and approved.
    pub url: String,
}

impl Wish {
    /// Reads the query string of the page's URL.
    pub fn read(app: &App, person: &Person, query: &str) -> Result<Self, Refused> {
        let extension = parameter(query, "format").unwrap_or_default();
        let format = Format::of_extension(&extension);
        let format = format.ok_or_else(|| Refused::Nothing(AppError::Missing("such format".to_owned())))?;
        let (view, url) = fixed(app, person, query, |view| {
            let url = view.sealed_export(&extension);
            // Otherwise confirming would lead back to some other page.
            if Next::parse(&url).as_str() == url { Ok(url) } else { Err(AppError::Query(too_long())) }
        })?;
        Ok(Self { view, format, url })
    }

    /// The same, as it is asked to be approved.
    pub fn asked<'a>(&'a self, signed_in: &'a SignedIn) -> ApprovalAsked<'a> {
        ApprovalAsked { url: &self.url, by: &signed_in.person.name, sources: &signed_in.person.sources }
    }

    /// An entry of something that is done about it.
    pub(super) fn entry(&self, asker: &Asker<'_>, action: Action, rows: Count) -> Entry {
        let (app, view) = (asker.app, &self.view);
        let asked = Searched::of(view.state.place.path(), &view.state, &view.query, &view.window, &app.store.rules());
        let details = details(&asked, &view.person().sources, self.format.extension(), rows);
        let entry = asker.signed_in.entry(app, asker.client, action);
        entry.on(asked.page).with(Json::object(details))
    }
}

fn too_long() -> QueryProblem {
    QueryProblem {
        code: "too_long".to_owned(),
        message: "This query is too long to be confirmed. Ask for the same in fewer words.".to_owned(),
        position: 0,
        length: 0,
        expected: String::new(),
        suggestion: None,
    }
}
