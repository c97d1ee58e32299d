//! Views that leave as a file. Every time in their URL is fixed, so that what is confirmed, approved or recorded now is
//! what leaves later.

use flightbox_app::{context::Person, error::AppError, read::search::View, state::ViewState};

use crate::App;

/// Why there is no such view to take.
pub enum Unfixed {
    /// There is another page to go to: the same with its times fixed, or the view's own, which says what is wrong with it.
    Elsewhere(String),
    /// There is nothing to see.
    Nothing(AppError),
}

/// The view of a query string, and its URL by `url`, where every time in it is fixed.
pub fn fixed(
    app: &App,
    person: &Person,
    query: &str,
    url: impl FnOnce(&ViewState) -> Result<String, AppError>,
) -> Result<(View, String), Unfixed> {
    let state = ViewState::from_search(query);
    let view = match View::of(state.clone(), person.clone(), app.store.clone(), app.clock.now()) {
        Ok(view) => view,
        Err(AppError::Query(_) | AppError::Window(_)) => return Err(Unfixed::Elsewhere(state.after("").events())),
        Err(error) => return Err(Unfixed::Nothing(error)),
    };
    let fixed = view.fixed();
    let url = url(&fixed).map_err(Unfixed::Nothing)?;
    if fixed == state { Ok((view, url)) } else { Err(Unfixed::Elsewhere(url)) }
}
