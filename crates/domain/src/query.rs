//! The query language of the search box: from text to a tree and back to one canonical text.
//!
//! ```text
//! query      = [ or ]                               empty text asks for everything
//! or         = and { "OR" and }
//! and        = unary { [ "AND" ] unary }            adjacency is AND; the word is accepted and not needed
//! unary      = ( "-" | "NOT" ) unary | "(" or ")" | qualifier | text
//! qualifier  = ( key | "@" path ) ":" values          the path leads into the details: names with dots between them
//! values     = value { "," value }                  a comma is OR
//! value      = comparison | range | contains | pattern | literal
//! comparison = ( ">" | ">=" | "<" | "<=" ) literal  times and numbers
//! range      = bare ".." bare                       times and numbers; either end may be *
//! contains   = "~" literal                          somewhere inside, ignoring case
//! pattern    = literals and "*" in turn             al* is a prefix, * alone means that there is a value
//! text       = literal                              words anywhere, side by side and in this order
//! literal    = bare | '"' any characters but \" for a quote and \\ for a backslash '"'
//! ```
//!
//! - Keys and keywords ignore case; paths and values keep theirs, but for values of a kind that has none. The keys
//!   stand in one table, [`KEYS`], with the [`Kind`] of their values; the operators, and which kinds take them, in
//!   another, [`OPERATORS`].
//! - Inside quotes nothing is an operator: `"*"` is a star, `"-x"` starts with a hyphen, `"10.0.0.0/8"` is no network.
//! - A bare literal holds no white space, control characters, quotes or parentheses. As a value it holds no comma
//!   and does not start with `~`, `<` or `>`; as text it holds no colon and no star and does not start with `-`.
//! - A value inside the details is text, `@amount:100` as much as `@reason:late`, unless it is compared:
//!   `@amount:>=100`, `@amount:5..10`. Of a range both ends are numbers or `*`; `@version:a..b` is text.
//! - Repeating a key is OR (`action:a action:b` is `action:a,b`) for values that name what is wanted: exact, prefix,
//!   pattern, network, word, number, a whole day. Comparisons, ranges, `~`, a lone `*` and negations stay AND, and so
//!   do terms in parentheses towards those outside.
//! - What cannot be read is a [`QueryError`] that says where and what to do; it never becomes a search for text.
//!
//! Nothing here does IO or looks at a clock: times resolve against the `now` and zone they are given.

mod compose;
mod error;
mod hide;
mod key;
mod kind;
mod lexer;
mod moment;
mod number;
mod operator;
mod parser;
mod pattern;
mod print;
mod span;
mod time;
mod value;
mod words;
mod writing;

pub use error::{QueryError, QueryErrorCode};
pub use key::{DETAILS, KEYS, Key, KeySpec, Path};
pub use kind::Kind;
pub(crate) use moment::first_instant;
pub use moment::{Moment, Precision, Unit};
pub(crate) use number::number;
pub use number::{Finite, NumberRange};
pub use operator::{OPERATORS, Operator, OperatorSpec};
pub use pattern::Pattern;
pub use print::quote;
pub use span::Span;
pub use time::TimeRange;
pub use value::{Value, address};
pub use words::words;
pub use writing::{Part, Writing};

use crate::scope::SELF_SOURCE;

/// The longest query, in characters (code points), as typed and as printed.
pub const MAX_LENGTH: usize = 4_096;
/// How deep parentheses and negations may nest.
pub const MAX_DEPTH: usize = 32;
/// The most terms in one query; each value of a comma list and each text is one.
pub const MAX_TERMS: usize = 64;

/// What a person asks for.
///
/// What [`Query::parse`] and the methods here return is in normal form: no `And` or `Or` directly in one of its own
/// kind or with fewer than two parts, no double negation, [`Query::All`] only as the whole. In normal form, and within
/// the limits, `Query::parse(&query.to_string()) == Ok(query)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Query {
    /// Every event: the empty query.
    #[default]
    All,
    /// Events that every part finds.
    And(Vec<Query>),
    /// Events that some part finds.
    Or(Vec<Query>),
    /// Events that the part does not find, those without the field included.
    Not(Box<Query>),
    /// Events whose field has one of some values.
    Is(Qualifier),
    /// Events with these [`words`] anywhere that is visible, side by side and in this order; at least one word.
    /// Whether it was typed in quotes makes no difference.
    Text(String),
}

/// A key and what its value may be: `action:login,logout`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Qualifier {
    /// The field.
    pub key: Key,
    /// The field matches when one of these does; never empty and without repetitions.
    pub any_of: Vec<Value>,
}

impl Query {
    /// Reads a query; the error says where it went wrong and what was expected there.
    ///
    /// Time and memory are linear in the text, which may hold [`MAX_LENGTH`] characters.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parser::parse(text)
    }

    /// Whether it asks for Flightbox's own record of access, which is left out of whatever does not.
    pub fn asks_for_access(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::asks_for_access),
            Self::Is(Qualifier { key: Key::Source, any_of }) => {
                any_of.iter().any(|value| matches!(value, Value::Exact(name) if name == SELF_SOURCE))
            }
            _ => false,
        }
    }
}

impl Qualifier {
    /// The field has exactly this value, taken literally: how a link from an event's own value is made.
    ///
    /// What is no word, time or number of a key that takes only these is an error; its position counts from the start
    /// of `value`.
    pub fn equals(key: Key, value: &str) -> Result<Self, QueryError> {
        let value = value::literal(&key, value)?;
        Ok(Self { key, any_of: vec![value] })
    }
}
