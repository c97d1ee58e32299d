//! Fields of the index, and the term of a value in each.

use crate::{keys::Keys, record::push_hex};

/// Values up to this many bytes stand whole in their term.
const CLEAR: usize = 40;
/// Of a longer value this many bytes stand in clear, before the digest.
const PREFIX: usize = 32;
/// Bytes of the digest that stands for a request id. Almost every event has one of its own, so it has to be short; two
/// of a thousand million rarely share one, and the record tells them apart.
const REQUEST: usize = 5;

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
            // `g` is no hexadecimal digit: a digest is never taken for the end of a value.
            out.push('g');
            push_hex(out, &digest());
        }
        clear
    }
}
