//! Which format a file is of, told by its first records.

use std::fmt;

use flightbox_event::{Json, json};

use crate::{
    fields::csv_fields,
    formats::{self, FORMATS},
    mapping::{Frame, Mapping},
    records::{Csv, Piece, Records},
    values::{Extent, extent},
};

/// Less than this share of a format's signs is no likeness.
const ENOUGH: f64 = 0.55;
/// A format that is not ahead of the next by as much is not the winner.
const AHEAD: f64 = 0.1;
/// Lines of text that are looked at.
const LINES: usize = 200;

/// No format is clearly that of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsure {
    /// The two that come nearest, the nearest first; none where nothing looks like it at all.
    pub nearest: Option<[&'static str; 2]>,
}

impl fmt::Display for Unsure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nearest {
            Some([first, second]) => {
                write!(
                    out,
                    "is of no format for certain; nearest are {first} and {second}: say --format {first}, or another"
                )
            }
            None => write!(out, "is of no format that is known; say --format, if it is one of those all the same"),
        }
    }
}

/// How the values of JSON stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Each line for itself.
    Lines,
    /// Over lines.
    Stream,
}

/// Whether a file looks like JSON, and how its values stand in it.
pub fn json_layout(head: &[u8]) -> Option<Layout> {
    let text = head.trim_ascii_start();
    let is_json = match text {
        [b'{', ..] => true,
        // `[Fri Sep 09 …]` and `[2024-01-15 …]` are lines of text.
        [b'[', rest @ ..] => matches!(rest.trim_ascii_start(), [] | [b'{' | b'[' | b'"' | b']', ..]),
        _ => false,
    };
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let is_object = |line: &[u8]| line.starts_with(b"{") && json::parse(line).is_ok();
    if !is_json {
        // The first line may be broken.
        return lines.any(is_object).then_some(Layout::Lines);
    }
    let Some(end) = text.iter().position(|byte| *byte == b'\n') else { return Some(Layout::Stream) };
    let first = text[..end].trim_ascii();
    let mut next_stands_alone = || first.starts_with(b"{") && lines.nth(1).is_some_and(is_object);
    match extent(first) {
        Extent::Whole if goes_over_lines(text) => Some(Layout::Stream),
        Extent::Whole | Extent::Neither => Some(Layout::Lines),
        Extent::Open if next_stands_alone() => Some(Layout::Lines),
        Extent::Open => Some(Layout::Stream),
    }
}

/// Whether a value begins on one line and goes on with the next. A line that was cut off is followed by another that
/// begins a value of its own.
fn goes_over_lines(text: &[u8]) -> bool {
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).collect();
    lines.windows(2).any(|pair| {
        let goes_on = matches!(pair[1].first(), Some(first) if !matches!(first, b'{' | b'['));
        goes_on && extent(pair[0]) == Extent::Open
    })
}

/// The format of records of JSON.
pub fn of_values<'a>(records: impl Iterator<Item = &'a Json>) -> Result<&'static Mapping, Unsure> {
    let mut scores: Vec<(f64, &'static Mapping)> = Vec::new();
    let mut count = 0.0;
    for record in records.filter(|record| record.as_object().is_some() || record.as_array().is_some()) {
        count += 1.0;
        let mappings = FORMATS.iter().copied().filter(|mapping| matches!(mapping.frame, Frame::Json));
        for (index, mapping) in mappings.enumerate() {
            let likeness = formats::likeness(mapping, record);
            match scores.get_mut(index) {
                Some((sum, _)) => *sum += likeness,
                None => scores.push((likeness, mapping)),
            }
        }
    }
    winner(scores.into_iter().map(|(sum, mapping)| (sum / f64::max(count, 1.0), mapping)).collect())
}

/// The format of lines of text.
pub fn of_text(head: &[u8], is_whole: bool) -> Result<&'static Mapping, Unsure> {
    let text = String::from_utf8_lossy(head);
    let mut lines: Vec<&str> = text.lines().collect();
    if !is_whole && lines.len() > 1 {
        lines.pop();
    }
    let lines: Vec<&str> = lines.into_iter().filter(|line| !line.trim().is_empty()).take(LINES).collect();
    let share = |fits: &mut dyn FnMut(&str) -> bool| {
        lines.iter().filter(|line| fits(line)).count() as f64 / lines.len().max(1) as f64
    };
    let score = |mapping: &'static Mapping| match mapping.frame {
        Frame::Json => 0.0,
        Frame::Lines(parse) | Frame::Auditd(parse) => share(&mut |line| parse(line).is_ok()),
        Frame::Entries(goes_on, parse) => {
            let mut entry = None;
            share(&mut |line| {
                if parse(line).is_ok() {
                    entry = Some(line.to_owned());
                    return true;
                }
                entry.as_deref().is_some_and(|entry| goes_on(entry, line))
            })
        }
        Frame::Csv(parse) => {
            let mut record = Vec::new();
            let first = Csv::new(head).next(&mut record).ok().flatten();
            let fields = first
                .filter(|piece| matches!(piece, Piece::Record { .. }))
                .map(|_| csv_fields(&String::from_utf8_lossy(&record)));
            f64::from(u8::from(fields.is_some_and(|fields| parse(fields).is_ok())))
        }
    };
    winner(FORMATS.iter().map(|mapping| (score(mapping), *mapping)).collect())
}

fn winner(mut scores: Vec<(f64, &'static Mapping)>) -> Result<&'static Mapping, Unsure> {
    scores.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    match scores.as_slice() {
        [(best, mapping), (next, _), ..] if *best >= ENOUGH && best - next >= AHEAD => Ok(mapping),
        [(best, first), (_, second), ..] if *best > 0.0 => Err(Unsure { nearest: Some([first.name, second.name]) }),
        _ => Err(Unsure { nearest: None }),
    }
}
