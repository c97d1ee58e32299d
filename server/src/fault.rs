//! What breaks on our side: logged once with everything, answered with an id and nothing else.

use std::any::Any;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use flightbox_app::{error::AppError, pages::fault::document};
use flightbox_domain::record::hex;
use flightbox_store::{AddError, AppendError, StoreError};

use crate::{App, auth::password::HashError, headers::STILL_PAGE, pages};

/// Why a request could not be served, though nothing was wrong with it. Its text is for the log alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nobody foresaw it.
    #[error("{0}")]
    Broken(String),
    /// It took longer than anybody should wait for.
    #[error("it took too long")]
    Slow,
    /// Too much at once; try again in a second.
    #[error("too much at once: {0}")]
    Busy(String),
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
}

impl Fault {
    /// What kept something from being read that is shown otherwise.
    pub fn of(error: AppError) -> Self {
        match error {
            AppError::TooSlow => Fault::Slow,
            AppError::Busy => Fault::Busy("a look was not recorded".to_owned()),
            error => Fault::Broken(error.to_string()),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Fault::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Fault::Slow | Fault::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            Fault::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Fault::Broken(_) => "internal",
            Fault::Slow => "too_slow",
            Fault::Busy(_) => "busy",
            Fault::DiskFull => "disk_full",
        }
    }

    /// What the sender may know.
    fn message(&self) -> &'static str {
        match self {
            Fault::Broken(_) => "Something went wrong on the server; its log has more under this id.",
            Fault::Slow => "This takes too long; ask for a narrower window, or for less.",
            Fault::Busy(_) => "The server has too much to do at the moment; try again shortly.",
            Fault::DiskFull => "The server's disk is full; nothing was stored.",
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooSlow => Fault::Slow,
            error => Fault::Broken(error.to_string()),
        }
    }
}

impl From<AppendError> for Fault {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::DiskFull => Fault::DiskFull,
            AppendError::Busy | AppendError::Failed(_) => Fault::Busy(error.to_string()),
            AppendError::Conflict { .. } => Fault::Broken(error.to_string()),
        }
    }
}

impl From<AddError> for Fault {
    fn from(error: AddError) -> Self {
        Fault::Broken(error.to_string())
    }
}

impl From<HashError> for Fault {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Fault::Busy(error.to_string()),
            HashError::Failed(_) => Fault::Broken(error.to_string()),
        }
    }
}

/// The fault travels with the answer; [`report`] gives it its words.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What a handler that panicked answers with; for `CatchPanicLayer::custom`.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    Fault::Broken(format!("a handler panicked: {}", text.unwrap_or("without a word"))).into_response()
}

/// The layer that logs a fault and tells the sender its id. It stands outside everything that can fail.
pub async fn report(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let wants_page = !path.starts_with("/api/") && accepts_html(&request);
    let mut response = next.run(request).await;
    let Some(fault) = response.extensions_mut().remove::<Fault>() else { return response };
    let id = hex(&app.random.bytes::<6>());
    // Debug escapes line breaks and control characters: one fault, one line.
    tracing::error!(%id, ?path, ?fault, "a request failed");
    let mut response = if wants_page { page(&fault, &id) } else { json(&fault, &id) };
    if matches!(fault, Fault::Busy(_)) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn accepts_html(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn json(fault: &Fault, id: &str) -> Response {
    let body = serde_json::json!({"code": fault.code(), "message": fault.message(), "id": id});
    (fault.status(), Json(body)).into_response()
}

/// A page that needs nothing that could be what broke.
fn page(fault: &Fault, id: &str) -> Response {
    let status = fault.status();
    let page = document(&pages::linked(), status.as_u16(), fault.message(), id);
    (status, [(header::CONTENT_SECURITY_POLICY, STILL_PAGE)], Html(page)).into_response()
}
