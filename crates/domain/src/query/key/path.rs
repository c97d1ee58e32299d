//! Paths into an event's details.

use std::{borrow::Cow, fmt};

use crate::query::lexer::is_bare;

/// A path into the details as it is typed behind the `@`: member names joined with dots, none of them empty, of
/// characters that need no quotes and are no colon. Case counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Cow<'static, str>);

impl Path {
    /// The path of the example.
    pub(super) const AMOUNT: Self = Self(Cow::Borrowed("amount"));

    /// The path that this text is, if it is one.
    pub fn new(text: &str) -> Option<Self> {
        Self::is_one(text).then(|| Self(text.to_owned().into()))
    }

    /// Whether this text is a path.
    pub fn is_one(text: &str) -> bool {
        let typed = text.chars().all(|c| is_bare(c) && c != ':');
        typed && text.split('.').all(|name| !name.is_empty())
    }

    /// The text behind the `@`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
