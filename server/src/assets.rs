//! Scripts, styles and icons, embedded in the binary by `build.rs` and served under `/pkg/`.
//!
//! A file's name carries the hash of its content, so browsers keep it for ever: the next version
//! has another name. Each is packed when it is bundled, never while it is served.

use axum::{
    extract::{Path, rejection::PathRejection},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY},
    },
    response::{IntoResponse, Response},
};

/// An embedded file.
#[derive(Debug)]
pub struct Asset {
    /// What the sources call it, such as `favicon.svg`.
    pub name: &'static str,
    /// What browsers call it: the name with its content's hash.
    pub file: &'static str,
    /// Where it is served.
    pub path: &'static str,
    /// Its bytes.
    pub plain: &'static [u8],
    /// Its bytes packed with brotli, where that is smaller.
    pub br: Option<&'static [u8]>,
    /// Its bytes packed with gzip, where that is smaller.
    pub gzip: Option<&'static [u8]>,
}

/// The page that verifies evidence: one file that needs no other.
pub const VERIFIER: &str = "verify.html";

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Every embedded file. None, in a binary that was built without `make`.
pub fn all() -> &'static [Asset] {
    ASSETS
}

/// The file that the sources call so.
pub fn named(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// Where a file of `style/icons` or `app/scripts` is served, by the name it has there.
pub fn path(name: &str) -> Option<&'static str> {
    named(name).map(|asset| asset.path)
}

/// Where the style sheet is served.
pub fn stylesheet() -> Option<&'static str> {
    path("flightbox.css")
}

/// What leptos calls the output name: the script is `NAME.js`, its module `NAME_bg.wasm`.
/// Without one there are no islands to start, and pages should leave the script out.
pub fn output_name() -> Option<&'static str> {
    named("flightbox.js")?.file.strip_suffix(".js")
}

