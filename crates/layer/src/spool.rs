//! Events on disk while the server is away: files of lines, each small enough to be sent as one batch.
//!
//! A file goes once the server has it, whole. Nothing else is remembered: after a crash a file is sent again from its
//! start, and the server knows by their ids which of its events it has.

use std::{
    collections::VecDeque,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A file that has grown to this is closed, and so is one with so many events. With the batch that made it grow it
/// stays below what a server takes at once, 16 MiB and 10,000 events.
const FULL: u64 = 1024 * 1024;
const MANY: usize = 1_000;

/// The file of what the server takes in no batch.
const UNWANTED: &str = "refused.ndjson";

/// Why nothing was kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotKept {
    #[error("the spool holds the {0} bytes that it may")]
    Full(u64),
    #[error("the spool cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// A folder of events that wait, owned by this process alone.
pub(crate) struct Spool {
    folder: PathBuf,
    limit: u64,
    /// Oldest first.
    closed: VecDeque<Segment>,
    open: Option<(Segment, File)>,
    next: u64,
    _lock: File,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    number: u64,
    bytes: u64,
    events: usize,
}

impl Spool {
    /// Takes the folder, which is made where there is none; what waits in it is to be sent first.
    pub(crate) fn open(folder: &Path, limit: u64) -> io::Result<Self> {
        private_folder(folder)?;
        let lock = private(OpenOptions::new().create(true).truncate(false).write(true)).open(folder.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => io::Error::new(io::ErrorKind::ResourceBusy, "another process owns it"),
            fs::TryLockError::Error(error) => error,
        })?;
        let mut numbers: Vec<u64> = Vec::new();
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name();
            numbers.extend(name.to_str().and_then(|name| name.strip_suffix(".ndjson")?.parse::<u64>().ok()));
        }
        numbers.sort_unstable();
        let next = numbers.last().map_or(0, |last| last + 1);
        let mut this =
            Self { folder: folder.to_owned(), limit, closed: VecDeque::new(), open: None, next, _lock: lock };
        for number in numbers {
            let segment = mend(&this.path(number), number)?;
            this.closed.extend(segment);
        }
        Ok(this)
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.closed.is_empty() && self.open.is_none()
    }

    /// How many bytes wait.
    pub(crate) fn bytes(&self) -> u64 {
        self.closed.iter().chain(self.open.as_ref().map(|(segment, _)| segment)).map(|segment| segment.bytes).sum()
    }

    /// Adds whole lines. Once it returns `Ok` they are synced to the disk.
    pub(crate) fn append(&mut self, lines: &[u8], events: usize) -> Result<(), NotKept> {
        if self.bytes() + lines.len() as u64 > self.limit {
            return Err(NotKept::Full(self.limit));
        }
        let (mut segment, mut file) = match self.open.take() {
            Some(open) => open,
            None => self.begin()?,
        };
        if let Err(error) = file.write_all(lines).and_then(|()| file.sync_data()) {
            // Part of a line may stand there. What was kept before it stays; nothing goes behind it.
            let cut = file.set_len(segment.bytes).and_then(|()| file.sync_data());
            match cut {
                Ok(()) if segment.bytes == 0 => self.delete(segment.number)?,
                _ if segment.bytes == 0 => {}
                _ => self.closed.push_back(segment),
            }
            return Err(error.into());
        }
        segment.bytes += lines.len() as u64;
        segment.events += events;
        if segment.bytes >= FULL || segment.events >= MANY {
            self.closed.push_back(segment);
        } else {
            self.open = Some((segment, file));
        }
        Ok(())
    }

    /// The lines that have waited longest, under the number by which they are removed, and how many they are.
    pub(crate) fn oldest(&mut self) -> io::Result<Option<(u64, Vec<u8>, usize)>> {
        if self.closed.is_empty() {
            self.closed.extend(self.open.take().map(|(segment, _)| segment));
        }
        let Some(Segment { number, bytes, events }) = self.closed.front().copied() else { return Ok(None) };
        let mut lines = fs::read(self.path(number))?;
        // Behind what was kept may stand what could not be.
        lines.truncate(bytes as usize);
        Ok(Some((number, lines, events)))
    }

    /// Removes what the server has.
    pub(crate) fn remove(&mut self, number: u64) -> io::Result<()> {
        self.closed.retain(|segment| segment.number != number);
        self.delete(number)
    }

    /// Keeps what the server never takes, for people to look at.
    pub(crate) fn set_aside(&self, lines: &[u8]) -> io::Result<()> {
        let mut file = private(OpenOptions::new().create(true).append(true)).open(self.folder.join(UNWANTED))?;
        file.write_all(lines)?;
        file.sync_data()?;
        // As for a segment; it happens too rarely to ask whether the file is new.
        sync_folder(&self.folder)
    }

    fn begin(&mut self) -> io::Result<(Segment, File)> {
        let number = self.next;
        let file = private(OpenOptions::new().create_new(true).append(true)).open(self.path(number))?;
        self.next += 1;
        // Without this a crash could take the file's name away, and all that was synced under it.
        sync_folder(&self.folder)?;
        Ok((Segment { number, bytes: 0, events: 0 }, file))
    }

    fn delete(&self, number: u64) -> io::Result<()> {
        match fs::remove_file(self.path(number)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:012}.ndjson"))
    }
}

/// Cuts off a last line that a crash left unfinished: it was never said to be kept.
fn mend(path: &Path, number: u64) -> io::Result<Option<Segment>> {
    let lines = fs::read(path)?;
    let whole = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole < lines.len() {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(whole as u64)?;
        file.sync_data()?;
    }
    if whole == 0 {
        fs::remove_file(path)?;
        return Ok(None);
    }
    let events = lines[..whole].iter().filter(|byte| **byte == b'\n').count();
    Ok(Some(Segment { number, bytes: whole as u64, events }))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened, and its names are the file system's own to keep.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Events tell of people: the folder is its owner's alone.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

#[cfg(test)]
mod tests;
