//! Reading a batch: JSON, an array of it, or a line of it an event.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use axum::body::Bytes;
use flightbox_domain::{
    keys::Keys,
    name::SourceName,
    rules::{MOST_SEALED, Rules},
};
use flightbox_event::{
    Event, Json, Problem, ProblemCode,
    json::{self, ParseError},
    parse_event,
};
use serde::{Deserialize, Serialize};

use super::MOST_EVENTS;

/// What is said of what came where none of it can be shown.
pub(crate) const NOTHING: &str = "nothing that can be shown";

/// How a batch is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// One event or an array of events.
    Json,
    /// One event a line.
    Lines,
}

/// A batch that has been read.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The valid events with their index, and a digest of what was submitted for them.
    pub events: Vec<(usize, Event, [u8; 8])>,
    /// What is wrong with the others.
    pub complaints: Vec<Complaint>,
    /// The bytes it was read from.
    pub raw: Bytes,
    /// How they are written.
    pub form: Form,
    /// Where they came from; from nowhere where they are imported.
    pub address: Option<IpAddr>,
    /// Where its records stand in the files that they are imported from, in words; empty for any other batch.
    pub places: Vec<String>,
    /// Those of its events that are refused, by index, where a part of it may be taken; otherwise it is refused whole.
    pub refused: Option<BTreeMap<usize, Vec<u8>>>,
}

/// One thing that is wrong with a batch, as producers are told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// Which event, from 0.
    pub index: usize,
    /// Where in the event.
    pub path: String,
    /// What kind of problem.
    pub code: String,
    /// What was expected, and what to do.
    pub message: String,
    /// The type of what came and the start of it, secrets masked; the type alone where it may be sensitive.
    pub received: String,
}

/// Why bytes are no batch at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not JSON.
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What does not fit.
        message: String,
    },
    /// More events than a batch may have.
    TooMany(usize),
}

/// The values of a batch, each with the bytes that it is written in.
type Values<'a> = Box<dyn Iterator<Item = (&'a [u8], Result<Json, ParseError>)> + 'a>;

/// For whom a batch is read.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The source that sent it.
    pub source: &'a SourceName,
    /// The keys of the log, by which a repeat is known.
    pub keys: &'a Keys,
    /// The rules in force: what they hide is not told back either.
    pub rules: &'a Rules,
    /// What events are named after that come without an id, each with its index behind it; where there is nothing, they
    /// stay without.
    pub named: Option<&'a str>,
}

impl Reader<'_> {
    /// The event, unless its record could not be kept for all that would be sealed of it.
    fn bounded(&self, event: Event) -> Result<Event, Vec<Problem>> {
        if !self.rules.seal_too_much(&event, self.source.as_str()) {
            return Ok(event);
        }
        let message = format!(
            "holds more than is sealed of one event: {MOST_SEALED} values, and 64 KiB of the names that lead to them; \
             send it in several events, or less of it"
        );
        Err(vec![Problem::new("details", ProblemCode::Limit, message, None)])
    }
}

/// Reads a batch. Where `partial`, a line that is not JSON is one complaint; otherwise nothing of the bytes can be used.
pub fn read(raw: Bytes, form: Form, partial: bool, reader: Reader<'_>) -> Result<Batch, Refused> {
    let whole = &raw[..];
    let (count, values): (usize, Values<'_>) = match form {
        // Of lines, only one at a time is held as a tree, which takes many times the room of its text.
        Form::Lines => {
            let lines = whole.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
            (lines.count(), Box::new(json::parse_lines(whole)))
        }
        Form::Json => match json::parse(whole) {
            Ok(Json::Array(values)) => (values.len(), Box::new(values.into_iter().map(|value| (whole, Ok(value))))),
            value => (1, Box::new(std::iter::once((whole, value)))),
        },
    };
    if count > MOST_EVENTS {
        return Err(Refused::TooMany(count));
    }
    let mut batch = Batch {
        events: Vec::with_capacity(count),
        complaints: Vec::new(),
        raw: raw.clone(),
        form,
        address: None,
        places: Vec::new(),
        refused: partial.then(BTreeMap::new),
    };
    for (index, (written, value)) in values.enumerate() {
        match value {
            Ok(mut value) => {
                // It is written down more than once on its way.
                value.sort();
                batch.add(index, &value, reader);
            }
            Err(ParseError::Syntax { line, column, message }) if !(partial && form == Form::Lines) => {
                return Err(Refused::Syntax { line, column, message });
            }
            Err(error) => {
                batch.complaints.push(Complaint::unreadable(index, error));
                batch.refuse(index, written);
            }
        }
    }
    Ok(batch)
}

