//! Ranges of numbers.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use super::error::QueryError;
use super::lexer::Raw;
use super::span::{Scale, Span};
use super::value::bad_value;
use super::{Key, Kind};

/// A range of numbers.
pub type NumberRange = Span<Finite>;

/// Whole numbers below this are doubles of their own.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;
/// The longest number that is written without an exponent, in characters.
const PLAIN: usize = 21;

/// A finite double that equals itself alone: neither NaN nor infinite, and its zero has no sign.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Finite(f64);

impl Finite {
    /// The number, if it is finite.
    pub fn new(number: f64) -> Option<Self> {
        // Adding zero takes the sign from a negative one.
        number.is_finite().then_some(Self(number + 0.0))
    }

    /// The number itself.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// The number that a text writes in digits, with or without sign, fraction and exponent; infinite where it is too large
/// for a double.
pub(crate) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    // Rust also reads `inf`, `nan`, `+1`, `.5` and `5.`.
    let framed = digits.starts_with(|c: char| c.is_ascii_digit()) && digits.ends_with(|c: char| c.is_ascii_digit());
    if framed { text.parse().ok() } else { None }
}

/// Whether a text is a range of numbers: `5..10`, `5..*`, `*..10`.
pub(super) fn is_range(text: &str) -> bool {
    let end = |text: &str| text == "*" || number(text).is_some();
    text.split_once("..").is_some_and(|ends| ends != ("*", "*") && end(ends.0) && end(ends.1))
}

impl NumberRange {
    /// Whether a number lies within.
    pub fn contains(&self, number: f64) -> bool {
        match self {
            Self::At(one) => number == one.0,
            Self::Above(one) => number > one.0,
            Self::AtLeast(one) => number >= one.0,
            Self::Below(one) => number < one.0,
            Self::AtMost(one) => number <= one.0,
            Self::Between(first, last) => (first.0..=last.0).contains(&number),
        }
    }
}

impl Scale for Finite {
    const IN_ORDER: &str = "the smaller number first";

    fn read(key: &Key, raw: &Raw, text: &str) -> Result<Self, QueryError> {
        let fits = |number: &Self| {
            key.kind() != Kind::Whole || (number.0.fract() == 0.0 && (0.0..LARGEST_WHOLE).contains(&number.0))
        };
        number(text).and_then(Self::new).filter(fits).ok_or_else(|| bad_value(key, raw))
    }

    fn is_before(self, other: Self) -> bool {
        self < other
    }
}

impl Eq for Finite {}

impl Hash for Finite {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// The fewest digits that read back as the same number.
impl fmt::Display for Finite {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.0.to_string();
        if plain.len() <= PLAIN { out.write_str(&plain) } else { write!(out, "{:e}", self.0) }
    }
}
