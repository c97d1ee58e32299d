//! The members of auditd's records, and what their values stand for.

use std::{
    borrow::Cow,
    net::{Ipv4Addr, Ipv6Addr},
};

/// Members whose value is hexadecimal where it has no quotes.
const HEX: &[&str] = &["proctitle", "exe", "comm", "cmd", "name", "cwd", "acct", "key", "data", "dir", "path", "ocomm"];

/// The members of a record: `key=value`, `key="value"`, `msg='key=value …'`. Each with whether it stood without quotes.
pub fn pairs_of<'a>(body: &'a str, pairs: &mut Vec<(&'a str, &'a str, bool)>) {
    let is_key = |byte: char| byte.is_ascii_alphanumeric() || matches!(byte, '_' | '-');
    let mut rest = body;
    while let Some(equals) = rest.find('=') {
        let start = rest[..equals]
            .rfind(|byte| !is_key(byte))
            .map_or(0, |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
        let (key, value) = (&rest[start..equals], &rest[equals + 1..]);
        let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
        let inside =
            quote.and_then(|quote| value[1..].find(quote).map(|end| (quote, &value[1..=end], &value[end + 2..])));
        match inside {
            None if quote == Some('\'') => rest = &value[1..],
            Some(('\'', inner, after)) => {
                pairs_of(inner, pairs);
                rest = after;
            }
            Some((_, inner, after)) => {
                pairs.push((key, inner, false));
                rest = after;
            }
            None => {
                // An enriched record has its names behind a group separator.
                let end =
                    if value.starts_with("(null)") { 6 } else { value.find([' ', '\u{1d}']).unwrap_or(value.len()) };
                let bare = value[..end].trim_end_matches([',', ')', '\'']).trim_start_matches('\'');
                let bare = if value.starts_with('(') { &value[..end] } else { bare };
                pairs.push((key, bare, true));
                rest = &value[end..];
            }
        }
    }
}

/// A value, with its bytes where it is hexadecimal: a null byte separates arguments.
pub fn decoded<'a>(key: &str, value: &'a str, bare: bool) -> Cow<'a, str> {
    if matches!(value, "?" | "(null)" | "(none)") {
        return Cow::Borrowed("");
    }
    let may_be_hex = bare && HEX.contains(&key);
    match may_be_hex.then(|| bytes_of(value)).flatten() {
        Some(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).trim_end_matches('\0').replace('\0', " ")),
        None => Cow::Borrowed(value),
    }
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    if hex.is_empty() || !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

/// The command line of an EXECVE record: its arguments `a0`, `a1` …
pub fn arguments(pairs: &[(&str, &str, bool)]) -> String {
    let is_argument = |key: &str| {
        key.strip_prefix('a').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()) && !rest.is_empty())
    };
    let all = pairs.iter().filter(|(key, ..)| is_argument(key));
    all.map(|(_, value, bare)| decoded(if *bare { "cmd" } else { "" }, value, *bare)).collect::<Vec<_>>().join(" ")
}

/// A socket's address: family, and what the family says. `0200` is IPv4, `0A00` IPv6, `0100` a path.
pub fn socket(hex: &str) -> Option<(String, Option<u16>)> {
    let bytes = bytes_of(hex)?;
    let port = || Some(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]));
    match bytes.as_slice() {
        [2, 0, _, _, a, b, c, d, ..] => Some((Ipv4Addr::new(*a, *b, *c, *d).to_string(), port())),
        [10, 0, ..] => {
            let address: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            Some((Ipv6Addr::from(address).to_string(), port()))
        }
        [1, 0, path @ ..] => {
            let path = path.split(|byte| *byte == 0).find(|part| !part.is_empty())?;
            Some((String::from_utf8_lossy(path).into_owned(), None))
        }
        _ => None,
    }
}
