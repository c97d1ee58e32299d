//! Turning pages: which search a page belongs to, and a cursor nobody can forge that says so.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    keys::{Keys, Tag},
    page::{Cursor, Direction, Position},
    random::Random,
    record::{hex, unhex},
};

/// How long a search goes on. What is turned to later is a search of its own: a link kept for months must not show
/// what came meanwhile without a trace.
const LASTING: TimeDelta = TimeDelta::hours(1);
const MINUTE_MS: i64 = 60_000;
const BODY: usize = 21;

/// A search, as the record of access names it. Its first page is recorded; its cursors name it, so that whoever turns
/// its pages is known to have been recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    name: [u8; 8],
    /// Minutes since 1970.
    minute: u32,
}

impl Begun {
    /// A search that begins now.
    pub fn draw(random: &Random, now: DateTime<Utc>) -> Self {
        Self { name: random.bytes(), minute: u32::try_from(now.timestamp_millis() / MINUTE_MS).unwrap_or_default() }
    }

    /// The id of the event that records it.
    pub fn id(&self) -> String {
        hex(&self.name)
    }

    /// Whether it is still going on.
    pub fn lasts(&self, now: DateTime<Utc>) -> bool {
        let since = DateTime::from_timestamp_millis(i64::from(self.minute) * MINUTE_MS);
        since.is_some_and(|since| since <= now && now - since < LASTING)
    }
}

/// A page to turn to: a place, and the search that it is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The place.
    pub cursor: Cursor,
    /// The search.
    pub begun: Begun,
}

impl Turn {
    /// The turn as text, bound to the reader and the filter it was made for.
    pub fn seal(self, keys: &Keys, reader: &str, filter: &str) -> String {
        let mut bytes = self.body().to_vec();
        bytes.extend(self.tag(keys, reader, filter).as_bytes());
        hex(&bytes)
    }

    /// Reads it back; `None` if it is not one of ours, or was made for another reader or filter.
    pub fn open(text: &str, keys: &Keys, reader: &str, filter: &str) -> Option<Self> {
        let bytes = unhex(text)?;
        let (body, tag) = bytes.split_first_chunk::<BODY>()?;
        let tag: [u8; Tag::LENGTH] = tag.try_into().ok()?;
        let (way, rest) = body.split_first()?;
        let (position, rest) = rest.split_first_chunk()?;
        let (name, minute) = rest.split_first_chunk()?;
        let turn = Self {
            cursor: Cursor {
                direction: if *way == 0 { Direction::Older } else { Direction::Newer },
                position: Position(i64::from_be_bytes(*position)),
            },
            begun: Begun { name: *name, minute: u32::from_be_bytes(minute.try_into().ok()?) },
        };
        (turn.tag(keys, reader, filter) == Tag::from(tag) && turn.body() == *body).then_some(turn)
    }

    fn body(self) -> [u8; BODY] {
        let mut body = [0; BODY];
        body[0] = u8::from(self.cursor.direction == Direction::Newer);
        body[1..9].copy_from_slice(&self.cursor.position.0.to_be_bytes());
        body[9..17].copy_from_slice(&self.begun.name);
        body[17..].copy_from_slice(&self.begun.minute.to_be_bytes());
        body
    }

    fn tag(self, keys: &Keys, reader: &str, filter: &str) -> Tag {
        keys.cursor(&[&self.body(), reader.as_bytes(), filter.as_bytes()])
    }
}

/// A page that somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Where it goes on from; from the start where there is none.
    pub cursor: Option<Cursor>,
    /// The search.
    pub begun: Begun,
    /// Whether it is the first that is shown of that search, which is the one that is recorded.
    pub is_first: bool,
}

impl Asked {
    /// The page of a turn, or the first of a search that begins now.
    pub fn of(turn: Option<Turn>, random: &Random, now: DateTime<Utc>) -> Self {
        let lasting = turn.map(|turn| turn.begun).filter(|begun| begun.lasts(now));
        Self {
            cursor: turn.map(|turn| turn.cursor),
            begun: lasting.unwrap_or_else(|| Begun::draw(random, now)),
            is_first: lasting.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(at: &str) -> Begun {
        Begun::draw(&Random::new(|bytes| bytes.fill(7)), at.parse().unwrap())
    }

    #[test]
    fn g7_a_cursor_is_good_for_its_reader_and_filter_alone() {
        let keys = Keys::derive(&[3; 32]);
        let cursor = Cursor { position: Position(77), direction: Direction::Newer };
        let turn = Turn { cursor, begun: begun("2026-11-22T12:00:59Z") };
        let text = turn.seal(&keys, "alice", "actor:x");
        assert_eq!(Turn::open(&text, &keys, "alice", "actor:x"), Some(turn));
        assert_eq!(Turn::open(&text, &keys, "bob", "actor:x"), None);
        assert_eq!(Turn::open(&text, &keys, "alice", "actor:y"), None);
        for at in 0..text.len() {
            let mut flipped = text.clone().into_bytes();
            flipped[at] = if flipped[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(Turn::open(&String::from_utf8(flipped).unwrap(), &keys, "alice", "actor:x"), None);
        }
        assert_eq!(Turn::open("zz", &keys, "alice", "actor:x"), None);
    }

    #[test]
    fn a_search_goes_on_for_an_hour() {
        let begun = begun("2026-11-22T12:00:59Z");
        let lasts = |at: &str| begun.lasts(at.parse().unwrap());
        assert!(lasts("2026-11-22T12:00:59Z") && lasts("2026-11-22T12:59:59Z"));
        assert!(!lasts("2026-11-22T13:00:00Z") && !lasts("2026-11-22T11:59:00Z"));

        let random = Random::new(|bytes| bytes.fill(8));
        let turn = Turn { cursor: Cursor { position: Position(77), direction: Direction::Older }, begun };
        let asked = |turn, at: &str| Asked::of(turn, &random, at.parse().unwrap());
        assert_eq!(asked(Some(turn), "2026-11-22T12:30:00Z").begun, begun);
        assert!(!asked(Some(turn), "2026-11-22T12:30:00Z").is_first);
        let late = asked(Some(turn), "2026-11-23T12:30:00Z");
        assert!(late.is_first && late.begun != begun && late.cursor == Some(turn.cursor));
        assert!(asked(None, "2026-11-22T12:30:00Z").is_first);
    }
}
