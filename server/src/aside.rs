//! Recording comes first: everything else runs on threads of its own, which yield the processor to it.
//!
//! On a small machine a few people who page without pause would keep all of its processors busy, and events would wait.
//! The system's scheduler weighs threads by their niceness, and a thread that SQLite gets for a connection is as nice as
//! the one that opened it, so readers yield, too. A slow page holds up no other: nothing is counted or queued here.

use std::{io, panic::resume_unwind, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::{mpsc, oneshot},
    task::JoinSet,
};

use crate::{App, router::RECORDING};

/// How much nicer these threads are: each gets about a third of the processor that a thread which records gets, while
/// both want it, and all of it otherwise.
const NICENESS: i32 = 5;
/// Pieces of an answer that may wait until the connection takes them.
const WAITING: usize = 4;

/// The threads of whatever does not record. Cloning it is cheap.
#[derive(Clone)]
pub struct Aside(Arc<Threads>);

/// `None` once it is being dropped.
struct Threads(Option<Runtime>);

impl Aside {
    /// Starts them, as many as the machine has processors.
    pub fn start() -> io::Result<Self> {
        let yielding = || {
            if let Err(error) = yield_to_recording() {
                tracing::warn!(%error, "pages may take the processor from recording");
            }
        };
        let runtime =
            Builder::new_multi_thread().thread_name("aside").on_thread_start(yielding).enable_all().build()?;
        Ok(Self(Arc::new(Threads(Some(runtime)))))
    }

    fn handle(&self) -> Option<&Handle> {
        self.0.0.as_ref().map(Runtime::handle)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Waiting for them is not allowed where others run, and nothing waits for what they do any more.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The calling thread alone becomes nicer: Linux counts niceness by thread.
fn yield_to_recording() -> rustix::io::Result<()> {
    rustix::process::setpriority_process(None, NICENESS)
}

/// Answers whatever does not record, from the request to the last piece of its answer, on threads that yield. Whoever
/// hangs up ends it.
pub async fn aside(State(app): State<App>, request: Request, next: Next) -> Response {
    let records = request.method() == Method::POST && request.uri().path() == RECORDING;
    let Some(handle) = app.aside.handle().filter(|_| !records) else { return next.run(request).await };
    let (reply, answer) = oneshot::channel();
    let (sender, pieces) = mpsc::channel(WAITING);
    // Dropping it ends its task.
    let mut task = JoinSet::new();
    task.spawn_on(
        async move {
            let (parts, body) = next.run(request).await.into_parts();
            if reply.send(parts).is_ok() {
                forward(body, sender).await;
            }
        },
        handle,
    );
    match answer.await {
        Ok(parts) => Response::from_parts(parts, rest(pieces, task)),
        // It ended without an answer: the panic goes on where it is caught and reported.
        Err(_) => match task.join_next().await {
            Some(Err(error)) if error.is_panic() => resume_unwind(error.into_panic()),
            _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
    }
}

type Piece = Result<Bytes, axum::Error>;

async fn forward(body: Body, sender: mpsc::Sender<Piece>) {
    let mut body = body.into_data_stream();
    while let Some(piece) = body.next().await {
        if sender.send(piece).await.is_err() {
            return;
        }
    }
}

/// The body that comes in pieces. A task that panics cuts it off with an error, not with an end.
fn rest(pieces: mpsc::Receiver<Piece>, task: JoinSet<()>) -> Body {
    Body::from_stream(stream::unfold((pieces, task), |(mut pieces, mut task)| async {
        match pieces.recv().await {
            Some(piece) => Some((piece, (pieces, task))),
            None => match task.join_next().await? {
                Ok(()) => None,
                Err(error) => Some((Err(axum::Error::new(error)), (pieces, task))),
            },
        }
    }))
}
