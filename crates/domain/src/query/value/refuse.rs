//! Why a value is refused.

use crate::query::Key;
use crate::query::error::{QueryError, QueryErrorCode as Code, shown};
use crate::query::lexer::Raw;
use crate::query::operator::Operator;
use crate::query::print::quote;

pub(super) fn star_after_contains(raw: &Raw, part: &str) -> QueryError {
    let message = "After ~ there can be no star, for ~ looks everywhere. To look for a star, put the text in quotes.";
    QueryError::new(Code::BadOperator, raw.span.clone(), message)
        .expecting("~ and a text without stars")
        .suggesting(Some(format!("~{}", quote(part))))
}

pub(super) fn missing(key: &Key, raw: &Raw) -> QueryError {
    let message = format!(
        "A value is missing here. Write it without a space before it, such as {}; separate several with commas.",
        key.example()
    );
    QueryError::new(Code::MissingValue, raw.span.end..raw.span.end, message).expecting(key.kind().takes())
}

/// The value is none that the key takes.
pub(in crate::query) fn bad_value(key: &Key, raw: &Raw) -> QueryError {
    let takes = key.kind().takes();
    let message = format!("`{}` is no value for {}. It takes {takes}.", shown(&raw.text()), shown(&key.to_string()));
    QueryError::new(Code::BadValue, raw.span.clone(), message).expecting(takes)
}

/// The operator, or a star, is none that the key takes.
pub(super) fn bad_operator(key: &Key, raw: &Raw) -> QueryError {
    let sign = raw.operator.unwrap_or(Operator::Matches).spec().sign;
    let takes = key.kind().takes();
    let mut message = format!("{key} cannot be searched with {sign}. It takes {takes}.");
    let mut error = QueryError::new(Code::BadOperator, raw.span.clone(), "").expecting(takes);
    // A field of text may really hold the sign.
    if Operator::Contains.fits(key.kind()) {
        message += &format!(" If {sign} belongs to the value, put quotes around it.");
        error = error.suggesting(Some(quote(&format!("{sign}{}", raw.text()))));
    }
    QueryError { message, ..error }
}
