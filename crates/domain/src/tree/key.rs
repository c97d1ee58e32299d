//! The log's own keys: Ed25519, in the text that the [signed note](https://c2sp.org/signed-note) has for them.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use super::{KeyError, Origin};
use crate::random::Random;

/// The algorithm's number in a signed note.
const ED25519: u8 = 1;

/// What checks a log's signatures: the log's origin and its public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    origin: Origin,
    key: VerifyingKey,
}

/// What signs for a log. It shows itself to nobody but [`SecretKey::to_text`].
#[derive(Clone)]
pub struct SecretKey {
    origin: Origin,
    key: SigningKey,
}

impl PublicKey {
    /// From its text, `NAME+ID+KEY`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (name, rest) = text.split_once('+').ok_or(KeyError::Form)?;
        let (id, encoded) = rest.split_once('+').ok_or(KeyError::Form)?;
        let key = Self { origin: Origin::parse(name)?, key: verifying(&decode(encoded)?)? };
        if id == key.id_text() { Ok(key) } else { Err(KeyError::Id) }
    }

    /// The log it belongs to.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The number that a signature names it by.
    pub fn id(&self) -> u32 {
        let digest = Sha256::new().chain_update(self.origin.as_str()).chain_update([b'\n', ED25519]);
        let [a, b, c, d, ..] = <[u8; 32]>::from(digest.chain_update(self.key.to_bytes()).finalize());
        u32::from_be_bytes([a, b, c, d])
    }

    /// Origin and id, which is what people are told.
    pub fn name(&self) -> String {
        format!("{}+{}", self.origin, self.id_text())
    }

    /// Whether a text was signed with it. Keys and signatures of small order are refused.
    pub(super) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        let signature = Signature::from_slice(signature);
        signature.is_ok_and(|signature| self.key.verify_strict(text, &signature).is_ok())
    }

    fn id_text(&self) -> String {
        format!("{:08x}", self.id())
    }
}

/// `NAME+ID+KEY`.
impl fmt::Display for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}+{}", self.name(), encode(&self.key.to_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PublicKey({self})")
    }
}

impl SecretKey {
    /// A new one.
    pub fn generate(origin: Origin, random: &Random) -> Self {
        Self { origin, key: SigningKey::from_bytes(&random.bytes()) }
    }

    /// From its text, `PRIVATE+KEY+NAME+ID+KEY`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or(KeyError::Form)?;
        let (name, rest) = rest.split_once('+').ok_or(KeyError::Form)?;
        let (id, encoded) = rest.split_once('+').ok_or(KeyError::Form)?;
        let key = Self { origin: Origin::parse(name)?, key: SigningKey::from_bytes(&decode(encoded)?) };
        if id == key.public().id_text() { Ok(key) } else { Err(KeyError::Id) }
    }

    /// Its text, for a file that nobody else may read.
    pub fn to_text(&self) -> String {
        format!("PRIVATE+KEY+{}+{}", self.public().name(), encode(&self.key.to_bytes()))
    }

    /// What checks its signatures.
    pub fn public(&self) -> PublicKey {
        PublicKey { origin: self.origin.clone(), key: self.key.verifying_key() }
    }

    pub(super) fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.key.sign(text).to_bytes().to_vec()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SecretKey(of {})", self.public().name())
    }
}

/// A key's bytes, behind the number of the algorithm.
fn encode(key: &[u8; 32]) -> String {
    BASE64_STANDARD.encode([&[ED25519], &key[..]].concat())
}

/// A key's bytes, without the algorithm's before them.
fn decode(encoded: &str) -> Result<[u8; 32], KeyError> {
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| KeyError::Form)?;
    match bytes.split_first() {
        Some((&ED25519, key)) => key.try_into().map_err(|_| KeyError::Form),
        _ => Err(KeyError::Algorithm),
    }
}

/// A point that signatures can be checked with: not one of the few under which a signature holds for any text.
fn verifying(bytes: &[u8; 32]) -> Result<VerifyingKey, KeyError> {
    let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Form)?;
    if key.is_weak() { Err(KeyError::Form) } else { Ok(key) }
}
