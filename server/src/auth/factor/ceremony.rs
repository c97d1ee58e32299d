//! Challenges that passkeys are to answer: each once, within five minutes, by whoever was challenged. They live in
//! memory; after a restart the page makes a new one.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{random::Random, record::hex};
use webauthn_rs::prelude::{PasskeyAuthentication, PasskeyRegistration};

/// How long a challenge waits for its answer.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);
/// How many of one holder's wait at once, so that several pages can be open; the oldest goes first.
const PER_HOLDER: usize = 8;
/// How many wait altogether.
const ALTOGETHER: usize = 1_000;

/// What we remember of a challenge.
#[derive(Clone, Debug)]
pub enum State {
    /// A new passkey is to answer.
    Registration(PasskeyRegistration),
    /// A known one is.
    Authentication(PasskeyAuthentication),
}

struct Waiting<S> {
    id: String,
    holder: String,
    until: DateTime<Utc>,
    state: S,
}

/// Those that wait for an answer.
pub struct Ceremonies<S = State>(Mutex<VecDeque<Waiting<S>>>);

impl<S> Default for Ceremonies<S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<S> Ceremonies<S> {
    /// Remembers a challenge to a holder; what names it.
    pub fn begin(&self, holder: &str, state: S, now: DateTime<Utc>, random: &Random) -> String {
        let id = hex(&random.bytes::<16>());
        let mut waiting = self.waiting(now);
        let theirs = waiting.iter().filter(|one| one.holder == holder).count();
        let oldest = match theirs {
            PER_HOLDER.. => waiting.iter().position(|one| one.holder == holder),
            _ => (waiting.len() >= ALTOGETHER).then_some(0),
        };
        if let Some(oldest) = oldest {
            waiting.remove(oldest);
        }
        waiting.push_back(Waiting { id: id.clone(), holder: holder.to_owned(), until: now + PATIENCE, state });
        id
    }

    /// Whether a challenge still waits for this holder's answer.
    pub fn waits(&self, holder: &str, id: &str, now: DateTime<Utc>) -> bool {
        self.waiting(now).iter().any(|one| one.id == id && one.holder == holder)
    }

    /// What was remembered of a challenge, once, if it was this holder's and is not too old.
    pub fn take(&self, holder: &str, id: &str, now: DateTime<Utc>) -> Option<S> {
        let mut waiting = self.waiting(now);
        let found = waiting.iter().position(|one| one.id == id && one.holder == holder)?;
        waiting.remove(found).map(|one| one.state)
    }

    fn waiting(&self, now: DateTime<Utc>) -> MutexGuard<'_, VecDeque<Waiting<S>>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One from the future is over, too: the clock was set back.
        waiting.retain(|one| now < one.until && one.until - now <= PATIENCE);
        waiting
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU16, Ordering};

    use super::*;

    fn random() -> Random {
        let next = AtomicU16::new(0);
        Random::new(move |bytes| bytes[..2].copy_from_slice(&next.fetch_add(1, Ordering::Relaxed).to_le_bytes()))
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_challenge_is_answered_once_in_time_and_by_its_holder() {
        let (ceremonies, random) = (Ceremonies::default(), random());
        let id = ceremonies.begin("alice", 7, at(0), &random);
        assert_eq!(ceremonies.take("bob", &id, at(1)), None);
        assert!(ceremonies.waits("alice", &id, at(299)) && !ceremonies.waits("bob", &id, at(1)));
        assert_eq!(ceremonies.take("alice", &id, at(299)), Some(7));
        assert_eq!(ceremonies.take("alice", &id, at(299)), None);
        for (begun, answered) in [(0, 300), (10, 9)] {
            let id = ceremonies.begin("alice", 7, at(begun), &random);
            assert_eq!(ceremonies.take("alice", &id, at(answered)), None, "{begun} {answered}");
        }
    }

    #[test]
    fn nobody_pushes_out_what_others_wait_for_and_memory_is_bounded() {
        let (ceremonies, random) = (Ceremonies::default(), random());
        let bobs = ceremonies.begin("bob", 0, at(0), &random);
        let alices: Vec<_> = (0..20).map(|n| ceremonies.begin("alice", n, at(0), &random)).collect();
        assert_eq!(ceremonies.take("alice", &alices[11], at(1)), None);
        assert_eq!(ceremonies.take("alice", &alices[12], at(1)), Some(12));
        assert_eq!(ceremonies.take("bob", &bobs, at(1)), Some(0));
        for n in 0..2 * ALTOGETHER {
            ceremonies.begin(&format!("person {n}"), 0, at(1), &random);
        }
        assert_eq!(ceremonies.waiting(at(1)).len(), ALTOGETHER);
    }
}
