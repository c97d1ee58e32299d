//! Checkpoints: a tree's size and root, signed.

use std::fmt;

use chrono::{DateTime, Utc};
use flightbox_event::rfc3339;

use super::{
    CheckpointError, KeyError, NodeHash, PublicKey, SecretKey,
    note::{Note, Signature},
};
use crate::page::Position;

/// What stands before the time in a checkpoint's fourth line.
const SIGNED: &str = "signed ";

/// The name of a log, fixed when it is made: whoever checks its proofs knows it by this, and by its key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// A name of 1 to 200 characters; by custom a host and a path, without a scheme.
    pub fn parse(name: &str) -> Result<Self, KeyError> {
        let allowed = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        let valid = (1..=200).contains(&name.chars().count()) && name.chars().all(allowed);
        if valid { Ok(Self(name.to_owned())) } else { Err(KeyError::Name) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Origin({self})")
    }
}

/// What a log says of itself: so many leaves, with this root, at that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub origin: Origin,
    /// How many leaves it has.
    pub size: u64,
    /// Their root.
    pub root: NodeHash,
    /// When it was signed, by the log's own clock, to the millisecond.
    pub signed_at: DateTime<Utc>,
}

impl Checkpoint {
    /// The text that is signed: origin, size, root and time, a line each.
    pub fn body(&self) -> String {
        let time = rfc3339(Position::floor(self.signed_at));
        format!("{}\n{}\n{}\n{SIGNED}{time}\n", self.origin, self.size, self.root.to_base64())
    }

    /// The signed note, with a signature of each key. Keys of another log sign nothing.
    pub fn sign(&self, keys: &[&SecretKey]) -> Result<String, CheckpointError> {
        let body = self.body();
        let mut note = format!("{body}\n");
        for key in keys {
            let public = key.public();
            self.check_origin(public.origin())?;
            note.push_str(&Signature::line(self.origin.as_str(), public.id(), &key.sign(body.as_bytes())));
        }
        Ok(note)
    }

    /// Reads a signed note, and believes it only where it is of the key's log and signed with that key. Signatures of
    /// others may stand beside it.
    pub fn open(note: &[u8], key: &PublicKey) -> Result<Self, CheckpointError> {
        let (checkpoint, note) = read(note)?;
        checkpoint.check_origin(key.origin())?;
        let (name, id) = (key.origin().as_str(), key.id());
        let mut mine =
            note.signatures.iter().filter(|signature| signature.name == name && signature.id == id).peekable();
        if mine.peek().is_none() {
            return Err(CheckpointError::Unsigned(key.name()));
        }
        let wrong = !mine.all(|signature| key.verifies(note.text.as_bytes(), &signature.bytes));
        if wrong { Err(CheckpointError::Signature(key.name())) } else { Ok(checkpoint) }
    }

    fn check_origin(&self, expected: &Origin) -> Result<(), CheckpointError> {
        if self.origin == *expected {
            return Ok(());
        }
        Err(CheckpointError::Origin { expected: expected.to_string(), found: self.origin.to_string() })
    }
}

/// A checkpoint, and the note that it was read from.
fn read(bytes: &[u8]) -> Result<(Checkpoint, Note<'_>), CheckpointError> {
    let note = Note::parse(bytes).ok_or(CheckpointError::Note)?;
    let mut lines = note.text.lines();
    let mut line = || lines.next().unwrap_or_default();
    let bad = |line, expected| CheckpointError::Line { line, expected };
    let origin = Origin::parse(line()).map_err(|_| bad(1, "the name of a log"))?;
    let size = line().parse().map_err(|_| bad(2, "a number of leaves"))?;
    let root = NodeHash::from_base64(line()).ok_or(bad(3, "a root in base64"))?;
    let time = line().strip_prefix(SIGNED).and_then(|time| DateTime::parse_from_rfc3339(time).ok());
    let signed_at = time.ok_or(bad(4, "the time of signing"))?.to_utc();
    let checkpoint = Checkpoint { origin, size, root, signed_at };
    // Neither a sign nor a zero before a number, nor a line more.
    if checkpoint.body() != note.text {
        return Err(bad(5, "the end"));
    }
    Ok((checkpoint, note))
}
