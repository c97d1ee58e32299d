//! What stands between a guesser and the store: how much at once, how often, how loud.

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::name::PersonName;

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
const FAILURES_BY_NAME: u32 = 10;
/// Failures from one network at any names.
const FAILURES_BY_NETWORK: u32 = 100;
/// Refusals from strangers that one network gets recorded in a minute.
const NOISE: u32 = 1;
/// Refusals from strangers that are recorded in a minute altogether.
const NOISE_ALTOGETHER: u32 = 60;

/// One for a server. Its counts live in memory.
pub struct Gate {
    /// Hashes passwords, few at a time.
    pub passwords: Hasher,
    /// What passkeys are asked at present.
    pub ceremonies: Ceremonies,
    /// How late it was already.
    pub latest: Latest,
    by_name: Throttle<(Network, Option<PersonName>)>,
    by_network: Throttle<Network>,
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
            by_name: Throttle::new(FAILURES_BY_NAME, WINDOW),
            by_network: Throttle::new(FAILURES_BY_NETWORK, WINDOW),
            noise: Throttle::new(NOISE, minute),
            noise_altogether: Throttle::new(NOISE_ALTOGETHER, minute),
        }
    }
}

/// An attempt to sign in, counted as a failure until it is said to have succeeded.
pub struct Attempt<'g> {
    gate: &'g Gate,
    network: Network,
    name: Option<PersonName>,
}

impl Gate {
    /// Admits an attempt to sign in, or says when to come back. A name that nobody can have is `None`.
    pub fn admit(
        &self,
        network: Network,
        name: Option<&PersonName>,
        now: DateTime<Utc>,
    ) -> Result<Attempt<'_>, Exceeded> {
        let name = name.cloned();
        self.by_network.take(network, now)?;
        let taken = self.by_name.take((network, name.clone()), now);
        // Whoever shares the network with somebody who hammers at one name is not kept out for it.
        taken.inspect_err(|_| self.by_network.give_back(&network))?;
        Ok(Attempt { gate: self, network, name })
    }

    /// Whether a stranger's refusal is to be recorded; most are not, so that nobody can fill the log.
    pub fn is_worth_recording(&self, network: Network, now: DateTime<Utc>) -> bool {
        self.noise.take(network, now).is_ok() && self.noise_altogether.take((), now).is_ok()
    }
}

impl Attempt<'_> {
    /// It was no guess.
    pub fn succeeded(self) {
        self.gate.by_network.give_back(&self.network);
        self.gate.by_name.give_back(&(self.network, self.name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Client;

    fn network(address: &str) -> Network {
        Client { address: address.parse().unwrap(), agent: None }.network()
    }

    #[test]
    fn a_name_guessed_at_from_one_network_is_open_from_another() {
        let (gate, now) = (Gate::default(), DateTime::UNIX_EPOCH);
        let (here, there) = (network("192.0.2.1"), network("192.0.2.2"));
        let (alice, bob): (PersonName, PersonName) = ("alice".parse().unwrap(), "bob".parse().unwrap());
        for _ in 0..1000 {
            let _ = gate.admit(here, Some(&alice), now);
        }
        assert!(gate.admit(here, Some(&alice), now).is_err());
        assert!(gate.admit(here, Some(&bob), now).is_ok());
        assert!(gate.admit(there, Some(&alice), now).is_ok());
    }

    #[test]
    fn a_network_that_tries_every_name_is_kept_out() {
        let (gate, now) = (Gate::default(), DateTime::UNIX_EPOCH);
        let here = network("2001:db8::1");
        let admitted = |n: u32| gate.admit(here, format!("person {n}").parse().ok().as_ref(), now).is_ok();
        assert!((0..FAILURES_BY_NETWORK).all(admitted));
        assert!(!admitted(FAILURES_BY_NETWORK));
        assert!(gate.admit(network("2001:db8:0:1::1"), None, now).is_ok());
    }
}
