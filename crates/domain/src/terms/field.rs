//! Fields of the index, and the term of a value in each.

use crate::{keys::Keys, record::push_hex};

/// Values up to this many bytes stand whole in their term.
const CLEAR: usize = 40;
/// Of a longer value this many bytes stand in clear, before the digest.
const PREFIX: usize = 32;
/// Between the start of a long value and its digest; it stands for no byte of a value.
const CUT_HERE: char = '\u{200}';
/// Bytes of the digest that stands for a session or a request. Almost every event has one that few others have, and a
/// term of its own for each would cost more than all other terms together. So many share one, few enough for the
/// records to tell them apart: one event in 65,536.
const DIGEST: usize = 2;

/// What a term tells of the value that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The value.
    Whole(String),
    /// The bytes that a long value starts with; they may end in the middle of a character.
    Start(Vec<u8>),
}

/// A field of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The actor's id or name.
    Actor,
    /// The actor's type.
    ActorKind,
    /// The action, or one that contains it.
    Action,
    /// The resource's id.
    Resource,
    /// The resource's type.
    ResourceKind,
    /// The outcome.
    Outcome,
    /// The address as it was seen.
    Address,
    /// A block of addresses.
    Block,
    /// The source.
    Source,
    /// The country, in ASCII capitals.
    Country,
    /// The user agent.
    Agent,
    /// The session.
    Session,
    /// The request id.
    Request,
    /// The request's method, in ASCII capitals; GET has no term.
    Method,
    /// The response's status; 200 has no term.
    Status,
    /// The severity.
    Severity,
    /// A flag.
    Flag,
    /// A word of any visible text.
    Word,
}

impl Field {
    fn letter(self) -> char {
        match self {
            Field::Actor => 'a',
            Field::Block => 'b',
            Field::Country => 'c',
            Field::Session => 'e',
            Field::Flag => 'f',
            Field::Agent => 'g',
            Field::Status => 'h',
            Field::Address => 'i',
            Field::ResourceKind => 'k',
            Field::Method => 'm',
            Field::Outcome => 'o',
            Field::Request => 'q',
            Field::Resource => 'r',
            Field::Source => 's',
            Field::ActorKind => 't',
            Field::Severity => 'v',
            Field::Word => 'w',
            Field::Action => 'x',
        }
    }

    fn is_digest(self) -> bool {
        matches!(self, Field::Session | Field::Request)
    }

    /// The term of a value in this field, and whether finding the term proves the value.
    pub fn term(self, keys: &Keys, value: &str) -> (String, bool) {
        let mut term = String::new();
        let proves = self.push(keys, value, &mut term);
        (term, proves)
    }

    /// What the terms of all values that start like this start with; `None` where terms tell nothing of their values.
    pub fn stem(self, start: &str) -> Option<String> {
        if self.is_digest() {
            return None;
        }
        let mut stem = String::from(self.letter());
        push_value(&mut stem, &start.as_bytes()[..start.len().min(PREFIX)]);
        Some(stem)
    }

    /// What a term of this field tells of its value; `None` for one that only marks an event.
    pub fn told(self, term: &str) -> Option<Told> {
        let letters = term.strip_prefix(self.letter()).filter(|_| !self.is_digest())?;
        match letters.split_once(CUT_HERE) {
            Some((start, _)) => value(start).map(Told::Start),
            None => String::from_utf8(value(letters)?).ok().map(Told::Whole),
        }
    }

    pub(super) fn push(self, keys: &Keys, value: &str, out: &mut String) -> bool {
        let (letter, bytes) = (self.letter(), value.as_bytes());
        let digest = || keys.term(&[&[letter as u8], bytes]);
        out.push(letter);
        if self.is_digest() {
            push_hex(out, &digest()[..DIGEST]);
            return false;
        }
        let clear = bytes.len() <= CLEAR;
        if clear {
            push_value(out, bytes);
        } else {
            push_value(out, &bytes[..PREFIX]);
            out.push(CUT_HERE);
            push_hex(out, &digest());
        }
        clear
    }
}

/// A value's bytes as letters of a term: what the index folds, or takes for a gap between terms, stands for itself
/// nowhere.
fn push_value(out: &mut String, bytes: &[u8]) {
    let is_plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let plain = bytes.iter().position(|byte| !is_plain(byte)).unwrap_or(bytes.len());
    out.push_str(str::from_utf8(&bytes[..plain]).unwrap_or_default());
    for byte in &bytes[plain..] {
        out.push(match byte {
            byte if is_plain(byte) => char::from(*byte),
            byte => char::from_u32(0x100 + u32::from(*byte)).unwrap_or_default(),
        });
    }
}

/// The bytes that letters stand for; `None` where one stands for none.
fn value(letters: &str) -> Option<Vec<u8>> {
    let byte = |letter: char| match letter {
        'a'..='z' | '0'..='9' => u8::try_from(letter).ok(),
        '\u{100}'..='\u{1ff}' => u8::try_from(u32::from(letter) - 0x100).ok(),
        _ => None,
    };
    letters.chars().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_tells_its_value_or_how_that_starts() {
        let keys = Keys::derive(&[7; 32]);
        let told = |value: &str| Field::Actor.told(&Field::Actor.term(&keys, value).0);
        for value in ["", "alice", "用户 1", "Ā OR \"é*~", &"x".repeat(40)] {
            assert_eq!(told(value), Some(Told::Whole(value.to_owned())));
        }
        assert_eq!(told(&"x".repeat(41)), Some(Told::Start(vec![b'x'; 32])));
        assert_eq!(Field::Action.told(&Field::Actor.term(&keys, "alice").0), None);
        assert_eq!(Field::Method.told(super::super::http::OTHER_METHOD), None);
        assert_eq!(Field::Request.told(&Field::Request.term(&keys, "r").0), None);
    }

    #[test]
    fn a_stem_starts_the_term_of_every_value_that_starts_like_it() {
        let keys = Keys::derive(&[7; 32]);
        let long = "日".repeat(20);
        for start in ["", "日", &long[..33], &long] {
            let stem = Field::Agent.stem(start).unwrap();
            assert!(Field::Agent.term(&keys, &long).0.starts_with(&stem), "{start}");
        }
    }
}
