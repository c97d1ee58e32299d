//! Files of events on their way to the log: read by `flightbox-import`, and handed on in batches.

mod running;
pub mod store;
mod storing;
pub mod tally;
mod upload;

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use flightbox_import::{ImportError, Item, Kind, Options, Report};

use crate::control::Unread;

pub use running::{End, Files, Imports, Running, Standing, Turn};
pub use storing::Storing;
pub use upload::Upload;

/// Records that are handed on at once.
const BATCH: usize = 1_000;
/// Bytes after which a batch is handed on, however few its records.
const BATCH_BYTES: usize = 8 << 20;

/// Records of one file, ready to be stored.
#[derive(Debug, Default)]
pub struct Batch {
    /// The events in the native shape, one a line.
    pub lines: String,
    /// Where each stands.
    pub places: Vec<Place>,
    /// Records of which no event could be made.
    pub unread: Vec<Unread>,
    /// Where each of those stands, of what kind its failure is, and what was expected.
    pub unread_places: Vec<(Place, Kind, String)>,
    bytes: usize,
}

/// Where a record stands in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file in an archive; empty where there is none.
    pub member: Arc<str>,
    /// Which record, from 1.
    pub record: u64,
    /// Its line, from 1.
    pub line: u64,
}

impl Place {
    /// The file, by its name, or the one of an archive.
    pub fn path(&self, file: &str) -> String {
        path(file, &self.member)
    }

    /// The place in words.
    pub fn told(&self, file: &str) -> String {
        format!("{}, record {}, line {}", self.path(file), self.record, self.line)
    }
}

impl Batch {
    /// Where its records stand, in words: those that are events, and then the others.
    pub fn told(&self, file: &str) -> Vec<String> {
        let unread = self.unread_places.iter().map(|(place, ..)| place);
        self.places.iter().chain(unread).map(|place| place.told(file)).collect()
    }
}

fn path(file: &str, member: &str) -> String {
    if member.is_empty() { file.to_owned() } else { format!("{file}/{member}") }
}

/// What a file hands on.
#[derive(Debug)]
pub enum Step {
    /// It, or a file of an archive, is read as this format.
    Begins(&'static str),
    /// Records.
    Batch(Batch),
    /// A file of an archive is not read.
    Unread(Arc<str>, ImportError),
}

/// What whoever reads files tells whoever stores what is in them.
#[derive(Debug)]
pub enum Told {
    /// What this file hands on.
    Step(Arc<str>, Step),
    /// This file cannot be read, or not to its end.
    Broken(Arc<str>, ImportError),
    /// All of them are read.
    Read(Report),
}

/// Why a file is read no further.
pub enum Stopped {
    /// It cannot be; others can.
    File(ImportError),
    /// Nobody wants more.
    Unheard,
}

impl From<ImportError> for Stopped {
    fn from(error: ImportError) -> Self {
        Stopped::File(error)
    }
}

/// A file being read, or standard input for `-`, and how far that is.
pub struct Input {
    reader: Box<dyn Read + Send>,
    /// How many bytes of it were read.
    pub read: Arc<AtomicU64>,
    /// How many there are, if that is known.
    pub length: Option<u64>,
    /// When it was last written; now for standard input.
    pub as_of: DateTime<Utc>,
}

impl Input {
    /// Opens it.
    pub fn open(path: &Path, now: DateTime<Utc>) -> io::Result<Self> {
        let read = Arc::default();
        if path == Path::new("-") {
            return Ok(Self { reader: Box::new(io::stdin()), read, length: None, as_of: now });
        }
        let file = File::open(path)?;
        let facts = file.metadata()?;
        let as_of = facts.modified().map_or(now, DateTime::from);
        let length = facts.is_file().then_some(facts.len());
        Ok(Self { reader: Box::new(file), read, length, as_of })
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Reads a file and hands it on.
pub fn read<E: From<ImportError>>(
    input: impl Read,
    options: &Options,
    report: &mut Report,
    mut hand_on: impl FnMut(Step) -> Result<(), E>,
) -> Result<(), E> {
    let (mut batch, mut member) = (Batch::default(), Arc::from(""));
    let done = flightbox_import::import(input, options, report, &mut |item| {
        match item {
            Item::Begins { member: name, mapping } => {
                member = Arc::from(name);
                return hand_on(Step::Begins(mapping.name));
            }
            Item::Unread { member: name, why } => return hand_on(Step::Unread(Arc::from(name), why)),
            Item::Event { place, line } => {
                batch.places.push(Place { member: Arc::clone(&member), record: place.record, line: place.line });
                batch.lines.push_str(line);
                batch.lines.push('\n');
                batch.bytes += line.len();
            }
            Item::Refused { place, kind, expected, raw } => {
                let place = Place { member: Arc::clone(&member), record: place.record, line: place.line };
                batch.unread_places.push((place, kind, expected.clone()));
                batch.unread.push(Unread { raw: String::from_utf8_lossy(raw).into_owned(), expected });
                batch.bytes += raw.len();
            }
        }
        let is_full = batch.places.len() + batch.unread.len() >= BATCH || batch.bytes >= BATCH_BYTES;
        if is_full { hand_on(Step::Batch(std::mem::take(&mut batch))) } else { Ok(()) }
    });
    // What was read before the file broke off counts.
    if !batch.places.is_empty() || !batch.unread.is_empty() {
        hand_on(Step::Batch(batch))?;
    }
    done
}
