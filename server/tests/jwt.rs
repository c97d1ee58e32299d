//! The session cookie's token, as strangers would forge it, against a live server; and its keys. What the verifier makes
//! of each claim by itself stands beside it, in `auth/jwt/tests.rs`.

use crate::common::TestServer;
use chrono::Duration;
use flightbox::{
    auth::jwt::{self, Ring},
    control::{Order, Reply},
};
use flightbox_domain::role::Role;
use flightbox_store::SessionKeyRow;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};

const WYCHEPROOF: &str = include_str!("wycheproof/json_web_signature.json");

/// Base64url without padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(|i| char::from(DIGITS[(bits >> (18 - 6 * i) & 63) as usize])).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// A token truly signed under the server's own key.
fn forge(server: &TestServer, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()));
    let key = EncodingKey::from_secret(&server.app().store.keys().session(1));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

/// Signs somebody in; the cookie.
async fn cookie(server: &TestServer, name: &str, password: &str) -> String {
    let form = [("name", name), ("password", password)];
    let response = server.client().post(server.url("/sign-in")).form(&form).send().await.unwrap();
    response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn status(server: &TestServer, cookie: &str) -> StatusCode {
    server.client().get(server.url("/pages/me")).header("cookie", cookie).send().await.unwrap().status()
}

/// The session that a cookie names.
fn session_of(server: &TestServer, cookie: &str) -> String {
    let rows = [SessionKeyRow { number: 1, created_at: server.clock().now(), revoked: false }];
    let ring = Ring::new(server.app().store.keys(), &rows);
    let token = jwt::verify(&ring, cookie.split_once('=').unwrap().1, server.clock().now()).unwrap();
    token.session.as_str().to_owned()
}

#[tokio::test]
async fn jwt_a_forged_token_is_401_whoever_signed_it() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let cookie = cookie(&server, "alice", &password).await;
    let (session, now) = (session_of(&server, &cookie), server.clock().now().timestamp());
    let header = json!({"typ": "flightbox-session+jwt", "alg": "HS256", "kid": "session-1"});
    let claims = json!({"iss": "flightbox", "aud": "flightbox session", "sid": session, "iat": now, "nbf": now, "exp": now + 60});
    let with = |object: &Value, key: &str, value: Value| {
        let mut object = object.clone();
        match value {
            Value::Null => object.as_object_mut().unwrap().remove(key),
            value => object.as_object_mut().unwrap().insert(key.to_owned(), value),
        };
        object
    };
    let good = forge(&server, &header, &claims);
    assert_eq!(status(&server, &format!("flightbox={good}")).await, StatusCode::OK, "the forge makes good ones, too");

    let mut forged = Vec::new();
    for (key, value) in [
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("' UNION SELECT x'00' --")),
        ("kid", json!("session-2")),
        ("kid", json!("session-01")),
        ("kid", json!("x".repeat(500))),
        ("kid", json!(1)),
        ("kid", Value::Null),
        ("alg", json!("none")),
        ("alg", json!("HS512")),
        ("alg", json!("RS256")),
        ("alg", json!("ES256")),
        ("jwk", json!({"kty": "oct", "k": "AAAA"})),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert")),
        ("crit", json!(["exp"])),
        ("typ", json!("at+jwt")),
        ("typ", Value::Null),
    ] {
        forged.push((format!("{key} {value}"), forge(&server, &with(&header, key, value), &claims)));
    }
    for (key, value) in [
        ("exp", Value::Null),
        ("exp", json!(u64::MAX)),
        ("exp", json!(now + 10 * 365 * 86_400)),
        ("exp", json!(now)),
        ("exp", json!("soon")),
        ("nbf", json!(now + 120)),
        ("iss", json!("someone")),
        ("aud", json!("another")),
        ("sid", json!("0".repeat(32))),
        ("role", json!("admin")),
    ] {
        forged.push((format!("{key} {value}"), forge(&server, &header, &with(&claims, key, value))));
    }
    let unsigned = format!(
        "{}.{}.",
        base64(with(&header, "alg", json!("none")).to_string().as_bytes()),
        good.split('.').nth(1).unwrap()
    );
    forged.push(("no signature".to_owned(), unsigned));
    forged.push(("another segment".to_owned(), format!("{good}.{}", good.split('.').nth(2).unwrap())));
    forged.push(("one segment".to_owned(), "session-1".to_owned()));
    for (what, token) in forged {
        assert_eq!(status(&server, &format!("flightbox={token}")).await, StatusCode::UNAUTHORIZED, "{what}");
    }
    // More than the server reads of a header is refused before anything looks at it.
    let long =
        server.client().get(server.url("/pages/me")).header("cookie", format!("flightbox={}", "a".repeat(64 * 1024)));
    if let Ok(response) = long.send().await {
        assert!(response.status().is_client_error(), "{}", response.status());
    }
    assert_eq!(status(&server, &cookie).await, StatusCode::OK, "and the server is well");
}

