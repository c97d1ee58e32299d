//! Headers on every answer, whatever became of the request.

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
            X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    response::Response,
};
use leptos::{nonce::use_nonce, prelude::use_context};
use leptos_axum::ResponseOptions;

use crate::App;

/// The policy of whatever is no page: nothing may be loaded from it, nobody may frame it.
const NO_PAGE: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

/// The policy of a page that has styles and an icon, and no script.
pub const STILL_PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// The same for every answer.
const ALWAYS: [(HeaderName, HeaderValue); 6] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Our own pages are told where a form came from, nobody else is.
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
             microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()",
        ),
    ),
];

/// Two years, as the browsers' preload lists ask for; subdomains are not ours to decide about.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// The outermost layer. Two headers an answer may have set itself: the policy of a page with its nonce, and how long a
/// file may be kept; else nothing is kept.
pub async fn secure(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    fill(response.headers_mut(), app.is_https());
    response
}

fn fill(headers: &mut HeaderMap, https: bool) {
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NO_PAGE);
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
}

/// Gives the page that is being rendered its policy. To be called where pages get their context, for there the nonce is
/// known that the page's own scripts carry.
pub fn provide_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    if let Ok(policy) = HeaderValue::from_str(&policy(&nonce)) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

fn policy(nonce: &str) -> String {
    // 'wasm-unsafe-eval' compiles wasm and evaluates no script.
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_says_itself_is_kept_and_the_rest_is_filled_in() {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("ALLOWALL"));
        fill(&mut headers, true);
        assert_eq!(headers[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(headers[CONTENT_SECURITY_POLICY], NO_PAGE);
        assert_eq!(headers.get_all(X_FRAME_OPTIONS).iter().collect::<Vec<_>>(), ["DENY"]);
        assert_eq!(headers[STRICT_TRANSPORT_SECURITY], "max-age=63072000");

        let mut plain = HeaderMap::new();
        fill(&mut plain, false);
        assert_eq!(plain[CACHE_CONTROL], "no-store");
        assert!(!plain.contains_key(STRICT_TRANSPORT_SECURITY));
    }

    #[test]
    fn the_only_unsafe_thing_is_wasm() {
        let policy = policy("abc");
        assert_eq!(policy.matches("unsafe").count(), 1);
        assert!(policy.contains("script-src 'self' 'nonce-abc' 'wasm-unsafe-eval';"));
    }
}
