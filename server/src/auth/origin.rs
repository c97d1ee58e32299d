//! Requests that other sites make a browser send. Signing in and whatever changes something are answered only if they
//! come from our own pages.
//!
//! Browsers say where a request comes from, in `Sec-Fetch-Site` (to HTTPS and loopback) and in `Origin` (with every
//! POST), and let no page choose what they say. A program such as curl says neither. Without a session cookie it has
//! nothing that could be ridden on, so it may sign in; with one it is refused, since no browser would leave both out.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use flightbox_event::Outcome;

use super::{Client, Refusal, SignedIn, cookie};
use crate::{
    App,
    journal::{Action, By, Entry},
};

const OTHER_SITE: Refusal = Refusal::Foreign(
    "This came from another site. If it did not, set FLIGHTBOX_PUBLIC_URL to the address that people use.",
);
const NO_ORIGIN: Refusal = Refusal::Foreign("A request with a session says where it comes from, in Origin.");
const BAD_SHAPE: Refusal = Refusal::Foreign("Send a form or JSON.");

/// The layer around everything that takes the session cookie, outside [`super::authenticate`]: what another site sends
/// is no use of a session.
pub async fn same_origin(State(app): State<App>, client: Client, request: Request, next: Next) -> Response {
    let has_session = cookie::read(request.headers(), app.is_https()).is_some();
    match judge(request.method(), request.uri(), request.headers(), &app.config.public_url, has_session) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refuse(&app, &client, request.headers(), request.uri(), refusal).await,
    }
}

/// Refuses, and records it: each time for somebody signed in, who may be under attack, and now and then for strangers.
async fn refuse(app: &App, client: &Client, headers: &HeaderMap, uri: &Uri, refusal: Refusal) -> Response {
    let signed_in = match super::signed_in(app, headers).await {
        Ok(signed_in) => signed_in,
        Err(fault) => return fault.into_response(),
    };
    match signed_in {
        Some(SignedIn { session, person, .. }) => {
            let entry = Entry::new(Action::Refuse, By::Person(person.name)).on(uri.path()).from(client);
            entry.within(app, &session).ended(Outcome::Denied, refusal.code()).commit_or_log(app).await;
        }
        None => super::note_stranger(app, client, uri.path(), refusal.code()).await,
    }
    refusal.into_response()
}

fn judge(method: &Method, uri: &Uri, headers: &HeaderMap, public_url: &str, has_session: bool) -> Result<(), Refusal> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text("sec-fetch-site");
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(OTHER_SITE);
    }
    match (text("origin"), site) {
        // What a browser sends for a page that keeps its address to itself; it told us already that it is ours.
        (Some("null"), Some(_)) => {}
        (Some(origin), _) if !is_ours(origin, uri, text("host"), public_url) => return Err(OTHER_SITE),
        (None, None) if has_session => return Err(NO_ORIGIN),
        _ => {}
    }
    let kind = text(header::CONTENT_TYPE.as_str()).map(|kind| kind.split(';').next().unwrap_or_default().trim());
    match kind.map(str::to_ascii_lowercase).as_deref() {
        None | Some("application/x-www-form-urlencoded" | "application/json") => Ok(()),
        Some("multipart/form-data") if takes_files(uri.path()) => Ok(()),
        // Text and multipart forms carry anything from anywhere, and nothing else of ours takes them.
        Some(_) => Err(BAD_SHAPE),
    }
}

/// Whether this is the page of an import, whose files come in a form.
fn takes_files(path: &str) -> bool {
    path.strip_prefix("/sources/").and_then(|rest| rest.strip_suffix("/import")).is_some_and(|name| !name.contains('/'))
}

/// Whether an origin is the server's public address, or the very host that was asked.
fn is_ours(origin: &str, uri: &Uri, host: Option<&str>, public_url: &str) -> bool {
    let same = |url: &str| parts(url).is_some_and(|theirs| parts(origin) == Some(theirs));
    let asked = host.or_else(|| uri.authority().map(|authority| authority.as_str()));
    let scheme = origin.split("://").next().unwrap_or_default();
    same(public_url)
        || asked.is_some_and(|host| matches!(scheme, "http" | "https") && same(&format!("{scheme}://{host}")))
}

