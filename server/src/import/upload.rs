//! Files that come over HTTP, read and stored while they come. Whoever sends is held back by whoever stores: what is
//! between them is bounded, whatever the size.

use std::{
    io::{self, Read},
    sync::Arc,
    time::Duration,
};

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use flightbox_event::{Json, Outcome};
use flightbox_import::{Clock, Mapping, Options, Report, Zone};
use flightbox_store::AppendError;
use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};

use super::{Batch, End, Running, Step, Stopped, Told, running::Turn, store};
use crate::{App, ingest::IngestError, journal::Entry};

/// Pieces of a body that wait to be read.
const AHEAD: usize = 8;
/// Batches that are ready while one is stored.
const READY: usize = 1;
/// How long an import waits before it asks the writer once more.
const PAUSE: Duration = Duration::from_millis(100);
/// How many files its entry names.
const NAMED: usize = 20;

const DISK_FULL: &str = "the disk is full";
const CLOSING: &str = "the server was stopped";
const FAILED: &str = "the store failed";

/// The side that sends. Dropped before [`Upload::end`], its file is cut off.
pub struct Upload {
    running: Arc<Running>,
    files: mpsc::Sender<Incoming>,
    file: Option<mpsc::Sender<Piece>>,
    /// Closed once nothing more is stored.
    over: mpsc::Sender<()>,
}

/// A file that comes.
struct Incoming {
    name: Arc<str>,
    as_of: DateTime<Utc>,
    pieces: mpsc::Receiver<Piece>,
}

/// A piece of a file.
enum Piece {
    Bytes(Bytes),
    End,
}

impl Upload {
    /// Begins to read and to store, which go on until all is done or the import is cancelled, whoever waits for it.
    pub fn start(
        storing: Storing,
        turn: Turn,
        (format, zone): (Option<&'static Mapping>, Zone),
    ) -> (Self, JoinHandle<()>) {
        let (files, incoming) = mpsc::channel(1);
        let (tell, told) = mpsc::channel(READY);
        let (over, until) = mpsc::channel(1);
        let running = Arc::clone(&storing.running);
        spawn_blocking(move || read(incoming, format, zone, &tell));
        let stored = tokio::spawn(async move {
            storing.run(told).await;
            drop((turn, until));
        });
        (Self { running, files, file: None, over }, stored)
    }

    /// The next file, which was last written then.
    pub async fn begin(&mut self, name: &str, as_of: DateTime<Utc>) {
        let name: Arc<str> = name.into();
        self.running.change(|now| now.files.push(Arc::clone(&name)));
        let (sender, pieces) = mpsc::channel(AHEAD);
        self.file = self.files.send(Incoming { name, as_of, pieces }).await.is_ok().then_some(sender);
    }

    /// A piece of it. What nobody reads any more passes by.
    pub async fn push(&mut self, bytes: Bytes) {
        if let Some(file) = &self.file
            && file.send(Piece::Bytes(bytes)).await.is_err()
        {
            self.file = None;
        }
    }

    /// The end of it.
    pub async fn end(&mut self) {
        if let Some(file) = self.file.take() {
            let _ = file.send(Piece::End).await;
        }
    }

    /// Waits until nothing more is stored.
    pub async fn over(&self) {
        self.over.closed().await;
    }
}

/// The pieces of a file as they come; an error where they end too early.
struct Pieces {
    coming: mpsc::Receiver<Piece>,
    piece: Bytes,
    ended: bool,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() && !self.ended {
            match self.coming.blocking_recv() {
                Some(Piece::Bytes(bytes)) => self.piece = bytes,
                Some(Piece::End) => self.ended = true,
                None => return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "it did not come whole")),
            }
        }
        let count = self.piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.piece.split_to(count));
        Ok(count)
    }
}

fn read(mut files: mpsc::Receiver<Incoming>, format: Option<&'static Mapping>, zone: Zone, tell: &mpsc::Sender<Told>) {
    let mut report = Report::default();
    while let Some(Incoming { name, as_of, pieces }) = files.blocking_recv() {
        let options = Options { format, clock: Clock { zone, as_of } };
        let input = Pieces { coming: pieces, piece: Bytes::new(), ended: false };
        let done = super::read(input, &options, &mut report, |step| {
            tell.blocking_send(Told::Step(Arc::clone(&name), step)).map_err(|_| Stopped::Unheard)
        });
        let heard = match done {
            Ok(()) => true,
            Err(Stopped::File(error)) => tell.blocking_send(Told::Broken(name, error)).is_ok(),
            Err(Stopped::Unheard) => false,
        };
        if !heard {
            return;
        }
    }
    let _ = tell.blocking_send(Told::Read(report));
}

