//! `/events.csv`, `/events.jsonl` and `/events.json`: all that a view finds, as a file, streamed as it is read.

pub mod evidence;
mod format;
mod opened;

use std::convert::Infallible;

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{RawQuery, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::{context::Person, error::AppError, look::Searched, read::search::View, state::ViewState};
use flightbox_domain::{keys::Keys, scope::Sources};
use flightbox_event::Json;
use flightbox_store::{Chunk, Count, Export, StoreError, Stored};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::{sync::mpsc, task::spawn_blocking};

pub use format::Format;
pub use opened::file as opened_file;

use crate::{
    App,
    auth::{Client, SignedIn},
    fault::Fault,
    journal::Action,
    look,
};

/// Said where reading failed half-way.
const UNREADABLE: &str = "The server could not read on. Export again, or narrow the view.";
/// Chunks that are decoded and written while the next is read.
const AT_ONCE: usize = 2;

/// All matches of the view that the URL describes. That somebody took them is recorded before the first of them leaves.
pub async fn download(
    format: Format,
    app: App,
    person: Person,
    signed_in: SignedIn,
    client: Client,
    query: Option<String>,
) -> Result<Response, Response> {
    if !person.roles.may_browse() {
        return Err(StatusCode::FORBIDDEN.into_response());
    }
    let state = ViewState::from_search(&query.unwrap_or_default()).after("");
    let page = state.events();
    let view = match View::of(state, person, app.store.clone(), app.clock.now()) {
        Ok(view) => view,
        // The page says what is wrong, and keeps what was typed.
        Err(AppError::Query(_) | AppError::Window(_)) => return Err(Redirect::to(&page).into_response()),
        Err(error) => return Err(Fault::Broken(error.to_string()).into_response()),
    };
    let failed = |error| Fault::from(error).into_response();
    let export = app.store.export(&view.search(None, 1)).await.map_err(failed)?;
    let rows = export.rows().await.map_err(failed)?;
    let asked = Searched::of(view.state.place.path(), &view.state, &view.query, &view.window, &view.store().rules());
    let details = Json::object(details(&asked, &view.person().sources, format.extension(), rows));
    let entry = signed_in.entry(&app, &client, Action::Export).on(asked.page).with(details);
    entry.commit(&app).await.map_err(|error| Fault::from(error).into_response())?;
    Ok((headers(&app, format), Body::from_stream(file(export, format))).into_response())
}

/// What a file is and is called.
pub fn headers(app: &App, format: Format) -> [(HeaderName, String); 3] {
    attachment(app, "flightbox", format.content_type(), format.extension())
}

/// The headers of a file that is saved under a name that begins like that.
pub fn attachment(app: &App, name: &str, content_type: &str, extension: &str) -> [(HeaderName, String); 3] {
    let time = app.clock.now().format("%Y%m%dT%H%M%SZ");
    [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}-{time}.{extension}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ]
}

/// What was asked, and of which sources: what the file holds can be told from that later.
pub fn details(asked: &Searched, sources: &Sources, format: &str, rows: Count) -> Vec<(&'static str, Json)> {
    let told = [("sources", sources.to_string().into()), ("format", format.into()), ("rows", look::counted(rows))];
    look::asked(asked).into_iter().chain(told).collect()
}

/// The file, part by part. Whoever stops reading stops the export.
fn file(export: Export, format: Format) -> impl Stream<Item = Result<Bytes, Infallible>> {
    piped(move |parts| async move { write(export, format, &parts).await })
}

/// What is written on a task of its own, part by part, as long as somebody reads.
fn piped<W, F>(write: W) -> impl Stream<Item = Result<Bytes, Infallible>>
where
    W: FnOnce(mpsc::Sender<Bytes>) -> F,
    F: Future<Output = Result<(), mpsc::error::SendError<Bytes>>> + Send + 'static,
{
    let (parts, mut file) = mpsc::channel(AT_ONCE);
    let writing = write(parts.clone());
    tokio::spawn(async move {
        tokio::select! {
            _ = writing => {}
            // What is being read for somebody who has left is not read on.
            () = parts.closed() => {}
        }
    });
    // Asked again after its end, as whoever compresses it does, it says again that it has ended.
    stream::poll_fn(move |context| file.poll_recv(context).map(|part| part.map(Ok)))
}

/// Where reading fails half-way the last line says so: a file that ends early must not look whole.
async fn write(
    export: Export,
    format: Format,
    parts: &mpsc::Sender<Bytes>,
) -> Result<(), mpsc::error::SendError<Bytes>> {
    let (mut rows, keys) = (0, &export.keys().clone());
    parts.send(format.head().into()).await?;
    let mut chunks = std::pin::pin!(chunks(export).map(|chunk| decode(chunk, format, keys)).buffered(AT_ONCE));
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok((_, 0)) => {}
            Ok((part, count)) => {
                parts.send(format.join(part, rows == 0)).await?;
                rows += count;
            }
            Err(error) => {
                tracing::error!(%error, rows, "an export stopped half-way");
                return parts.send(format.tail(rows, Some(UNREADABLE)).into()).await;
            }
        }
    }
    parts.send(format.tail(rows, None).into()).await
}

fn chunks(export: Export) -> impl Stream<Item = Result<Chunk, StoreError>> {
    stream::unfold(Some(export), async |export| {
        let mut export = export?;
        match export.next().await.transpose()? {
            Ok(chunk) => Some((Ok(chunk), Some(export))),
            Err(error) => Some((Err(error), None)),
        }
    })
}

/// Decoding and writing are a processor's work, which must not keep requests waiting.
async fn decode(chunk: Result<Chunk, StoreError>, format: Format, keys: &Keys) -> Result<(Vec<u8>, usize), Fault> {
    let chunk = chunk?;
    let keys = keys.clone();
    let written = spawn_blocking(move || {
        let events: Vec<Stored> = chunk.decode()?;
        let mut part = Vec::with_capacity(events.len() * 512);
        events.iter().for_each(|event| format.write(event, Vec::new(), &keys, &mut part));
        Ok::<_, StoreError>((part, events.len()))
    });
    Ok(written.await.map_err(|error| Fault::Broken(error.to_string()))??)
}

/// The route of one format.
pub fn route(format: Format) -> axum::routing::MethodRouter<App> {
    axum::routing::get(
        move |State(app): State<App>,
              Extension(person): Extension<Person>,
              Extension(signed_in): Extension<SignedIn>,
              client: Client,
              RawQuery(query): RawQuery| download(format, app, person, signed_in, client, query),
    )
}