/// Scheme, host and port of a URL, the default port spelt out.
fn parts(url: &str) -> Option<(String, String, u16)> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str()?.to_owned();
    let port = uri.port_u16().or(match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    })?;
    Some((scheme, uri.host()?.to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    const HOST: (&str, &str) = ("host", "127.0.0.1:8080");

    fn post(pairs: &[(&'static str, &'static str)], has_session: bool) -> Result<(), Refusal> {
        let pairs = pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let uri = Uri::from_static("/sign-out");
        judge(&Method::POST, &uri, &HeaderMap::from_iter(pairs), "https://audit.example", has_session)
    }

    #[test]
    fn our_own_pages_pass() {
        for pairs in [
            &[HOST, ("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:8080")][..],
            &[HOST, ("sec-fetch-site", "same-origin"), ("origin", "null")],
            &[HOST, ("sec-fetch-site", "none")],
            &[HOST, ("origin", "http://127.0.0.1:8080")],
            &[HOST, ("origin", "https://audit.example")],
            &[("host", "audit.example:443"), ("origin", "https://AUDIT.example")],
            &[
                HOST,
                ("origin", "https://audit.example"),
                ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
            ],
        ] {
            assert_eq!(post(pairs, true), Ok(()), "{pairs:?}");
        }
    }

    #[test]
    fn other_sites_do_not() {
        for pairs in [
            &[HOST, ("sec-fetch-site", "cross-site")][..],
            &[HOST, ("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8080")],
            &[HOST, ("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
            &[HOST, ("sec-fetch-site", "anything")],
            &[HOST, ("origin", "https://evil.example")],
            &[HOST, ("origin", "https://audit.example.evil.example")],
            &[HOST, ("origin", "http://audit.example")],
            &[HOST, ("origin", "https://audit.example:8443")],
            &[HOST, ("origin", "http://127.0.0.1:9090")],
            &[HOST, ("origin", "null")],
            &[HOST, ("origin", "")],
            &[HOST, ("origin", "file://")],
        ] {
            assert_eq!(post(pairs, true), Err(OTHER_SITE), "{pairs:?}");
            assert_eq!(post(pairs, false), Err(OTHER_SITE), "{pairs:?}");
        }
    }

    #[test]
    fn a_program_may_sign_in_but_not_carry_a_session() {
        assert_eq!(post(&[HOST], false), Ok(()));
        assert_eq!(post(&[HOST], true), Err(NO_ORIGIN));
    }

    #[test]
    fn what_any_form_can_send_is_refused() {
        for kind in
            ["text/plain", "TEXT/PLAIN; charset=utf-8", "multipart/form-data; boundary=x", "", "application/x-evil"]
        {
            let mut headers =
                HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static("https://audit.example"))]);
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            let judged = judge(&Method::POST, &Uri::from_static("/x"), &headers, "https://audit.example", true);
            assert_eq!(judged, Err(BAD_SHAPE), "{kind}");
        }
    }

    #[test]
    fn files_come_to_the_page_of_an_import_alone_and_from_our_own_pages() {
        let sent = |path: &'static str, origin| {
            let kind = "multipart/form-data; boundary=x";
            let headers = [(header::ORIGIN, origin), (header::CONTENT_TYPE, kind)];
            let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
            let headers = HeaderMap::from_iter(headers);
            judge(&Method::POST, &Uri::from_static(path), &headers, "https://audit.example", true)
        };
        assert_eq!(sent("/sources/aws/import?do=preview", "https://audit.example"), Ok(()));
        assert_eq!(sent("/sources/aws/import", "https://evil.example"), Err(OTHER_SITE));
        for path in ["/sources/aws", "/sources/aws/x/import", "/import", "/sources/import", "/people/import"] {
            assert_eq!(sent(path, "https://audit.example"), Err(BAD_SHAPE), "{path}");
        }
    }

    #[test]
    fn reading_is_free() {
        let headers = HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static("https://evil.example"))]);
        assert_eq!(judge(&Method::GET, &Uri::from_static("/events"), &headers, "", true), Ok(()));
    }
}
