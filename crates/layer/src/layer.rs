//! The middleware.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use flightbox_event::Actor;
use tower_layer::Layer;
use tower_service::Service;

use crate::{Builder, Recorder, Unrecorded, client::Proxies, visit::Visit};

/// Where a request's id is read and written.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

type Told<T> = Option<Box<dyn Fn(&Parts) -> T + Send + Sync>>;

/// What is recorded of a request.
#[derive(Default)]
pub(crate) struct Rules {
    pub(crate) actor: Told<Option<Actor>>,
    pub(crate) action: Told<Option<String>>,
    pub(crate) skip: Told<bool>,
    pub(crate) proxies: Proxies,
    pub(crate) required: bool,
}

impl Rules {
    pub(crate) fn skips(&self, parts: &Parts) -> bool {
        self.skip.as_ref().is_some_and(|skip| skip(parts))
    }
}

/// Records the requests of the service that it is put around.
#[derive(Clone)]
pub struct AuditLayer {
    rules: Arc<Rules>,
    recorder: Recorder,
}

impl AuditLayer {
    /// A layer that sends to the Flightbox at this URL, as the source that the ingest token belongs to.
    pub fn builder(url: &str, token: &str) -> Builder {
        Builder::new(url, token)
    }

    pub(crate) fn new(rules: Arc<Rules>, recorder: Recorder) -> Self {
        Self { rules, recorder }
    }
}

impl<S> Layer<S> for AuditLayer {
    type Service = AuditService<S>;

    fn layer(&self, inner: S) -> AuditService<S> {
        AuditService { inner, layer: self.clone() }
    }
}

/// A service with an [`AuditLayer`] around it.
#[derive(Clone)]
pub struct AuditService<S> {
    inner: S,
    layer: AuditLayer,
}

impl<S> Service<Request> for AuditService<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The one that is ready is the one to call.
        let unready = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, unready);
        Box::pin(self.layer.clone().handle(inner, request))
    }
}

impl AuditLayer {
    async fn handle<S>(self, mut inner: S, request: Request) -> Result<Response, S::Error>
    where
        S: Service<Request, Response = Response>,
    {
        let (mut parts, body) = request.into_parts();
        let required = self.rules.required;
        if required && !self.rules.skips(&parts) && !self.recorder.queue().admits().await {
            return Ok(self.refuse(None));
        }
        let visit = Visit::begin(&self.rules, &self.recorder, &parts);
        let id = visit.id();
        parts.extensions.insert(visit.audit());
        let answer = inner.call(Request::from_parts(parts, body)).await;
        let status = answer.as_ref().ok().map(|response| response.status());
        if visit.finish(status, required).await.is_err() && required {
            return Ok(self.refuse(id));
        }
        answer.map(|mut response| {
            if let Some(id) = id {
                response.headers_mut().entry(REQUEST_ID).or_insert(id);
            }
            response
        })
    }

    /// The answer to what could not be recorded; nothing of what the service would have answered is in it.
    fn refuse(&self, id: Option<HeaderValue>) -> Response {
        self.recorder.queue().tally.refused.add(1);
        let mut response = Unrecorded.into_response();
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        headers.extend(id.map(|id| (REQUEST_ID, id)));
        response
    }
}
