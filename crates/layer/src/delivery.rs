//! One batch, posted until all of it is settled: taken, refused for good, or to be sent again.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, HeaderValue, Request, StatusCode, Uri, header},
};
use flightbox_event::json;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::builder::BuildError;

/// The most that is read of an answer: a batch's receipts are far below it.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;
/// The longest pause that an answer makes, and that after an answer which people have to mend.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Where batches are posted to, and as whom.
#[derive(Clone)]
pub(crate) struct Server {
    client: legacy::Client<HttpsConnector<HttpConnector>, Body>,
    uri: Uri,
    token: HeaderValue,
    patience: Duration,
}

/// What became of a batch that was taken.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// How many of its events are invalid, and in the server's quarantine.
    pub(crate) quarantined: usize,
    /// Lines that the server takes in no batch.
    pub(crate) unwanted: Vec<u8>,
}

/// Why a batch is to be sent again.
#[derive(Debug)]
pub(crate) struct Later {
    pub(crate) why: String,
    /// When, where the server or the reason says.
    pub(crate) after: Option<Duration>,
}

enum Answer {
    Taken { quarantined: usize },
    Refused(StatusCode),
}

impl Server {
    pub(crate) fn new(url: &str, token: &str, patience: Duration) -> Result<Self, BuildError> {
        let unusable = || BuildError::Url(url.to_owned());
        let base: Uri = url.parse().map_err(|_| unusable())?;
        let tls = match (base.scheme_str(), base.authority()) {
            (Some("http"), Some(_)) => false,
            (Some("https"), Some(_)) => true,
            _ => return Err(unusable()),
        };
        // What is invalid is the server's to keep; it must not hold up what is not.
        let uri = format!("{}/api/v1/events?partial=true", url.trim_end_matches('/'));
        let mut token = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| BuildError::Token)?;
        token.set_sensitive(true);
        let config = ClientConfig::builder_with_provider(ring::default_provider().into());
        let config =
            config.with_safe_default_protocol_versions().map_err(|error| BuildError::Tls(error.to_string()))?;
        let config = if tls {
            config.with_native_roots().map_err(|error| BuildError::Tls(error.to_string()))?
        } else {
            config.with_root_certificates(RootCertStore::empty())
        };
        let connector = HttpsConnectorBuilder::new().with_tls_config(config.with_no_client_auth());
        let client =
            legacy::Client::builder(TokioExecutor::new()).build(connector.https_or_http().enable_http1().build());
        Ok(Self { client, uri: uri.parse().map_err(|_| unusable())?, token, patience })
    }

    /// Posts lines. Where the server refuses them as a batch, their halves are posted, in order.
    pub(crate) async fn deliver(&self, lines: Vec<u8>) -> Result<Taken, Later> {
        let mut taken = Taken::default();
        let mut parts = vec![Bytes::from(lines)];
        while let Some(part) = parts.pop() {
            match self.post(part.clone()).await? {
                Answer::Taken { quarantined } => taken.quarantined += quarantined,
                Answer::Refused(status) => match halves(&part) {
                    Some((first, second)) => parts.extend([second, first]),
                    None => {
                        tracing::error!(%status, "the audit server refuses an event for good");
                        taken.unwanted.extend_from_slice(&part);
                    }
                },
            }
        }
        Ok(taken)
    }

    async fn post(&self, lines: Bytes) -> Result<Answer, Later> {
        let later = |why: String| Later { why, after: None };
        match tokio::time::timeout(self.patience, self.exchange(lines)).await {
            Ok(Ok((status, headers, body))) => judge(status, &headers, &body),
            Ok(Err(why)) => Err(later(why)),
            Err(_) => Err(later(format!("no answer in {:?}", self.patience))),
        }
    }

    async fn exchange(&self, lines: Bytes) -> Result<(StatusCode, HeaderMap, Bytes), String> {
        let request = Request::post(self.uri.clone())
            .header(header::AUTHORIZATION, self.token.clone())
            .header(header::CONTENT_TYPE, "application/x-ndjson")
            .header(header::USER_AGENT, concat!("flightbox-layer/", env!("CARGO_PKG_VERSION")))
            .body(Body::from(lines))
            .map_err(|error| error.to_string())?;
        let answer = self.client.request(request).await.map_err(|error| causes(&error))?;
        let (head, body) = answer.into_parts();
        let body = to_bytes(Body::new(body), LONGEST_ANSWER).await.map_err(|error| causes(&error))?;
        Ok((head.status, head.headers, body))
    }
}

