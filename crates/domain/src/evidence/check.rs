//! Checking a file as it is read, at a memory that does not grow with it.

use flightbox_event::{Json, json};

use super::{
    ACTION, CONTENTS, Contents, Evidence, EvidenceError, FORMAT, Head, Held, Kind, Wrong, error::AnchorError,
    line::Line,
};
use crate::{
    record::LeafHash,
    scope::SELF_SOURCE,
    tree::{Checkpoint, CheckpointError, NodeHash, PublicKey, Series, verify_consistency},
};

/// No line is longer, in bytes: an event comes in a batch of 16 MiB at most, and its record, sealed values and all, is no
/// four times as long.
const LONGEST: usize = 64 << 20;

/// A file that is being checked. It is handed over in pieces of any size.
#[derive(Clone, Debug)]
pub struct Check {
    pinned: Vec<PublicKey>,
    /// The line that has begun.
    line: Vec<u8>,
    place: Place,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Nothing,
    Events(Box<Events>),
    Ended(Box<Evidence>),
}

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    line: u64,
    offset: u64,
    event: Option<u64>,
}

/// What was read up to the last event.
#[derive(Clone, Debug)]
struct Events {
    checkpoint: Held,
    anchors: Vec<Held>,
    since: Option<(u64, NodeHash)>,
    series: Series,
    contents: Contents,
}

impl Check {
    /// Believes what these keys signed; where there are none, the key that the file itself names.
    pub fn new(pinned: Vec<PublicKey>) -> Self {
        let place = Place { line: 1, offset: 0, event: None };
        Self { pinned, line: Vec::new(), place, state: State::Nothing }
    }

    /// Checks the next bytes.
    ///
    /// # Errors
    /// The first place that is wrong. Nothing is said of what stands behind it.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), EvidenceError> {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (piece, rest) = bytes.split_at(end + 1);
            self.extend(piece)?;
            let mut line = std::mem::take(&mut self.line);
            let read = self.read(&line[..line.len() - 1]);
            read.map_err(|wrong| self.wrong(wrong))?;
            self.place =
                Place { line: self.place.line + 1, offset: self.place.offset + line.len() as u64, event: None };
            line.clear();
            self.line = line;
            bytes = rest;
        }
        self.extend(bytes)
    }

    /// How many events were checked.
    pub fn events(&self) -> u64 {
        match &self.state {
            State::Nothing => 0,
            State::Events(events) => events.contents.events(),
            State::Ended(evidence) => evidence.events,
        }
    }

    /// What the file says, once all of it was handed over.
    pub fn finish(self) -> Result<Evidence, EvidenceError> {
        match self.state {
            State::Ended(evidence) if self.line.is_empty() => Ok(*evidence),
            State::Ended(_) => Err(self.wrong(Wrong::After)),
            State::Nothing if !self.line.is_empty() => Err(self.wrong(Wrong::Head(self.line.len()))),
            State::Nothing | State::Events(_) => Err(self.wrong(Wrong::Ended)),
        }
    }

    fn extend(&mut self, piece: &[u8]) -> Result<(), EvidenceError> {
        if self.line.len() + piece.len() > LONGEST {
            return Err(self.wrong(Wrong::Long));
        }
        self.line.extend(piece);
        Ok(())
    }

    fn wrong(&self, wrong: Wrong) -> EvidenceError {
        let Place { line, offset, event } = self.place;
        EvidenceError { line, offset, event, wrong }
    }

    fn read(&mut self, line: &[u8]) -> Result<(), Wrong> {
        let events = match &mut self.state {
            State::Nothing => {
                let head = Head::read(line).map_err(Wrong::Head)?;
                self.state = State::Events(Box::new(Events::behind(head, &self.pinned)?));
                return Ok(());
            }
            State::Events(events) => events,
            State::Ended(_) => return Err(Wrong::After),
        };
        match Line::read(line).map_err(Wrong::Form)? {
            Line::Cut(why) => Err(Wrong::Cut(why)),
            Line::Event { kind, record, proof, seq } => {
                self.place.event = Some(seq);
                let leaf = LeafHash::of(record);
                events.series.accept(leaf, seq, &proof).map_err(Wrong::Proof)?;
                match kind {
                    Kind::Event => events.contents.push(seq, leaf),
                    Kind::Export => self.state = State::Ended(Box::new(events.ended(record, seq, &self.pinned)?)),
                }
                Ok(())
            }
        }
    }
}

