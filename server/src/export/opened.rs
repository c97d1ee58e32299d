//! An export whose sealed values are opened. Whoever calls this was granted it, and it is recorded.

use std::convert::Infallible;

use axum::body::Bytes;
use flightbox_domain::{keys::Keys, seal::Place};
use flightbox_event::{Json, Outcome};
use flightbox_store::{Chunk, Export, Revealed, Store, Stored};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::{runtime::Handle, task::spawn_blocking};

use super::{Format, UNREADABLE};
use crate::{App, auth::grant::Grant, fault::Fault, journal::Entry};

/// Said where the right to it ended half-way.
const ENDED: &str = "Your session or what you confirmed has ended meanwhile. Sign in, confirm and export again.";

/// A file that is being written.
struct Writing {
    app: App,
    export: Export,
    format: Format,
    grant: Grant,
    entry: Entry,
    rows: usize,
    begun: bool,
}

/// The file, part by part. Nothing is opened before somebody reads on, and before each part it is asked again whether
/// they still may. `entry` is what was recorded, and is recorded as failed, too, where the file ends early.
pub fn file(
    app: App,
    export: Export,
    format: Format,
    grant: Grant,
    entry: Entry,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    let writing = Writing { app, export, format, grant, entry, rows: 0, begun: false };
    let parts = stream::unfold(Some(writing), async |writing| {
        let mut writing = writing?;
        match writing.part().await {
            Ok(Some(part)) => Some((Ok(part), Some(writing))),
            Ok(None) => Some((Ok(writing.format.tail(writing.rows, None).into()), None)),
            Err(why) => Some((Ok(writing.cut(why).await), None)),
        }
    });
    // Asked again after its end, as whoever compresses it does, it says again that it has ended.
    parts.fuse()
}

impl Writing {
    /// The next part; `None` at the end.
    async fn part(&mut self) -> Result<Option<Bytes>, &'static str> {
        if !self.begun {
            self.begun = true;
            return Ok(Some(self.format.head().into()));
        }
        loop {
            let Some(chunk) = self.export.next().await.map_err(|error| unreadable(&error))? else { return Ok(None) };
            // As late as can be: what was read is not opened for whoever may not see it any more.
            if !self.grant.still(&self.app).await.map_err(|fault| unreadable(&fault))? {
                return Err(ENDED);
            }
            let (store, keys, format) = (self.app.store.clone(), self.export.keys().clone(), self.format);
            let written = spawn_blocking(move || write(&store, chunk, format, &keys)).await;
            let (part, rows) =
                written.map_err(|error| unreadable(&error))?.map_err(|fault: Fault| unreadable(&fault))?;
            if rows > 0 {
                let first = self.rows == 0;
                self.rows += rows;
                return Ok(Some(self.format.join(part, first)));
            }
        }
    }

    /// A file that ends early must not look whole, nor must its record.
    async fn cut(self, why: &'static str) -> Bytes {
        let reason = if why == ENDED { "the session or its step-up ended half-way" } else { "it could not be read on" };
        let entry = self.entry.with_detail("left", (self.rows as i64).into());
        entry.ended(Outcome::Failure, reason).commit_or_log(&self.app).await;
        self.format.tail(self.rows, Some(why)).into()
    }
}

fn unreadable(error: &dyn std::fmt::Debug) -> &'static str {
    tracing::error!(?error, "an export of sealed values stopped half-way");
    UNREADABLE
}

/// Decoding, opening and writing are a processor's work, which must not keep requests waiting.
fn write(store: &Store, chunk: Chunk, format: Format, keys: &Keys) -> Result<(Vec<u8>, usize), Fault> {
    let events: Vec<Stored> = chunk.decode()?;
    let opened = Handle::current().block_on(store.reveal_each(&events))?;
    let mut part = Vec::with_capacity(events.len() * 512);
    for (event, values) in events.iter().zip(opened) {
        let values =
            event.record.seals.iter().zip(values).map(|(seal, (place, value))| shown(&seal.kind, place, value));
        format.write(event, values.collect(), keys, &mut part);
    }
    Ok((part, events.len()))
}

/// What stands in the place of a sealed value.
fn shown(kind: &str, place: Place, value: Revealed) -> (Place, Json) {
    let instead = |word| Json::object([(word, kind.into())]);
    let value = match value {
        Revealed::Value(value) => value,
        Revealed::Erased => instead("erased"),
        Revealed::Broken => instead("broken"),
    };
    (place, value)
}
