//! JSON values, taken one by one out of what may be larger than memory: one behind the other, items of an array, items
//! of an array in an envelope such as `{"Records": […]}`. Only where a value ends is told here, by quotes and brackets;
//! whether it is JSON is the parser's to say, and whatever bytes come, each belongs to some piece.

use std::io::{self, BufRead};

use crate::records::{LONGEST, Piece, Records};

/// Members of an outer object whose items are the records, as deliveries and answers of APIs have them.
const ENVELOPES: &[&str] = &["Records", "records", "items", "value", "entries", "QueryResultRows"];
/// Bytes of a key that are looked at: one more than the longest of these has.
const LONGEST_ENVELOPE: usize = 16;

/// The values of a stream.
pub struct Values<R> {
    input: R,
    /// Whether a line feed ends whatever is open, so that a broken line takes no other along.
    by_line: bool,
    line: u64,
    open: Vec<Open>,
}

/// Something that has begun and holds records.
enum Open {
    /// An array.
    Array,
    /// An object around an array: its text so far, that array left empty.
    Envelope(Vec<u8>),
}

/// How far a value has been looked at.
#[derive(Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Whether a line feed ends it.
    by_line: bool,
    /// The last text at the first level, where an envelope's key may stand there.
    key: Option<Vec<u8>>,
    /// Whether the last token at the first level was the colon behind an envelope's key.
    after_key: bool,
    /// Whether the last token was the bracket of such a member's array.
    in_envelope: bool,
}

/// How a look at some bytes ended.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    /// The value goes on behind them.
    On,
    /// It ended.
    Ends,
    /// An envelope's array begins.
    Opens,
}

impl<R: BufRead> Values<R> {
    /// The values of an input; `by_line` where none goes over a line's end.
    pub fn new(input: R, by_line: bool) -> Self {
        Self { input, by_line, line: 1, open: Vec::new() }
    }

    /// The next byte that is no white space, or that ends something by ending its line; left where it is.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        let ends = self.by_line && !self.open.is_empty();
        let is_blank = |byte: &u8| byte.is_ascii_whitespace() && !(ends && *byte == b'\n');
        loop {
            let bytes = self.input.fill_buf()?;
            let Some(first) = bytes.first() else { return Ok(None) };
            if !is_blank(first) {
                return Ok(Some(*first));
            }
            let blank = bytes.iter().take_while(|byte| is_blank(byte));
            let (count, lines) =
                blank.fold((0, 0), |(count, lines), byte| (count + 1, lines + u64::from(*byte == b'\n')));
            self.line += lines;
            self.input.consume(count);
        }
    }

    /// Copies bytes while they belong to the value. `look` is shown what there is, and says how much of it does.
    fn take(&mut self, into: &mut Vec<u8>, mut look: impl FnMut(&[u8]) -> (usize, Step)) -> io::Result<Step> {
        loop {
            let bytes = self.input.fill_buf()?;
            if bytes.is_empty() {
                return Ok(Step::Ends);
            }
            let (taken, step) = look(bytes);
            self.line += memchr::memchr_iter(b'\n', &bytes[..taken]).count() as u64;
            let room = LONGEST.saturating_sub(into.len()) + 1;
            into.extend_from_slice(&bytes[..taken.min(room)]);
            self.input.consume(taken);
            if step != Step::On {
                return Ok(step);
            }
        }
    }

    fn value(&mut self, first: u8, into: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        let line = self.line;
        match first {
            b'{' | b'[' | b'"' => {
                let may_open = first == b'{' && self.open.iter().all(|open| matches!(open, Open::Array));
                let key = may_open.then(Vec::new);
                let mut scan = Scan { by_line: self.by_line, key, ..Scan::default() };
                if self.take(into, |bytes| scan.look(bytes))? == Step::Opens {
                    self.open.push(Open::Envelope(std::mem::take(into)));
                    return Ok(None);
                }
            }
            // In an array a lone value ends at what separates items; outside of one nothing but its line tells.
            _ => {
                let in_array = !self.open.is_empty();
                let mut is_first = true;
                self.take(into, |bytes| {
                    let ends = |byte: &u8| *byte == b'\n' || (in_array && matches!(byte, b',' | b']'));
                    // The first byte belongs to it, whatever it is.
                    let skipped = usize::from(std::mem::take(&mut is_first));
                    match bytes[skipped..].iter().position(ends) {
                        Some(end) => (skipped + end, Step::Ends),
                        None => (bytes.len(), Step::On),
                    }
                })?;
            }
        }
        Ok(Some(if into.len() > LONGEST { Piece::TooLong { line } } else { Piece::Record { line } }))
    }

    /// Ends the innermost array; the envelope around it, if there is one, goes on to its own end.
    fn close(&mut self, into: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        let Some(Open::Envelope(head)) = self.open.pop() else {
            self.input.consume(1);
            return Ok(None);
        };
        *into = head;
        // The same array's end comes first, then whatever the envelope has left.
        let line = self.line;
        let mut scan = Scan { depth: 2, by_line: self.by_line, ..Scan::default() };
        self.take(into, |bytes| scan.look(bytes))?;
        Ok(Some(if into.len() > LONGEST { Piece::TooLong { line } } else { Piece::Around { line } }))
    }
}

