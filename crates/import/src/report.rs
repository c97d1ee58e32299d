//! What became of records, counted by kind.

use std::collections::BTreeMap;

use crate::event::Filled;

/// So many different names of members are counted; more are told as one.
const NAMES: usize = 1_000;

/// So many files of archives that are not read are named.
const FILES: usize = 100;

/// Why a record makes no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is not JSON, or says two things under one key, or is too large a thing.
    Json,
    /// It is not UTF-8.
    Text,
    /// It is longer than any record.
    Long,
    /// It is JSON, but no object.
    Shape,
    /// It is a line that the format does not have.
    Line,
    /// It does not say what was done, or its time is none.
    Value,
    /// The input ended before it did.
    Cut,
}

impl Kind {
    /// In a word or two.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Json => "not JSON",
            Kind::Text => "not UTF-8",
            Kind::Long => "too long",
            Kind::Shape => "no object",
            Kind::Line => "not of the format",
            Kind::Value => "without what is needed",
            Kind::Cut => "cut off",
        }
    }
}

/// What was read so far. Records read are events and refused ones together, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that made an event.
    pub events: u64,
    /// Records that made none, by kind.
    pub refused: BTreeMap<Kind, u64>,
    /// Members of records that no field of the event was made from, and how many records had them. They stand in the
    /// details, as all others do. What stood around records (`around: nextPageToken`) does not: it is of no record.
    pub unplaced: BTreeMap<String, u64>,
    /// What was filled in (`year`, `zone`, `time`, `actor`), and in how many events. Each of them says so.
    pub assumed: BTreeMap<&'static str, u64>,
    /// The first hundred files of archives that were not read, each with the reason.
    pub unread: Vec<(String, String)>,
    /// How many more there were.
    pub more_unread: u64,
}

impl Report {
    /// How many records were refused.
    pub fn refusals(&self) -> u64 {
        self.refused.values().sum()
    }

    pub(crate) fn refuse(&mut self, kind: Kind) {
        *self.refused.entry(kind).or_default() += 1;
    }

    pub(crate) fn unread(&mut self, member: &str, why: String) {
        if self.unread.len() < FILES {
            self.unread.push((member.to_owned(), why));
        } else {
            self.more_unread += 1;
        }
    }

    pub(crate) fn event(&mut self, filled: Filled) {
        self.events += 1;
        for word in filled.words() {
            *self.assumed.entry(word).or_default() += 1;
        }
    }

    pub(crate) fn count(&mut self, name: &str, times: u64) {
        match self.unplaced.get_mut(name) {
            Some(count) => *count += times,
            None => {
                let name = if self.unplaced.len() < NAMES { name } else { "others" };
                *self.unplaced.entry(name.to_owned()).or_default() += times;
            }
        }
    }
}
