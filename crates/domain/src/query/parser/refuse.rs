//! Why tokens are no query.

use std::ops::Range;

use crate::query::error::{QueryError, QueryErrorCode as Code, shown};
use crate::query::{KEYS, Key, MAX_LENGTH};

pub(super) fn too_long(span: Range<usize>, what: &str) -> QueryError {
    let message = format!("{what} is longer than {MAX_LENGTH} characters. Shorten it.");
    QueryError::new(Code::TooLong, span, message).expecting(format!("at most {MAX_LENGTH} characters"))
}

pub(super) fn unopened(span: Range<usize>) -> QueryError {
    let message = "This parenthesis closes nothing. Remove it, or write ( where it starts.";
    QueryError::new(Code::UnopenedParenthesis, span, message).expecting("a term or the end")
}

pub(super) fn unknown_key(name: &str, span: Range<usize>) -> QueryError {
    let nearest = Key::nearest(name);
    let question = nearest.map(|known| format!(" Did you mean `{known}`?")).unwrap_or_default();
    let known: Vec<&str> = KEYS.iter().map(|spec| spec.name).collect();
    let message = format!(
        "There is no key `{}`.{question} The keys are {}. To search for text with a colon, put it in quotes.",
        shown(name),
        known.join(", ")
    );
    let names: Vec<&str> = KEYS.iter().flat_map(|spec| spec.names()).collect();
    QueryError::new(Code::UnknownKey, span, message)
        .expecting(format!("one of {}", names.join(", ")))
        .suggesting(nearest)
}