/// The side that stores.
pub struct Storing {
    /// Where.
    pub app: App,
    /// The import.
    pub running: Arc<Running>,
    /// What the record of access gets at its end.
    pub entry: Entry,
}

impl Storing {
    async fn run(self, told: mpsc::Receiver<Told>) {
        let end = self.take(told).await;
        let entry = self.told(end);
        // Whoever is told that it is over finds it on record.
        entry.commit_or_log(&self.app).await;
        self.running.change(|now| now.end = Some(end));
    }

    /// Stores what comes, until it ends.
    async fn take(&self, mut told: mpsc::Receiver<Told>) -> End {
        let mut closing = self.app.live.closing();
        loop {
            let one = tokio::select! {
                one = told.recv() => one,
                _ = closing.wait_for(|closing| *closing) => return End::Stopped(CLOSING),
            };
            if self.running.is_cancelled() {
                return End::Cancelled;
            }
            match one {
                Some(Told::Step(file, Step::Batch(batch))) => {
                    if let Err(end) = self.store(&file, batch).await {
                        return end;
                    }
                }
                Some(Told::Step(_, Step::Begins(format))) => self.running.change(|now| now.tally.begins(format)),
                Some(Told::Step(file, Step::Unread(member, why))) => {
                    self.running.change(|now| now.tally.broken(&file, &member, why));
                }
                Some(Told::Broken(file, why)) => self.running.change(|now| now.tally.broken(&file, "", why)),
                Some(Told::Read(report)) => {
                    self.running.change(|now| now.tally.report = report);
                    return End::Done;
                }
                None => return End::Stopped(FAILED),
            }
        }
    }

    /// Stores a batch. While the writer has too much to do, it waits.
    async fn store(&self, file: &str, batch: Batch) -> Result<(), End> {
        let Storing { app, running, .. } = self;
        let Batch { lines, places, unread, unread_places, .. } = batch;
        let lines = Bytes::from(lines);
        let failed = |error: String| {
            tracing::error!(error, "an import was stopped");
            End::Stopped(FAILED)
        };
        loop {
            let turn = app.intake.turn().await;
            let read = store::read(app, &running.source, lines.clone(), unread.clone()).await.map_err(failed)?;
            drop(turn);
            let times = || read.events.iter().filter_map(|(_, event, _)| event.occurred_at);
            let span = times().min().zip(times().max());
            match store::store(app, &running.source, read).await {
                Ok(imported) => {
                    running.change(|now| {
                        now.tally.span(span);
                        now.tally.add(file, imported, &places, &unread_places);
                    });
                    return Ok(());
                }
                Err(IngestError::Append(AppendError::Busy)) if running.is_cancelled() => return Err(End::Cancelled),
                Err(IngestError::Append(AppendError::Busy)) => tokio::time::sleep(PAUSE).await,
                Err(IngestError::Append(AppendError::DiskFull)) => return Err(End::Stopped(DISK_FULL)),
                Err(error) => return Err(failed(error.to_string())),
            }
        }
    }

    /// The entry about what came of it.
    fn told(&self, end: End) -> Entry {
        let (standing, (received, _)) = (self.running.standing(), self.running.received());
        let tally = standing.tally;
        let number = |count: usize| Json::from(count as i64);
        let files = standing.files.iter().take(NAMED).map(|name| Json::from(&**name)).collect();
        let counted = |counts: &mut dyn Iterator<Item = (&str, usize)>| {
            Json::object(counts.map(|(name, count)| (name, number(count))).collect::<Vec<_>>())
        };
        let entry = self.entry.clone().with(Json::object([
            ("files", Json::Array(files)),
            ("formats", counted(&mut tally.formats.iter().map(|(name, count)| (*name, *count)))),
            ("imported", number(tally.imported)),
            ("duplicates", number(tally.duplicates)),
            ("quarantined", number(tally.refused)),
            ("why", counted(&mut tally.kinds.iter().map(|(name, count)| (name.as_str(), *count)))),
            ("bytes", (received as i64).into()),
        ]));
        match end {
            End::Done if tally.broken_files == 0 => entry,
            End::Done => entry.ended(Outcome::Failure, format!("files that were not read: {}", tally.broken_files)),
            End::Cancelled => {
                let of = self.running.length.map_or(String::new(), |length| format!(" of {length}"));
                entry.ended(Outcome::Failure, format!("cancelled after {received}{of} bytes"))
            }
            End::Stopped(why) => entry.ended(Outcome::Failure, why),
        }
    }
}