/// What an answer means for the batch. Only what is about these very bytes is final: a wrong token or a wrong URL is
/// mended by people, and until then nothing may be lost.
fn judge(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Answer, Later> {
    let retry_after = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let why = format!("the server answered {status}");
    match status.as_u16() {
        207 => Ok(Answer::Taken { quarantined: complained(body) }),
        200..=299 => Ok(Answer::Taken { quarantined: 0 }),
        400 | 409 | 413 | 422 => Ok(Answer::Refused(status)),
        429 | 500..=599 => {
            Err(Later { why, after: retry_after.map(|seconds| Duration::from_secs(seconds).min(LONGEST_PAUSE)) })
        }
        _ => Err(Later { why, after: Some(LONGEST_PAUSE) }),
    }
}

/// How many events an answer complains of.
fn complained(body: &[u8]) -> usize {
    let answer = json::parse(body).unwrap_or_default();
    let errors = answer.get("errors").and_then(|errors| errors.as_array()).unwrap_or_default();
    let mut indexes: Vec<_> = errors.iter().filter_map(|error| error.get("index")).map(ToString::to_string).collect();
    indexes.dedup();
    indexes.len()
}

/// The lines in two parts; `None` where it is one line.
fn halves(lines: &Bytes) -> Option<(Bytes, Bytes)> {
    let ends: Vec<_> = (0..lines.len()).filter(|at| lines[*at] == b'\n').collect();
    let middle = ends.get(ends.len().checked_sub(1)? / 2)? + 1;
    (middle < lines.len()).then(|| (lines.slice(..middle), lines.slice(middle..)))
}

/// An error with what lies beneath it, which is where the reason stands.
fn causes(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_have_all_lines_and_come_to_an_end() {
        let mut parts = vec![Bytes::from_static(b"1\n22\n333\n4444\n5\n")];
        let mut lines = Vec::new();
        while let Some(part) = parts.pop() {
            match halves(&part) {
                Some((first, second)) => parts.extend([second, first]),
                None => lines.push(part),
            }
        }
        assert_eq!(lines, ["1\n", "22\n", "333\n", "4444\n", "5\n"]);
        assert_eq!(halves(&Bytes::new()), None);
    }

    #[test]
    fn only_what_is_about_the_bytes_is_final() {
        let answer = |status| judge(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), b"{}");
        for status in [200, 201, 207] {
            assert!(matches!(answer(status), Ok(Answer::Taken { quarantined: 0 })), "{status}");
        }
        for status in [400, 409, 413, 422] {
            assert!(matches!(answer(status), Ok(Answer::Refused(_))), "{status}");
        }
        for status in [301, 401, 403, 404, 405, 429, 500, 503, 507] {
            assert!(answer(status).is_err(), "{status}");
        }
    }

    #[test]
    fn a_server_says_when_to_come_again_within_reason() {
        for (said, after) in [("7", Some(Duration::from_secs(7))), ("86400", Some(LONGEST_PAUSE)), ("soon", None)] {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static(said))]);
            assert_eq!(judge(StatusCode::SERVICE_UNAVAILABLE, &headers, b"").err().unwrap().after, after);
        }
    }

    #[test]
    fn an_event_with_two_problems_counts_once() {
        let body = br#"{"errors": [{"index": 1}, {"index": 1}, {"index": 4}]}"#;
        assert_eq!(complained(body), 2);
    }
}
