//! Lines of Linux's auditd, joined to events: all lines of one event carry its time and serial number, and lines of
//! several events may be mixed.

use std::{
    collections::VecDeque,
    io::{self, BufRead},
};

use crate::records::{LONGEST, Lines, Piece, Records};

/// So many events are open at once: records of an event are found however they are mixed, as long as no more than this
/// many other events begin between them.
const OPEN: usize = 256;

/// The events of an input, in the order in which they began.
pub struct Joined<R> {
    lines: Lines<R>,
    open: VecDeque<Group>,
    ended: bool,
}

struct Group {
    stamp: Stamp,
    line: u64,
    text: Vec<u8>,
}

/// Which event a line is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The serial number, which counts since the machine started.
    pub serial: u64,
    /// When, in milliseconds since 1970.
    pub millis: u64,
    /// The machine, where logs of several are gathered.
    pub node: Option<String>,
}

impl Stamp {
    /// The stamp of a line: `node=web-1 type=SYSCALL msg=audit(1490995752.404:20614537): …`.
    pub fn of(line: &str) -> Option<Self> {
        let (head, rest) = line.split_once("audit(")?;
        let (stamp, _) = rest.split_once(')')?;
        let (time, serial) = stamp.split_once(':')?;
        let (seconds, millis) = time.split_once('.')?;
        let millis = millis.parse::<u64>().ok().filter(|millis| *millis < 1000)?;
        let node = head.split_once("node=").and_then(|(_, rest)| rest.split(' ').next());
        Some(Self {
            node: node.map(str::to_owned),
            millis: seconds.parse::<u64>().ok()?.checked_mul(1000)? + millis,
            serial: serial.parse().ok()?,
        })
    }
}

impl<R: BufRead> Joined<R> {
    /// The events of an input.
    pub fn new(input: R) -> Self {
        Self { lines: Lines::new(input), open: VecDeque::new(), ended: false }
    }

    /// Adds a line to its event, or begins one with it.
    fn add(&mut self, line: u64, bytes: &[u8], stamp: Stamp) {
        let group = self.open.iter_mut().rev().find(|group| group.stamp == stamp);
        match group.filter(|group| group.text.len() + bytes.len() < LONGEST) {
            Some(group) => {
                group.text.push(b'\n');
                group.text.extend_from_slice(bytes);
            }
            None => self.open.push_back(Group { stamp, line, text: bytes.to_vec() }),
        }
    }
}

impl<R: BufRead> Records for Joined<R> {
    fn next(&mut self, into: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        loop {
            let ready = self.ended || self.open.len() > OPEN;
            if ready && let Some(Group { line, text, .. }) = self.open.pop_front() {
                *into = text;
                return Ok(Some(Piece::Record { line }));
            }
            if self.ended {
                return Ok(None);
            }
            match self.lines.next(into)? {
                None => self.ended = true,
                Some(Piece::Record { line }) => match std::str::from_utf8(into).ok().and_then(Stamp::of) {
                    Some(stamp) => self.add(line, into, stamp),
                    None => return Ok(Some(Piece::Record { line })),
                },
                Some(other) => return Ok(Some(other)),
            }
        }
    }
}
