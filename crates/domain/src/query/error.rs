//! What is wrong with a query, where, and what to do about it.

use std::{fmt, ops::Range};

use super::Key;

/// Why a text is no query.
///
/// The marked part is `length` characters from `position`; where something is missing the length may be 0, and
/// `position` is where it belongs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// What kind of error it is.
    pub code: QueryErrorCode,
    /// What is wrong and what to do, in plain sentences.
    pub message: String,
    /// Where the marked part starts, in code points from 0.
    pub position: usize,
    /// How many code points are marked.
    pub length: usize,
    /// What could have stood there.
    pub expected: String,
    /// Text that would do in place of the marked part.
    pub suggestion: Option<String>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $word:literal,)+) => {
        /// The kinds of errors, stable for programs to match on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum QueryErrorCode { $($(#[$doc])* $code),+ }

        impl QueryErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// The code as it stands in an answer.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $word),+ }
            }
        }
    };
}

codes! {
    /// A key that is in no table.
    UnknownKey = "unknown_key",
    /// An `@` without a path of names behind it.
    BadPath = "bad_path",
    /// A colon with no key before it.
    MissingKey = "missing_key",
    /// A key, a comma or an operator with no value after it.
    MissingValue = "missing_value",
    /// A value that its key cannot take.
    BadValue = "bad_value",
    /// An operator that its key cannot take.
    BadOperator = "bad_operator",
    /// A range that ends before it starts.
    ReversedRange = "reversed_range",
    /// An operator with no term beside it.
    MissingTerm = "missing_term",
    /// Parentheses around nothing.
    EmptyParentheses = "empty_parentheses",
    /// A parenthesis that is never closed.
    UnclosedParenthesis = "unclosed_parenthesis",
    /// A closing parenthesis too many.
    UnopenedParenthesis = "unopened_parenthesis",
    /// A quote that is never closed.
    UnclosedQuote = "unclosed_quote",
    /// A backslash inside quotes before anything but a quote or a backslash.
    BadEscape = "bad_escape",
    /// A character that has to stand inside quotes.
    MisplacedCharacter = "misplaced_character",
    /// Text without a letter or a digit.
    NoWords = "no_words",
    /// More characters than a query may have.
    TooLong = "too_long",
    /// More nesting than a query may have.
    TooDeep = "too_deep",
    /// More terms than a query may have.
    TooManyTerms = "too_many_terms",
    /// A question about a sealed value that would tell what it is.
    Sealed = "sealed",
}

impl fmt::Display for QueryErrorCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl QueryError {
    pub(super) fn new(code: QueryErrorCode, at: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            position: at.start,
            length: at.end.saturating_sub(at.start),
            expected: String::new(),
            suggestion: None,
        }
    }

    /// A question about what stands under a key, which is sealed.
    pub(crate) fn sealed(key: &Key, searchable: bool, text: &str) -> Self {
        let name = key.to_string();
        let start = text.find(&name).map_or(0, |at| text[..at].chars().count());
        let asks = if searchable {
            format!("{name}:* for whether there is one, or the exact value")
        } else {
            format!("{name}:* for whether there is one")
        };
        let message = format!("{name} is sealed by a rule, so it cannot be searched like this; ask {asks}.");
        Self::new(QueryErrorCode::Sealed, start..start + name.chars().count(), message)
            .expecting(asks)
            .suggesting(Some(format!("{name}:*")))
    }

    pub(super) fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    pub(super) fn suggesting(mut self, suggestion: Option<impl Into<String>>) -> Self {
        self.suggestion = suggestion.map(Into::into);
        self
    }
}

/// How much of what was typed a message repeats, in characters.
const SHOWN: usize = 40;

/// What was typed, short enough for a message.
pub(super) fn shown(text: &str) -> String {
    let mut rest = text.chars();
    let start: String = rest.by_ref().take(SHOWN).collect();
    if rest.next().is_some() { start + "…" } else { start }
}
