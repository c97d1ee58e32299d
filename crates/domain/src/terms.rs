//! An event's terms in the inverted index.
//!
//! A term is a field letter and the value's UTF-8 bytes in hexadecimal, so nothing a caller sends is ever parsed as
//! query syntax, and the term decodes. A value over forty bytes is a prefix and a keyed digest, so that nobody
//! can construct a collision.

use std::{net::IpAddr, ops::Range};

use flightbox_event::{Event, Json};
use ipnet::IpNet;

use crate::{
    keys::Keys,
    query::{address, words},
    record::{hex, push_hex},
};

/// Values up to this many bytes stand whole in their term.
const CLEAR: usize = 40;
/// Of a longer value this many bytes stand in clear, before the digest.
const PREFIX: usize = 32;
/// The most terms one event has; one that would have more is marked by [`CUT`].
const MOST: usize = 256;
/// Address blocks that have a term of their own, by prefix length.
const V4_BLOCKS: [u8; 3] = [8, 16, 24];
const V6_BLOCKS: [u8; 3] = [32, 48, 64];

/// The term that every event carries.
pub const EVERY: &str = "z";
/// The term of an event that was cut at the most terms an event may have.
pub const CUT: &str = "u";

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
    /// The session.
    Session,
    /// The severity.
    Severity,
    /// A word of any visible text.
    Word,
}

impl Field {
    fn letter(self) -> char {
        match self {
            Field::Actor => 'a',
            Field::Block => 'b',
            Field::Session => 'e',
            Field::Address => 'i',
            Field::ResourceKind => 'k',
            Field::Outcome => 'o',
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

    fn push(self, keys: &Keys, value: &str, out: &mut String) -> bool {
        let (letter, bytes) = (self.letter(), value.as_bytes());
        out.push(letter);
        let clear = bytes.len() <= CLEAR;
        if clear {
            push_hex(out, bytes);
        } else {
            push_hex(out, &bytes[..PREFIX]);
            // `g` is no hexadecimal digit: a digest is never taken for the end of a value.
            out.push('g');
            push_hex(out, &keys.term(&[&[letter as u8], bytes]));
        }
        clear
    }
}

/// The term of `@path`, and of `@path:value` where a value is given; proof of neither, as both are digests.
pub fn detail_term(keys: &Keys, path: &str, value: Option<&str>) -> String {
    match value {
        None => format!("y{}", hex(&keys.term(&[b"@", path.as_bytes()]))),
        Some(value) => format!("p{}", hex(&keys.term(&[b"@=", path.as_bytes(), value.as_bytes()]))),
    }
}

/// The widest block with a term that contains a whole network, if one does, and whether the two are the same.
pub fn block_term(keys: &Keys, network: IpNet) -> Option<(String, bool)> {
    let wanted = network.prefix_len();
    let length = blocks(network.addr()).into_iter().filter(|length| *length <= wanted).max()?;
    let block = IpNet::new(network.addr(), length).ok()?.trunc();
    Some((Field::Block.term(keys, &block.to_string()).0, length == wanted))
}

/// All terms of an event of that source, separated by spaces.
pub fn of(event: &Event, source: &str, keys: &Keys) -> String {
    let mut terms = Terms { keys, all: String::with_capacity(512), each: Vec::with_capacity(32), cut: false };
    terms.push(|term| term.push_str(EVERY));
    terms.add(Field::Source, source);
    terms.add(Field::Actor, &event.actor.id);
    event.actor.name.iter().for_each(|name| terms.add(Field::Actor, name));
    terms.add(Field::Outcome, event.outcome.as_str());
    for action in lineage(&event.action) {
        terms.add(Field::Action, action);
    }
    if let Some(resource) = &event.resource {
        terms.add(Field::Resource, &resource.id);
        resource.kind.iter().for_each(|kind| terms.add(Field::ResourceKind, kind));
    }
    event.origin.session_id.iter().for_each(|session| terms.add(Field::Session, session));
    event.origin.ip.iter().for_each(|ip| terms.address(ip));
    // What most events share is worth no postings: the rest is told apart from it.
    if event.actor.kind != Default::default() {
        terms.add(Field::ActorKind, event.actor.kind.as_str());
    }
    if event.severity != Default::default() {
        terms.add(Field::Severity, event.severity.as_str());
    }
    texts(event, |text| words(text).for_each(|word| terms.add(Field::Word, &word)));
    if let Some(details) = &event.details {
        scalars(details, &mut String::new(), &mut |path, value| terms.detail(path, value));
    }
    terms.finish()
}

/// An action and those that contain it: `team.member.add`, `team.member`, `team`.
pub fn lineage(action: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(action), |action| action.rsplit_once('.').map(|(parent, _)| parent))
        .filter(|action| !action.is_empty())
}

/// Hands over every text that a bare word of a query searches.
pub fn texts(event: &Event, mut each: impl FnMut(&str)) {
    each(&event.actor.id);
    event.actor.name.iter().for_each(|name| each(name));
    each(&event.action);
    if let Some(resource) = &event.resource {
        each(&resource.id);
        resource.name.iter().for_each(|name| each(name));
    }
    event.reason.iter().for_each(|reason| each(reason));
    event.http.iter().flat_map(|http| &http.path).for_each(|path| each(path));
    if let Some(details) = &event.details {
        scalars(details, &mut String::new(), &mut |_, value| each(value));
    }
}

/// Hands over every scalar inside a value as text, with its path; positions in arrays are left out.
fn scalars(value: &Json, path: &mut String, each: &mut impl FnMut(&str, &str)) {
    match value {
        Json::Null => {}
        Json::Bool(truth) => each(path, if *truth { "true" } else { "false" }),
        Json::Number(number) => each(path, &number.to_string()),
        Json::String(text) => each(path, text),
        Json::Array(items) => items.iter().for_each(|item| scalars(item, path, each)),
        Json::Object(members) => {
            for (key, value) in members {
                let length = path.len();
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                scalars(value, path, each);
                path.truncate(length);
            }
        }
    }
}

/// Distinct terms, at most as many as an event may have.
struct Terms<'a> {
    keys: &'a Keys,
    /// The terms, a space behind each.
    all: String,
    /// Where each of them stands.
    each: Vec<Range<usize>>,
    cut: bool,
}

