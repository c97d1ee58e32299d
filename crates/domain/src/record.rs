//! The record: what the log keeps of an event. Its canonical bytes follow from it; their hash is its leaf in the tree.

use chrono::{DateTime, Utc};
use flightbox_event::{Event, Json, json::push_string, rfc3339};
use sha2::{Digest, Sha256};

use crate::{
    flag::Flags,
    keys::Keys,
    page::{Position, clamp},
    seal::{Binding, Seal},
};

/// The only version there is.
pub const VERSION: i64 = 1;
/// The version of no rules at all, which Flightbox's own record meets: nothing secret is written into it.
pub const NO_RULES: i64 = 0;

/// An event as the log keeps it, with what the server knows of it. Neither its sequence number nor anything that
/// can be derived stands in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// When the server received it.
    pub received_at: DateTime<Utc>,
    /// The source that sent it.
    pub source: String,
    /// The version of the rules it met.
    pub rules: i64,
    /// What happened, secrets masked and sealed values taken out, with its time of occurrence filled in.
    pub event: Event,
    /// What was taken out.
    pub seals: Vec<Seal>,
}

/// SHA-256 over a zero byte and the record: the leaf hash of RFC 6962, section 2.1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeafHash(pub [u8; 32]);

impl Record {
    /// The canonical bytes: JSON by RFC 8785, as [`flightbox_event::json`] writes it, of the record and its salt.
    ///
    /// The salt is a keyed digest of all the rest: whoever is shown a leaf hash and not the record cannot find the
    /// record by trying what it may say. It follows from the record, so nobody has to store it.
    pub fn to_bytes(&self, keys: &Keys) -> Vec<u8> {
        let (mut text, here) = self.text(&self.seals);
        text.insert_str(here, &format!(",\"salt\":\"{}\"", hex(&keys.salt(text.as_bytes()))));
        text.into_bytes()
    }

    /// What its seals are bound to: everything else in it.
    pub fn binding(&self) -> Binding {
        Binding(Sha256::digest(self.text(&[]).0.as_bytes()).into())
    }

    /// The canonical text without its salt, and where that belongs.
    fn text(&self, seals: &[Seal]) -> (String, usize) {
        let mut text = String::with_capacity(768);
        text.push_str("{\"event\":");
        self.event.push_canonical(&mut text);
        text.push_str(",\"received_at\":");
        push_string(&mut text, &rfc3339(self.received_at));
        text.push_str(&format!(",\"rules\":{}", self.rules));
        let here = text.len();
        if !seals.is_empty() {
            text.push_str(",\"seals\":");
            Json::Array(seals.iter().map(seal_to_json).collect()).push_canonical(&mut text);
        }
        text.push_str(",\"source\":");
        push_string(&mut text, &self.source);
        text.push_str(&format!(",\"version\":{VERSION}}}"));
        (text, here)
    }

    /// Its leaf hash.
    pub fn leaf(&self, keys: &Keys) -> LeafHash {
        LeafHash::of(&self.to_bytes(keys))
    }

    /// Whether it has values that only few may read.
    pub fn is_sensitive(&self) -> bool {
        !self.seals.is_empty() || !self.event.sensitive.is_empty()
    }

    /// When it happened, as its producer says; the time of receipt if it doesn't.
    pub fn occurred_at(&self) -> DateTime<Utc> {
        self.event.occurred_at.unwrap_or(self.received_at)
    }

    /// The time it is ordered by: its own, within what can be true.
    pub fn order_time(&self) -> DateTime<Utc> {
        clamp(self.occurred_at(), self.received_at)
    }

    /// Whether it is ordered by another time than it claims: its own cannot be true.
    pub fn is_skewed(&self) -> bool {
        self.order_time() != Position::floor(self.occurred_at())
    }

    /// The event as JSON: where a value is sealed, its kind.
    pub fn event_to_json(&self) -> Json {
        let mut event = self.event.to_json();
        for seal in &self.seals {
            seal.place.put(&mut event, Json::object([("sealed", seal.kind.as_str().into())]));
        }
        event
    }

    /// The event as the API returns it.
    pub fn to_json(&self, seq: i64, flags: Flags, leaf: LeafHash) -> Json {
        let mut members = vec![("seq".to_owned(), seq.into())];
        let Json::Object(event) = self.event_to_json() else { return Json::Null };
        let mut event = event.into_iter().peekable();
        members.extend(event.next_if(|(key, _)| key == "id"));
        members.push(("source".to_owned(), self.source.as_str().into()));
        members.push(("occurred_at".to_owned(), rfc3339(self.occurred_at()).into()));
        members.push(("received_at".to_owned(), rfc3339(self.received_at).into()));
        members.extend(event.filter(|(key, _)| key != "occurred_at"));
        members.push(("flags".to_owned(), Json::Array(flags.iter().map(|flag| flag.as_str().into()).collect())));
        members.push(("leaf_hash".to_owned(), leaf.to_string().into()));
        Json::Object(members)
    }
}

/// A seal as it stands in the canonical bytes.
fn seal_to_json(seal: &Seal) -> Json {
    let mut members = vec![
        ("box", hex(&seal.sealed).into()),
        ("commitment", hex(&seal.commitment).into()),
        ("key", seal.key.into()),
        ("kind", seal.kind.as_str().into()),
        ("place", seal.place.as_str().into()),
    ];
    members.extend(seal.lookup.map(|lookup| ("lookup", hex(&lookup).into())));
    Json::object(members)
}

impl LeafHash {
    /// The leaf hash of a record's bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(bytes).finalize().into())
    }
}

/// Sixty-four lower-case hexadecimal digits.
impl std::fmt::Display for LeafHash {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&hex(&self.0))
    }
}

impl std::fmt::Debug for LeafHash {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "LeafHash({self})")
    }
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len());
    push_hex(&mut digits, bytes);
    digits
}

/// Appends what [`hex`] writes.
pub(crate) fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// What [`hex`] wrote, in either case; `None` for anything else.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect::<Option<Vec<u8>>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
