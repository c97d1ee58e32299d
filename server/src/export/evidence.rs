//! Evidence: records with their proofs, in the order of the tree. The domain crate's README has the format.

use std::convert::Infallible;

use axum::body::Bytes;
use flightbox_domain::{
    evidence::{Anchor, Contents, Head, Kind, Since, Stamped, cut_line, event_line},
    keys::Keys,
    record::LeafHash,
    tree::{Checkpoint, CheckpointError, verify_consistency},
};
use flightbox_event::Outcome;
use flightbox_store::{Proving, Records, StoreError};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{AT_ONCE, UNREADABLE, piped};
use crate::{App, fault::Fault, journal::Entry, signer::Signed};

/// Events that are read at once.
const CHUNK: usize = 1_000;
/// Anchors that a file names: whoever was sent one of them can tell that the file is of the same log.
const ANCHORS: usize = 16;

/// Evidence that is recorded and signed for, and can leave.
pub struct Taken {
    app: App,
    head: Head,
    checkpoint: Checkpoint,
    /// The events, and behind them that of the export itself.
    numbers: Vec<i64>,
    own: i64,
    entry: Entry,
}

/// What a file is held against, beside the checkpoint that is signed for it.
pub struct Against {
    /// A size that the log is proved to have grown from; 0 for none.
    pub since: u64,
    /// The notes of anchors, the oldest first.
    pub anchors: Vec<String>,
}

impl Against {
    /// That size, and the newest anchors.
    pub async fn of(app: &App, since: u64) -> Result<Self, Fault> {
        let anchors = app.anchors.newest(ANCHORS, app.signer.keys()).await;
        let anchors = anchors.map_err(|error| Fault::Broken(format!("the file of anchors: {error}")))?;
        Ok(Self { since, anchors })
    }

    /// The digest of the contents of a file that holds no event yet.
    pub fn contents(&self) -> Contents {
        Contents::new(self.since, self.anchors.iter().map(String::as_str))
    }
}

/// Records that these events are taken, and has a checkpoint signed that covers them and that entry.
pub async fn take(app: &App, mut numbers: Vec<i64>, against: Against, entry: Entry) -> Result<Taken, Fault> {
    let own = entry.clone().commit_numbered(app).await?;
    numbers.push(own);
    match signed(app, own, against).await {
        Ok((head, checkpoint)) => Ok(Taken { app: app.clone(), head, checkpoint, numbers, own, entry }),
        Err(fault) => {
            entry.ended(Outcome::Failure, "no checkpoint was signed that covers it").commit_or_log(app).await;
            Err(fault)
        }
    }
}

async fn signed(app: &App, own: i64, against: Against) -> Result<(Head, Checkpoint), Fault> {
    let broken = |why: &dyn std::fmt::Display| Fault::Broken(format!("evidence was not signed for: {why}"));
    app.signer.sign(&app.store, app.clock.now()).await.map_err(|error| broken(&error))?;
    let Signed { checkpoint, note, .. } = app.signer.last();
    if checkpoint.size <= own.cast_unsigned() {
        return Err(broken(&"the last checkpoint does not cover it"));
    }
    let keys = app.signer.keys();
    let stamped = |note: String| {
        let key = keys.of(&note).ok_or_else(|| broken(&CheckpointError::Note))?;
        Ok::<_, Fault>(Stamped { note, key })
    };
    let grown = async |size, root| {
        let proof = app.store.consistency(size, checkpoint.size).await?.unwrap_or_default();
        let holds = verify_consistency(size, root, checkpoint.size, checkpoint.root, &proof);
        holds.map_err(|error| broken(&error)).map(|()| proof)
    };
    let mut anchors = Vec::with_capacity(against.anchors.len());
    for note in against.anchors {
        let Checkpoint { size, root, .. } = keys.open(note.as_bytes()).map_err(|error| broken(&error))?;
        anchors.push(Anchor { stamped: stamped(note)?, proof: grown(size, root).await? });
    }
    let since = match against.since {
        0 => None,
        size => {
            let root = app.store.root(size).await?;
            Some(Since { size, root, proof: grown(size, root).await? })
        }
    };
    Ok((Head { checkpoint: stamped(note)?, anchors, since }, checkpoint))
}

impl Taken {
    /// The file, part by part. Whoever stops reading stops it.
    pub fn file(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        piped(|parts| self.write(parts))
    }

    async fn write(self, parts: mpsc::Sender<Bytes>) -> Result<(), mpsc::error::SendError<Bytes>> {
        let Self { app, head, checkpoint, numbers, own, entry } = self;
        parts.send(head.to_line().into()).await?;
        let (store, keys) = (app.store.clone(), app.store.keys().clone());
        let mut proving = store.proving(checkpoint.size, checkpoint.root);
        let read = |chunk: &[i64]| {
            let (store, keys, chunk) = (store.clone(), keys.clone(), chunk.to_vec());
            async move { decode(store.records(&chunk).await?, keys).await }
        };
        let mut chunks = std::pin::pin!(stream::iter(numbers.chunks(CHUNK).map(read)).buffered(AT_ONCE));
        let mut left = 0;
        while let Some(chunk) = chunks.next().await {
            let part = match chunk {
                Ok(records) => Ok((records.len(), lines(&mut proving, records, own).await)),
                Err(fault) => Err(fault),
            };
            match part.and_then(|(events, part)| Ok((events, part?))) {
                Ok((events, part)) => {
                    parts.send(part.into()).await?;
                    left += events;
                }
                Err(error) => {
                    tracing::error!(%error, left, "evidence stopped half-way");
                    let entry = entry.with_detail("left", (left as i64).into());
                    entry.ended(Outcome::Failure, "it could not be read on").commit_or_log(&app).await;
                    return parts.send(cut_line(UNREADABLE).into()).await;
                }
            }
        }
        Ok(())
    }
}

/// A record as it is hashed.
struct Hashed {
    seq: i64,
    record: Vec<u8>,
    leaf: LeafHash,
}

/// Decoding, writing and hashing are a processor's work, which must not keep requests waiting.
async fn decode(records: Records, keys: Keys) -> Result<Vec<Hashed>, Fault> {
    let hashed = spawn_blocking(move || {
        let hashed = records.decode()?.into_iter().map(|event| {
            let record = event.record.to_bytes(&keys);
            Hashed { seq: event.seq, leaf: LeafHash::of(&record), record }
        });
        Ok::<_, StoreError>(hashed.collect())
    });
    Ok(hashed.await.map_err(|error| Fault::Broken(error.to_string()))??)
}

/// The lines of some events, one of which may be the export's `own`.
async fn lines(proving: &mut Proving, records: Vec<Hashed>, own: i64) -> Result<Vec<u8>, Fault> {
    let mut lines = Vec::with_capacity(records.len() * 1_024);
    for Hashed { seq, record, leaf } in records {
        let proof = proving.prove(seq, leaf).await?;
        let kind = if seq == own { Kind::Export } else { Kind::Event };
        event_line(kind, &record, &proof, seq.cast_unsigned(), &mut lines);
    }
    Ok(lines)
}
