//! Programs: extractors for whoever sends a bearer token.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use flightbox_domain::{
    name::{SourceName, TokenName},
    role::Roles,
    scope::{Scope, Sources},
    secret::{Secret, SecretKind},
};
use flightbox_event::Outcome;
use flightbox_store::StoreError;

use super::{Client, Refusal, TOUCH};
use crate::{
    App,
    fault::Fault,
    journal::{Action, By, Entry},
};

/// A producer, known by its ingest token: it may append to this source and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Producer {
    /// The source that its events get.
    pub source: SourceName,
}

/// A program that reads, known by its read token. It has some role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The token's name.
    pub name: TokenName,
    /// What it may do.
    pub roles: Roles,
    /// Which sources it may see.
    pub sources: Sources,
}

impl Reader {
    /// What it may see; Flightbox's own record only when it was asked for, and with a role that may see it.
    pub fn scope(&self, asked_for_access: bool) -> Scope {
        Scope::new(self.sources.clone(), asked_for_access && self.roles.may_see_access())
    }
}

impl FromRequestParts<App> for Producer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        match Self::known(app, &parts.headers, app.clock.now())
            .await
            .map_err(|error| Fault::from(error).into_response())?
        {
            Ok(producer) => Ok(producer),
            Err(refused) => Err(refuse(app, parts, refused).await),
        }
    }
}

impl Producer {
    /// Whoever these headers' token is of, whatever they came by; or why it is refused, and who tried. A token that has
    /// ended since is good for what was sent before; one that was revoked is not.
    ///
    /// # Errors
    /// Where that cannot be looked up.
    pub async fn known(
        app: &App,
        headers: &HeaderMap,
        sent_at: DateTime<Utc>,
    ) -> Result<Result<Self, (Refusal, By)>, StoreError> {
        let secret = match secret(headers) {
            Ok(secret) => secret,
            Err(refusal) => return Ok(Err((refusal, By::Stranger))),
        };
        Ok(match app.store.producer_by_token(&secret.hash(), sent_at.min(app.clock.now())).await? {
            Some(producer) if !producer.disabled => {
                let touch = || app.store.touch_ingest_token(&producer, app.clock.now());
                note_use(app, producer.used_at, touch).await;
                Ok(Self { source: producer.source })
            }
            Some(producer) => Err((Refusal::DisabledSource, By::Source(producer.source))),
            None => Err((Refusal::BadToken, By::Stranger)),
        })
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let fault = |error| Fault::from(error).into_response();
        let refused = match secret(&parts.headers) {
            Ok(secret) if secret.kind() == SecretKind::Ingest => {
                match app.store.producer_by_token(&secret.hash(), app.clock.now()).await.map_err(fault)? {
                    Some(producer) => (Refusal::CannotRead, By::Source(producer.source)),
                    None => (Refusal::BadToken, By::Stranger),
                }
            }
            Ok(secret) => match app.store.token_by_hash(&secret.hash(), app.clock.now()).await.map_err(fault)? {
                Some(token) if token.roles.may_browse() => {
                    let touch = || app.store.touch_token(&token.name, app.clock.now());
                    note_use(app, token.used_at, touch).await;
                    return Ok(Self { name: token.name, roles: token.roles, sources: token.sources });
                }
                Some(token) => (Refusal::NoRole, By::Token(token.name)),
                None => (Refusal::BadToken, By::Stranger),
            },
            Err(refusal) => (refusal, By::Stranger),
        };
        Err(refuse(app, parts, refused).await)
    }
}

/// Notes that a token is in use. Whoever uses it goes on where that cannot be written, on a full disk for one.
async fn note_use<F>(app: &App, used_at: Option<DateTime<Utc>>, note: impl FnOnce() -> F)
where
    F: Future<Output = Result<(), StoreError>>,
{
    if used_at.is_some_and(|used| app.clock.now() - used < TOUCH) {
        return;
    }
    if let Err(error) = note().await {
        tracing::warn!(%error, "the use of a token was not noted");
    }
}

/// The bearer token of a request (RFC 6750, section 2.1). Two of them are none.
fn secret(headers: &HeaderMap) -> Result<Secret, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(if headers.contains_key(header::AUTHORIZATION) { Refusal::BadToken } else { Refusal::NoToken });
    };
    let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or(Refusal::BadToken)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::NoToken);
    }
    Secret::parse(token.trim()).ok_or(Refusal::BadToken)
}

/// Refuses, and records it unless this network's refusals are being recorded already.
async fn refuse(app: &App, parts: &mut Parts, (refusal, by): (Refusal, By)) -> Response {
    let Ok(client) = Client::from_request_parts(parts, app).await;
    if app.gate.is_worth_recording(client.network(), app.clock.now()) {
        let entry = Entry::new(Action::Refuse, by).on(parts.uri.path()).from(&client);
        entry.ended(Outcome::Denied, refusal.code()).commit_or_log(app).await;
    }
    refusal.into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(values: &[&str]) -> Result<String, Refusal> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        secret(&headers).map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn one_bearer_token_of_ours_is_read() {
        let token = format!("fbi_{}", "0".repeat(64));
        for scheme in ["Bearer", "bearer", "BEARER"] {
            assert_eq!(read(&[&format!("{scheme} {token}")]), Ok(token.clone()));
        }
        assert_eq!(read(&[]), Err(Refusal::NoToken));
        assert_eq!(read(&["Basic YTpi"]), Err(Refusal::NoToken));
        assert_eq!(read(&["Bearer"]), Err(Refusal::BadToken));
        assert_eq!(read(&["Bearer secret"]), Err(Refusal::BadToken));
        assert_eq!(read(&[&format!("Bearer {token}"), &format!("Bearer {token}")]), Err(Refusal::BadToken));
    }
}
