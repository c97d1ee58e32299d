//! An event's terms in the inverted index.
//!
//! A term is a field letter and the value: small letters and digits of ASCII stand for themselves, any other byte of
//! its UTF-8 for a letter of the block from U+0100 on. So nothing a caller sends is ever parsed as query syntax, and the
//! term decodes. A value over forty bytes is a prefix and a keyed digest, so that nobody can construct a collision.
//! Terms that only mark an event are one letter that is no field's, or hold U+0201, which stands for no byte.
//!
//! What most events share is worth no postings: a success, an actor of type `user`, severity `info`, method GET and
//! status 200 have no term, and are told by the absence of all others. Nor has a word that is a whole value: the value's
//! own term says it.

mod field;
pub(crate) mod http;
mod network;

use std::{net::IpAddr, ops::Range};

use flightbox_event::{Event, Json};
use ipnet::IpNet;

pub use field::{Field, Told};
pub use network::{block_around, parts_of};

use crate::{
    flag::Flag,
    keys::Keys,
    query::{address, words},
    record::{Record, hex, push_hex},
};

/// The most terms one event has; one that would have more is marked by [`CUT`].
const MOST: usize = 256;
/// Address blocks that have a term of their own, by prefix length; for IPv4, what follows the octets that it keeps.
const V4_BLOCKS: [(u8, &str); 3] = [(8, ".0.0.0"), (16, ".0.0"), (24, ".0")];
const V6_BLOCKS: [u8; 3] = [32, 48, 64];

/// The term that every event carries.
pub const EVERY: &str = "z";
/// The term of an event that was cut at the most terms an event may have.
pub const CUT: &str = "u";
/// The term of an event with values that only few may read.
pub const SENSITIVE: &str = "l";

/// The term of `@path`, and of `@path:value` where a value is given; proof of neither, as both are digests.
pub fn detail_term(keys: &Keys, path: &str, value: Option<&str>) -> String {
    let mut term = String::with_capacity(17);
    push_detail(keys, path, value, &mut term);
    term
}

fn push_detail(keys: &Keys, path: &str, value: Option<&str>, out: &mut String) {
    let (letter, digest) = match value {
        None => ('y', keys.term(&[b"@", path.as_bytes()])),
        Some(value) => ('p', detail_digest(keys, path, value)),
    };
    out.push(letter);
    push_hex(out, &digest);
}

/// A digest of a value at a path: what its term says, and what a sealed value that can be searched for is known by.
pub fn detail_digest(keys: &Keys, path: &str, value: &str) -> [u8; 8] {
    keys.term(&[b"@=", path.as_bytes(), value.as_bytes()])
}

/// The term of an event with a flag. What only the log can tell of an event is flagged by the log itself.
pub fn flag_term(keys: &Keys, flag: Flag) -> String {
    Field::Flag.term(keys, flag.as_str()).0
}

/// All terms of a record, separated by spaces.
pub fn of(record: &Record, keys: &Keys) -> String {
    let event = &record.event;
    let mut terms = Terms {
        keys,
        all: String::with_capacity(512),
        each: Vec::with_capacity(32),
        ends: Vec::with_capacity(32),
        cut: false,
    };
    terms.mark(EVERY);
    terms.add(Field::Source, &record.source);
    terms.add(Field::Actor, &event.actor.id);
    event.actor.name.iter().for_each(|name| terms.add(Field::Actor, name));
    if event.outcome != Default::default() {
        terms.add(Field::Outcome, event.outcome.as_str());
    }
    for action in lineage(&event.action) {
        terms.add(Field::Action, action);
    }
    if let Some(resource) = &event.resource {
        terms.add(Field::Resource, &resource.id);
        resource.kind.iter().for_each(|kind| terms.add(Field::ResourceKind, kind));
    }
    let origin = &event.origin;
    origin.ip.iter().for_each(|ip| terms.address(ip));
    origin.country.iter().for_each(|country| terms.add(Field::Country, &country.to_ascii_uppercase()));
    origin.user_agent.iter().for_each(|agent| terms.add(Field::Agent, agent));
    origin.session_id.iter().for_each(|session| terms.add(Field::Session, session));
    origin.request_id.iter().for_each(|request| terms.add(Field::Request, request));
    http::push(&mut terms, event.http.as_ref());
    if event.actor.kind != Default::default() {
        terms.add(Field::ActorKind, event.actor.kind.as_str());
    }
    if event.severity != Default::default() {
        terms.add(Field::Severity, event.severity.as_str());
    }
    if record.is_sensitive() {
        terms.mark(SENSITIVE);
    }
    if record.is_skewed() {
        terms.add(Field::Flag, Flag::ClockSkew.as_str());
    }
    for seal in &record.seals {
        let Some(path) = seal.place.detail_path(event) else { continue };
        terms.push(|term| term.push_str(&detail_term(keys, &path, None)));
        seal.lookup.iter().for_each(|digest| terms.push(|term| term.push_str(&format!("p{}", hex(digest)))));
    }
    // Only these, and seals before them, can be so many that some are cut.
    texts(event, |text| {
        words(text).filter(|word| !is_value(event, word)).for_each(|word| terms.add(Field::Word, &word));
    });
    if let Some(details) = &event.details {
        scalars(details, |path, value| terms.detail(path, value));
    }
    terms.finish()
}

