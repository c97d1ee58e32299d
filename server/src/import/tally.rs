//! What became of the records of an import.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use flightbox_import::{ImportError, Kind, Report};

use super::{Place, path};
use crate::control::{Imported, RefusedEvent};

/// How many refused records are told of, one by one.
const TOLD: usize = 20;
/// How many files that are not read are named.
const FILES: usize = 100;

/// What is known so far.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Events that are stored now.
    pub imported: usize,
    /// Events that were there before.
    pub duplicates: usize,
    /// Records that are kept in quarantine.
    pub refused: usize,
    /// Why, by kind.
    pub kinds: BTreeMap<String, usize>,
    /// The first of them.
    pub first: Vec<Bad>,
    /// How many files, those of archives among them, are read as which format.
    pub formats: BTreeMap<&'static str, usize>,
    /// How many files are not read, or not to their end.
    pub broken_files: usize,
    /// The first of them.
    pub broken: Vec<Broken>,
    /// When the first and the last of the events happened.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// What the reader tells at its end.
    pub report: Report,
}

/// A record that is kept in quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// Its file.
    pub path: String,
    /// Which record of it, from 1.
    pub record: u64,
    /// Its line, from 1.
    pub line: u64,
    /// What was expected.
    pub why: String,
}

/// A file that is not read, or not to its end.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The file.
    pub path: String,
    /// Why.
    pub why: Arc<ImportError>,
}

impl Tally {
    /// Counts what became of a batch.
    pub fn add(&mut self, file: &str, imported: Imported, places: &[Place], unread: &[(Place, Kind, String)]) {
        let Imported { accepted, duplicates, refused } = imported;
        self.imported += accepted;
        self.duplicates += duplicates;
        for RefusedEvent { index, code, why } in refused {
            if let Some(place) = places.get(index) {
                self.refuse(file, place, &code, &why);
            }
        }
        for (place, kind, expected) in unread {
            self.refuse(file, place, kind.as_str(), expected);
        }
    }

    /// Events that happened from then to then are among them.
    pub fn span(&mut self, span: Option<(DateTime<Utc>, DateTime<Utc>)>) {
        self.span = match (self.span, span) {
            (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
            (known, new) => known.or(new),
        };
    }

    /// A file, or one of an archive, is read as a format.
    pub fn begins(&mut self, format: &'static str) {
        *self.formats.entry(format).or_default() += 1;
    }

    /// A file, or one of an archive, cannot be read, or not to its end.
    pub fn broken(&mut self, file: &str, member: &str, why: ImportError) {
        self.broken_files += 1;
        if self.broken.len() < FILES {
            self.broken.push(Broken { path: path(file, member), why: Arc::new(why) });
        }
    }

    /// Events that are in the log.
    pub fn stored(&self) -> usize {
        self.imported + self.duplicates
    }

    /// Records that something became of.
    pub fn records(&self) -> usize {
        self.stored() + self.refused
    }

    /// The members that no field was made of, the commonest first, at most so many; and how many names there are besides.
    pub fn unplaced(&self, most: usize) -> (Vec<(&str, u64)>, usize) {
        let mut unplaced: Vec<_> = self.report.unplaced.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        unplaced.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let more = unplaced.len().saturating_sub(most);
        unplaced.truncate(most);
        (unplaced, more)
    }

    fn refuse(&mut self, file: &str, place: &Place, kind: &str, why: &str) {
        self.refused += 1;
        *self.kinds.entry(kind.replace('_', " ")).or_default() += 1;
        if self.first.len() < TOLD {
            let Place { record, line, .. } = *place;
            self.first.push(Bad { path: place.path(file), record, line, why: why.to_owned() });
        }
    }
}
