//! Which records of something that was refused a page shows, and where in them something is wrong.

use std::{collections::BTreeSet, ops::Range};

use axum::body::Bytes;
use flightbox_app::{
    pages::quarantine::record::{Opened, RecordShown, Said},
    parts::stamp::Stamp,
};
use flightbox_event::json::{self, ParseError, Place};

use crate::{
    ingest::{Complaint, NOTHING},
    quarantine::Kept,
};

/// Records that a page shows at once.
const SHOWN: usize = 10;
/// Bytes of records that a page shows at once; a form that sends them back is three times as long at worst.
const ROOM: usize = 256 << 10;

/// What there is to show of it.
pub struct Choice<'a> {
    /// What was refused.
    pub kept: &'a Kept,
    /// Records that were written anew.
    pub edits: &'a [(usize, String)],
    /// All records, with those.
    pub records: &'a [Bytes],
    /// What is wrong with them now.
    pub complaints: &'a [Complaint],
}

impl Choice<'_> {
    /// The page.
    pub fn opened(&self, source: &str, (at, address): (Stamp, Option<String>), said: Option<Said>) -> Opened {
        let wrong: BTreeSet<usize> = self.complaints.iter().map(|complaint| complaint.index).collect();
        let edited: BTreeSet<usize> = self.edits.iter().map(|(index, _)| *index).collect();
        let asked = match (wrong.is_empty(), edited.is_empty()) {
            // What was wrong when it was refused, though it is not any more.
            (true, true) => self.kept.complaints.iter().map(|complaint| complaint.index).collect(),
            (_, true) => wrong.clone(),
            (_, false) => edited.clone(),
        };
        let (mut room, mut records, mut too_long) = (ROOM, Vec::new(), 0);
        for index in asked {
            let Some(text) = self.text(index) else { continue };
            match () {
                () if text.len() > ROOM => too_long += 1,
                () if records.len() == SHOWN || text.len() > room => break,
                () => {
                    room -= text.len();
                    records.push(self.record(index, text));
                }
            }
        }
        let shown: BTreeSet<_> = records.iter().map(|record| record.index).collect();
        let said = said.unwrap_or(match (edited.is_empty(), wrong.len()) {
            (true, 0) => Said::Sound,
            (true, _) => Said::Nothing,
            (false, count) => Said::Checked(count),
        });
        Opened {
            source: source.to_owned(),
            id: self.kept.refusal.id,
            came: Some((at, address)),
            count: self.kept.records.len(),
            version: self.kept.version(),
            more: wrong.difference(&shown).count() - too_long.min(wrong.difference(&shown).count()),
            too_long: (too_long > 0).then(|| {
                format!(
                    "{too_long} of its records have more than {} KiB, which is more than can be mended here.",
                    ROOM >> 10
                )
            }),
            records,
            said,
            reason: (String::new(), None),
        }
    }

    fn text(&self, index: usize) -> Option<String> {
        let edit = self.edits.iter().find(|(edited, _)| *edited == index).map(|(_, text)| text.replace("\r\n", "\n"));
        edit.or_else(|| self.records.get(index).map(|record| String::from_utf8_lossy(record).into_owned()))
    }

    fn record(&self, index: usize, text: String) -> RecordShown {
        let problems: Vec<_> = self.complaints.iter().filter(|complaint| complaint.index == index).collect();
        let marks = problems.iter().enumerate().filter_map(|(number, problem)| Some((place(&text, problem)?, number)));
        let told = |problem: &&Complaint| {
            let received = if problem.received == NOTHING { String::new() } else { problem.received.clone() };
            (problem.path.clone(), problem.message.clone(), received)
        };
        RecordShown {
            index,
            stretches: stretches(&text, marks.collect()),
            problems: problems.iter().map(told).collect(),
            text,
        }
    }
}

/// Where in a record's text a problem is.
fn place(text: &str, problem: &Complaint) -> Option<Range<usize>> {
    if let Err(ParseError::Syntax { line, column, .. }) = json::parse(text.as_bytes()) {
        let start = text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
        let before = text.get(start..)?.chars().take(column - 1).map(char::len_utf8).sum::<usize>();
        let at = start + before;
        let length = text.get(at..)?.chars().next().map_or(0, char::len_utf8);
        return Some(at..at + length);
    }
    let Place { range, exact } = json::find(text.as_bytes(), &problem.path)?;
    // What is missing is missing there: the bracket is enough to say so.
    Some(if exact && !problem.path.is_empty() { range } else { range.start..range.start + 1 })
}

/// A text in stretches, those that are marked with the number of their mark. Of marks that overlap, the first counts.
fn stretches(text: &str, mut marks: Vec<(Range<usize>, usize)>) -> Vec<(String, Option<usize>)> {
    marks.sort_by_key(|(range, number)| (range.start, *number));
    let (mut stretches, mut end) = (Vec::new(), 0);
    for (range, number) in marks {
        let (Some(before), Some(marked)) = (text.get(end..range.start), text.get(range.clone())) else { continue };
        if !before.is_empty() {
            stretches.push((before.to_owned(), None));
        }
        stretches.push((marked.to_owned(), Some(number)));
        end = range.end;
    }
    stretches.extend(text.get(end..).filter(|rest| !rest.is_empty()).map(|rest| (rest.to_owned(), None)));
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, paths: &[&str]) -> Vec<(String, Option<usize>)> {
        let problem = |path: &&str| Complaint {
            index: 0,
            path: (*path).to_owned(),
            code: String::new(),
            message: String::new(),
            received: String::new(),
        };
        let problems: Vec<_> = paths.iter().map(problem).collect();
        let marks = problems.iter().enumerate().filter_map(|(at, problem)| Some((place(text, problem)?, at)));
        stretches(text, marks.collect())
    }

    fn said(stretches: &[(&str, Option<usize>)]) -> Vec<(String, Option<usize>)> {
        stretches.iter().map(|(text, mark)| ((*text).to_owned(), *mark)).collect()
    }

    #[test]
    fn what_is_wrong_is_marked_where_it_stands() {
        let text = r#"{"actor":1,"actoin":"x"}"#;
        assert_eq!(
            marked(text, &["actoin", "actor", "action"]),
            said(&[("{", Some(2)), (r#""actor":1"#, Some(1)), (",", None), (r#""actoin":"x""#, Some(0)), ("}", None)])
        );
        assert_eq!(
            marked("{\"a\":1,\n\"é\" 2}", &[""]),
            said(&[("{\"a\":1,\n\"é\" ", None), ("2", Some(0)), ("}", None)])
        );
        assert_eq!(marked("{\"a\":", &[""]), said(&[("{\"a\":", None), ("", Some(0))]));
    }
}
