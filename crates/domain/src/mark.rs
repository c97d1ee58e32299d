//! Up to where a reader has been shown the log, for asking later what has come since.

use crate::{
    keys::Keys,
    page::Position,
    random::Random,
    record::{hex, unhex},
};

/// What a page showed. As text it is sealed: how many events a log has is nothing to be told to whoever may see only
/// some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How many events the log had: whatever has this sequence number or a greater one came later.
    pub seen: i64,
    /// Where the page ends: what stands before this position is on an older page.
    pub floor: Position,
}

impl Mark {
    /// The mark as text, bound to the reader and the filter it was made for.
    pub fn seal(self, keys: &Keys, random: &Random, reader: &str, filter: &str) -> String {
        let mut clear = [0; 16];
        clear[..8].copy_from_slice(&self.seen.to_be_bytes());
        clear[8..].copy_from_slice(&self.floor.0.to_be_bytes());
        hex(&keys.seal_mark(random.bytes(), &bound(reader, filter), &clear))
    }

    /// Reads a mark back; `None` if it is not one of ours, or was made for another reader or filter.
    pub fn open(text: &str, keys: &Keys, reader: &str, filter: &str) -> Option<Self> {
        let clear: [u8; 16] = keys.open_mark(&bound(reader, filter), &unhex(text)?).ok()?.try_into().ok()?;
        let (seen, floor) = clear.split_first_chunk::<8>()?;
        let floor = i64::from_be_bytes(floor.try_into().ok()?);
        Some(Self { seen: i64::from_be_bytes(*seen), floor: Position(floor) })
    }
}

/// Preceded by its length, so that no reader's name can pass for the start of a filter.
fn bound(reader: &str, filter: &str) -> Vec<u8> {
    let mut bound = (reader.len() as u64).to_be_bytes().to_vec();
    bound.extend(reader.bytes().chain(filter.bytes()));
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_tells_nothing_and_is_good_for_its_reader_and_filter_alone() {
        let (keys, random) = (Keys::derive(&[3; 32]), Random::new(|bytes| bytes.fill(7)));
        let mark = Mark { seen: 1_234, floor: Position(77) };
        let text = mark.seal(&keys, &random, "alice", "actor:x");
        assert_eq!(Mark::open(&text, &keys, "alice", "actor:x"), Some(mark));
        assert_eq!(Mark::open(&text, &keys, "alicea", "ctor:x"), None);
        assert_eq!(Mark::open(&text, &keys, "bob", "actor:x"), None);
        assert_eq!(Mark::open(&text, &keys, "alice", "actor:y"), None);
        assert_eq!(Mark::open("", &keys, "alice", "actor:x"), None);
        assert!(!text.contains(&hex(&1_234i64.to_be_bytes())));
    }
}
