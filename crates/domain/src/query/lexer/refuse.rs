//! Why characters are no tokens.

use std::ops::Range;

use crate::query::error::{QueryError, QueryErrorCode as Code};
use crate::query::print::quoted;

pub(super) fn missing_key(at: usize) -> QueryError {
    let message = "There is no key before this colon. Write one, such as actor:alice, or put the text in quotes.";
    QueryError::new(Code::MissingKey, at..at + 1, message).expecting("a key before the colon")
}

pub(super) fn star_in_text(span: Range<usize>, word: &str) -> QueryError {
    let message = "A star works only in the value of a key, such as actor:al*. A search for text finds whole words; \
                   put quotes around it to keep the star as it is.";
    QueryError::new(Code::MisplacedCharacter, span, message).expecting("whole words").suggesting(Some(quoted(word)))
}

pub(super) fn unclosed_quote(span: Range<usize>) -> QueryError {
    let message = "This quote is never closed. Write another \" at its end, and \\\" for a quote inside it.";
    QueryError::new(Code::UnclosedQuote, span, message).expecting("a closing \"")
}

pub(super) fn bad_escape(span: Range<usize>, c: char) -> QueryError {
    let message = "Inside quotes a backslash stands before a quote or another backslash. For a backslash write \\\\.";
    QueryError::new(Code::BadEscape, span, message).expecting("\\\" or \\\\").suggesting(Some(format!("\\\\{c}")))
}

pub(super) fn misplaced(at: usize, c: char) -> QueryError {
    let message = match c {
        '(' => "A parenthesis cannot follow directly. Put a space before it, or quotes around it if it belongs to the \
                text."
            .to_owned(),
        '"' => "A quote cannot stand inside a word. Put quotes around the whole, and write \\\" for a quote inside."
            .to_owned(),
        c if c.is_control() => "This character is invisible. Remove it, or put quotes around the whole.".to_owned(),
        c => format!("`{c}` cannot follow a closing quote. Put a space between them."),
    };
    QueryError::new(Code::MisplacedCharacter, at..at + 1, message).expecting("a space or the end")
}

pub(super) fn nothing_after_minus(at: usize) -> QueryError {
    let message = "There is nothing right after `-`. Write it directly before what is to be left out, such as \
                   -actor:alice.";
    QueryError::new(Code::MissingTerm, at..at + 1, message).expecting("a term after -")
}
