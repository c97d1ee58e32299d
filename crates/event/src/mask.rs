//! Masking for good: what nobody should ever read is replaced before anything is written.
//!
//! Two ways to know a secret: by the key it stands under, matched whole, and by what the value itself looks like.
//! Identifiers that only *name* a secret (`accessKeyId`, `secretId`, `nextToken`) are evidence and stay.

mod value;

use crate::{Change, Event, Json};

/// What a masked value reads as.
pub const MASK: &str = "***";

/// Keys whose values are secrets, lower-case, without separators, in order.
const SECRET_KEYS: &[&str] = &[
    "accesstoken",
    "apikey",
    "apisecret",
    "apitoken",
    "authorization",
    "authtoken",
    "awssecretaccesskey",
    "bearertoken",
    "clientsecret",
    "consumersecret",
    "cookie",
    "cookies",
    "csrftoken",
    "currentpassword",
    "cvc",
    "cvv",
    "encryptionkey",
    "idtoken",
    "jwt",
    "newpassword",
    "oldpassword",
    "otp",
    "otpcode",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwordconfirmation",
    "passwordhash",
    "pin",
    "privatekey",
    "proxyauthorization",
    "pwd",
    "refreshtoken",
    "secret",
    "secretaccesskey",
    "secretkey",
    "securitytoken",
    "sessioncookie",
    "sessiontoken",
    "setcookie",
    "signingkey",
    "token",
    "totp",
    "totpsecret",
    "usertoken",
    "webhooksecret",
    "xamzsecuritytoken",
    "xapikey",
    "xauthtoken",
];

/// Replaces every secret of the event by [`MASK`]. What the event itself calls sensitive is no secret in this sense: it
/// can be kept for those who may read it.
pub fn mask(event: &mut Event) {
    for text in [&mut event.reason, &mut event.origin.user_agent].into_iter().flatten() {
        value::mask_text(text);
    }
    for text in [event.http.as_mut().and_then(|http| http.path.as_mut()), event.resource.as_mut().map(|r| &mut r.id)] {
        text.into_iter().for_each(value::mask_url);
    }
    for (field, Change { before, after }) in &mut event.changes {
        for side in [before, after].into_iter().flatten() {
            mask_member(field, side);
        }
    }
    if let Some(details) = &mut event.details {
        mask_value(details);
    }
}

/// The text as it may be shown: what looks like a secret masked, and what stands under the name of one in a URL.
pub fn masked_text(text: &str) -> String {
    let mut text = text.to_owned();
    value::mask_url(&mut text);
    text
}

/// The value as it may be shown under that key.
pub fn masked(key: &str, value: &Json) -> Json {
    let mut value = value.clone();
    mask_member(key, &mut value);
    value
}

fn mask_member(key: &str, value: &mut Json) {
    if is_secret_key(key) && !value.is_null() {
        *value = MASK.into();
    } else {
        mask_value(value);
    }
}

fn mask_value(value: &mut Json) {
    match value {
        Json::String(text) => value::mask_text(text),
        Json::Array(items) => items.iter_mut().for_each(mask_value),
        Json::Object(members) => members.iter_mut().for_each(|(key, value)| mask_member(key, value)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Whether the key, matched whole after dropping case and separators, names a secret.
pub fn is_secret_key(key: &str) -> bool {
    const LONGEST: usize = 24;
    if key.len() > 2 * LONGEST {
        return false;
    }
    SECRET_KEYS.binary_search(&bare(key).as_str()).is_ok()
}

/// A key as names are compared: in lower case, without separators.
pub fn bare(key: &str) -> String {
    if !key.is_ascii() {
        return key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    }
    // Every name of every event comes by here.
    let mut bare = String::with_capacity(key.len());
    bare.extend(key.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| char::from(byte.to_ascii_lowercase())));
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_keys_are_found_however_they_are_written_and_whole_only() {
        assert!(SECRET_KEYS.is_sorted());
        for key in SECRET_KEYS.iter().copied().chain(["API-Key", "x_api_key", "Set Cookie", "pass.word", "Pássword"]) {
            assert_eq!(is_secret_key(key), key != "Pássword", "{key}");
        }
        assert!(!is_secret_key("accessKeyId") && !is_secret_key("tokens") && !is_secret_key(""));
        assert_eq!(bare("E-Mail Ä"), "emailä");
    }
}
