//! Files that come over HTTP, read and stored while they come. Whoever sends is held back by whoever stores: what is
//! between them is bounded, whatever the size.

use std::{
    io::{self, Read},
    sync::Arc,
};

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use flightbox_import::{Clock, Mapping, Options, Report, Zone};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};

use super::{Running, Stopped, Storing, Told, running::Turn};

/// Pieces of a body that wait to be read.
const AHEAD: usize = 8;
/// Batches that are ready while one is stored.
const READY: usize = 1;

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
        self.running.change(|now| now.files.add(&name));
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
