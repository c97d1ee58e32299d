//! From JSON to an event, or to every reason why it is none.

mod fields;
mod shape;
mod values;

use crate::{Json, mask};

pub use shape::{can_be_sensitive, parse_event, sensitive_paths};

/// One thing that is wrong with a submitted event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `actor.id`, `changes.role.before`; empty for the event as a whole.
    pub path: String,
    /// What kind of problem it is.
    pub code: ProblemCode,
    /// What was expected and what to do, in one sentence.
    pub message: String,
    /// The type of the received value and at most 64 characters of it, secrets masked.
    pub received: String,
}

/// The kinds of problems, stable for programs to match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemCode {
    /// A required field is absent.
    Missing,
    /// A value of another JSON type.
    Type,
    /// A value that its field cannot take.
    Value,
    /// Text or structure beyond a limit.
    Limit,
    /// A field that no event has.
    UnknownField,
    /// A field that only the server sets.
    Reserved,
    /// A field under two of its names.
    Conflict,
    /// A key that stands twice in one object.
    DuplicateKey,
    /// Nesting beyond the limit.
    TooDeep,
}

impl ProblemCode {
    /// The code as it stands in an answer.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Type => "wrong_type",
            Self::Value => "invalid_value",
            Self::Limit => "over_limit",
            Self::UnknownField => "unknown_field",
            Self::Reserved => "reserved_field",
            Self::Conflict => "conflicting_fields",
            Self::DuplicateKey => "duplicate_key",
            Self::TooDeep => "too_deep",
        }
    }
}

/// How much of a received value an error may show.
const SHOWN: usize = 64;

impl Problem {
    /// A problem with the value that came; `None` where none came.
    pub fn new(
        path: impl Into<String>,
        code: ProblemCode,
        message: impl Into<String>,
        received: Option<&Json>,
    ) -> Self {
        let path = path.into();
        let received = received.map_or_else(|| "nothing".to_owned(), |value| show(&path, value));
        Self { path, code, message: message.into(), received }
    }
}

fn show(path: &str, value: &Json) -> String {
    let key = path.rsplit('.').next().unwrap_or(path);
    let shown = if value.is_null() { return "null".to_owned() } else { mask::masked(key, value).to_string() };
    let cut: String = shown.chars().take(SHOWN).collect();
    let dots = if cut.len() < shown.len() { "…" } else { "" };
    format!("{} {cut}{dots}", value.kind())
}
