//! Where to go after signing in: only ever to a page of ours.

use axum::http::Uri;
use flightbox_app::state::parameter;

/// The page after signing in, where none was asked for.
const HOME: &str = "/events";
/// The longest path to come back to.
const LONGEST: usize = 8192;

/// A path, and perhaps a query, on this very server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next(String);

impl Next {
    /// What somebody sent, if every browser takes it for a path on this server; else the first page.
    ///
    /// Browsers read `//host` and `/\host` as another host, and drop tabs and line breaks before they look, so nothing
    /// but visible ASCII without a backslash passes. The sign-in page is no place to go on to.
    pub fn parse(text: &str) -> Self {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let ours = plain
            && text.len() <= LONGEST
            && text.starts_with('/')
            && !text.starts_with("//")
            && !matches!(path, "/" | "/sign-in" | "/sign-in/second" | "/sign-out" | "/setup");
        Self(if ours { text.to_owned() } else { HOME.to_owned() })
    }

    /// The path, fit for a `Location` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same of the `next` in a URL's query.
    pub fn of_query(uri: &Uri) -> Self {
        Self::parse(&parameter(uri.query().unwrap_or_default(), "next").unwrap_or_default())
    }

    /// The second step of signing in, which goes on to here.
    pub fn second_step(&self) -> String {
        if self.0 == HOME { "/sign-in/second".to_owned() } else { format!("/sign-in/second?next={}", encode(&self.0)) }
    }

    /// The sign-in page that comes back here.
    pub fn sign_in(&self) -> String {
        if self.0 == HOME { "/sign-in".to_owned() } else { format!("/sign-in?next={}", encode(&self.0)) }
    }
}

/// Percent-encodes what a query value cannot hold.
pub fn encode(text: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte);
    let one = |byte: u8| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_ours_is_come_back_to() {
        for path in [
            "/events/41877",
            "/events?q=actor:alice%20outcome:failure&tz=UTC",
            "/actors/%2Fetc",
            "/x#y",
            "/%2f%2fevil.example",
        ] {
            assert_eq!(Next::parse(path).as_str(), path);
        }
        assert_eq!(Next::parse("/events?q=a b").sign_in(), "/sign-in");
        assert_eq!(Next::parse("/events?q=a%20&b=c").sign_in(), "/sign-in?next=/events%3Fq%3Da%2520%26b%3Dc");
    }

    #[test]
    fn nothing_else_is() {
        for text in [
            "",
            "/",
            "events",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "%2f%2fevil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: a=b",
            " //evil.example",
            "/é",
            "/sign-in?next=/events",
            "/sign-in/second",
            "/sign-out",
            "/setup",
            "/a\u{0}",
            "http:/evil",
            &format!("/{}", "x".repeat(LONGEST)),
        ] {
            assert_eq!(Next::parse(text).as_str(), HOME, "{text:?}");
        }
    }
}
