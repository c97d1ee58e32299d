//! The session cookie. The browser keeps it until it closes, sends it to us alone, and shows it to no script.

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

/// The `__Host-` prefix makes browsers refuse the cookie unless it is Secure, ours alone and for every path.
const SECURE: &str = "__Host-flightbox";
/// Over plain HTTP, which is served on loopback only, browsers would refuse the other one.
const PLAIN: &str = "flightbox";

/// The cookie of somebody between password and second factor, likewise.
const SECURE_SECOND: &str = "__Host-flightbox-second";
const PLAIN_SECOND: &str = "flightbox-second";

/// The token that came with a request.
pub fn read(headers: &HeaderMap, https: bool) -> Option<String> {
    read_named(headers, name(https))
}

/// What came with a request from between password and second factor.
pub fn read_second(headers: &HeaderMap, https: bool) -> Option<String> {
    read_named(headers, second_name(https))
}

/// The header that hands a token out. Lax, so that a link in a message opens the page it leads to; what changes
/// anything asks for more than the cookie, see [`super::origin`].
pub fn set(token: &str, https: bool) -> Option<HeaderValue> {
    header(built(name(https), token, https))
}

/// The header that lets somebody go on to their second factor.
pub fn set_second(secret: &str, https: bool) -> Option<HeaderValue> {
    header(built(second_name(https), secret, https))
}

/// The header that takes the token back.
pub fn clear(https: bool) -> Option<HeaderValue> {
    removal(name(https), https)
}

/// The header that takes back what [`set_second`] handed out.
pub fn clear_second(https: bool) -> Option<HeaderValue> {
    removal(second_name(https), https)
}

fn removal(name: &'static str, https: bool) -> Option<HeaderValue> {
    let mut cookie = built(name, "", https);
    cookie.make_removal();
    header(cookie)
}

fn read_named(headers: &HeaderMap, name: &str) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(name).map(|cookie| cookie.value().to_owned()).filter(|token| !token.is_empty())
}

fn built(name: &'static str, token: &str, https: bool) -> Cookie<'static> {
    let cookie = Cookie::build((name, token.to_owned())).path("/").http_only(true).same_site(SameSite::Lax);
    cookie.secure(https).build()
}

fn header(cookie: Cookie<'_>) -> Option<HeaderValue> {
    HeaderValue::from_str(&cookie.to_string()).ok()
}

fn name(https: bool) -> &'static str {
    if https { SECURE } else { PLAIN }
}

fn second_name(https: bool) -> &'static str {
    if https { SECURE_SECOND } else { PLAIN_SECOND }
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    #[test]
    fn attributes_leave_nothing_to_chance() {
        assert_eq!(set("t", true).unwrap(), "__Host-flightbox=t; HttpOnly; SameSite=Lax; Secure; Path=/");
        assert_eq!(set("t", false).unwrap(), "flightbox=t; HttpOnly; SameSite=Lax; Path=/");
        let second = set_second("t", true).unwrap();
        assert_eq!(second, "__Host-flightbox-second=t; HttpOnly; SameSite=Lax; Secure; Path=/");
        let cleared = clear(true).unwrap();
        let cleared = cleared.to_str().unwrap();
        assert!(
            cleared.starts_with("__Host-flightbox=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"),
            "{cleared}"
        );
    }

    #[test]
    fn only_the_cookie_of_that_name_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("theme=dark; flightbox=plain; __Host-flightbox=safe"));
        assert_eq!(read(&headers, true).as_deref(), Some("safe"));
        assert_eq!(read(&headers, false).as_deref(), Some("plain"));
        headers.insert(header::COOKIE, HeaderValue::from_static("flightbox="));
        assert_eq!(read(&headers, false), None);
    }
}
