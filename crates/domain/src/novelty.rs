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
mod tests {
    use flightbox_event::{json, parse_event};

    use super::*;
    use crate::record::RULES;

    const RECEIVED: &str = "2026-11-22T12:00:00Z";

    fn shown(hours: i64, members: &str) -> Option<Shown> {
        let received_at: DateTime<Utc> = RECEIVED.parse().unwrap();
        let time = received_at - TimeDelta::days(300) + TimeDelta::hours(hours);
        let event = format!(r#"{{"actor":"alice","occurred_at":"{}",{members}}}"#, time.to_rfc3339());
        let event = parse_event(&json::parse(event.as_bytes()).unwrap()).unwrap();
        let record =
            Record { record_id: "0".repeat(32), received_at, source: "billing".to_owned(), rules: RULES, event };
        Shown::of(&record, &Keys::derive(&[7; 32]))
    }

    fn login(hours: i64, ip: &str) -> Shown {
        shown(hours, &format!(r#""action":"login","origin":{{"ip":"{ip}"}}"#)).unwrap()
    }

    fn take_in(memory: &mut Memory, shown: &Shown) -> Vec<&'static str> {
        memory.take_in(shown).0.iter().map(Flag::as_str).collect()
    }

    /// Somebody known for twenty days by one action from one address.
    fn settled() -> Memory {
        let mut memory = Memory::default();
        (0..20).for_each(|day| assert_eq!(take_in(&mut memory, &login(24 * day, "10.0.0.1")), [""; 0]));
        memory
    }

    #[test]
    fn what_a_known_actor_never_showed_is_remarkable_once() {
        let mut memory = settled();
        let odd = login(480, "10.0.0.2");
        assert_eq!(take_in(&mut memory, &odd), ["first-seen-ip"]);
        assert_eq!(take_in(&mut memory, &odd), [""; 0]);
        let deed = shown(481, r#""action":"user.delete","origin":{"ip":"10.0.0.1"}"#).unwrap();
        assert_eq!(take_in(&mut memory, &deed), ["first-seen-action"]);
    }

    #[test]
    fn nothing_is_remarkable_on_the_first_day_or_among_the_first_events() {
        let mut quick = Memory::default();
        for minute in 0..200 {
            assert_eq!(take_in(&mut quick, &login(minute / 10, &format!("10.0.0.{minute}"))), [""; 0]);
        }
        let mut rare = Memory::default();
        for week in 0..20 {
            assert_eq!(take_in(&mut rare, &login(168 * week, &format!("10.0.0.{week}"))), [""; 0]);
        }
        assert_eq!(take_in(&mut rare, &login(168 * 20, "10.0.1.1")), ["first-seen-ip"]);
    }

    #[test]
    fn a_first_value_of_a_kind_has_nothing_to_be_compared_with() {
        let mut memory = settled();
        let with = |hours, agent: &str| shown(hours, &format!(r#""action":"login","origin":{{{agent}}}"#)).unwrap();
        assert_eq!(take_in(&mut memory, &with(480, r#""user_agent":"curl/8.1","country":"NL""#)), [""; 0]);
        assert_eq!(take_in(&mut memory, &with(481, r#""user_agent":"curl/9.20","country":"nl""#)), [""; 0]);
        let other = with(482, r#""user_agent":"okhttp/5.1","country":"DE""#);
        assert_eq!(take_in(&mut memory, &other), ["first-seen-country", "first-seen-agent"]);
    }

    #[test]
    fn what_is_older_than_a_day_before_the_newest_only_teaches() {
        let mut memory = settled();
        assert_eq!(take_in(&mut memory, &login(24 * 30, "10.0.0.1")), [""; 0]);
        assert_eq!(take_in(&mut memory, &login(24 * 25, "10.0.0.9")), [""; 0]);
        assert_eq!(take_in(&mut memory, &login(24 * 31, "10.0.0.9")), [""; 0]);
        // Producers need not agree on the minute.
        assert_eq!(take_in(&mut memory, &login(24 * 31 - 2, "10.0.0.10")), ["first-seen-ip"]);
    }

    #[test]
    fn an_actor_that_shows_ever_other_addresses_is_one_of_which_they_say_nothing() {
        let mut memory = settled();
        let flagged = (1..=200).filter(|n| {
            let flags = take_in(&mut memory, &login(480 + n, &format!("10.1.{n}.1")));
            !flags.is_empty()
        });
        assert_eq!(flagged.count(), 63);
        assert!(memory.shows_many(Kind::Address) && !memory.shows_many(Kind::Action));
        assert_eq!(memory.keep().values.len(), 4, "of all that, the action is kept");
        let deed = shown(900, r#""action":"user.delete","origin":{"ip":"10.0.0.1"}"#).unwrap();
        assert_eq!(take_in(&mut memory, &deed), ["first-seen-action"]);
    }

    #[test]
    fn what_failed_and_nobody_in_particular_say_nothing() {
        for members in [
            r#""action":"x","outcome":"failure""#,
            r#""action":"x","outcome":"denied""#,
            r#""action":"x","http":{"status":401}"#,
        ] {
            assert_eq!(shown(0, members), None, "{members}");
        }
        assert!(shown(0, r#""action":"x","outcome":"unknown""#).is_some());
        let nobody = r#"{"actor":{"id":"-","type":"anonymous"},"action":"x"}"#;
        let event = parse_event(&json::parse(nobody.as_bytes()).unwrap()).unwrap();
        let received_at = RECEIVED.parse().unwrap();
        let record = Record { record_id: String::new(), received_at, source: "s".to_owned(), rules: RULES, event };
        assert_eq!(Shown::of(&record, &Keys::derive(&[7; 32])), None);
    }

    #[test]
    fn a_host_is_one_address_whichever_it_draws_of_its_network() {
        assert_eq!(host("2001:db8::1"), host("2001:db8:0:0:ffff::7"));
        assert_ne!(host("2001:db8::1"), host("2001:db8:0:1::1"));
        assert_ne!(host("10.0.0.1"), host("10.0.0.2"));
        assert_eq!(host("AWS Internal"), "AWS Internal");
    }

    #[test]
    fn a_memory_survives_its_row() {
        let mut memory = settled();
        take_in(&mut memory, &login(480, "10.0.0.2"));
        assert_eq!(Memory::read(&memory.keep()), Some(memory.clone()));
        let kept = memory.keep();
        assert_eq!(Memory::read(&Kept { values: kept.values[1..].to_vec(), ..kept.clone() }), None);
        assert_eq!(Memory::read(&Kept { events: 0, ..kept }), None);
        // What is known already changes nothing, and need not be written.
        assert!(!memory.take_in(&login(481, "10.0.0.1")).1);
    }
}
