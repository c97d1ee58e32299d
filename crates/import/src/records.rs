//! Records as bytes, taken one by one from a stream: how they stand in a file is the frame's, what they say the mapping's.

use std::io::{self, BufRead};

/// A record may be so long, in bytes: many times what the log takes of one, so that whatever is longer can be passed
/// over without being held.
pub const LONGEST: usize = 4 << 20;

/// What came next. The line is where it begins, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A record.
    Record {
        /// Its line.
        line: u64,
    },
    /// The start of a record longer than [`LONGEST`].
    TooLong {
        /// Its line.
        line: u64,
    },
    /// What stood around records: an object without them. No record itself.
    Around {
        /// The line on which they ended.
        line: u64,
    },
    /// The input, or the line, ended while an array was open; what came of the envelope around it.
    Cut {
        /// The last line.
        line: u64,
    },
}

/// A stream of records.
pub trait Records {
    /// Replaces `into` by what comes next; `None` at the end.
    fn next(&mut self, into: &mut Vec<u8>) -> io::Result<Option<Piece>>;
}

/// Lines that are not blank, without their ends.
pub struct Lines<R> {
    input: R,
    line: u64,
    /// Whether blank lines count.
    blank: bool,
}

impl<R: BufRead> Lines<R> {
    /// The lines of an input.
    pub fn new(input: R) -> Self {
        Self { input, line: 0, blank: false }
    }

    /// Appends the rest of the line, as much of it as is held; whether there was any.
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<bool> {
        let mut any = false;
        loop {
            let bytes = self.input.fill_buf()?;
            if bytes.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let length = end.unwrap_or(bytes.len());
            let room = LONGEST.saturating_sub(into.len()) + 1;
            into.extend_from_slice(&bytes[..length.min(room)]);
            self.input.consume(length + usize::from(end.is_some()));
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

impl<R: BufRead> Records for Lines<R> {
    fn next(&mut self, into: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        loop {
            into.clear();
            if !self.read(into)? {
                return Ok(None);
            }
            self.line += 1;
            if into.last() == Some(&b'\r') {
                into.pop();
            }
            let line = self.line;
            if into.len() > LONGEST {
                return Ok(Some(Piece::TooLong { line }));
            }
            if self.blank || !into.trim_ascii().is_empty() {
                return Ok(Some(Piece::Record { line }));
            }
        }
    }
}

/// Lines, each with those behind it that go on with it.
pub struct Entries<R> {
    lines: Lines<R>,
    goes_on: fn(&str, &str) -> bool,
    ahead: Option<(Vec<u8>, Piece)>,
}

impl<R: BufRead> Entries<R> {
    /// The entries of an input; `goes_on` tells of an entry and a line whether the line belongs to it.
    pub fn new(input: R, goes_on: fn(&str, &str) -> bool) -> Self {
        Self { lines: Lines { input, line: 0, blank: true }, goes_on, ahead: None }
    }

    fn line(&mut self, into: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        loop {
            let piece = match self.ahead.take() {
                Some((line, piece)) => {
                    *into = line;
                    Some(piece)
                }
                None => self.lines.next(into)?,
            };
            // No entry begins with a blank line.
            if piece.is_none() || !into.trim_ascii().is_empty() {
                return Ok(piece);
            }
        }
    }
}

impl<R: BufRead> Records for Entries<R> {
    fn next(&mut self, into: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        let Some(piece) = self.line(into)? else { return Ok(None) };
        if !matches!(piece, Piece::Record { .. }) {
            return Ok(Some(piece));
        }
        let mut line = Vec::new();
        while let Some(next) = self.lines.next(&mut line)? {
            let texts = std::str::from_utf8(into).ok().zip(std::str::from_utf8(&line).ok());
            let belongs = matches!(next, Piece::Record { .. })
                && into.len() + line.len() < LONGEST
                && texts.is_some_and(|(entry, line)| (self.goes_on)(entry, line));
            if !belongs {
                self.ahead = Some((line, next));
                break;
            }
            into.push(b'\n');
            into.extend_from_slice(&line);
        }
        Ok(Some(piece))
    }
}

/// Comma-separated records: a quoted value may hold line feeds.
pub struct Csv<R> {
    lines: Lines<R>,
}

impl<R: BufRead> Csv<R> {
    /// The records of an input.
    pub fn new(input: R) -> Self {
        Self { lines: Lines::new(input) }
    }
}

impl<R: BufRead> Records for Csv<R> {
    fn next(&mut self, into: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        let Some(piece) = self.lines.next(into)? else { return Ok(None) };
        let Piece::Record { line } = piece else { return Ok(Some(piece)) };
        // Inside of quotes as long as their number is odd: a quote in a value stands twice.
        let quotes = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'"').count();
        let mut odd = quotes(into) % 2 == 1;
        while odd {
            let start = into.len();
            into.push(b'\n');
            if !self.lines.read(into)? {
                into.truncate(start);
                break;
            }
            self.lines.line += 1;
            if into.len() > LONGEST {
                return Ok(Some(Piece::TooLong { line }));
            }
            odd ^= quotes(&into[start..]) % 2 == 1;
        }
        if into.last() == Some(&b'\r') {
            into.pop();
        }
        Ok(Some(piece))
    }
}