/// `GET /pkg/{file}`, whatever stands there.
pub async fn serve(file: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    // A look-up among a handful of names: no path reaches a file system.
    match ASSETS.iter().find(|asset| file.as_ref().is_ok_and(|Path(file)| asset.file == file)) {
        Some(asset) => respond(asset, &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /verify`: the page that verifies evidence, as [`VERIFIER`] has it, under the policy that it names itself.
pub async fn verify(headers: HeaderMap) -> Response {
    let page = named(VERIFIER).and_then(|asset| Some((asset, policy(asset.plain)?)));
    let Some((asset, policy)) = page else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = respond(asset, &headers);
    // The same address has another page after an update.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// The policy in a page's head, and that nobody may frame it, which only a header can say.
fn policy(page: &[u8]) -> Option<HeaderValue> {
    let page = std::str::from_utf8(page).ok()?;
    let (_, rest) = page.split_once("<meta http-equiv=\"Content-Security-Policy\" content=\"")?;
    let (policy, _) = rest.split_once('"')?;
    format!("{policy}; frame-ancestors 'none'").parse().ok()
}

fn respond(asset: &'static Asset, headers: &HeaderMap) -> Response {
    let (encoding, bytes) = choose(asset, headers);
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(asset.file)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The smallest form that the client takes. Which of two it would rather have is ignored: its
/// wish is for small answers too.
fn choose(asset: &Asset, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    for (encoding, packed) in [("br", asset.br), ("gzip", asset.gzip)] {
        if let Some(packed) = packed
            && accepts(headers, encoding)
        {
            return (Some(encoding), packed);
        }
    }
    (None, asset.plain)
}

/// Whether `Accept-Encoding` names the encoding, or all of them, without refusing it by `q=0`.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let mut accepted = false;
    for value in headers.get_all(ACCEPT_ENCODING) {
        for item in value.to_str().unwrap_or_default().split(',') {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let refused = parameters.trim().strip_prefix("q=").is_some_and(|weight| weight.trim().parse() == Ok(0.0));
            match name.trim() {
                // Its own entry decides, wherever it stands.
                name if name.eq_ignore_ascii_case(encoding) => return !refused,
                "*" => accepted = !refused,
                _ => {}
            }
        }
    }
    accepted
}

/// Browsers refuse a script, a style sheet or a module of any other type.
fn content_type(file: &str) -> &'static str {
    match file.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    static SCRIPT: Asset = Asset {
        name: "a.js",
        file: "a-0.js",
        path: "/pkg/a-0.js",
        plain: b"plain",
        br: Some(b"br"),
        gzip: Some(b"gzip"),
    };
    static ICON: Asset =
        Asset { name: "a.png", file: "a-0.png", path: "/pkg/a-0.png", plain: b"plain", br: None, gzip: None };

    fn headers(accept: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_static(value));
        }
        headers
    }

    fn chosen(asset: &'static Asset, accept: &[&'static str]) -> &'static [u8] {
        choose(asset, &headers(accept)).1
    }

    #[test]
    fn the_smallest_form_that_the_client_takes() {
        assert_eq!(chosen(&SCRIPT, &["gzip, deflate, br, zstd"]), b"br");
        assert_eq!(chosen(&SCRIPT, &["gzip, deflate"]), b"gzip");
        assert_eq!(chosen(&SCRIPT, &["deflate"]), b"plain");
        assert_eq!(chosen(&SCRIPT, &[]), b"plain");
        assert_eq!(chosen(&SCRIPT, &["gzip", "br"]), b"br");
        assert_eq!(chosen(&SCRIPT, &["BR"]), b"br");
    }

    #[test]
    fn a_refused_form_is_not_sent() {
        assert_eq!(chosen(&SCRIPT, &["br;q=0, gzip;q=0.5"]), b"gzip");
        assert_eq!(chosen(&SCRIPT, &["br; q=0.000, *"]), b"gzip");
        assert_eq!(chosen(&SCRIPT, &["*;q=0"]), b"plain");
        assert_eq!(chosen(&SCRIPT, &["*"]), b"br");
    }

    #[test]
    fn what_packing_did_not_make_smaller_is_sent_plain() {
        assert_eq!(chosen(&ICON, &["gzip, br"]), b"plain");
    }

    #[tokio::test]
    async fn browsers_are_told_the_type_the_packing_and_to_keep_it() {
        let response = respond(&SCRIPT, &headers(&["br"]));
        let sent = |name| response.headers().get(name).unwrap().to_str().unwrap();
        assert_eq!(sent(CONTENT_TYPE), "text/javascript; charset=utf-8");
        assert_eq!(sent(CONTENT_ENCODING), "br");
        assert_eq!(sent(CACHE_CONTROL), "public, max-age=31536000, immutable");
        assert_eq!(sent(VARY), "accept-encoding");
        assert_eq!(to_bytes(response.into_body(), 9).await.unwrap(), "br");

        let plain = respond(&ICON, &HeaderMap::new());
        assert_eq!(plain.headers()[CONTENT_TYPE], "image/png");
        assert!(!plain.headers().contains_key(CONTENT_ENCODING));
    }

    #[tokio::test]
    async fn a28_anything_else_is_not_found() {
        for file in ["", "..", "../Cargo.toml", "/etc/passwd", "flightbox.js"] {
            let response = serve(Ok(Path(file.to_owned())), HeaderMap::new()).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{file}");
        }
    }

    #[tokio::test]
    async fn every_embedded_file_is_served_under_a_known_type() {
        for asset in all() {
            let response = serve(Ok(Path(asset.file.to_owned())), HeaderMap::new()).await;
            assert_eq!(response.status(), StatusCode::OK, "{}", asset.file);
            assert_ne!(content_type(asset.file), "application/octet-stream");
        }
    }

    #[tokio::test]
    async fn the_page_that_verifies_names_its_policy_where_there_is_one() {
        let response = verify(HeaderMap::new()).await;
        if named(VERIFIER).is_none() {
            return assert_eq!(response.status(), StatusCode::NOT_FOUND);
        }
        let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; connect-src 'none';"), "{policy}");
        assert!(policy.ends_with("; frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(policy.matches("'sha256-").count(), 2);
    }

    #[test]
    fn script_and_module_share_the_name_that_pages_compose_them_from() {
        let Some(name) = output_name() else { return };
        let module = path("flightbox_bg.wasm").unwrap();
        assert_eq!(module, format!("/pkg/{name}_bg.wasm"));
    }
}
