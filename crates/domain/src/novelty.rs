//! What is new about an event for its actor: told from a small memory of what each actor of a source has shown.
//!
//! - Actors are told apart by source and id. Nobody in particular, an actor of type `anonymous`, has no memory.
//! - What failed or was denied neither raises a flag nor teaches anything: anybody can fail in somebody's name, and
//!   failures are marked as such.
//! - Until it has [`LEARNING`] events and is known for [`LEARNING_TIME`], an actor is being learned. Nor is the first
//!   value of a kind remarkable: there is nothing to compare it with.
//! - "Before" is the order of record. An event from more than a day before the newest that its actor has in the log
//!   only teaches: in an old import nobody can tell what was new then.
//! - An actor that shows more values of a kind than are kept ([`Kind::most`]) is one of which that kind says nothing:
//!   its values are forgotten and none is remarkable any more.
//! - An IPv6 address counts by its /64, in which a host draws addresses of its own, and a user agent without its
//!   digits, so that a new version is not a new agent.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_event::{ActorKind, Outcome};
use ipnet::Ipv6Net;

use crate::{
    flag::{Flag, Flags},
    keys::Keys,
    query::address,
    record::Record,
};

/// How many events teach before any is remarkable.
pub const LEARNING: u8 = 20;
/// How long an actor has to be known before anything is.
pub const LEARNING_TIME: TimeDelta = TimeDelta::hours(24);
/// How long a network of IPv6 is that counts as one address.
const V6_HOST: u8 = 64;
const DAY_MS: i64 = 86_400_000;

/// A kind of thing that an actor shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What it does.
    Action,
    /// From which address.
    Address,
    /// In which country.
    Country,
    /// With which user agent.
    Agent,
}

impl Kind {
    /// Every kind. A kind's number fits into the two low bits of a digest.
    pub const ALL: [Kind; 4] = [Kind::Action, Kind::Address, Kind::Country, Kind::Agent];

    /// How many values of it are kept of an actor.
    pub fn most(self) -> usize {
        match self {
            Kind::Action => 128,
            Kind::Address => 64,
            Kind::Country => 16,
            Kind::Agent => 32,
        }
    }

    /// The flag of a value that is new.
    pub fn flag(self) -> Flag {
        match self {
            Kind::Action => Flag::FirstSeenAction,
            Kind::Address => Flag::FirstSeenIp,
            Kind::Country => Flag::FirstSeenCountry,
            Kind::Agent => Flag::FirstSeenAgent,
        }
    }
}

/// A keyed digest of a value: thirty bits, and its kind in the two lowest. Of a million values that are new, less than
/// one is taken for one of a hundred that are known.
type Digest = u32;

/// What one event shows of its actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// A keyed digest of the source and the actor's id.
    pub actor: i64,
    /// When, in milliseconds since 1970.
    time: i64,
    /// A value of each kind, where there is one.
    values: [Option<Digest>; 4],
}

impl Shown {
    /// What a record shows; `None` where it says nothing of anybody.
    pub fn of(record: &Record, keys: &Keys) -> Option<Self> {
        let (event, origin) = (&record.event, &record.event.origin);
        let says_nothing = matches!(event.outcome, Outcome::Failure | Outcome::Denied);
        if says_nothing || event.actor.kind == ActorKind::Anonymous {
            return None;
        }
        let digest = |kind: Kind, value: &str| {
            let [a, b, c, d, ..] = keys.memory(&[&[kind as u8], value.as_bytes()]);
            u32::from_le_bytes([a, b, c, d]) & !3 | kind as u32
        };
        Some(Self {
            actor: actor_key(keys, &record.source, &event.actor.id),
            time: record.order_time().timestamp_millis(),
            values: [
                Some(digest(Kind::Action, &event.action)),
                origin.ip.as_deref().map(|seen| digest(Kind::Address, &host(seen))),
                origin.country.as_deref().map(|country| digest(Kind::Country, &country.to_ascii_uppercase())),
                origin.user_agent.as_deref().map(|agent| digest(Kind::Agent, &without_digits(agent))),
            ],
        })
    }
}