impl Events {
    fn behind(head: Head, pinned: &[PublicKey]) -> Result<Self, Wrong> {
        let held = |checkpoint, key: PublicKey| {
            let pinned = pinned.contains(&key);
            Held { checkpoint, key, pinned }
        };
        let Head { checkpoint: stamped, anchors, since } = head;
        let last = stamped.open().map_err(Wrong::Checkpoint)?;
        let last = held(last, stamped.key);
        if !last.pinned && !pinned.is_empty() {
            return Err(Wrong::Stranger(last.key.to_string()));
        }
        let Checkpoint { size, root, .. } = last.checkpoint;
        let contents = Contents::new(
            since.as_ref().map_or(0, |since| since.size),
            anchors.iter().map(|it| it.stamped.note.as_str()),
        );
        let anchor = |(number, anchor): (usize, super::Anchor)| {
            let opened = anchor.stamped.open().map_err(AnchorError::from).and_then(|checkpoint| {
                if checkpoint.origin != last.checkpoint.origin {
                    let [expected, found] = [&last.checkpoint, &checkpoint].map(|it| it.origin.to_string());
                    return Err(CheckpointError::Origin { expected, found }.into());
                }
                verify_consistency(checkpoint.size, checkpoint.root, size, root, &anchor.proof)?;
                Ok(checkpoint)
            });
            let checkpoint = opened.map_err(|error| Wrong::Anchor(number, error))?;
            Ok(held(checkpoint, anchor.stamped.key))
        };
        let anchors = (1..).zip(anchors).map(anchor).collect::<Result<_, Wrong>>()?;
        if let Some(since) = &since {
            verify_consistency(since.size, since.root, size, root, &since.proof).map_err(Wrong::Since)?;
        }
        let since = since.map(|since| (since.size, since.root));
        Ok(Self { series: Series::new(size, root), checkpoint: last, anchors, since, contents })
    }

    /// The record was proved: it is the log's own, and what it says of the file's contents is what they are.
    fn ended(&self, record: &[u8], seq: u64, pinned: &[PublicKey]) -> Result<Evidence, Wrong> {
        let json = json::parse(record).map_err(|_| Wrong::Export("it is not JSON"))?;
        let text = |keys: &[&str]| json.at(keys).and_then(Json::as_str).map(str::to_owned);
        let detail = |key| text(&["event", "details", key]);
        let is = |keys: &[&str], expected: &str| text(keys).as_deref() == Some(expected);
        let own =
            is(&["source"], SELF_SOURCE) && is(&["event", "action"], ACTION) && is(&["event", "outcome"], "success");
        if !own || detail("format").as_deref() != Some(FORMAT) {
            return Err(Wrong::Export("it is not that of evidence being taken"));
        }
        let events = self.contents.events();
        let counted = json.at(&["event", "details", "rows", "value"]);
        if counted != Some(&Json::from(events.cast_signed())) {
            return Err(Wrong::Export("another number of events was taken"));
        }
        if detail(CONTENTS) != Some(self.contents.clone().finish()) {
            return Err(Wrong::Export("other events were taken, or others beside them"));
        }
        let own = self.anchors.iter().chain([&self.checkpoint]).map(|held| held.key.clone());
        let believed = if pinned.is_empty() { own.collect() } else { pinned.to_vec() };
        let told = |keys: &[&str], what| text(keys).ok_or(Wrong::Export(what));
        Ok(Evidence {
            checkpoint: self.checkpoint.clone(),
            anchors: self.anchors.clone(),
            events,
            seq,
            who: told(&["event", "actor", "id"], "it does not say who took it")?,
            when: told(&["received_at"], "it does not say when it was taken")?,
            why: told(&["event", "reason"], "it does not say why it was taken")?,
            query: told(&["event", "details", "query"], "it does not say what was asked for")?,
            sources: told(&["event", "details", "sources"], "it does not say of which sources it is")?,
            from: detail("from"),
            to: detail("to"),
            since: self.since,
            believed,
        })
    }
}
