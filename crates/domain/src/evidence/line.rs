//! The lines behind the first: an event, the export's own event, or that the file was cut off.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flightbox_event::{Json, json};

use crate::tree::{HASH, NodeHash};

const CUT: &str = "{\"cut\":";
const PROOF: &str = ",\"proof\":\"";
const SEQ: &str = "\",\"seq\":";

/// Which event a line holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One that was asked for.
    Event,
    /// That somebody took them: the last one.
    Export,
}

/// A line as it was read.
pub(super) enum Line<'a> {
    Event {
        kind: Kind,
        /// The record's canonical bytes, which are hashed and not read.
        record: &'a [u8],
        proof: Vec<NodeHash>,
        seq: u64,
    },
    Cut(String),
}

impl Kind {
    fn opening(self) -> &'static str {
        match self {
            Kind::Event => "{\"event\":",
            Kind::Export => "{\"export\":",
        }
    }
}

/// An event's line, with its end: the record's canonical bytes, and what its proof adds to those before.
pub fn event_line(kind: Kind, record: &[u8], proof: &[NodeHash], seq: u64, out: &mut Vec<u8>) {
    for part in [kind.opening().as_bytes(), record, PROOF.as_bytes(), proof_text(proof).as_bytes(), SEQ.as_bytes()] {
        out.extend(part);
    }
    out.extend(format!("{seq}}}\n").into_bytes());
}

/// The line of a file that ends early, with its end, and why.
pub fn cut_line(why: &str) -> String {
    Json::object([("cut", why.into())]).canonical() + "\n"
}

impl<'a> Line<'a> {
    /// Reads a line, without its end; or tells from which byte on it is none.
    pub(super) fn read(line: &'a [u8]) -> Result<Self, usize> {
        if line.starts_with(CUT.as_bytes()) {
            let why =
                json::parse(line).ok().and_then(|json| Some(json.get("cut")?.as_str()?.to_owned())).ok_or(0usize)?;
            return if cut_line(&why).as_bytes().strip_suffix(b"\n") == Some(line) {
                Ok(Self::Cut(why))
            } else {
                Err(0)
            };
        }
        let kinds = [Kind::Event, Kind::Export].into_iter();
        let opened = kinds.filter_map(|kind| Some((kind, line.strip_prefix(kind.opening().as_bytes())?))).next();
        let (kind, rest) = opened.ok_or(0usize)?;
        // From the end on, for the record may say anything.
        let end = line.len() - rest.len();
        let rest = rest.strip_suffix(b"}").ok_or(line.len().saturating_sub(1))?;
        let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let (rest, digits) = rest.split_at(rest.len() - digits);
        let at = end + rest.len();
        let seq = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).ok_or(at)?;
        if u64::to_string(&seq).len() != digits.len() {
            return Err(at);
        }
        let rest = rest.strip_suffix(SEQ.as_bytes()).ok_or(at.saturating_sub(SEQ.len()))?;
        let quote = rest.iter().rposition(|byte| *byte == b'"').ok_or(end)?;
        let (rest, text) = rest.split_at(quote + 1);
        let at = end + rest.len();
        let proof = std::str::from_utf8(text).ok().and_then(proof_of).ok_or(at)?;
        let record = rest.strip_suffix(PROOF.as_bytes()).ok_or(at.saturating_sub(PROOF.len()))?;
        Ok(Self::Event { kind, record, proof, seq })
    }
}

/// The hashes one behind the other, in base64.
pub(super) fn proof_text(proof: &[NodeHash]) -> String {
    let mut bytes = Vec::with_capacity(proof.len() * HASH);
    proof.iter().for_each(|hash| bytes.extend(hash.0));
    BASE64_STANDARD.encode(bytes)
}

/// What [`proof_text`] writes, in its one spelling; `None` for anything else.
pub(super) fn proof_of(text: &str) -> Option<Vec<NodeHash>> {
    NodeHash::list(&BASE64_STANDARD.decode(text).ok()?)
}