/// What stands for an actor of a source.
pub fn actor_key(keys: &Keys, source: &str, id: &str) -> i64 {
    i64::from_le_bytes(keys.memory(&[b"actor", source.as_bytes(), id.as_bytes()]))
}

/// What counts as one address.
pub fn host(seen: &str) -> String {
    match address(seen) {
        Some(IpAddr::V6(address)) => {
            Ipv6Net::new(address, V6_HOST).map_or_else(|_| seen.to_owned(), |net| net.trunc().to_string())
        }
        Some(address) => address.to_string(),
        None => seen.to_owned(),
    }
}

fn without_digits(agent: &str) -> String {
    agent.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// What is remembered of an actor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    first: i64,
    last_day: i64,
    events: u8,
    many: u8,
    values: Vec<Digest>,
}

/// A memory as a row keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// When its first event happened, in milliseconds since 1970.
    pub first: i64,
    /// The day of its last one, counted from 1970.
    pub last_day: i64,
    /// How many events taught, up to [`LEARNING`].
    pub events: u8,
    /// The kinds of which it showed too many values: a bit each.
    pub many: u8,
    /// The digests of its values, four bytes each.
    pub values: Vec<u8>,
}

impl Memory {
    /// Reads a row; `None` if it is none.
    pub fn read(kept: &Kept) -> Option<Self> {
        let digests = kept.values.chunks_exact(size_of::<Digest>());
        let whole = digests.remainder().is_empty() && kept.events > 0;
        let values = digests.filter_map(|bytes| bytes.try_into().ok().map(Digest::from_le_bytes)).collect();
        let Kept { first, last_day, events, many, .. } = *kept;
        whole.then_some(Self { first, last_day, events, many, values })
    }

    /// The row that keeps it.
    pub fn keep(&self) -> Kept {
        let values = self.values.iter().flat_map(|digest| digest.to_le_bytes()).collect();
        Kept { first: self.first, last_day: self.last_day, events: self.events, many: self.many, values }
    }

    /// When its first event happened.
    pub fn first_seen(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.first).unwrap_or_default()
    }

    /// Whether it showed so many values of a kind that none is remarkable.
    pub fn shows_many(&self, kind: Kind) -> bool {
        self.many & 1 << kind as u8 != 0
    }

    /// Takes one event in: what is new about it, and whether anything is to be remembered.
    pub fn take_in(&mut self, shown: &Shown) -> (Flags, bool) {
        let day = shown.time.div_euclid(DAY_MS);
        let known_for = shown.time.saturating_sub(self.first);
        let remarkable = self.events >= LEARNING
            && known_for >= LEARNING_TIME.num_milliseconds()
            && day.saturating_add(1) >= self.last_day;
        let mut flags = Flags::default();
        let mut learned = false;
        for (kind, digest) in Kind::ALL.into_iter().zip(shown.values) {
            let Some(digest) = digest.filter(|digest| !self.shows_many(kind) && !self.values.contains(digest)) else {
                continue;
            };
            learned = true;
            let kept = self.values.iter().filter(|known| *known & 3 == kind as Digest).count();
            if kept == kind.most() {
                self.many |= 1 << kind as u8;
                self.values.retain(|known| known & 3 != kind as Digest);
                continue;
            }
            self.values.push(digest);
            if remarkable && kept > 0 {
                flags.insert(kind.flag());
            }
        }
        (flags, self.count(shown.time, day) || learned)
    }

    /// Takes the time of an event in; whether that changes anything.
    fn count(&mut self, time: i64, day: i64) -> bool {
        let before = (self.first, self.last_day, self.events);
        if self.events == 0 {
            (self.first, self.last_day) = (time, day);
        }
        self.first = self.first.min(time);
        self.last_day = self.last_day.max(day);
        self.events = (self.events + 1).min(LEARNING);
        before != (self.first, self.last_day, self.events)
    }
}

#[cfg(test)]
mod tests;
