//! What became of the records, told as it happens and at the end.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use flightbox_import::{ImportError, Kind, Report};

use super::Failure;
use crate::{
    control::{Imported, RefusedEvent},
    import::Place,
};

/// How many refused records are told of, one by one.
const TOLD: usize = 20;
/// How many members that no field was made of are named.
const NAMED: usize = 20;

#[derive(Default)]
pub struct Tally {
    imported: usize,
    duplicates: usize,
    refused: usize,
    kinds: BTreeMap<String, usize>,
    formats: BTreeMap<&'static str, usize>,
    broken_files: usize,
    report: Report,
}

impl Tally {
    /// Counts what became of a batch.
    pub fn add(&mut self, file: &Path, imported: Imported, places: &[Place], unread: &[(Place, Kind, String)]) {
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

    fn refuse(&mut self, file: &Path, Place { member, record, line }: &Place, kind: &str, why: &str) {
        self.refused += 1;
        *self.kinds.entry(kind.replace('_', " ")).or_default() += 1;
        if self.refused <= TOLD {
            eprintln!("{}: record {record}, line {line}: {why}", path(file, member));
        }
    }

    /// A file, or one of an archive, is read as a format.
    pub fn begins(&mut self, format: &'static str) {
        *self.formats.entry(format).or_default() += 1;
    }

    /// A file, or one of an archive, cannot be read, or not to its end.
    pub fn broken(&mut self, file: &Path, member: &str, error: &ImportError) {
        self.broken_files += 1;
        eprintln!("{}: {error}", path(file, member));
    }

    /// All that was read.
    pub fn read(&mut self, report: Report) {
        self.report = report;
    }

    /// Events that are in the log.
    pub fn stored(&self) -> usize {
        self.imported + self.duplicates
    }

    /// Tells the particulars, where there are any.
    pub fn tell(&self) {
        let Self { kinds, formats, report, .. } = self;
        let listed = |title: &str, counts: &mut dyn Iterator<Item = (&str, u64)>| {
            let text = counts.fold(String::new(), |mut text, (name, count)| {
                let _ = write!(text, "{}{name} {count}", if text.is_empty() { "" } else { ", " });
                text
            });
            if !text.is_empty() {
                eprintln!("{title}: {text}");
            }
        };
        listed("files by format", &mut formats.iter().map(|(name, count)| (*name, *count as u64)));
        listed("quarantined, by kind", &mut kinds.iter().map(|(name, count)| (name.as_str(), *count as u64)));
        listed("filled in, as details.flightbox says", &mut report.assumed.iter().map(|(name, count)| (*name, *count)));
        let mut unplaced: Vec<_> = report.unplaced.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        unplaced.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let more = unplaced.len().saturating_sub(NAMED);
        let more = (more > 0).then_some(("and other names", more as u64));
        listed("in the details alone", &mut unplaced.into_iter().take(NAMED).chain(more));
    }

    /// The one line of the summary.
    pub fn sum_up(&self) -> String {
        let Self { imported, duplicates, refused, .. } = self;
        let nothing_new = *imported == 0 && *duplicates > 0;
        let note = if nothing_new { "; nothing new: all of it was there before" } else { "" };
        format!("imported {imported}, duplicate {duplicates}, quarantined {refused}{note}")
    }

    /// Whether all of it went well.
    pub fn verdict(&self) -> Result<(), Failure> {
        match (self.refused, self.broken_files) {
            (0, 0) => Ok(()),
            (0, files) => Err(format!("{files} of the files could not be read").into()),
            (records, _) => Err(format!("{records} records were refused; they are kept in quarantine").into()),
        }
    }
}

fn path(file: &Path, member: &str) -> String {
    match member {
        "" => file.display().to_string(),
        member => format!("{}/{member}", file.display()),
    }
}
