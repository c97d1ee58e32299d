//! Why somebody does what takes a reason: to see what is sealed, to erase it, to hold it, to agree to any of that.

use std::{fmt, ops::RangeInclusive, str::FromStr};

/// So many characters: fewer say nothing, and an event has no more.
pub const LENGTH: RangeInclusive<usize> = 4..=1_024;

/// A reason: 4 to 1,024 characters, no space at either end, no control character but the end of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

/// A reason that says nothing, or too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("say why, in {} to {} characters: it goes on record", LENGTH.start(), LENGTH.end())]
pub struct BadReason;

impl Reason {
    /// The reason as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reason {
    type Err = BadReason;

    fn from_str(text: &str) -> Result<Self, BadReason> {
        // Forms end a line with both.
        let text = text.trim().replace("\r\n", "\n");
        let is_one = LENGTH.contains(&text.chars().count()) && !text.chars().any(|c| c.is_control() && c != '\n');
        if is_one { Ok(Self(text)) } else { Err(BadReason) }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something() {
        assert_eq!(" court order ".parse::<Reason>().unwrap().as_str(), "court order");
        assert_eq!("INC-2291:\r\nthe regulator".parse::<Reason>().unwrap().as_str(), "INC-2291:\nthe regulator");
        assert!("x".repeat(1_024).parse::<Reason>().is_ok() && "日本語で".parse::<Reason>().is_ok());
        for text in ["", "  ", " why ", "why\u{0}not", "\u{1b}[2Jcourt", &"x".repeat(1_025)] {
            assert_eq!(text.parse::<Reason>(), Err(BadReason), "{text:?}");
        }
        assert_eq!(BadReason.to_string(), "say why, in 4 to 1024 characters: it goes on record");
    }
}
