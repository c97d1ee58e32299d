//! Why tokens are no query.

use std::ops::Range;

use crate::query::error::{QueryError, QueryErrorCode as Code, shown};
use crate::query::{DETAILS, KEYS, Key, MAX_LENGTH};

pub(super) fn too_long(span: Range<usize>, what: &str) -> QueryError {
    let message = format!("{what} is longer than {MAX_LENGTH} characters. Shorten it.");
    QueryError::new(Code::TooLong, span, message).expecting(format!("at most {MAX_LENGTH} characters"))
}

pub(super) fn unopened(span: Range<usize>) -> QueryError {
    let message = "This parenthesis closes nothing. Remove it, or write ( where it starts.";
    QueryError::new(Code::UnopenedParenthesis, span, message).expecting("a term or the end")
}

/// The name is no key's, or no path into the details.
pub(super) fn no_key(name: &str, span: Range<usize>) -> QueryError {
    match name.strip_prefix('@') {
        Some(path) => bad_path(path, span),
        None => unknown_key(name, span),
    }
}

fn unknown_key(name: &str, span: Range<usize>) -> QueryError {
    let nearest = Key::nearest(name);
    let question = nearest.map(|known| format!(" Did you mean `{known}`?")).unwrap_or_default();
    let known: Vec<&str> = KEYS.iter().map(|spec| spec.name).collect();
    let message = format!(
        "There is no key `{}`.{question} The keys are {} and, inside the details, {}. To search for text with a colon, \
         put it in quotes.",
        shown(name),
        known.join(", "),
        DETAILS.name
    );
    let names: Vec<&str> = KEYS.iter().flat_map(|spec| spec.names()).chain([DETAILS.name]).collect();
    QueryError::new(Code::UnknownKey, span, message)
        .expecting(format!("one of {}", names.join(", ")))
        .suggesting(nearest)
}

fn bad_path(path: &str, span: Range<usize>) -> QueryError {
    let message = "This is no path into the details. Write the names that lead to the value with a dot between them, \
                   such as @user.role.";
    let names: Vec<&str> = path.split('.').filter(|name| !name.is_empty()).collect();
    QueryError::new(Code::BadPath, span, message)
        .expecting(DETAILS.name)
        .suggesting((!names.is_empty()).then(|| format!("@{}", names.join("."))))
}