impl<R: BufRead> Records for Values<R> {
    fn next(&mut self, into: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        loop {
            into.clear();
            let line = self.line;
            let piece = match (self.peek()?, self.open.is_empty()) {
                (None, true) => return Ok(None),
                (None | Some(b'\n'), false) => {
                    // What came of an envelope is all that there is to keep.
                    for open in self.open.drain(..) {
                        if let Open::Envelope(head) = open {
                            into.extend_from_slice(&head);
                        }
                    }
                    return Ok(Some(Piece::Cut { line }));
                }
                (Some(b'['), true) => {
                    self.open.push(Open::Array);
                    self.input.consume(1);
                    None
                }
                (Some(b']'), false) => self.close(into)?,
                (Some(b','), false) => {
                    self.input.consume(1);
                    None
                }
                (Some(first), _) => self.value(first, into)?,
            };
            if piece.is_some() {
                return Ok(piece);
            }
        }
    }
}

impl Scan {
    /// Looks at the bytes that come next: how many belong to the value, and what is with it then.
    fn look(&mut self, bytes: &[u8]) -> (usize, Step) {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                at += self.text(&bytes[at..]);
                if at == bytes.len() {
                    break;
                }
            }
            let byte = bytes[at];
            if byte == b'\n' && self.by_line {
                return (at, Step::Ends);
            }
            let was_in_string = self.in_string;
            if self.in_envelope && !byte.is_ascii_whitespace() {
                self.in_envelope = false;
                if matches!(byte, b'{' | b'[') {
                    return (at, Step::Opens);
                }
            }
            self.envelope(byte, was_in_string);
            self.byte(byte);
            at += 1;
            let ended = was_in_string || matches!(byte, b'}' | b']');
            if ended && !self.in_string && self.depth == 0 {
                return (at, Step::Ends);
            }
        }
        (at, Step::On)
    }

    /// Passes over what of a string has no meaning: how many bytes.
    fn text(&mut self, bytes: &[u8]) -> usize {
        if self.escaped {
            return 0;
        }
        let end = memchr::memchr3(b'"', b'\\', b'\n', bytes).unwrap_or(bytes.len());
        if let (1, Some(key)) = (self.depth, &mut self.key) {
            // What is longer than any of them is none, and need not be held.
            let room = LONGEST_ENVELOPE.saturating_sub(key.len());
            key.extend_from_slice(&bytes[..end.min(room)]);
        }
        end
    }

    /// Follows strings and brackets over a byte.
    fn byte(&mut self, byte: u8) {
        match (self.in_string, byte) {
            (true, _) if self.escaped => self.escaped = false,
            (true, b'\\') => self.escaped = true,
            (true, b'"') => self.in_string = false,
            (false, b'"') => self.in_string = true,
            (false, b'{' | b'[') => self.depth += 1,
            (false, b'}' | b']') => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    /// Follows keys at the first level, where an envelope may open.
    fn envelope(&mut self, byte: u8, in_string: bool) {
        let (1, false, Some(key)) = (self.depth, in_string, &mut self.key) else { return };
        match byte {
            b'"' => key.clear(),
            b':' => self.after_key = ENVELOPES.iter().any(|envelope| envelope.as_bytes() == key.as_slice()),
            b'[' => self.in_envelope = self.after_key,
            _ => {}
        }
        if byte != b':' && !byte.is_ascii_whitespace() {
            self.after_key = false;
        }
    }
}

/// How a text that begins a value goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// It holds whole values and nothing else.
    Whole,
    /// Its last value has begun and not ended.
    Open,
    /// It ends inside of a string, or is nothing that begins with a bracket.
    Neither,
}

/// What the first line of a file tells of how its values stand.
pub fn extent(line: &[u8]) -> Extent {
    if !matches!(line.first(), Some(b'{' | b'[')) {
        return Extent::Neither;
    }
    let mut scan = Scan::default();
    line.iter().for_each(|byte| scan.byte(*byte));
    match (scan.in_string, scan.depth) {
        (true, _) => Extent::Neither,
        (false, 0) => Extent::Whole,
        (false, _) => Extent::Open,
    }
}

#[cfg(test)]
mod tests;
