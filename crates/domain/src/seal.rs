//! Sealed values: encrypted under a key of the person they are about, and committed to where they stood.
//!
//! In a record `null` stands in the place of the value, and a seal beside the event says what was there: its kind, the
//! number of the key, a commitment, and the box. The box holds a salt and the value under XChaCha20-Poly1305; the
//! commitment is SHA-256 over both, so whoever is shown the value and the salt can check it against the record, and whoever
//! is not cannot guess it. The box is bound to the rest of its record, its place, its kind and its key: moved anywhere
//! else it does not open. When the key is destroyed the record stays what it was, and so does every proof of it.

mod place;

use flightbox_event::{Json, json};
use sha2::{Digest, Sha256};

use crate::{
    keys::{DataKey, NONCE, Unreadable},
    random::Random,
    rules::Found,
};
pub use place::Place;
pub(crate) use place::push_key;

/// Bytes of the salt of a commitment.
const SALT: usize = 16;
/// What the binding of every box of this make starts with.
const VERSION: &[u8] = b"flightbox seal 1";

/// A sealed value, in the record that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Where the value stood.
    pub place: Place,
    /// What it is called: `email`.
    pub kind: String,
    /// The number of the key it is sealed under.
    pub key: i64,
    /// SHA-256 over salt and value.
    pub commitment: [u8; 32],
    /// A keyed digest of the value, where it can be searched for.
    pub lookup: Option<[u8; 8]>,
    /// Nonce, ciphertext and tag of salt and value.
    pub sealed: Vec<u8>,
}

/// A digest of everything else in a record, which its seals are bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding(pub [u8; 32]);

impl Seal {
    /// Seals a value for a record.
    pub fn new(
        found: &Found,
        (number, key): (i64, &DataKey),
        lookup: Option<[u8; 8]>,
        binding: Binding,
        random: &Random,
    ) -> Self {
        let mut clear = random.bytes::<SALT>().to_vec();
        clear.extend_from_slice(found.value.canonical().as_bytes());
        let bound_to = bound_to(binding, &found.place, &found.kind, number);
        Self {
            place: found.place.clone(),
            kind: found.kind.clone(),
            key: number,
            commitment: Sha256::digest(&clear).into(),
            lookup,
            sealed: key.seal(random.bytes::<NONCE>(), &bound_to, &clear),
        }
    }

    /// The value, with the key of its number.
    ///
    /// # Errors
    /// Where the box was altered or moved, the key is another, or the value is not what the record commits to.
    pub fn open(&self, key: &DataKey, binding: Binding) -> Result<Json, Unreadable> {
        let clear = key.open(&bound_to(binding, &self.place, &self.kind, self.key), &self.sealed)?;
        let value = clear.get(SALT..).ok_or(Unreadable)?;
        if <[u8; 32]>::from(Sha256::digest(&clear)) != self.commitment {
            return Err(Unreadable);
        }
        json::parse(value).map_err(|_| Unreadable)
    }
}

fn bound_to(binding: Binding, place: &Place, kind: &str, key: i64) -> Vec<u8> {
    let place = place.to_string();
    let mut bytes = VERSION.to_vec();
    for part in [&binding.0[..], place.as_bytes(), kind.as_bytes(), &key.to_le_bytes()] {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(place: &str) -> Found {
        let value = "alice@example.com".into();
        Found { place: Place::read(place), kind: "email".to_owned(), subject: None, searchable: false, value }
    }

    fn random() -> Random {
        Random::new(|bytes| bytes.fill(7))
    }

    #[test]
    fn e2_a_seal_opens_in_its_own_place_of_its_own_record_alone() {
        let (key, binding) = (DataKey([1; 32]), Binding([2; 32]));
        let seal = Seal::new(&found("/actor/email"), (5, &key), None, binding, &random());
        assert_eq!(seal.open(&key, binding), Ok("alice@example.com".into()));
        let moved = [
            Seal { place: Place::read("/actor/name"), ..seal.clone() },
            Seal { kind: "mail".to_owned(), ..seal.clone() },
            Seal { key: 6, ..seal.clone() },
            Seal { commitment: [0; 32], ..seal.clone() },
            Seal { sealed: seal.sealed[1..].to_vec(), ..seal.clone() },
            Seal { sealed: Vec::new(), ..seal.clone() },
        ];
        for moved in moved {
            assert_eq!(moved.open(&key, binding), Err(Unreadable));
        }
        assert_eq!(seal.open(&DataKey([3; 32]), binding), Err(Unreadable));
        assert_eq!(seal.open(&key, Binding([3; 32])), Err(Unreadable));
    }
}
