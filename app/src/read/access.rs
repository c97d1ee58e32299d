//! The record of access as a view of its own: whatever is asked for is asked of Flightbox's own source alone.

use flightbox_domain::{
    query::{Key, Qualifier, Query, Value},
    scope::SELF_SOURCE,
};

use super::search::View;
use crate::{
    context,
    error::AppError,
    pages::{access::Listed, events::Found},
    parts::sentence::Piece,
    state::{Place, ViewState},
};

/// The state whose query finds nothing but that record. A query that cannot be read stays what it is: whoever searches
/// with it says what is wrong.
pub fn within(state: ViewState) -> ViewState {
    let state = ViewState { place: Place::Access, ..state.alone().with_live(false).after(state.after.as_str()) };
    match Query::parse(&state.q) {
        Ok(query) if own(&query).is_none() => ViewState { q: source().and(query).to_string(), ..state },
        _ => state,
    }
}

/// Which term of a query says that it is about that record alone.
pub fn own(query: &Query) -> Option<usize> {
    query.terms().iter().position(|term| *term == source())
}

/// The words of a sentence about events, where these are entries.
pub fn worded(place: Place, mut sentence: Vec<Piece>) -> Vec<Piece> {
    for piece in &mut sentence {
        if let (Place::Access, Piece::Plain(text)) = (place, piece) {
            *text = text.replace("Events", "Entries").replace("events", "entries");
        }
    }
    sentence
}

/// A page of it, for those who may see it.
pub async fn list(state: ViewState) -> Result<Listed, AppError> {
    if !context::signed_in()?.roles.may_see_access() {
        return Err(AppError::Forbidden { roles: "investigators and admins".to_owned() });
    }
    let state = within(state);
    let found: Found = View::read(state.clone())?.find().await?;
    Ok(Listed { state, found })
}

fn source() -> Query {
    Query::Is(Qualifier { key: Key::Source, any_of: vec![Value::Exact(SELF_SOURCE.to_owned())] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(q: &str) -> String {
        within(ViewState { q: q.to_owned(), ..ViewState::default() }).q
    }

    #[test]
    fn whatever_is_asked_is_asked_of_that_record_alone() {
        assert_eq!(asked(""), "source:flightbox");
        assert_eq!(asked("actor:ann"), "source:flightbox actor:ann");
        assert_eq!(asked("actor:ann source:flightbox"), "actor:ann source:flightbox");
        assert_eq!(asked("source:flightbox OR actor:ann"), "source:flightbox (source:flightbox OR actor:ann)");
        assert_eq!(asked("source:flightbox,billing"), "source:flightbox (source:flightbox,billing)");
        assert_eq!(asked("-source:flightbox"), "source:flightbox -source:flightbox");
        assert_eq!(asked("actr:x"), "actr:x");
    }
}
