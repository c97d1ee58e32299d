//! Secrets that are handed out once: random, recognisable by their first letters, kept only as a hash.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{random::Random, record::hex};

/// Random bytes in a secret.
const BYTES: usize = 32;

/// What a secret is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// A source appends events with it, and reads nothing.
    Ingest,
    /// A program reads events with it.
    Read,
    /// A person sets up the first account with it.
    Link,
    /// Somebody whose password was right goes on to their second factor with it, and does nothing else.
    SecondStep,
}

impl SecretKind {
    /// Every kind.
    pub const ALL: [SecretKind; 4] = [SecretKind::Ingest, SecretKind::Read, SecretKind::Link, SecretKind::SecondStep];

    /// The letters it starts with, for people and for programs that look for leaked secrets.
    pub fn prefix(self) -> &'static str {
        match self {
            SecretKind::Ingest => "fbi_",
            SecretKind::Read => "fbr_",
            SecretKind::Link => "fbl_",
            SecretKind::SecondStep => "fbs_",
        }
    }
}

/// A secret in clear: its prefix and 256 random bits in hexadecimal. `Debug` tells its kind alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    kind: SecretKind,
    text: String,
}

impl Secret {
    /// Draws a new one.
    pub fn draw(kind: SecretKind, random: &Random) -> Self {
        Self { kind, text: format!("{}{}", kind.prefix(), hex(&random.bytes::<BYTES>())) }
    }

    /// Reads what somebody sent; `None` if it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let kind = SecretKind::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))?;
        let digits = text.strip_prefix(kind.prefix())?.as_bytes();
        let ours = digits.len() == 2 * BYTES && digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        ours.then(|| Self { kind, text: text.to_owned() })
    }

    /// What it is good for.
    pub fn kind(&self) -> SecretKind {
        self.kind
    }

    /// The secret itself, to hand out once.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What may be kept of it, and what it is looked up by: an equal hash is an equal secret, and how long the look-up
    /// takes tells nothing of a secret with 256 bits of chance.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.text.as_bytes()).into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Secret({}…)", self.kind.prefix())
    }
}

/// SHA-256 over a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The bytes to store and to look up.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_back_and_never_shown_by_accident() {
        let secret = Secret::draw(SecretKind::Ingest, &Random::new(|bytes| bytes.fill(0xab)));
        assert_eq!(secret.expose(), format!("fbi_{}", "ab".repeat(32)));
        assert_eq!(Secret::parse(secret.expose()), Some(secret.clone()));
        assert_eq!(format!("{secret:?} {:?}", secret.hash()), "Secret(fbi_…) SecretHash(…)");
    }

    #[test]
    fn what_is_not_ours_is_none() {
        let digits = "ab".repeat(32);
        for text in [
            "",
            "fbi_",
            &digits,
            &format!("fbi_{digits}0"),
            &format!("FBI_{digits}"),
            &format!("fbr_{}", "AB".repeat(32)),
        ] {
            assert_eq!(Secret::parse(text), None, "{text}");
        }
    }
}
