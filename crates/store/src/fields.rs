//! A few bytes, some numbers, some texts and a tail in a row. Of numbers and texts any may be absent: a bit for each
//! tells which are there.

use serde::{Deserialize, Serialize};

/// More fields than any record has.
const MOST: u32 = 64;

#[derive(Serialize, Deserialize)]
struct Row<'a> {
    head: [u8; 2],
    /// The first field's bit is the lowest.
    present: u64,
    #[serde(borrow)]
    texts: Vec<&'a str>,
    numbers: Vec<i64>,
    tail: &'a [u8],
}

/// Fields that are being written.
pub(crate) struct Fields<'a> {
    row: Row<'a>,
    next: u32,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(head: [u8; 2]) -> Self {
        let (texts, numbers) = (Vec::with_capacity(16), Vec::with_capacity(4));
        Self { row: Row { head, present: 0, texts, numbers, tail: &[] }, next: 0 }
    }

    pub(crate) fn number(&mut self, number: Option<i64>) {
        self.mark(number.is_some());
        self.row.numbers.extend(number);
    }

    pub(crate) fn text(&mut self, text: Option<&'a str>) {
        self.mark(text.is_some());
        self.row.texts.extend(text);
    }

    pub(crate) fn tail(&mut self, tail: &'a [u8]) {
        self.row.tail = tail;
    }

    fn mark(&mut self, present: bool) {
        self.row.present |= u64::from(present) << self.next;
        self.next += 1;
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        // Writing to a growing buffer fails only for want of memory, which aborts before it gets here.
        postcard::to_extend(&self.row, Vec::with_capacity(512)).unwrap_or_default()
    }
}

/// Fields that are being read, in the order in which they were written.
pub(crate) struct Unread<'a> {
    present: u64,
    numbers: std::vec::IntoIter<i64>,
    texts: std::vec::IntoIter<&'a str>,
    tail: &'a [u8],
    next: u32,
}

impl<'a> Unread<'a> {
    /// The head of a row, and its fields.
    pub(crate) fn of(bytes: &'a [u8]) -> Result<([u8; 2], Self), String> {
        let row: Row<'a> = postcard::from_bytes(bytes).map_err(|error| format!("is no row of fields: {error}"))?;
        let (numbers, texts) = (row.numbers.into_iter(), row.texts.into_iter());
        Ok((row.head, Self { present: row.present, numbers, texts, tail: row.tail, next: 0 }))
    }

    pub(crate) fn number(&mut self) -> Result<Option<i64>, String> {
        let number = self.is_there().then(|| self.numbers.next().ok_or("has fewer numbers than it says"));
        Ok(number.transpose()?)
    }

    pub(crate) fn text(&mut self) -> Result<Option<&'a str>, String> {
        let text = self.is_there().then(|| self.texts.next().ok_or("has fewer texts than it says"));
        Ok(text.transpose()?)
    }

    pub(crate) fn tail(&self) -> &'a [u8] {
        self.tail
    }

    fn is_there(&mut self) -> bool {
        let there = self.next < MOST && self.present >> self.next & 1 == 1;
        self.next += 1;
        there
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), String> {
        let done = self.numbers.len() == 0 && self.texts.len() == 0 && self.present >> self.next.min(MOST - 1) <= 1;
        if done { Ok(()) } else { Err("has more fields than a record".to_owned()) }
    }
}