impl Batch {
    /// Adds one event, or what is wrong with it.
    fn add(&mut self, index: usize, submission: &Json, reader: Reader<'_>) {
        match parse_event(submission).and_then(|event| reader.bounded(event)) {
            Ok(mut event) => {
                if event.id.is_none() {
                    event.id = reader.named.map(|name| format!("{name}:{index}"));
                }
                // Only an event with an id is ever compared with another.
                let content = event.id.is_some().then(|| reader.keys.content(submission.canonical().as_bytes()));
                self.events.push((index, event, content.unwrap_or_default()));
            }
            Err(problems) => {
                let complaint = |problem: Problem| {
                    let guarded = reader.rules.guard(reader.source.as_str(), submission, &problem.path);
                    let complaint = Complaint::of(index, problem);
                    if guarded { complaint.without_value() } else { complaint }
                };
                self.complaints.extend(problems.into_iter().map(complaint));
                if self.refused.is_some() {
                    self.refuse(index, submission.canonical().as_bytes());
                }
            }
        }
    }

    /// Adds records that are no events, each with what was expected of it, to be kept with those that are refused. They
    /// count on from `index`.
    pub fn add_unread(&mut self, index: usize, code: &str, records: Vec<(String, String)>) {
        for (index, (record, expected)) in (index..).zip(records) {
            let (path, received) = (String::new(), NOTHING.to_owned());
            self.complaints.push(Complaint { index, path, code: code.to_owned(), message: expected, received });
            self.refuse(index, record.as_bytes());
        }
    }

    fn refuse(&mut self, index: usize, submission: &[u8]) {
        if let Some(refused) = &mut self.refused {
            refused.insert(index, submission.to_vec());
        }
    }
}

impl Complaint {
    /// A problem with an event.
    pub fn of(index: usize, problem: Problem) -> Self {
        let Problem { path, code, message, received } = problem;
        Self { index, path, code: code.as_str().to_owned(), message, received }
    }

    /// Something that is wrong with all of what came.
    pub fn of_all(code: &str, message: String) -> Self {
        Self { index: 0, path: String::new(), code: code.to_owned(), message, received: NOTHING.to_owned() }
    }

    /// The same, saying of what came only its type.
    fn without_value(mut self) -> Self {
        if let Some((kind, _)) = self.received.split_once(' ') {
            self.received = format!("{kind}, not shown: it may be sensitive");
        }
        self
    }

    /// The same, saying where in its file the event stands, if that is known.
    pub fn placed(mut self, places: &[String]) -> Self {
        if let Some(place) = places.get(self.index) {
            self.message = format!("{place}: {}", self.message);
        }
        self
    }

    /// Bytes that are no JSON at all.
    pub fn syntax(line: usize, column: usize, message: &str) -> Self {
        Self::of_all("syntax", format!("is not JSON: {message} at line {line}, column {column}"))
    }

    /// More events than a batch may have.
    pub fn too_many(events: usize) -> Self {
        Self::of_all("too_large", format!("has {events} events; a batch has at most {MOST_EVENTS}"))
    }

    /// A producer's id that another event has.
    pub fn conflict(index: usize, id: &str, seq: i64) -> Self {
        Self {
            index,
            path: "id".to_owned(),
            code: "conflict".to_owned(),
            message: format!(
                "was seen before with other content, as event {seq}; an id names one event for good: send another id, \
                 or the event as it was"
            ),
            received: Problem::new("id", ProblemCode::Value, "", Some(&id.into())).received,
        }
    }

    /// Bytes of which no event can be made.
    pub fn unreadable(index: usize, error: ParseError) -> Self {
        let (path, code, message) = match error {
            ParseError::DuplicateKey { path, key } => {
                let message = format!("holds the key {key:?} twice; keep one");
                (path, ProblemCode::DuplicateKey.as_str(), message)
            }
            ParseError::TooMany { path } => {
                let (members, items) = (json::MAX_MEMBERS, json::MAX_ITEMS);
                let message = format!("has more than {members} members, or more than {items} items; send less at once");
                (path, ProblemCode::Limit.as_str(), message)
            }
            ParseError::TooDeep { path } => {
                let message = format!("nests deeper than {}; flatten it", json::MAX_DEPTH);
                (path, ProblemCode::TooDeep.as_str(), message)
            }
            ParseError::Syntax { column, message, .. } => {
                (String::new(), "syntax", format!("is not JSON: {message} at column {column}"))
            }
        };
        let (index, path) = in_array(index, path);
        Self { index, path, code: code.to_owned(), message, received: NOTHING.to_owned() }
    }
}

/// The same complaints about a batch of which only those events are left.
pub fn renumbered(complaints: Vec<Complaint>, left: &BTreeSet<usize>) -> Vec<Complaint> {
    let places: BTreeMap<_, _> = left.iter().enumerate().map(|(place, index)| (*index, place)).collect();
    let place = |complaint: Complaint| {
        let index = places.get(&complaint.index).copied().unwrap_or_default();
        Complaint { index, ..complaint }
    };
    complaints.into_iter().map(place).collect()
}

/// Takes the place in a batch's array off a path: `[3].details` is event 3, `details`.
fn in_array(index: usize, path: String) -> (usize, String) {
    let split = path.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match split.and_then(|(digits, rest)| Some((digits.parse().ok()?, rest))) {
        Some((index, rest)) => (index, rest.trim_start_matches('.').to_owned()),
        None => (index, path),
    }
}
