//! Reading files of events: unpacked, recognised, mapped, and handed on in batches.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use flightbox_domain::cloudtrail;
use flightbox_event::{Json, json};

/// Events that are handed on at once.
const BATCH: usize = 1_000;
/// Bytes after which a batch is handed on, however few its events.
const BATCH_BYTES: usize = 8 << 20;

/// How a file's events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Whatever its first value looks like
    Auto,
    /// Flightbox's own events: one a line, one value, or an array
    Flightbox,
    /// AWS CloudTrail delivery files, or their records
    Cloudtrail,
}

/// Events ready to be stored, with the place of each in its file.
#[derive(Debug, Default)]
pub struct Batch {
    /// The events in the native shape, one a line.
    pub lines: String,
    /// The record number of each, from 1.
    pub records: Vec<usize>,
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file system refused.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is not JSON.
    #[error("is not JSON at line {line}, column {column}: {message}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What does not fit.
        message: String,
    },
    /// It is JSON of another kind.
    #[error("is not what --format says: expected CloudTrail records")]
    NotCloudTrail,
}

/// Opens a file, or standard input for `-`, unpacking gzip and zstd as their first bytes tell.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let raw: Box<dyn Read> = if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    let mut raw = BufReader::with_capacity(1 << 16, raw);
    let start = raw.fill_buf()?;
    Ok(match start {
        [0x1f, 0x8b, ..] => Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(raw))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(BufReader::new(zstd::Decoder::with_buffer(raw)?)),
        _ => Box::new(raw),
    })
}

/// Reads a file and hands its events on in batches.
///
/// A line that is no JSON is handed on as it is: the log's own reader refuses and keeps it. Only a file without a
/// single readable line is an error.
pub fn read<E: From<ImportError>>(
    mut reader: impl BufRead,
    format: Format,
    mut hand_on: impl FnMut(Batch) -> Result<(), E>,
) -> Result<(), E> {
    let mut batch = Pending { batch: Batch::default(), format, record: 0 };
    let mut line = Vec::new();
    if !next_line(&mut reader, &mut line)? {
        return Ok(());
    }
    if let Err(first) = json::parse(&line) {
        // One value over many lines, or no JSON at all.
        reader.read_to_end(&mut line).map_err(ImportError::from)?;
        let value = json::parse(&line)
            .map_err(|whole| if json::parse_lines(&line).any(|(_, value)| value.is_ok()) { first } else { whole });
        match value {
            Ok(value) => batch.add(&value, &mut hand_on)?,
            Err(error) => return lines_or(error, &line, batch, hand_on),
        }
        return batch.flush(&mut hand_on);
    }
    loop {
        batch.add_line(&line, &mut hand_on)?;
        if !next_line(&mut reader, &mut line)? {
            return batch.flush(&mut hand_on);
        }
    }
}

/// The next line that is not blank.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, ImportError> {
    loop {
        line.clear();
        if reader.read_until(b'\n', line)? == 0 {
            return Ok(false);
        }
        if !line.trim_ascii().is_empty() {
            return Ok(true);
        }
    }
}

/// A file whose first line is broken is still one of lines, if any other is sound.
fn lines_or<E: From<ImportError>>(
    error: json::ParseError,
    bytes: &[u8],
    mut batch: Pending,
    mut hand_on: impl FnMut(Batch) -> Result<(), E>,
) -> Result<(), E> {
    if !json::parse_lines(bytes).any(|(_, value)| value.is_ok()) {
        return Err(not_json(error).into());
    }
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        batch.add_line(line, &mut hand_on)?;
    }
    batch.flush(&mut hand_on)
}

fn not_json(error: json::ParseError) -> ImportError {
    match error {
        json::ParseError::Syntax { line, column, message } => ImportError::Syntax { line, column, message },
        other => ImportError::Syntax { line: 1, column: 1, message: format!("{other:?}") },
    }
}

struct Pending {
    batch: Batch,
    format: Format,
    record: usize,
}

impl Pending {
    fn add_line<E: From<ImportError>>(
        &mut self,
        line: &[u8],
        hand_on: &mut impl FnMut(Batch) -> Result<(), E>,
    ) -> Result<(), E> {
        match json::parse(line) {
            Ok(value) => self.add(&value, hand_on),
            Err(_) => self.push(&String::from_utf8_lossy(line.trim_ascii()), hand_on),
        }
    }

    /// Adds a value: an event, an array of them, or a delivery file.
    fn add<E: From<ImportError>>(
        &mut self,
        value: &Json,
        hand_on: &mut impl FnMut(Batch) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Json::Array(values) = value {
            return values.iter().try_for_each(|value| self.add(value, hand_on));
        }
        let records = match self.format {
            Format::Flightbox => None,
            Format::Auto => cloudtrail::records(value),
            Format::Cloudtrail => Some(cloudtrail::records(value).ok_or(ImportError::NotCloudTrail)?),
        };
        match records {
            Some(records) => {
                records.iter().try_for_each(|record| self.push(&cloudtrail::to_event(record).to_string(), hand_on))
            }
            None => self.push(&value.to_string(), hand_on),
        }
    }

    fn push<E: From<ImportError>>(
        &mut self,
        line: &str,
        hand_on: &mut impl FnMut(Batch) -> Result<(), E>,
    ) -> Result<(), E> {
        self.record += 1;
        self.batch.lines.push_str(line);
        self.batch.lines.push('\n');
        self.batch.records.push(self.record);
        let full = self.batch.records.len() >= BATCH || self.batch.lines.len() >= BATCH_BYTES;
        if full { self.flush(hand_on) } else { Ok(()) }
    }

    fn flush<E: From<ImportError>>(&mut self, hand_on: &mut impl FnMut(Batch) -> Result<(), E>) -> Result<(), E> {
        let batch = std::mem::take(&mut self.batch);
        if batch.records.is_empty() { Ok(()) } else { hand_on(batch) }
    }
}
