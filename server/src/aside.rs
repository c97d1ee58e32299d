//! Recording comes first: everything else runs on threads of its own, which yield the processor to it. And the log's
//! writer, the one thread that every event passes, comes before those that make batches ready for it.
//!
//! On a small machine a few people who page without pause would keep all of its processors busy, and events would wait.
//! The system's scheduler weighs threads by their niceness, and a thread that SQLite gets for a connection is as nice as
//! the one that opened it: so the connections that read are opened here, but for the one that finds producers' tokens.
//! A slow page holds up no other here: nothing is counted or queued.

use std::{io, panic::resume_unwind, sync::Arc, thread::available_parallelism};

use axum::{
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinSet,
};
use tracing::instrument::WithSubscriber;

use crate::{App, router::RECORDING};

/// How much nicer than the writer those threads are that read requests and make batches ready.
const INTAKE: i32 = 3;
/// How nice these threads are: each gets about a fifth of the processor that one of those gets, while both want it, and
/// all of it otherwise.
const NICENESS: i32 = 10;
/// The most pieces of an answer that go together.
const TOGETHER: usize = 16;

/// The threads of whatever does not record. Cloning it is cheap.
#[derive(Clone)]
pub struct Aside(Arc<Threads>);

/// `None` once it is being dropped.
struct Threads(Option<Runtime>);

impl Aside {
    /// Starts them, as many as the machine has processors.
    pub fn start() -> io::Result<Self> {
        Ok(Self(Arc::new(Threads(Some(threads("aside", NICENESS).build()?)))))
    }

    /// Has something done on one of them, and waits for it.
    pub async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
        self.handle()?.spawn(work).await.ok()
    }

    /// Has a job run there; nowhere, where they are about to end.
    pub fn spawn(&self, jobs: &mut JoinSet<()>, job: impl Future<Output = ()> + Send + 'static) {
        if let Some(handle) = self.handle() {
            jobs.spawn_on(job, handle);
        }
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

/// The threads that commands run on. A log that is opened outside of them, by the thread that waits for the command, has
/// a writer which is less nice than they are.
///
/// Two batches for each processor are made ready at once: more would take memory, and turns from each other.
pub fn intake() -> io::Result<Runtime> {
    let processors = available_parallelism()?.get();
    threads("intake", INTAKE).max_blocking_threads(2 * processors).build()
}

/// As many threads as the machine has processors, and as nice. Linux counts niceness by thread.
fn threads(name: &str, niceness: i32) -> Builder {
    let yielding = move || {
        if let Err(error) = rustix::process::setpriority_process(None, niceness) {
            tracing::warn!(%error, "less urgent threads may take the processor from recording");
        }
    };
    let mut builder = Builder::new_multi_thread();
    builder.thread_name(name).on_thread_start(yielding).enable_all();
    builder
}

/// Answers whatever does not record, from the request to the last piece of its answer, on threads that yield. Whoever
/// hangs up ends it.
pub async fn aside(State(app): State<App>, request: Request, next: Next) -> Response {
    let records = request.method() == Method::POST && request.uri().path() == RECORDING;
    let Some(handle) = app.aside.handle().filter(|_| !records) else { return next.run(request).await };
    // Dropping it ends its task.
    let mut running = JoinSet::new();
    running.spawn_on(next.run(request).with_current_subscriber(), handle);
    let response = match running.join_next().await {
        Some(Ok(response)) => response,
        // What the layers below did not catch ends its connection, as it would without this one.
        Some(Err(error)) if error.is_panic() => resume_unwind(error.into_panic()),
        _ => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    // What is whole already needs no more work, and can say how long it is.
    match response.body().size_hint().exact() {
        Some(_) => response,
        None => response.map(|body| in_pieces(body, handle.clone())),
    }
}

/// The same body, its pieces made on threads that yield once they are wanted: none before, for until then it may be
/// decided that they must not leave. What is ready with a piece goes along, or a browser would paint what has come
/// between two of them. If they panic, the body breaks off with an error.
fn in_pieces(body: Body, handle: Handle) -> Body {
    let made = stream::unfold(Some(body.into_data_stream().ready_chunks(TOGETHER)), move |body| {
        let handle = handle.clone();
        async move {
            let mut body = body?;
            let mut running = JoinSet::new();
            running.spawn_on(async move { (body.next().await, body) }, &handle);
            match running.join_next().await? {
                Ok((pieces, rest)) => Some((pieces?, Some(rest))),
                Err(error) => Some((vec![Err(axum::Error::new(error))], None)),
            }
        }
    });
    Body::from_stream(made.flat_map(stream::iter))
}
