//! From a file's bytes to events.

use std::io::{self, BufRead, Read};

use flightbox_event::{Json, json};

use crate::{
    auditd::Joined,
    detect::{self, Layout, Unsure},
    mapping::{Frame, Mapping},
    reading::{Reading, rows_of, told},
    records::{Csv, Entries, Lines, Piece, Records},
    report::{Kind, Report},
    time::Clock,
    unpack::{self, File, Portion},
    values::Values,
};

/// Records that are looked at before their format is told, and how many bytes of them.
const LOOKED_AT: usize = 50;
const LOOKED_AT_BYTES: usize = 1 << 20;

/// How files are read.
#[derive(Clone, Copy)]
pub struct Options {
    /// Their format; told by themselves where there is none.
    pub format: Option<&'static Mapping>,
    /// What their times are read against.
    pub clock: Clock,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The file in an archive; empty where there is none.
    pub member: &'a str,
    /// Which record of the file, from 1.
    pub record: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
}

/// What comes out of a file, in its order.
pub enum Item<'a> {
    /// What it, or the next file of the archive, is read as.
    Begins {
        /// The file in an archive; empty where there is none.
        member: &'a str,
        /// The format.
        mapping: &'static Mapping,
    },
    /// An event in the native shape, as one line of JSON.
    Event {
        /// Where its record stands.
        place: Place<'a>,
        /// The event.
        line: &'a str,
    },
    /// A record that makes no event, to be kept as it is.
    Refused {
        /// Where it stands.
        place: Place<'a>,
        /// What kind of failure it is.
        kind: Kind,
        /// What was expected of it.
        expected: String,
        /// Its bytes; of one that is too long, the first of them.
        raw: &'a [u8],
    },
    /// A file of an archive that is not read, or not to its end.
    Unread {
        /// The file.
        member: &'a str,
        /// Why.
        why: ImportError,
    },
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be read, or not be unpacked.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Nothing tells what it is.
    #[error("{0}")]
    Unsure(Unsure),
    /// None of its first records is one.
    #[error("has no record that can be read: {0}")]
    Unreadable(String),
    /// It is text in another encoding.
    #[error("is UTF-16; convert it to UTF-8")]
    Utf16,
}

/// Reads a file and hands on what is in it, however large it is, in memory that does not grow with it. What `on` answers
/// with an error ends the reading.
pub fn import<E: From<ImportError>>(
    input: impl Read,
    options: &Options,
    report: &mut Report,
    on: &mut dyn FnMut(Item<'_>) -> Result<(), E>,
) -> Result<(), E> {
    read(input, Portion::Whole, options, report, on)
}

/// The same of what may be the start of a file alone.
pub(crate) fn read<E: From<ImportError>>(
    input: impl Read,
    portion: Portion,
    options: &Options,
    report: &mut Report,
    on: &mut dyn FnMut(Item<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let done = unpack::each(input, portion, &mut |file: File<'_>| {
        let member = file.member.clone();
        match one(file, options, report, on) {
            // What is wrong with one file of an archive is no reason to leave the others.
            Err(Stop::File(why)) if !member.is_empty() => {
                report.unread(&member, why.to_string());
                on(Item::Unread { member: &member, why }).map_err(Stop::Asked)
            }
            done => done,
        }
    });
    done.map_err(|stop| match stop {
        Stop::Asked(error) => error,
        Stop::File(error) => error.into(),
    })
}

/// Why reading ended early.
pub enum Stop<E> {
    /// Whoever takes the items wants no more.
    Asked(E),
    /// The file.
    File(ImportError),
}

impl<E> From<io::Error> for Stop<E> {
    fn from(error: io::Error) -> Self {
        Stop::File(error.into())
    }
}

fn one<E>(
    file: File<'_>,
    options: &Options,
    report: &mut Report,
    on: &mut dyn FnMut(Item<'_>) -> Result<(), E>,
) -> Result<(), Stop<E>> {
    let File { member, mut input, head } = file;
    if matches!(head.as_slice(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Err(Stop::File(ImportError::Utf16));
    }
    let mut head = head.as_slice();
    if let Some(rest) = head.strip_prefix(b"\xef\xbb\xbf") {
        input.fill_buf()?;
        input.consume(3);
        head = rest;
    }
    if head.trim_ascii().is_empty() {
        return Ok(());
    }
    let unsure = |unsure| Stop::File(ImportError::Unsure(unsure));
    let layout = detect::json_layout(head);
    let mut ahead = Vec::new();
    let (mapping, mut records): (_, Box<dyn Records + '_>) = match options.format {
        Some(mapping) => (mapping, frame(mapping, input, layout)),
        None => match layout {
            Some(layout) => {
                let mut records = Values::new(input, layout == Layout::Lines);
                let (parsed, failed) = look_ahead(&mut records, &mut ahead)?;
                if let (true, Some(failed)) = (parsed.is_empty(), failed) {
                    return Err(Stop::File(ImportError::Unreadable(failed)));
                }
                (detect::of_values(parsed.iter()).map_err(unsure)?, Box::new(records))
            }
            None => {
                let mapping = detect::of_text(head, head.len() < unpack::HEAD).map_err(unsure)?;
                (mapping, frame(mapping, input, layout))
            }
        },
    };
    on(Item::Begins { member: &member, mapping }).map_err(Stop::Asked)?;
    let mut reading = Reading::new(mapping, options.clock);
    let done = reading.all(&member, ahead, records.as_mut(), report, on);
    reading.end(report);
    done
}

fn frame<'a>(mapping: &Mapping, input: Box<dyn BufRead + 'a>, layout: Option<Layout>) -> Box<dyn Records + 'a> {
    match mapping.frame {
        Frame::Json => Box::new(Values::new(input, layout != Some(Layout::Stream))),
        Frame::Lines(_) => Box::new(Lines::new(input)),
        Frame::Entries(goes_on, _) => Box::new(Entries::new(input, goes_on)),
        Frame::Csv(_) => Box::new(Csv::new(input)),
        Frame::Auditd(_) => Box::new(Joined::new(input)),
    }
}

/// Takes the first records: those that are JSON, and what is wrong with the first that is none.
fn look_ahead(records: &mut dyn Records, ahead: &mut Vec<(Vec<u8>, Piece)>) -> io::Result<(Vec<Json>, Option<String>)> {
    let (mut parsed, mut failed, mut length) = (Vec::new(), None, 0);
    while ahead.len() < LOOKED_AT && length < LOOKED_AT_BYTES {
        let mut bytes = Vec::new();
        let Some(piece) = records.next(&mut bytes)? else { break };
        length += bytes.len();
        if matches!(piece, Piece::Record { .. }) {
            match json::parse(&bytes) {
                Ok(value) => parsed.push(rows_of(value)),
                Err(error) => failed = failed.or_else(|| Some(told(error))),
            }
        }
        ahead.push((bytes, piece));
    }
    Ok((parsed, failed))
}
