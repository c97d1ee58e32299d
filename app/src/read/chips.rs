//! A query as chips, each of which can be taken away.

use flightbox_domain::query::{Qualifier, Query};

use crate::{parts::chips::Chip, state::ViewState};

/// A chip for each term that all have to hold.
pub fn chips(query: &Query, state: &ViewState) -> Vec<Chip> {
    let terms = query.terms().iter().enumerate();
    terms.map(|(at, term)| chip(term, state.with_query(query.without(at).to_string()).events())).collect()
}

fn chip(term: &Query, remove: String) -> Chip {
    let (negated, inner) = match term {
        Query::Not(inner) => (true, &**inner),
        other => (false, other),
    };
    let (key, value) = match inner {
        Query::Is(Qualifier { key, .. }) => {
            let text = inner.to_string();
            let value = text.split_once(':').map(|(_, value)| value.to_owned());
            (key.to_string(), value.unwrap_or(text))
        }
        Query::Text(text) => ("text".to_owned(), text.clone()),
        other => ("any".to_owned(), other.to_string()),
    };
    Chip { negated, key, value, remove }
}