#[tokio::test]
async fn jwt_a_key_that_was_replaced_verifies_on_and_a_revoked_one_nothing_from_the_next_request() {
    let mut server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let first = cookie(&server, "alice", &password).await;
    let rotate = async |server: &TestServer, revoke| Order::RotateSessionKey { revoke }.carry_out(server.app()).await;
    assert_eq!(rotate(&server, false).await, Reply::Done("session-2 signs from now on".to_owned()));
    let second = cookie(&server, "alice", &password).await;
    server.restart().await;
    for cookie in [&first, &second] {
        assert_eq!(status(&server, cookie).await, StatusCode::OK);
    }
    assert_eq!(rotate(&server, true).await, Reply::Done("session-3 signs from now on".to_owned()));
    for _ in 0..2 {
        for cookie in [&first, &second] {
            assert_eq!(status(&server, cookie).await, StatusCode::UNAUTHORIZED);
        }
        server.restart().await;
    }
    let third = cookie(&server, "alice", &password).await;
    assert_eq!(status(&server, &third).await, StatusCode::OK);
}

#[tokio::test]
async fn jwt_an_old_key_is_replaced_and_that_is_recorded() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    cookie(&server, "alice", &password).await;
    assert_eq!(server.app().store.session_keys().await.unwrap().len(), 1);
    server.clock().advance(Duration::days(29));
    cookie(&server, "alice", &password).await;
    assert_eq!(server.app().store.session_keys().await.unwrap().len(), 1);
    server.clock().advance(Duration::days(1));
    let fresh = cookie(&server, "alice", &password).await;
    assert_eq!(status(&server, &fresh).await, StatusCode::OK);
    assert_eq!(server.app().store.session_keys().await.unwrap().len(), 2);
    let (_, answer) =
        server.read_as(&[Role::Admin], "/api/v1/events?q=source:flightbox%20action:session-key.rotate").await;
    assert_eq!(answer["events"].as_array().unwrap().len(), 1, "{answer}");
}

/// Project Wycheproof's signatures: whatever they are, none is a session; and the library that checks ours tells the
/// good ones under HS256 from the bad.
#[test]
fn jwt_wycheproof() {
    let keys = flightbox_domain::keys::Keys::derive(&[3; 32]);
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let ring = Ring::new(&keys, &[SessionKeyRow { number: 1, created_at: now, revoked: false }]);
    let vectors: Value = serde_json::from_str(WYCHEPROOF).unwrap();
    let (mut seen, mut checked) = (0, 0);
    for group in vectors["testGroups"].as_array().unwrap() {
        // The group of odd encodings is about how a message is written, not about its code: some of it is good to some.
        let told = group["private"]["alg"] == "HS256" && group["comment"] != "base64";
        let key = group["private"]["k"].as_str().filter(|_| told);
        let key = key.map(|key| DecodingKey::from_base64_secret(&to_standard(key)).unwrap());
        for test in group["tests"].as_array().unwrap() {
            let Some(jws) = test["jws"].as_str() else { continue };
            assert_eq!(jwt::verify(&ring, jws, now), None, "{test}");
            seen += 1;
            let (Some(key), Some((message, signature))) = (&key, jws.rsplit_once('.')) else { continue };
            let valid = jsonwebtoken::decode_header(jws).is_ok_and(|header| header.alg == Algorithm::HS256)
                && jws.split('.').count() == 3
                && jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, Algorithm::HS256).unwrap_or(false);
            assert_eq!(valid, test["result"] == "valid", "{test}");
            checked += 1;
        }
    }
    assert!(seen > 40 && checked > 10, "{seen} and {checked}");
}

/// Base64 as that reader wants it.
fn to_standard(url: &str) -> String {
    let mut text = url.replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}
