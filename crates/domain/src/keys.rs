//! Keys: the master key, which wraps all others; the log's key, from which one for each purpose is derived; and data
//! keys, one a subject, which seal values. So the master key can be replaced without touching what the others made.

use std::fmt;

use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead, AeadInOut, KeyInit, Payload},
};

use crate::record::hex;

/// The length of the tag behind a ciphertext.
const TAG: usize = 16;
/// The length of a key.
pub const KEY: usize = 32;
/// Thirty-two random bytes that everything of one log is derived from.
pub type LogKey = [u8; KEY];
/// The length of a nonce of XChaCha20-Poly1305, long enough to be drawn at random without fear of repetition.
pub const NONCE: usize = 24;

/// The key that wraps all others. It comes from a file or a command, and is never stored beside what it wraps.
#[derive(Clone, PartialEq, Eq)]
pub struct Master([u8; KEY]);

/// The key that a subject's values are sealed under. Destroying it is what erases them.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey(pub [u8; KEY]);

/// Keys for each purpose, derived from the log's key with a context of their own (BLAKE3's key derivation).
#[derive(Clone)]
pub struct Keys {
    check: [u8; 32],
    identity: [u8; 32],
    term: [u8; 32],
    cursor: [u8; 32],
    session: [u8; 32],
    quarantine: [u8; 32],
    memory: [u8; 32],
    salt: [u8; 32],
    mark: [u8; 32],
    factor: [u8; 32],
    step_up: [u8; 32],
    subject: [u8; 32],
}

/// A sealed box that this key does not open: another key's, or altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot be decrypted: sealed under another key, or altered")]
pub struct Unreadable;

impl Master {
    /// A master key; none is all zeros.
    pub fn new(key: [u8; KEY]) -> Option<Self> {
        (key != [0; KEY]).then_some(Self(key))
    }

    /// Its digits, for a file of its own.
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// What tells it from other master keys, and nothing else about it.
    pub fn fingerprint(&self) -> [u8; 8] {
        let [head @ .., _, _, _, _, _, _, _, _] = digest(&self.purpose("flightbox 2026 master fingerprint"), &[]);
        head
    }

    /// Wraps a key; `bound_to` must be given again to unwrap it.
    pub fn wrap(&self, nonce: [u8; NONCE], bound_to: &[u8], key: &[u8; KEY]) -> Vec<u8> {
        encrypt(&self.purpose("flightbox 2026 master wrapping"), nonce, bound_to, key)
    }

    /// Unwraps what [`Master::wrap`] wrapped.
    pub fn unwrap(&self, bound_to: &[u8], wrapped: &[u8]) -> Result<[u8; KEY], Unreadable> {
        let key = decrypt(&self.purpose("flightbox 2026 master wrapping"), bound_to, wrapped)?;
        key.try_into().map_err(|_| Unreadable)
    }

    fn purpose(&self, purpose: &str) -> [u8; KEY] {
        blake3::derive_key(purpose, &self.0)
    }
}

impl DataKey {
    /// Seals bytes under a nonce drawn at random; `bound_to` must be given again to open them.
    pub fn seal(&self, nonce: [u8; NONCE], bound_to: &[u8], clear: &[u8]) -> Vec<u8> {
        encrypt(&self.0, nonce, bound_to, clear)
    }

    /// Opens what [`DataKey::seal`] sealed.
    pub fn open(&self, bound_to: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unreadable> {
        decrypt(&self.0, bound_to, sealed)
    }
}

impl Keys {
    /// The keys that follow from a log's key.
    pub fn derive(log: &LogKey) -> Self {
        let derive = |purpose: &str| blake3::derive_key(purpose, log);
        Self {
            check: derive("flightbox 2026 log key check"),
            identity: derive("flightbox 2026 producer id digests"),
            term: derive("flightbox 2026 index terms"),
            cursor: derive("flightbox 2026 page cursors"),
            session: derive("flightbox 2026 session tokens"),
            quarantine: derive("flightbox 2026 quarantine"),
            salt: derive("flightbox 2026 record salts"),
            memory: derive("flightbox 2026 memory of actors"),
            mark: derive("flightbox 2026 marks of live views"),
            factor: derive("flightbox 2026 second factors"),
            step_up: derive("flightbox 2026 step ups"),
            subject: derive("flightbox 2026 subjects of data keys"),
        }
    }

    /// A value that tells whether a log was made with this key, and nothing else about it.
    pub fn check(&self) -> [u8; 16] {
        digest(&self.check, &[b"check"])
    }

    /// A digest of a source's producer id that nobody without the key can collide with another.
    pub fn producer_id(&self, source: &str, id: &str) -> [u8; 16] {
        digest(&self.identity, &[b"id", source.as_bytes(), id.as_bytes()])
    }

    /// A digest of what was submitted, to tell a retry from another event under the same id.
    pub fn content(&self, submission: &[u8]) -> [u8; 8] {
        let [head @ .., _, _, _, _, _, _, _, _] = digest(&self.identity, &[b"content", submission]);
        head
    }

    /// The salt of a record's bytes: what makes their hash tell nothing of them to those without the key.
    pub fn salt(&self, record: &[u8]) -> [u8; 16] {
        digest(&self.salt, &[record])
    }

    /// A digest for an index term whose value is too long, or too varied, to stand in clear.
    pub fn term(&self, parts: &[&[u8]]) -> [u8; 8] {
        let [head @ .., _, _, _, _, _, _, _, _] = digest(&self.term, parts);
        head
    }

