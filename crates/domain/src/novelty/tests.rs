//! What is new, event by event.

use flightbox_event::{json, parse_event};

use super::*;

const RECEIVED: &str = "2026-11-22T12:00:00Z";

fn shown(hours: i64, members: &str) -> Option<Shown> {
    let received_at: DateTime<Utc> = RECEIVED.parse().unwrap();
    let time = received_at - TimeDelta::days(300) + TimeDelta::hours(hours);
    let event = format!(r#"{{"actor":"alice","occurred_at":"{}",{members}}}"#, time.to_rfc3339());
    let event = parse_event(&json::parse(event.as_bytes()).unwrap()).unwrap();
    let record = Record { received_at, source: "billing".to_owned(), rules: 1, event, seals: Vec::new() };
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
    let record = Record { received_at, source: "s".to_owned(), rules: 1, event, seals: Vec::new() };
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
