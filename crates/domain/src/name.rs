//! Names that people give: checked once, where they come in.

use std::{fmt, str::FromStr};

use crate::scope::SELF_SOURCE;

/// The longest name of a person, a token, a view or a factor, in characters.
const LONGEST: usize = 64;
/// The longest name of a source, in bytes.
const LONGEST_SOURCE: usize = 63;

/// A name that cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadName(&'static str);

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident by $check:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The name as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                $check(text).map(|()| Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.pad(&self.0)
            }
        }
    )+};
}

names! {
    /// What a person signs in with: 1 to 64 visible characters, no space at either end.
    PersonName by check_label,
    /// What a read token is called; the same rule.
    TokenName by check_label,
    /// What somebody calls a view that they keep; the same rule.
    ViewName by check_label,
    /// What somebody calls a second factor of theirs; the same rule.
    FactorName by check_label,
    /// A producer's source: lower-case letters, digits and `.` `_` `-`, 1 to 63 of them, a letter or digit first.
    SourceName by check_source,
}

fn check_label(text: &str) -> Result<(), BadName> {
    match text {
        "" => Err(BadName("a name has at least one character")),
        _ if text.chars().count() > LONGEST => Err(BadName("a name has at most 64 characters")),
        // In an address they lead elsewhere.
        "." | ".." => Err(BadName("a name is more than dots")),
        _ if text.trim() != text => Err(BadName("a name neither starts nor ends with a space")),
        // What cannot be seen makes two names look like one.
        _ if text.chars().any(is_hidden) => Err(BadName("a name has no control or invisible characters")),
        _ => Ok(()),
    }
}

fn check_source(text: &str) -> Result<(), BadName> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    match text.as_bytes() {
        _ if text == SELF_SOURCE => Err(BadName("the source \"flightbox\" is Flightbox's own record of access")),
        [first, rest @ ..]
            if rest.len() < LONGEST_SOURCE
                && plain(*first)
                && rest.iter().all(|&byte| plain(byte) || b"._-".contains(&byte)) =>
        {
            Ok(())
        }
        _ => Err(BadName("a source's name has 1 to 63 of a-z 0-9 . _ - and starts with a letter or digit")),
    }
}

/// Control characters, every space but the plain one, and Unicode's marks of direction and of nothing at all.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_may_be_called_what_they_are_called() {
        for name in ["a", "Zoë Q. O’Brien", "田中", "x".repeat(64).as_str(), "<script>"] {
            assert_eq!(name.parse::<PersonName>().map(|name| name.to_string()), Ok(name.to_owned()));
        }
        for name in
            ["", " a", "a ", "a\nb", "a\u{0}", "ali\u{200b}ce", "\u{202e}ecila", "a\u{a0}b", ".", "..", &"x".repeat(65)]
        {
            assert!(name.parse::<PersonName>().is_err(), "{name:?}");
            assert!(name.parse::<TokenName>().is_err(), "{name:?}");
        }
    }

    #[test]
    fn sources_are_plain_words() {
        for name in ["a", "billing-api", "0.x_y", "x".repeat(63).as_str()] {
            assert!(name.parse::<SourceName>().is_ok(), "{name:?}");
        }
        for name in ["", "-a", "A", "a b", "a\n", "ü", "flightbox", &"x".repeat(64)] {
            assert!(name.parse::<SourceName>().is_err(), "{name:?}");
        }
    }
}