    /// A digest of an actor, or of something it has shown, for what is remembered of it.
    pub fn memory(&self, parts: &[&[u8]]) -> [u8; 8] {
        let [head @ .., _, _, _, _, _, _, _, _] = digest(&self.memory, parts);
        head
    }

    /// A tag that authenticates a page cursor and what it is bound to; it compares in constant time.
    pub fn cursor(&self, parts: &[&[u8]]) -> Tag {
        Tag(keyed(&self.cursor, parts))
    }

    /// The key of that number that signs session tokens.
    pub fn session(&self, number: i64) -> [u8; 32] {
        *keyed(&self.session, &[b"signing", &number.to_le_bytes()]).as_bytes()
    }

    /// Seals bytes for the quarantine under a nonce drawn at random; `bound_to` must be given again to open them.
    pub fn seal(&self, nonce: [u8; NONCE], bound_to: &[u8], clear: &[u8]) -> Vec<u8> {
        encrypt(&self.quarantine, nonce, bound_to, clear)
    }

    /// Opens what [`Keys::seal`] sealed.
    pub fn open(&self, bound_to: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unreadable> {
        decrypt(&self.quarantine, bound_to, sealed)
    }

    /// Seals the mark of a live view, as [`Keys::seal`] does bytes for the quarantine.
    pub fn seal_mark(&self, nonce: [u8; NONCE], bound_to: &[u8], clear: &[u8]) -> Vec<u8> {
        encrypt(&self.mark, nonce, bound_to, clear)
    }

    /// Opens what [`Keys::seal_mark`] sealed.
    pub fn open_mark(&self, bound_to: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unreadable> {
        decrypt(&self.mark, bound_to, sealed)
    }

    /// Seals what a person's second factor is checked against, as [`Keys::seal`] does bytes for the quarantine.
    pub fn seal_factor(&self, nonce: [u8; NONCE], bound_to: &[u8], clear: &[u8]) -> Vec<u8> {
        encrypt(&self.factor, nonce, bound_to, clear)
    }

    /// Opens what [`Keys::seal_factor`] sealed.
    pub fn open_factor(&self, bound_to: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unreadable> {
        decrypt(&self.factor, bound_to, sealed)
    }

    /// A digest of a subject of a source, by which its data key is found.
    pub fn subject(&self, source: &str, subject: &str) -> [u8; 16] {
        digest(&self.subject, &[source.as_bytes(), subject.as_bytes()])
    }

    /// A digest around stepping up: of a recovery code, a request, or a person as their passkeys know them.
    pub fn step_up(&self, parts: &[&[u8]]) -> [u8; 16] {
        digest(&self.step_up, parts)
    }
}

/// In one buffer, for what is kept can be large.
fn encrypt(key: &[u8; 32], nonce: [u8; NONCE], bound_to: &[u8], clear: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(NONCE + clear.len() + TAG);
    out.extend_from_slice(clear);
    // Encrypting fails only beyond 256 GiB, which no request body reaches.
    if XChaCha20Poly1305::new(key.into()).encrypt_in_place(&nonce.into(), bound_to, &mut out).is_err() {
        out.clear();
    }
    out.splice(0..0, nonce);
    out
}

fn decrypt(key: &[u8; 32], bound_to: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or(Unreadable)?;
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.decrypt(&(*nonce).into(), Payload { msg: body, aad: bound_to }).map_err(|_| Unreadable)
}

macro_rules! keep_secret {
    ($($type:ident),+) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(concat!(stringify!($type), "(…)"))
            }
        }
    )+};
}
keep_secret!(Keys, Master, DataKey);

/// An authentication tag. Comparing two takes the same time whatever they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tag(blake3::Hash);

impl Tag {
    /// The length of a tag in bytes.
    pub const LENGTH: usize = 32;

    /// The bytes to hand out.
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        self.0.as_bytes()
    }
}

impl From<[u8; Tag::LENGTH]> for Tag {
    fn from(bytes: [u8; Tag::LENGTH]) -> Self {
        Self(bytes.into())
    }
}

fn digest(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 16] {
    keyed(key, parts).as_bytes().first_chunk().copied().unwrap_or_default()
}

/// A keyed hash over parts, each preceded by its length so that no two lists of parts read the same.
fn keyed(key: &[u8; 32], parts: &[&[u8]]) -> blake3::Hash {
    // An event has a hundred of them, most of a few bytes: in one piece they take half the time, and the few that are long
    // are copied for it.
    let mut whole = Vec::with_capacity(parts.iter().map(|part| size_of::<u64>() + part.len()).sum());
    for part in parts {
        whole.extend_from_slice(&(part.len() as u64).to_le_bytes());
        whole.extend_from_slice(part);
    }
    blake3::keyed_hash(key, &whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_opens_only_with_its_key_and_its_binding() {
        let keys = Keys::derive(&[1; 32]);
        let sealed = keys.seal([7; NONCE], b"billing", b"body");
        assert_eq!(keys.open(b"billing", &sealed).as_deref(), Ok(&b"body"[..]));
        assert_eq!(keys.open(b"hr", &sealed), Err(Unreadable));
        assert_eq!(Keys::derive(&[2; 32]).open(b"billing", &sealed), Err(Unreadable));
        assert_eq!(keys.open(b"billing", &sealed[..10]), Err(Unreadable));
    }

    #[test]
    fn parts_cannot_be_shifted_into_each_other() {
        let keys = Keys::derive(&[1; 32]);
        assert_ne!(keys.producer_id("ab", "c"), keys.producer_id("a", "bc"));
    }
}
