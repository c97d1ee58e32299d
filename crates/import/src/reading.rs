//! Records of one file, each as an event or as what is wrong with it.

use flightbox_event::{Json, json, json::ParseError};

use crate::{
    event::{self, Unmapped},
    fields::csv_fields,
    formats::{self, flightbox},
    identity::Identities,
    leftover::Leftover,
    mapping::{Frame, Mapping},
    read::{Item, Place, Stop},
    records::{LONGEST, Piece, Records},
    report::{Kind, Report},
    time::Clock,
};

/// Counts what stood around records.
fn around(bytes: &[u8], report: &mut Report) {
    if let Ok(Json::Object(members)) = json::parse(bytes) {
        let others = members.iter().filter(|(_, value)| value.as_array().is_none_or(|items| !items.is_empty()));
        others.for_each(|(name, _)| report.count(&format!("around: {name}"), 1));
    } else {
        report.count("around: what is not JSON", 1);
    }
}

/// The share of signs from which on what stands around a list is taken for a record itself.
const LIKE: f64 = 0.6;

/// What is read of one file.
pub struct Reading {
    mapping: &'static Mapping,
    clock: Clock,
    identities: Identities,
    leftover: Leftover,
    line: String,
}

impl Reading {
    /// Nothing yet.
    pub fn new(mapping: &'static Mapping, clock: Clock) -> Self {
        let (identities, leftover) = (Identities::default(), Leftover::default());
        Self { mapping, clock, identities, leftover, line: String::new() }
    }

    /// Puts what was counted into the report.
    pub fn end(mut self, report: &mut Report) {
        self.leftover.tell(report);
    }

    /// Hands on every record: those that were looked at ahead, then the rest.
    pub fn all<E>(
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
                Piece::Around { line } if self.is_a_record(&bytes) => {
                    let place = Place { member, record: record + 1, line };
                    let expected = "expected no list of objects under a name that lists of records have".to_owned();
                    report.refuse(Kind::Shape);
                    on(Item::Refused { place, kind: Kind::Shape, expected, raw: &bytes }).map_err(Stop::Asked)?;
                    record += 1;
                    continue;
                }
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

    /// Whether what stands around a list is as much a record as any: one that must not be passed over.
    fn is_a_record(&self, around: &[u8]) -> bool {
        json::parse(around).is_ok_and(|outer| formats::likeness(self.mapping, &outer) >= LIKE)
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
pub fn rows_of(record: Json) -> Json {
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

/// What was expected where a parser failed.
pub fn told(error: ParseError) -> String {
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
