//! RFC 8725's hostile tokens, most of them signed with the right key: only that makes them hard to refuse.

use flightbox_domain::random::Random;
use serde_json::{Value, json};

use super::*;

fn keys() -> Keys {
    Keys::derive(&[3; 32])
}

fn row(number: i64, created_at: DateTime<Utc>) -> SessionKeyRow {
    SessionKeyRow { number, created_at, revoked: false }
}

/// The ring of one key, by that master key's derivation.
fn ring_of(keys: &Keys) -> Ring {
    Ring::new(keys, &[row(1, now())])
}

fn ring() -> Ring {
    ring_of(&keys())
}

const KEY_ID: &str = "session-1";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn session() -> SessionId {
    SessionId::draw(&Random::new(|bytes| bytes.fill(9)))
}

fn at(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

/// Base64url without padding, to write headers that no library writes.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(|i| char::from(DIGITS[(bits >> (18 - 6 * i) & 63) as usize])).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// A token with this header and these claims, truly signed under the key's HS256.
fn signed(header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()));
    let key = EncodingKey::from_secret(&keys().session(1));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn good_header() -> Value {
    json!({"typ": TYPE, "alg": "HS256", "kid": KEY_ID})
}

fn good_claims() -> Value {
    let (iat, exp) = (now().timestamp(), at(60).timestamp());
    json!({"iss": ISSUER, "aud": AUDIENCE, "sid": session().as_str(), "iat": iat, "nbf": iat, "exp": exp})
}

/// The claims with one of them replaced; `null` takes it away.
fn claims_with(key: &str, value: Value) -> Value {
    with(good_claims(), key, value)
}

fn with(mut object: Value, key: &str, value: Value) -> Value {
    let members = object.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(key)
    } else {
        members.insert(key.to_owned(), value)
    };
    object
}

fn refused(what: &str, token: &str) {
    assert_eq!(verify(&ring(), token, now()), None, "{what}");
}

#[test]
fn our_own_token_names_its_session_while_it_lasts() {
    let token = issue(&ring(), &session(), now()).unwrap();
    let read = Some(Token { session: session(), issued_at: now() });
    assert_eq!(verify(&ring(), &token, now()), read);
    assert_eq!(verify(&ring(), &token, at(35 * 60 - 1)), read);
    assert_eq!(verify(&ring(), &token, at(35 * 60)), None);
    assert_eq!(verify(&ring(), &token, at(-60)), read);
    assert_eq!(verify(&ring(), &token, at(-61)), None);
    assert_eq!(verify(&ring_of(&Keys::derive(&[4; 32])), &token, now()), None);
    assert!(token.len() < LONGEST / 2);
}

#[test]
fn the_tests_own_forge_makes_good_tokens_too() {
    assert!(verify(&ring(), &signed(&good_header(), &good_claims()), now()).is_some());
}

#[test]
fn another_algorithm_is_refused() {
    let claims = base64(good_claims().to_string().as_bytes());
    for algorithm in ["none", "None", "NONE", "nOnE", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", ""] {
        let header = with(good_header(), "alg", json!(algorithm));
        refused(algorithm, &signed(&header, &good_claims()));
        refused(algorithm, &format!("{}.{claims}.", base64(header.to_string().as_bytes())));
    }
    let header = with(good_header(), "alg", Value::Null);
    refused("no algorithm", &signed(&header, &good_claims()));
}

#[test]
fn a_header_that_points_elsewhere_is_refused() {
    let jwk = json!({"kty": "oct", "k": base64(&keys().session(1)), "alg": "HS256"});
    for (key, value) in [
        ("jwk", jwk),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("b64", json!(false)),
        ("kid", json!("../../../dev/null")),
        ("kid", json!("' OR 1=1 --")),
        ("kid", json!("")),
        ("kid", Value::Null),
        ("typ", json!("JWT")),
        ("typ", json!("at+jwt")),
        ("typ", Value::Null),
    ] {
        refused(key, &signed(&with(good_header(), key, value), &good_claims()));
    }
}

#[test]
fn a_token_for_another_purpose_or_time_is_refused() {
    let seconds = |offset| json!(at(offset).timestamp());
    for (key, value) in [
        ("iss", json!("someone")),
        ("iss", json!(["flightbox", "someone"])),
        ("iss", Value::Null),
        ("aud", json!("another")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("sid", json!("00")),
        ("sid", json!("zz".repeat(16))),
        ("sid", Value::Null),
        ("exp", seconds(0)),
        ("exp", seconds(-1)),
        ("exp", seconds(35 * 60 + 1)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", json!("9999999999")),
        ("exp", Value::Null),
        ("nbf", seconds(61)),
        ("nbf", seconds(-1)),
        ("nbf", Value::Null),
        ("iat", seconds(61)),
        ("iat", json!(i64::MIN)),
        ("iat", Value::Null),
        ("role", json!("admin")),
    ] {
        refused(key, &signed(&good_header(), &claims_with(key, value)));
    }
    let mut later = claims_with("nbf", seconds(61));
    later["iat"] = seconds(61);
    refused("of the future", &signed(&good_header(), &later));
}

#[test]
fn a_mangled_token_is_refused() {
    let token = issue(&ring(), &session(), now()).unwrap();
    let parts: Vec<_> = token.split('.').collect();
    for mangled in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{}", parts[2]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}..{}", parts[0], parts[2]),
        format!("{}.{}.{}=", parts[0], parts[1], parts[2]),
        format!("{} .{}.{}", parts[0], parts[1], parts[2]),
        "é.é.é".to_owned(),
        "a".repeat(64 * 1024),
        format!("{token}{}", "A".repeat(64 * 1024)),
        format!("{}.{}.{}", base64("[".repeat(600).as_bytes()), parts[1], parts[2]),
    ] {
        refused(&mangled.chars().take(40).collect::<String>(), &mangled);
    }
    for position in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        refused(&format!("byte {position}"), &String::from_utf8(bytes).unwrap());
    }
}

#[test]
fn a_key_that_was_replaced_verifies_until_its_last_token_expires_and_a_revoked_one_nothing() {
    let last = issue(&ring(), &session(), at(-1)).unwrap();
    let replaced = Ring::new(&keys(), &[row(2, now()), row(1, at(-1000))]);
    let names_the_session = |ring: &Ring, token: &str, seconds| verify(ring, token, at(seconds)).is_some();
    assert!(names_the_session(&replaced, &last, 35 * 60 - 2));
    assert!(!names_the_session(&replaced, &last, 35 * 60 - 1));
    let fresh = issue(&replaced, &session(), now()).unwrap();
    assert!(fresh != last && names_the_session(&replaced, &fresh, 0));
    assert!(!names_the_session(&ring(), &fresh, 0), "a key that is not there yet");
    // Signed by who still has the old key, long after.
    let late = issue(&ring(), &session(), at(35 * 60)).unwrap();
    assert!(!names_the_session(&replaced, &late, 35 * 60));

    let revoked = Ring::new(&keys(), &[row(2, now()), SessionKeyRow { revoked: true, ..row(1, at(-1000)) }]);
    assert!(!names_the_session(&revoked, &last, 0) && names_the_session(&revoked, &fresh, 0));
    let none = Ring::new(&keys(), &[]);
    assert!(issue(&none, &session(), now()).is_none() && !names_the_session(&none, &fresh, 0));
}