impl Terms<'_> {
    fn add(&mut self, field: Field, value: &str) {
        let keys = self.keys;
        self.push(|term| _ = field.push(keys, value, term));
    }

    fn detail(&mut self, path: &str, value: &str) {
        let keys = self.keys;
        self.push(|term| term.push_str(&detail_term(keys, path, Some(value))));
        self.push(|term| term.push_str(&detail_term(keys, path, None)));
    }

    fn address(&mut self, seen: &str) {
        let Some(address) = address(seen) else { return self.add(Field::Address, seen) };
        self.add(Field::Address, &address.to_string());
        for length in blocks(address) {
            let block = IpNet::new(address, length).map(|block| block.trunc());
            block.iter().for_each(|block| self.add(Field::Block, &block.to_string()));
        }
    }

    fn push(&mut self, write: impl FnOnce(&mut String)) {
        if self.cut {
            return;
        }
        let start = self.all.len();
        write(&mut self.all);
        let (before, term) = self.all.split_at(start);
        // Of so few, looking at each is faster than hashing them.
        let known = self.each.iter().any(|at| before[at.clone()] == *term);
        self.cut = !known && self.each.len() == MOST - 1;
        if known || self.cut {
            self.all.truncate(start);
        } else {
            self.each.push(start..self.all.len());
            self.all.push(' ');
        }
    }

    fn finish(mut self) -> String {
        if self.cut {
            self.all.push_str(CUT);
        }
        self.all.truncate(self.all.trim_end().len());
        self.all
    }
}

fn blocks(address: IpAddr) -> [u8; 3] {
    if address.is_ipv4() { V4_BLOCKS } else { V6_BLOCKS }
}
