//! Why a value is refused.

use crate::query::error::{QueryError, QueryErrorCode as Code, shown};
use crate::query::lexer::{Operator, Raw};
use crate::query::print::quote;
use crate::query::{Key, Kind};

pub(super) fn star_after_contains(raw: &Raw, part: &str) -> QueryError {
    let message = "After ~ there can be no star, for ~ looks everywhere. To look for a star, put the text in quotes.";
    QueryError::new(Code::BadOperator, raw.span.clone(), message)
        .expecting("~ and a text without stars")
        .suggesting(Some(format!("~{}", quote(part))))
}

pub(super) fn missing(key: Key, raw: &Raw) -> QueryError {
    let spec = key.spec();
    let message = format!(
        "A value is missing here. Write it without a space before it, such as {}; separate several with commas.",
        spec.example
    );
    QueryError::new(Code::MissingValue, raw.span.end..raw.span.end, message).expecting(spec.kind.takes())
}

/// The value is none that the key takes.
pub(in crate::query) fn bad_value(key: Key, raw: &Raw) -> QueryError {
    let (name, takes) = (key.name(), key.spec().kind.takes());
    let message = format!("`{}` is no value for {name}. It takes {takes}.", shown(&raw.text()));
    QueryError::new(Code::BadValue, raw.span.clone(), message).expecting(takes)
}

/// The operator, or a star, is none that the key takes.
pub(in crate::query) fn bad_operator(key: Key, raw: &Raw) -> QueryError {
    let sign = match raw.operator {
        None => "*",
        Some(Operator::Contains) => "~",
        Some(Operator::Above) => ">",
        Some(Operator::AtLeast) => ">=",
        Some(Operator::Below) => "<",
        Some(Operator::AtMost) => "<=",
    };
    let (name, kind) = (key.name(), key.spec().kind);
    let mut message = format!("{name} cannot be searched with {sign}. It takes {}.", kind.takes());
    let mut error = QueryError::new(Code::BadOperator, raw.span.clone(), "").expecting(kind.takes());
    if matches!(kind, Kind::Text | Kind::Dotted | Kind::Address) {
        message += &format!(" If {sign} belongs to the value, put quotes around it.");
        error = error.suggesting(Some(quote(&format!("{sign}{}", raw.text()))));
    }
    QueryError { message, ..error }
}
