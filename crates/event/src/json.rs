//! JSON as an audit log needs it: number digits as they were sent, duplicate keys noticed, depth bounded,
//! and one canonical way to write it down again.

mod canonical;
mod parse;
mod place;

pub use canonical::push_string;
pub use parse::{ParseError, parse, parse_lines};
pub use place::{Place, elements, find};

/// A value of an event may nest this deep: an event that nobody can read is no evidence.
pub const MAX_DEPTH: usize = 64;
/// An array may have so many items, whatever it is: each takes many times its text in memory.
pub const MAX_ITEMS: usize = 100_000;
/// An object may have so many members.
pub const MAX_MEMBERS: usize = 10_000;
/// What stands around such a value: the batch's array and the event's object.
const ENVELOPE: usize = 2;

/// A JSON value whose numbers keep the sender's digits and whose objects keep the sender's key order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Json {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as the digits that were sent.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object; keys are distinct when it came from [`parse`].
    Object(Vec<(String, Json)>),
}

/// A JSON number as text, always valid by RFC 8259's grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// The digits as they were sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The whole number it writes, if it writes one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok().or_else(|| {
            let double = self.as_f64();
            (double.fract() == 0.0 && double.abs() < 9_007_199_254_740_992.0).then_some(double as i64)
        })
    }

    /// The nearest double; infinite where the number is too large for one.
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.to_string())
    }
}

impl Json {
    /// The member of an object by its key.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.as_object()?.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// The member reached by walking `keys` through nested objects.
    pub fn at(&self, keys: &[&str]) -> Option<&Json> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&[(String, Json)]> {
        match self {
            Json::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// What kind of value this is, in the words of the JSON standard.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        }
    }

    /// How many bytes the value takes when written without escapes, and how deep it nests.
    pub fn extent(&self) -> (usize, usize) {
        match self {
            Json::Null => (4, 0),
            Json::Bool(truth) => (if *truth { 4 } else { 5 }, 0),
            Json::Number(number) => (number.as_str().len(), 0),
            Json::String(text) => (text.len() + 2, 0),
            Json::Array(items) => items.iter().map(|item| (1, item)).fold((2, 1), widen),
            Json::Object(members) => members.iter().map(|(key, value)| (key.len() + 4, value)).fold((2, 1), widen),
        }
    }

    /// An object from pairs, in the order given.
    pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Json)>) -> Json {
        Json::Object(members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
    }
}

fn widen((size, depth): (usize, usize), (around, value): (usize, &Json)) -> (usize, usize) {
    let (inner_size, inner_depth) = value.extent();
    (size + around + inner_size, depth.max(inner_depth + 1))
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Json::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Json::String(text)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Json::Number(value.into())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Json::Bool(value)
    }
}
