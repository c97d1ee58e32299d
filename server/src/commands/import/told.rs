//! What became of the records, told as it happens and at the end.

use std::fmt::Write as _;

use super::Failure;
use crate::import::tally::{Bad, Broken, Tally};

/// How many members that no field was made of are named.
const NAMED: usize = 20;

/// Tells of what cannot be stored once, as soon as that is known.
#[derive(Default)]
pub struct Narrator {
    refused: usize,
    broken: usize,
}

impl Narrator {
    /// What has come since.
    pub fn news(&mut self, tally: &Tally) {
        for Bad { path, record, line, why } in tally.first.iter().skip(self.refused) {
            eprintln!("{path}: record {record}, line {line}: {why}");
        }
        for Broken { path, why } in tally.broken.iter().skip(self.broken) {
            eprintln!("{path}: {why}");
        }
        (self.refused, self.broken) = (tally.first.len(), tally.broken.len());
    }
}

/// Tells the particulars, where there are any.
pub fn particulars(tally: &Tally) {
    let Tally { kinds, formats, report, .. } = tally;
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
    let (unplaced, more) = tally.unplaced(NAMED);
    let more = (more > 0).then_some(("and other names", more as u64));
    listed("in the details alone", &mut unplaced.into_iter().chain(more));
}

/// The one line of the summary.
pub fn sum_up(Tally { imported, duplicates, refused, .. }: &Tally) -> String {
    let nothing_new = *imported == 0 && *duplicates > 0;
    let note = if nothing_new { "; nothing new: all of it was there before" } else { "" };
    format!("imported {imported}, duplicate {duplicates}, quarantined {refused}{note}")
}

/// Whether all of it went well.
pub fn verdict(tally: &Tally) -> Result<(), Failure> {
    match (tally.refused, tally.broken_files) {
        (0, 0) => Ok(()),
        (0, files) => Err(format!("{files} of the files could not be read").into()),
        (records, _) => Err(format!("{records} records were refused; they are kept in quarantine").into()),
    }
}
