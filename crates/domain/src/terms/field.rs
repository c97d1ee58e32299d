//! Fields of the index, and the term of a value in each.

use crate::{
    keys::Keys,
    record::{push_hex, unhex},
};

/// Values up to this many bytes stand whole in their term.
const CLEAR: usize = 40;
/// Of a longer value this many bytes stand in clear, before the digest.
const PREFIX: usize = 32;
/// Between the start of a long value and its digest: no hexadecimal digit, so that a digest is never taken for the end
/// of a value.
const CUT_HERE: char = 'g';
/// Bytes of the digest that stands for a request id. Almost every event has one of its own, so it has to be short; two
/// of a thousand million rarely share one, and the record tells them apart.
const REQUEST: usize = 5;

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

    /// The term of a value in this field, and whether finding the term proves the value.
    pub fn term(self, keys: &Keys, value: &str) -> (String, bool) {
        let mut term = String::new();
        let proves = self.push(keys, value, &mut term);
        (term, proves)
    }

    /// What the terms of all values that start like this start with; `None` where terms tell nothing of their values.
    pub fn stem(self, start: &str) -> Option<String> {
        if self == Field::Request {
            return None;
        }
        let mut stem = String::from(self.letter());
        push_hex(&mut stem, &start.as_bytes()[..start.len().min(PREFIX)]);
        Some(stem)
    }

    /// What a term of this field tells of its value; `None` for one that only marks an event.
    pub fn told(self, term: &str) -> Option<Told> {
        let digits = term.strip_prefix(self.letter()).filter(|_| self != Field::Request)?;
        match digits.split_once(CUT_HERE) {
            Some((start, _)) => unhex(start).map(Told::Start),
            None => String::from_utf8(unhex(digits)?).ok().map(Told::Whole),
        }
    }

    pub(super) fn push(self, keys: &Keys, value: &str, out: &mut String) -> bool {
        let (letter, bytes) = (self.letter(), value.as_bytes());
        let digest = || keys.term(&[&[letter as u8], bytes]);
        out.push(letter);
        if self == Field::Request {
            push_hex(out, &digest()[..REQUEST]);
            return false;
        }
        let clear = bytes.len() <= CLEAR;
        if clear {
            push_hex(out, bytes);
        } else {
            push_hex(out, &bytes[..PREFIX]);
            out.push(CUT_HERE);
            push_hex(out, &digest());
        }
        clear
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_tells_its_value_or_how_that_starts() {
        let keys = Keys::derive(&[7; 32]);
        let told = |value: &str| Field::Actor.told(&Field::Actor.term(&keys, value).0);
        for value in ["", "alice", "用户 1", &"x".repeat(40)] {
            assert_eq!(told(value), Some(Told::Whole(value.to_owned())));
        }
        assert_eq!(told(&"x".repeat(41)), Some(Told::Start(vec![b'x'; 32])));
        assert_eq!(Field::Action.told("a616c"), None);
        assert_eq!(Field::Method.told("mx"), None);
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
