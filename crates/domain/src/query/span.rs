//! Stretches of an order, of times and of numbers: a point, a comparison or a range.

use std::fmt;

use super::Key;
use super::error::{QueryError, QueryErrorCode as Code};
use super::lexer::{Piece, Raw};
use super::operator::Operator;
use super::value::bad_value;

/// A stretch of times or numbers in terms of what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span<T> {
    /// This one: `200`; within the day, minute or second: `2026-01-31`.
    At(T),
    /// Past it: `>2026-01-31` starts with the next day.
    Above(T),
    /// From it on: `>=400`, `400..*`; also what `-24h` alone means.
    AtLeast(T),
    /// Up to it: `<2026-01-31` ends with the day before.
    Below(T),
    /// Up to its end: `<=2026-01-31`, `*..2026-01-31`.
    AtMost(T),
    /// From the one to the other, both included: `400..499`; `2026-01-01..2026-01-31` is the whole month.
    Between(T, T),
}

/// What there are spans of.
pub(super) trait Scale: Copy + PartialEq + fmt::Display {
    /// How to mend a range that ends before it starts.
    const IN_ORDER: &str;

    /// Reads one that is, or is an end of, a value of this key.
    fn read(key: &Key, raw: &Raw, text: &str) -> Result<Self, QueryError>;

    /// Whether a range from `other` to this one would surely end before it starts.
    fn is_before(self, other: Self) -> bool;

    /// What one without an operator means.
    fn alone(self) -> Span<Self> {
        Span::At(self)
    }
}

impl<T> Span<T> {
    /// The same stretch of what each of its ends becomes.
    pub fn map<U>(self, each: impl Fn(T) -> U) -> Span<U> {
        match self {
            Self::At(one) => Span::At(each(one)),
            Self::Above(one) => Span::Above(each(one)),
            Self::AtLeast(one) => Span::AtLeast(each(one)),
            Self::Below(one) => Span::Below(each(one)),
            Self::AtMost(one) => Span::AtMost(each(one)),
            Self::Between(first, second) => Span::Between(each(first), each(second)),
        }
    }

    /// The one or two ends that were written.
    pub fn ends(&self) -> impl Iterator<Item = &T> {
        let (first, second) = match self {
            Self::At(one) | Self::Above(one) | Self::AtLeast(one) | Self::Below(one) | Self::AtMost(one) => (one, None),
            Self::Between(first, second) => (first, Some(second)),
        };
        std::iter::once(first).chain(second)
    }
}

/// value = comparison | range | literal
pub(super) fn read<T: Scale>(key: &Key, raw: &Raw) -> Result<Span<T>, QueryError> {
    let text = raw.text();
    let one = |text: &str| T::read(key, raw, text);
    Ok(match raw.operator {
        Some(Operator::Above) => Span::Above(one(&text)?),
        Some(Operator::AtLeast) => Span::AtLeast(one(&text)?),
        Some(Operator::Below) => Span::Below(one(&text)?),
        Some(Operator::AtMost) => Span::AtMost(one(&text)?),
        _ => match text.split_once("..") {
            Some((_, _)) if matches!(raw.pieces[..], [Piece::Quoted(_)]) => return Err(bad_value(key, raw)),
            Some((first, last)) => between(key, raw, first, last)?,
            None => one(&text)?.alone(),
        },
    })
}

/// range = bare ".." bare
fn between<T: Scale>(key: &Key, raw: &Raw, first: &str, last: &str) -> Result<Span<T>, QueryError> {
    let end = |text: &str| match text {
        "*" => Ok(None),
        text => T::read(key, raw, text).map(Some),
    };
    match (end(first)?, end(last)?) {
        (Some(first), Some(last)) if last.is_before(first) => {
            let message = format!("This range ends before it starts. Write {}.", T::IN_ORDER);
            Err(QueryError::new(Code::ReversedRange, raw.span.clone(), message)
                .expecting(T::IN_ORDER)
                .suggesting(Some(format!("{last}..{first}"))))
        }
        (Some(first), Some(last)) => Ok(Span::Between(first, last)),
        (Some(first), None) => Ok(Span::AtLeast(first)),
        (None, Some(last)) => Ok(Span::AtMost(last)),
        (None, None) => Err(bad_value(key, raw).suggesting(Some("*"))),
    }
}

impl<T: Scale> fmt::Display for Span<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(one) => one.fmt(out),
            Self::AtLeast(one) if one.alone() == *self => one.fmt(out),
            Self::Above(one) => write!(out, ">{one}"),
            Self::AtLeast(one) => write!(out, ">={one}"),
            Self::Below(one) => write!(out, "<{one}"),
            Self::AtMost(one) => write!(out, "<={one}"),
            Self::Between(first, last) => write!(out, "{first}..{last}"),
        }
    }
}
