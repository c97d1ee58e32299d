//! The terms of a request and its response.
//!
//! | event | terms |
//! |---|---|
//! | method GET, status 200 | none |
//! | another method | its own; a method that is none of [`METHODS`] also [`OTHER_METHOD`] |
//! | another status | its own; one that is none of [`SUCCESSES`] also its class, of 2xx without 200 |
//! | no method, no status, neither | [`NO_METHOD`], [`NO_STATUS`], [`NEITHER`] |
//!
//! So the absence of a handful of terms tells GET and 200, of which there are most, and a stream of GET and POST with
//! status 200 pays for one term with every POST.

use flightbox_event::Http;

use super::{Field, Terms};

/// Methods that one term each is enough for. GET has none.
pub(crate) const METHODS: &[&str] = &["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE"];
/// Statuses that one term each is enough for. 200 has none.
pub(crate) const SUCCESSES: &[u16] = &[201, 202, 204, 206];

// U+0201 is no letter of a value, so that no method and no status has one of these terms.
pub(crate) const OTHER_METHOD: &str = "m\u{201}";
pub(crate) const NO_METHOD: &str = "m\u{201}n";
pub(crate) const NO_STATUS: &str = "h\u{201}n";
pub(crate) const NEITHER: &str = "n";

/// The term of a status's class. Statuses are 100 to 599.
pub(crate) fn class(status: u16) -> String {
    format!("h{}\u{201}", status / 100)
}

pub(super) fn push(terms: &mut Terms<'_>, http: Option<&Http>) {
    let method = http.and_then(|http| http.method.as_deref()).map(str::to_ascii_uppercase);
    let status = http.and_then(|http| http.status);
    match (&method, status) {
        (None, None) => terms.mark(NEITHER),
        (None, Some(_)) => terms.mark(NO_METHOD),
        (Some(_), None) => terms.mark(NO_STATUS),
        (Some(_), Some(_)) => {}
    }
    if let Some(method) = method.as_deref().filter(|method| *method != "GET") {
        terms.add(Field::Method, method);
        if !METHODS.contains(&method) {
            terms.mark(OTHER_METHOD);
        }
    }
    if let Some(status) = status.filter(|status| *status != 200) {
        terms.add(Field::Status, &status.to_string());
        if !SUCCESSES.contains(&status) {
            terms.mark(&class(status));
        }
    }
}
