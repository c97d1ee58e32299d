//! Agreements counted, differences named.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use chrono::{DateTime, Utc};

use crate::read::{self, Read};

/// The report's first lines.
pub const HEADING: &str =
    "\n| set | format | files | events | agreements | differences | quarantined |\n|---|---|---|---|---|---|---|\n";

#[derive(Default)]
struct Counts {
    files: usize,
    events: usize,
    agreements: usize,
    differences: usize,
    quarantined: usize,
}

/// What became of a set.
#[derive(Default)]
pub struct Comparison {
    counts: BTreeMap<&'static str, Counts>,
    format: &'static str,
    pub differences: Vec<String>,
}

impl Comparison {
    /// Imports a file. Where it is refused, or a record of it, that is a difference.
    pub fn file(&mut self, path: &Path) -> Option<Read> {
        self.read(path, read::file(path))
    }

    /// Counts what came of a file.
    pub fn read(&mut self, path: &Path, read: Result<Read, flightbox_import::ImportError>) -> Option<Read> {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match read {
            Ok(read) => {
                self.format = read.format;
                let counts = self.counts.entry(read.format).or_default();
                counts.files += 1;
                counts.events += read.events.len();
                counts.quarantined += read.refused.len();
                for (record, why) in &read.refused {
                    self.differences.push(format!("{name} {record} | refused | {why}"));
                }
                Some(read)
            }
            Err(error) => {
                self.format = "none";
                let counts = self.counts.entry("none").or_default();
                counts.files += 1;
                counts.differences += 1;
                // The nearest guesses change with every format that is added.
                let error = error.to_string();
                self.differences.push(format!("{name} | refused | {}", error.split(';').next().unwrap_or_default()));
                None
            }
        }
    }

    /// Compares one value with what others say: one of several, where they say several.
    pub fn value(&mut self, place: &str, field: &str, ours: &str, theirs: &[&str]) {
        let counts = self.counts.entry(self.format).or_default();
        if theirs.contains(&ours) {
            counts.agreements += 1;
        } else {
            counts.differences += 1;
            self.differences.push(format!("{place} | {field} | {ours} | {}", theirs.join(" or ")));
        }
    }

    /// Compares a value, if others say one.
    pub fn maybe(&mut self, place: &str, field: &str, ours: Option<&str>, theirs: Option<String>) {
        if let Some(theirs) = theirs {
            self.value(place, field, ours.unwrap_or("nothing"), &[&theirs]);
        }
    }

    /// Compares a time.
    pub fn time(&mut self, place: &str, ours: Option<DateTime<Utc>>, theirs: &str) {
        let theirs = theirs.replace(' ', "T");
        let theirs = if theirs.ends_with('Z') || theirs.contains('+') { theirs } else { theirs + "Z" };
        let theirs: DateTime<Utc> = theirs.parse().unwrap_or_else(|error| panic!("{theirs}: {error}"));
        let ours = ours.map_or("nothing".to_owned(), |time| time.to_rfc3339());
        self.value(place, "time", &ours, &[&theirs.to_rfc3339()]);
    }

    /// How many values agreed.
    pub fn agreements(&self) -> usize {
        self.counts.values().map(|counts| counts.agreements).sum()
    }

    /// The set's lines of the report.
    pub fn table(&self, set: &str) -> String {
        let mut out = String::new();
        for (format, counts) in &self.counts {
            let Counts { files, events, agreements, differences, quarantined } = counts;
            let _ = writeln!(
                out,
                "| {set} | {format} | {files} | {events} | {agreements} | {differences} | {quarantined} |"
            );
        }
        out
    }
}
