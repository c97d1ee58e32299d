//! Secrets known by their looks, wherever they stand inside a text. Only the secret goes; the text around it stays.

use super::{MASK, is_secret_key};

/// The shortest text that can hold a secret one of these detectors knows.
const SHORTEST: usize = 20;

/// Replaces PEM private keys, JSON web tokens, cloud secret keys and well-known vendor tokens.
pub(super) fn mask_text(text: &mut String) {
    if text.len() < SHORTEST {
        return;
    }
    if text.contains("PRIVATE KEY-----") {
        mask_pem(text);
    }
    if text.split(is_boundary).any(is_secret_token) {
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(start) = rest.find(|c| !is_boundary(c)) {
            let end = rest[start..].find(is_boundary).map_or(rest.len(), |length| start + length);
            out.push_str(&rest[..start]);
            out.push_str(if is_secret_token(&rest[start..end]) { MASK } else { &rest[start..end] });
            rest = &rest[end..];
        }
        out.push_str(rest);
        *text = out;
    }
}

/// Masks what a text may hold, and secrets named by the keys of a URL's query.
pub(super) fn mask_url(url: &mut String) {
    mask_text(url);
    let Some((path, query)) = url.split_once('?') else { return };
    let pairs: Vec<_> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((key, value)) if is_secret_key(key) && !value.is_empty() => format!("{key}={MASK}"),
            _ => pair.to_owned(),
        })
        .collect();
    *url = format!("{path}?{}", pairs.join("&"));
}

/// Whatever stands between the armour lines of a private key, up to the end of the text if it was cut.
fn mask_pem(text: &mut String) {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find("-----BEGIN ") {
        let armour = &rest[start..];
        let Some(label_end) = armour["-----BEGIN ".len()..].find("-----").map(|at| at + "-----BEGIN -----".len())
        else {
            break;
        };
        let is_private = armour[..label_end].ends_with("PRIVATE KEY-----");
        let end = if is_private { pem_end(armour, label_end) } else { label_end };
        out.push_str(&rest[..start]);
        out.push_str(if is_private { MASK } else { &armour[..end] });
        rest = &armour[end..];
    }
    out.push_str(rest);
    *text = out;
}

fn pem_end(armour: &str, from: usize) -> usize {
    let footer = armour[from..].find("-----END ").map(|at| from + at + "-----END ".len());
    let closed = footer.and_then(|at| armour[at..].find("-----").map(|dashes| at + dashes + "-----".len()));
    closed.unwrap_or(armour.len())
}

/// What ends a token: anything that none of the known secrets contains.
fn is_boundary(c: char) -> bool {
    !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-' | '.'))
}

fn is_secret_token(token: &str) -> bool {
    // A key often stands as `NAME=value` in one run.
    let token = token.split_once('=').map_or(token, |(_, value)| if value.len() >= SHORTEST { value } else { token });
    token.len() >= SHORTEST && (is_jwt(token) || is_vendor_token(token) || is_cloud_secret(token))
}

/// RFC 7519: three base64url parts, of which the first is a JSON object and so starts with `eyJ`.
fn is_jwt(token: &str) -> bool {
    let parts: Vec<_> = token.split('.').collect();
    let is_part =
        |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    token.starts_with("eyJ") && parts.len() == 3 && parts[1].starts_with("eyJ") && parts.iter().all(is_part)
}

/// Prefixes that vendors chose so that leaked tokens can be found.
fn is_vendor_token(token: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "xoxa-",
        "xapp-",
        "sk_live_",
        "rk_live_",
        "hvs.",
        "hvb.",
        "npm_",
        "dop_v1_",
        "SG.",
        "fbi_",
        "fbr_",
    ];
    PREFIXES.iter().any(|prefix| token.starts_with(prefix))
}

/// An AWS secret access key: forty base64 characters of all three kinds. Hexadecimal digests, which have no upper
/// case beside lower case, and paths, which have many slashes, are not.
fn is_cloud_secret(token: &str) -> bool {
    let all = |allowed: fn(&u8) -> bool| token.bytes().all(|byte| allowed(&byte));
    let any = |wanted: fn(&u8) -> bool| token.bytes().any(|byte| wanted(&byte));
    token.len() == 40
        && all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        && any(u8::is_ascii_uppercase)
        && any(u8::is_ascii_lowercase)
        && any(u8::is_ascii_digit)
        && token.bytes().filter(|byte| *byte == b'/').count() <= 3
        && !token.starts_with('/')
}
