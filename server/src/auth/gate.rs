//! What stands between a guesser and the store: how much at once, how often, how loud.

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::name::PersonName;
use flightbox_store::{self as store, AttemptKey, Store, StoreError};

use super::{
    client::Network,
    factor::ceremony::Ceremonies,
    grant::Latest,
    password::Hasher,
    throttle::{Exceeded, Throttle},
};

/// The time over which failures to sign in are counted.
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Failures from one network at one name.
const FAILURES_BY_NAME: i64 = 10;
/// Failures from one network at any names.
const FAILURES_BY_NETWORK: i64 = 100;
/// Failures at one name from anywhere, after which each network has fewer tries at it: enough for its owner and their
/// typing, wherever they are, and for a guesser a network for every two guesses.
const FAILURES_ANYWHERE: i64 = 50;
/// Those fewer tries.
const FAILURES_UNDER_ATTACK: i64 = 3;
/// Refusals from strangers that one network gets recorded in a minute.
const NOISE: u32 = 1;
/// Refusals from strangers that are recorded in a minute altogether.
const NOISE_ALTOGETHER: u32 = 60;

/// One for a server. Failures to sign in are counted in the database, and are known after a restart; never by a name
/// alone, so that whoever guesses at Alice's password from one place does not lock Alice out at another. What bounds the
/// noise in the record lives in memory.
pub struct Gate {
    /// Hashes passwords, few at a time.
    pub passwords: Hasher,
    /// What passkeys are asked at present.
    pub ceremonies: Ceremonies,
    /// How late it was already.
    pub latest: Latest,
    noise: Throttle<Network>,
    noise_altogether: Throttle<()>,
}

impl Default for Gate {
    fn default() -> Self {
        let minute = TimeDelta::minutes(1);
        Self {
            passwords: Hasher::default(),
            ceremonies: Ceremonies::default(),
            latest: Latest::default(),
            noise: Throttle::new(NOISE, minute),
            noise_altogether: Throttle::new(NOISE_ALTOGETHER, minute),
        }
    }
}

/// An attempt to sign in, counted as a failure until it is said to have succeeded.
#[must_use = "an attempt that went well is to be said to have"]
pub struct Attempt {
    store: Store,
    keys: [AttemptKey; 3],
}

impl Gate {
    /// Admits an attempt to sign in, or says when to come back. A name that nobody can have is `None`.
    pub async fn admit(
        &self,
        store: &Store,
        network: Network,
        name: Option<&PersonName>,
        now: DateTime<Utc>,
    ) -> Result<Result<Attempt, Exceeded>, StoreError> {
        let (address, name) = (network.to_string(), name.map_or("", PersonName::as_str));
        let key = |parts: &[&str]| {
            let parts: Vec<_> = parts.iter().map(|part| part.as_bytes()).collect();
            store.attempt_key(&parts)
        };
        let keys = [key(&["network", &address]), key(&["name there", &address, name]), key(&["name", name])];
        let judge = |[network, there, anywhere]: [i64; 3]| {
            let tries = if anywhere < FAILURES_ANYWHERE { FAILURES_BY_NAME } else { FAILURES_UNDER_ATTACK };
            match () {
                () if network >= FAILURES_BY_NETWORK => Some(0),
                // Whoever shares the network with somebody who hammers at one name is not kept out for it.
                () if there >= tries => Some(1),
                () => None,
            }
        };
        Ok(match store.attempt(keys, WINDOW, now, judge).await? {
            store::Attempt::Admitted => Ok(Attempt { store: store.clone(), keys }),
            store::Attempt::Refused { until, first } => {
                Err(Exceeded { retry_after: (until - now).num_seconds().max(0) + 1, first })
            }
        })
    }

    /// Whether a stranger's refusal is to be recorded; most are not, so that nobody can fill the log.
    pub fn is_worth_recording(&self, network: Network, now: DateTime<Utc>) -> bool {
        self.noise.take(network, now).is_ok() && self.noise_altogether.take((), now).is_ok()
    }
}

impl Attempt {
    /// It was no guess. That this could not be written keeps nobody out today.
    pub async fn succeeded(self) {
        if let Err(error) = self.store.forgive_attempt(&self.keys).await {
            tracing::warn!(%error, "an attempt that went well still counts as failed");
        }
    }
}
