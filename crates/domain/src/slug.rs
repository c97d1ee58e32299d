//! The last piece of a saved view's address.

use std::{fmt, str::FromStr};

use crate::{name::ViewName, random::Random};

/// How much of a name stands in a slug, in bytes.
const LONGEST_STEM: usize = 40;
/// How many letters after it are drawn at random.
const DRAWN: usize = 6;
/// No vowels, which could make words, and nothing that looks like something else.
const LETTERS: &[u8] = b"23456789bcdfghjkmnpqrstvwxyz";

/// A slug: the name's letters and digits, and some drawn at random. From `denied-in-prod-x7k2m9` nobody learns whether
/// somebody else keeps a view of that name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slug(String);

/// A text that is no slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a slug has 1 to 64 of a-z 0-9 -")]
pub struct BadSlug;

impl Slug {
    /// Draws one for a view of that name.
    pub fn draw(name: &ViewName, random: &Random) -> Self {
        let mut slug = String::new();
        for c in name.as_str().chars().filter(char::is_ascii).map(|c| c.to_ascii_lowercase()) {
            match c.is_ascii_alphanumeric() {
                _ if slug.len() >= LONGEST_STEM => break,
                true => slug.push(c),
                false if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
                false => {}
            }
        }
        if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        let drawn = random.bytes::<DRAWN>().map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
        slug.extend(drawn);
        Self(slug)
    }

    /// The slug as it stands in an address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of its view.
    pub fn path(&self) -> String {
        format!("/v/{}", self.0)
    }
}

impl FromStr for Slug {
    type Err = BadSlug;

    fn from_str(text: &str) -> Result<Self, BadSlug> {
        let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if plain && (1..=64).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(BadSlug) }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug(name: &str) -> String {
        let random = Random::new(|bytes| bytes.iter_mut().enumerate().for_each(|(at, byte)| *byte = at as u8));
        Slug::draw(&name.parse().unwrap(), &random).to_string()
    }

    #[test]
    fn a_slug_is_made_of_its_views_name() {
        assert_eq!(slug("Denied in prod"), "denied-in-prod-234567");
        assert_eq!(slug("  ¿Who? ".trim()), "who-234567");
        assert_eq!(slug("日志"), "234567");
        assert_eq!(slug("a/b?c=d&e"), "a-b-c-d-e-234567");
        assert!(slug(&"x".repeat(64)).len() <= 64);
    }

    #[test]
    fn a_slug_survives_its_address() {
        for text in [slug("Denied"), "a".to_owned(), "x".repeat(64)] {
            assert_eq!(text.parse::<Slug>().map(|slug| slug.path()), Ok(format!("/v/{text}")));
        }
        for text in ["", "A", "a/b", "..", "a b", "é", &"x".repeat(65)] {
            assert_eq!(text.parse::<Slug>(), Err(BadSlug), "{text:?}");
        }
    }
}
