//! What a caller may not do, told to programs.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A server function was called, or something changed, by somebody who is not signed in.
    SignedOut,
    /// No bearer token came.
    NoToken,
    /// The token is unknown, revoked, or of the other kind.
    BadToken,
    /// The token's source is disabled.
    DisabledSource,
    /// An ingest token was used to read.
    CannotRead,
    /// The token has no role.
    NoRole,
    /// The request came from another site, or in a shape that other sites can send.
    Foreign(&'static str),
}

impl Refusal {
    /// What is recorded of it, and the code in the answer.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::SignedOut => "sign_in_required",
            Refusal::NoToken => "no_token",
            Refusal::BadToken => "bad_token",
            Refusal::DisabledSource => "source_disabled",
            Refusal::CannotRead => "ingest_token",
            Refusal::NoRole => "forbidden",
            Refusal::Foreign(_) => "foreign_request",
        }
    }

    /// The sentence in the answer.
    pub fn message(self) -> &'static str {
        match self {
            Refusal::SignedOut => "Sign in first.",
            Refusal::NoToken => "Send a token: Authorization: Bearer fb…",
            Refusal::BadToken => "This token is not valid here.",
            Refusal::DisabledSource => "The source of this token is disabled.",
            Refusal::CannotRead => "An ingest token appends to its source and reads nothing; use a read token.",
            Refusal::NoRole => "This token has no role.",
            Refusal::Foreign(why) => why,
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Refusal::SignedOut | Refusal::NoToken | Refusal::BadToken => StatusCode::UNAUTHORIZED,
            Refusal::DisabledSource | Refusal::CannotRead | Refusal::NoRole | Refusal::Foreign(_) => {
                StatusCode::FORBIDDEN
            }
        }
    }

    /// How to do better (RFC 9110, section 11.6.1; RFC 6750, section 3).
    fn challenge(self) -> Option<HeaderValue> {
        let challenge = match self {
            Refusal::SignedOut => "Cookie realm=\"flightbox\", form-action=\"/sign-in\"",
            Refusal::NoToken => "Bearer realm=\"flightbox\"",
            Refusal::BadToken => "Bearer realm=\"flightbox\", error=\"invalid_token\"",
            _ => return None,
        };
        Some(HeaderValue::from_static(challenge))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = serde_json::json!({"code": self.code(), "message": self.message()});
        let mut response = (self.status(), Json(body)).into_response();
        if let Some(challenge) = self.challenge() {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
