//! From a file's bytes to events.

use std::io::{self, BufRead, Read};

use flightbox_event::{Json, json, json::ParseError};

use crate::{
    auditd::Joined,
    detect::{self, Layout, Unsure},
    event::{self, Unmapped},
    fields::csv_fields,
    formats::flightbox,
    identity::Identities,
    leftover::Leftover,
    mapping::{Frame, Mapping},
    records::{Csv, Entries, LONGEST, Lines, Piece, Records},
    report::{Kind, Report},
    time::Clock,
    unpack::{self, File},
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
    let done = unpack::each(input, &mut |file: File<'_>| {
        let member = file.member.clone();
        match one(file, options, report, on) {
            // What is wrong with one file of an archive is no reason to leave the others.
            Err(Stop::File(why)) if !member.is_empty() => {
                report.unread.push((member.clone(), why.to_string()));
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
enum Stop<E> {
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
    let mut reading = Reading {
        mapping,
        clock: options.clock,
        identities: Identities::default(),
        leftover: Leftover::default(),
        line: String::new(),
    };
    let done = reading.all(&member, ahead, records.as_mut(), report, on);
    reading.leftover.tell(report);
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

/// Counts what stood around records.
fn around(bytes: &[u8], report: &mut Report) {
    if let Ok(Json::Object(members)) = json::parse(bytes) {
        let others = members.iter().filter(|(_, value)| value.as_array().is_none_or(|items| !items.is_empty()));
        others.for_each(|(name, _)| report.count(&format!("around: {name}"), 1));
    } else {
        report.count("around: what is not JSON", 1);
    }
}

struct Reading {
    mapping: &'static Mapping,
    clock: Clock,
    identities: Identities,
    leftover: Leftover,
    line: String,
}

impl Reading {
    /// Hands on every record: those that were looked at ahead, then the rest.
    fn all<E>(
        &mut self,
        member: &str,
        ahead: Vec<(Vec<u8>, Piece)>,
        records: &mut dyn Records,
        report: &mut Report,
        on: &mut dyn FnMut(Item<'_>) -> Result<(), E>,
    ) -> Result<(), Stop<E>> {
        let (mut record, mut bytes, mut ahead) = (0, Vec::new(), ahead.into_iter());
        loop {
            let piece = match ahead.next() {
                Some((read, piece)) => {
                    bytes = read;
                    piece
                }
                None => match records.next(&mut bytes)? {
                    Some(piece) => piece,
                    None => return Ok(()),
                },
            };
            let line = match piece {
                Piece::Around { .. } => {
                    around(&bytes, report);
                    continue;
                }
                Piece::Record { line } | Piece::TooLong { line } | Piece::Cut { line } => line,
            };
            let place = Place { member, record: record + 1, line };
            match self.read(piece, &bytes, report) {
                Ok(false) => continue,
                Ok(true) => on(Item::Event { place, line: &self.line }).map_err(Stop::Asked)?,
                Err((kind, expected)) => {
                    report.refuse(kind);
                    on(Item::Refused { place, kind, expected, raw: &bytes }).map_err(Stop::Asked)?;
                }
            }
            record += 1;
        }
    }

    /// Makes the event of a piece; `false` where it is a heading, which is no record.
    fn read(&mut self, piece: Piece, bytes: &[u8], report: &mut Report) -> Result<bool, (Kind, String)> {
        match piece {
            Piece::TooLong { .. } => return Err((Kind::Long, format!("expected at most {LONGEST} bytes"))),
            Piece::Cut { .. } => return Err((Kind::Cut, "expected the end of the array".to_owned())),
            Piece::Record { .. } | Piece::Around { .. } => {}
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| (Kind::Text, format!("expected UTF-8 at byte {}", error.valid_up_to() + 1)))?;
        let (record, is_json) = match self.mapping.frame {
            Frame::Json => (json::parse(bytes).map_err(|error| (Kind::Json, told(error)))?, true),
            Frame::Lines(parse) | Frame::Entries(_, parse) | Frame::Auditd(parse) => {
                (parse(text).map_err(|expected| (Kind::Line, format!("expected {expected}")))?, false)
            }
            Frame::Csv(parse) => {
                let record = parse(csv_fields(text));
                (record.map_err(|expected| (Kind::Line, format!("expected {expected}")))?, false)
            }
        };
        if record.is_null() && !is_json {
            report.count("headings", 1);
            return Ok(false);
        }
        let record = rows_of(record);
        let Json::Object(members) = &record else {
            return Err((Kind::Shape, format!("expected an object, came {}", record.kind())));
        };
        self.line.clear();
        if std::ptr::eq(self.mapping, &flightbox::FLIGHTBOX) {
            flightbox::push(&mut self.line, &record, text, || self.identities.of(bytes));
            report.event(event::Filled::default());
            return Ok(true);
        }
        let inner = self.mapping.unwrap(&record);
        let is_wrapped = !std::ptr::eq(inner, &record);
        let around = is_wrapped.then(|| {
            let others = members.iter().filter(|(_, value)| !std::ptr::eq(value, inner));
            Json::Object(others.cloned().collect()).canonical()
        });
        let made = match is_json && !is_wrapped && bytes.starts_with(b"{") {
            true => None,
            false => Some(inner.canonical()),
        };
        let details = made.as_deref().unwrap_or(text);
        let filled = event::push(&mut self.line, self.mapping, inner, details, around.as_deref(), &self.clock, || {
            self.identities.of(bytes)
        });
        let filled = filled
            .map_err(|Unmapped { paths, expected }| (Kind::Value, format!("{expected} at {}", paths.join(", or "))))?;
        report.event(filled);
        self.leftover.add(inner, self.mapping, report);
        Ok(true)
    }
}

/// A row of a query's answer, `[{"eventName": "…"}, {"eventTime": "…"}]`, as the object that it is.
fn rows_of(record: Json) -> Json {
    let Json::Array(items) = &record else { return record };
    let one = |item: &Json| match item {
        Json::Object(members) if members.len() == 1 => members.first().cloned(),
        _ => None,
    };
    match items.iter().map(one).collect::<Option<Vec<_>>>() {
        Some(members) if members.len() > 1 => Json::Object(members),
        _ => record,
    }
}

fn told(error: ParseError) -> String {
    match error {
        ParseError::Syntax { column, message, line: 1 } => format!("expected JSON: {message} at column {column}"),
        ParseError::Syntax { column, message, line } => {
            format!("expected JSON: {message} at column {column} of its line {line}")
        }
        ParseError::DuplicateKey { path, key } if path.is_empty() => format!("expected the key {key:?} once"),
        ParseError::DuplicateKey { path, key } => format!("expected the key {key:?} once in {path}"),
        ParseError::TooMany { path } => format!("expected fewer members or items in {path}"),
        ParseError::TooDeep { path } => format!("expected nesting of at most {} at {path}", json::MAX_DEPTH),
    }
}
