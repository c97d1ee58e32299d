//! What is packed is unpacked as it was.

use flightbox_domain::{
    keys::Keys,
    sample::Plan,
    seal::{Place, Seal},
};
use flightbox_event::parse_event;

use super::*;

/// Every field, at its edges and beyond.
const ODD: &[&str] = &[
    r#"{"actor":"a","action":"x"}"#,
    r#"{"id":"i","occurred_at":"1969-12-31T23:59:59.999999999Z","actor":{"id":"é","type":"system","name":"n","email":"e"},
        "action":"x","resource":{"id":"/a/b","type":"t","name":"n"},"outcome":"unknown","reason":"","severity":"critical",
        "origin":{"ip":"::1","port":65535,"user_agent":"u","country":"DE","session_id":"s","request_id":"r"},
        "http":{"method":"GET","path":"/","status":599,"duration_ms":1.50},"sensitive":["details.b"],
        "changes":{"z":{"before":null,"after":{"k":[1e2,-0.0]}},"a":{}},"details":{"b":9007199254740993,"a":{"":[]}}}"#,
    r#"{"occurred_at":"9999-12-31T23:59:59.000000001Z","actor":"a","action":"x","details":{}}"#,
    r#"{"actor":"a","action":"x","http":{"status":200}}"#,
];

fn records() -> Vec<Record> {
    let odd = ODD.iter().map(|text| json::parse(text.as_bytes()).unwrap());
    let received_at = "2026-11-22T12:00:00.123456789Z".parse().unwrap();
    let event = |json: Json| {
        let mut event = parse_event(&json).unwrap_or_else(|problems| panic!("{json}: {problems:?}"));
        event.occurred_at.get_or_insert(received_at);
        event
    };
    let events = odd.chain(Plan::fixed(500, 3).events()).map(event);
    let record = |event| Record { received_at, source: "billing".to_owned(), rules: 1, event, seals: Vec::new() };
    let mut records: Vec<_> = events.map(record).collect();
    records[1].seals = ["/details/b", "/actor/email"].map(seal).into();
    records
}

fn seal(place: &str) -> Seal {
    let (place, kind, lookup) = (Place::read(place), "email".to_owned(), place.starts_with("/d").then_some([5; 8]));
    Seal { place, kind, key: 1 << 40, commitment: [4; 32], lookup, sealed: vec![0, 255, 7] }
}

#[test]
fn what_is_unpacked_has_the_canonical_bytes_of_what_was_packed() {
    let keys = Keys::derive(&[1; 32]);
    for record in records() {
        let bytes = packed(&record);
        let unpacked = Packed::read(&bytes, record.order_time()).unwrap().record().unwrap();
        assert_eq!(unpacked.to_bytes(&keys), record.to_bytes(&keys), "{record:?}");
    }
}

#[test]
fn a_glance_shows_what_the_record_says() {
    for record in records() {
        let bytes = packed(&record);
        assert_eq!(Packed::read(&bytes, record.order_time()).unwrap().glance(), Glance::of(&record));
    }
}

#[test]
fn bytes_that_are_cut_or_altered_are_told_or_read_and_never_panic() {
    let record = &records()[1];
    let (whole, order) = (packed(record), record.order_time());
    for at in 0..whole.len() {
        assert!(Packed::read(&whole[..at], order).is_err(), "{at}");
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            let _ = Packed::read(&bytes, order).and_then(Packed::record);
        }
    }
}
