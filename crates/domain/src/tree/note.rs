//! [Signed notes](https://c2sp.org/signed-note): a text, a blank line, and a line for each signature.

use base64::{Engine as _, prelude::BASE64_STANDARD};

/// What a line with a signature starts with.
const DASH: &str = "— ";
/// What is read at most: a checkpoint is a few hundred bytes.
const LONGEST: usize = 64 * 1024;

/// A note as it was signed.
pub(super) struct Note<'a> {
    /// The text, with the line feed that ends it.
    pub(super) text: &'a str,
    pub(super) signatures: Vec<Signature<'a>>,
}

/// A signature, not checked.
pub(super) struct Signature<'a> {
    /// Whose key it is.
    pub(super) name: &'a str,
    /// Which of theirs.
    pub(super) id: u32,
    pub(super) bytes: Vec<u8>,
}

impl<'a> Note<'a> {
    /// Reads one; `None` where it is none.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let note = std::str::from_utf8(bytes).ok().filter(|note| note.len() <= LONGEST)?;
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return None;
        }
        let blank = note.rfind("\n\n")?;
        let lines = note[blank + 2..].strip_suffix('\n')?;
        let signatures = lines.split('\n').map(Signature::parse).collect::<Option<_>>()?;
        Some(Self { text: &note[..=blank], signatures })
    }
}

impl<'a> Signature<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(DASH)?.split_once(' ')?;
        let mut bytes = BASE64_STANDARD.decode(encoded).ok()?;
        let named = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+');
        if !named || bytes.len() < 5 {
            return None;
        }
        let id = u32::from_be_bytes(bytes[..4].try_into().ok()?);
        Some(Self { name, id, bytes: bytes.split_off(4) })
    }

    /// Its line.
    pub(super) fn line(name: &str, id: u32, signature: &[u8]) -> String {
        let encoded = BASE64_STANDARD.encode([&id.to_be_bytes(), signature].concat());
        format!("{DASH}{name} {encoded}\n")
    }
}