/// The terms that say a word: its own, and those of the values that can be just this word.
pub fn word_terms(keys: &Keys, word: &str) -> impl Iterator<Item = (String, bool)> {
    let fields = [Field::Word, Field::Actor, Field::Action, Field::Resource, Field::ResourceKind];
    fields.into_iter().map(move |field| field.term(keys, word))
}

/// Whether a word is one of the values that [`word_terms`] finds it by.
fn is_value(event: &Event, word: &str) -> bool {
    let (actor, resource) = (&event.actor, event.resource.as_ref());
    let whole = event.action.split('.').next() == Some(word) || actor.id == word || actor.name.as_deref() == Some(word);
    whole || resource.is_some_and(|resource| resource.id == word || resource.kind.as_deref() == Some(word))
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
        resource.kind.iter().chain(&resource.name).for_each(|text| each(text));
    }
    event.reason.iter().for_each(|reason| each(reason));
    event.http.iter().flat_map(|http| &http.path).for_each(|path| each(path));
    if let Some(details) = &event.details {
        scalars(details, |_, value| each(value));
    }
}

/// Hands over every scalar inside a value as text, with its path; positions in arrays are left out, and so is `null`.
pub fn scalars(value: &Json, mut each: impl FnMut(&str, &str)) {
    scalars_below(value, &mut String::new(), &mut each);
}

fn scalars_below(value: &Json, path: &mut String, each: &mut impl FnMut(&str, &str)) {
    match value {
        Json::Null => {}
        Json::Bool(truth) => each(path, if *truth { "true" } else { "false" }),
        Json::Number(number) => each(path, &number.to_string()),
        Json::String(text) => each(path, text),
        Json::Array(items) => items.iter().for_each(|item| scalars_below(item, path, each)),
        Json::Object(members) => {
            for (key, value) in members {
                let length = path.len();
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                scalars_below(value, path, each);
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
    /// How each of them ends.
    ends: Vec<u64>,
    cut: bool,
}

impl Terms<'_> {
    fn mark(&mut self, mark: &str) {
        self.push(|term| term.push_str(mark));
    }

    fn add(&mut self, field: Field, value: &str) {
        let keys = self.keys;
        self.push(|term| _ = field.push(keys, value, term));
    }

    fn detail(&mut self, path: &str, value: &str) {
        let keys = self.keys;
        self.push(|term| push_detail(keys, path, Some(value), term));
        self.push(|term| push_detail(keys, path, None, term));
    }

    fn address(&mut self, seen: &str) {
        let Some(address) = address(seen) else { return self.add(Field::Address, seen) };
        let text = address.to_string();
        self.add(Field::Address, &text);
        if address.is_ipv4() {
            // As the blocks' own way of writing themselves has them, in less time.
            for ((length, zeros), (dot, _)) in V4_BLOCKS.into_iter().zip(text.match_indices('.')) {
                self.add(Field::Block, &format!("{}{zeros}/{length}", &text[..dot]));
            }
            return;
        }
        for length in V6_BLOCKS {
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
        // Of so few, looking at how each ends is faster than hashing them, and hardly two end alike.
        let end = end_of(term);
        let same = |(at, other): (&Range<usize>, &u64)| *other == end && before[at.clone()] == *term;
        let known = self.ends.contains(&end) && self.each.iter().zip(&self.ends).any(same);
        self.cut = !known && self.each.len() == MOST - 1;
        if known || self.cut {
            self.all.truncate(start);
        } else {
            self.each.push(start..self.all.len());
            self.ends.push(end);
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

/// The last eight bytes of a term, or all there are.
fn end_of(term: &str) -> u64 {
    term.bytes().rev().take(8).fold(0, |end, byte| end << 8 | u64::from(byte))
}

fn blocks(address: IpAddr) -> [u8; 3] {
    if address.is_ipv4() { V4_BLOCKS.map(|(length, _)| length) } else { V6_BLOCKS }
}
