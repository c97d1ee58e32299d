//! What somebody is writing just now. Unlike the parser this reads queries that are not finished: it finds the key or
//! the value around a place, and what it could become.

use std::ops::Range;

use super::lexer::is_bare;
use super::{KEYS, Key, KeySpec, Kind, MAX_LENGTH, Qualifier};

/// Methods that are offered; any other can be asked for.
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
/// Times that are offered; any other can be asked for.
const AGO: &[&str] = &["-1h", "-24h", "-7d", "-30d"];

/// The part of a query that somebody is writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writing {
    /// The characters whose place a completion takes, counted in code points.
    pub span: Range<usize>,
    /// What is being written.
    pub part: Part,
    /// The query without the term that the part belongs to.
    pub rest: String,
}

/// A part of a query, as far as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A key, of which this is typed.
    Key(String),
    /// A path into the details, of which this is typed behind the `@`.
    Path(String),
    /// A value of a key, of which this is typed, quotes aside.
    Value(Key, String),
}

impl Writing {
    /// What is being written at a place, counted in code points; `None` where nothing could be completed: inside a
    /// text, behind an operator, or in a key that there is none of.
    pub fn at(text: &str, place: usize) -> Option<Self> {
        let text: Vec<char> = text.chars().collect();
        (place <= text.len() && text.len() <= MAX_LENGTH).then(|| Scan { text: &text, place }.find()).flatten()
    }
}

impl Key {
    /// The keys of which a name starts like this, in any case, in the order of [`KEYS`].
    pub fn starting(typed: &str) -> impl Iterator<Item = &'static KeySpec> {
        let starts = move |name: &str| name.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed));
        KEYS.iter().filter(move |spec| spec.names().any(starts))
    }

    /// The values that are offered whatever events there are; empty where events tell them.
    pub fn usual_values(&self) -> &'static [&'static str] {
        match (self, self.kind()) {
            (Self::Method, _) => METHODS,
            (_, Kind::Words(words)) => words,
            (_, Kind::Time) => AGO,
            _ => &[],
        }
    }

    /// A value as it is typed behind the colon, in quotes where it has to be; `None` if the key cannot take it.
    pub fn written(&self, value: &str) -> Option<String> {
        let qualifier = Qualifier::equals(self.clone(), value).ok()?.to_string();
        qualifier.strip_prefix(&format!("{self}:")).map(str::to_owned)
    }
}

/// A text and a place in it.
struct Scan<'a> {
    text: &'a [char],
    place: usize,
}

impl Scan<'_> {
    /// Goes from term to term until one reaches the place.
    fn find(&self) -> Option<Writing> {
        let mut at = 0;
        loop {
            let term = self.run(at, |c| c.is_whitespace() || matches!(c, '(' | ')'));
            if self.place < term {
                return self.writing(term..term, self.place..self.place, Part::Key(String::new()));
            }
            let start = self.run(term, |c| c == '-');
            if self.text.get(start) == Some(&'"') {
                at = self.quoted(start);
                if self.place <= at {
                    return None;
                }
                continue;
            }
            let end = self.run(start, |c| is_bare(c) && c != ':');
            if self.text.get(end) == Some(&':') && end > start {
                let values = self.values(end + 1);
                if self.place <= values {
                    return self.qualifier(term..values, start..end);
                }
                at = values;
            } else if self.place <= end {
                return self.key(term..end, start..end);
            } else {
                // What belongs nowhere is stepped over.
                at = end.max(start + 1);
            }
        }
    }

    /// The key of a qualifier, or one of its values.
    fn qualifier(&self, term: Range<usize>, name: Range<usize>) -> Option<Writing> {
        let colon = name.end;
        if self.place <= colon {
            return self.key(term, name.start..colon + 1);
        }
        let key = Key::find(&self.slice(name))?;
        let mut start = colon + 1;
        loop {
            let end = self.value(start);
            if self.place <= end {
                let typed = typed(&self.text[start..self.place])?;
                return self.writing(term, start..end, Part::Value(key, typed));
            }
            start = end + 1;
        }
    }

    /// One of which nothing is typed yet is left alone, and so are the signs before it.
    fn key(&self, term: Range<usize>, span: Range<usize>) -> Option<Writing> {
        if self.place < span.start || (self.place == span.start && !span.is_empty()) {
            return None;
        }
        let typed = self.slice(span.start..self.place);
        let part = typed.strip_prefix('@').map(|path| Part::Path(path.to_owned()));
        self.writing(term, span, part.unwrap_or(Part::Key(typed)))
    }

    fn writing(&self, term: Range<usize>, span: Range<usize>, part: Part) -> Option<Writing> {
        let rest = self.slice(0..term.start) + &self.slice(term.end..self.text.len());
        Some(Writing { span, part, rest })
    }

    /// Where the values end that start here.
    fn values(&self, mut at: usize) -> usize {
        loop {
            at = self.value(at);
            if self.text.get(at) != Some(&',') {
                return at;
            }
            at += 1;
        }
    }

    /// Where the value ends that starts here.
    fn value(&self, mut at: usize) -> usize {
        loop {
            match self.text.get(at) {
                Some('"') => at = self.quoted(at),
                Some(c) if is_bare(*c) && *c != ',' => at += 1,
                _ => return at,
            }
        }
    }

    /// Where the quoted text ends that starts here. One that is never closed ends at the place, if that is inside:
    /// what follows there was written before the quote.
    fn quoted(&self, start: usize) -> usize {
        let mut at = start + 1;
        while let Some(c) = self.text.get(at) {
            match c {
                '"' => return at + 1,
                '\\' => at += 2,
                _ => at += 1,
            }
        }
        if self.place > start { self.place } else { self.text.len() }
    }

    fn run(&self, at: usize, belongs: impl Fn(char) -> bool) -> usize {
        at + self.text[at..].iter().take_while(|c| belongs(**c)).count()
    }

    fn slice(&self, range: Range<usize>) -> String {
        self.text[range].iter().collect()
    }
}

/// What is typed of an exact value; `None` where it is a comparison or a pattern.
fn typed(written: &[char]) -> Option<String> {
    let Some((&'"', inside)) = written.split_first() else {
        let exact =
            !matches!(written.first(), Some('~' | '<' | '>')) && !written.iter().any(|c| matches!(c, '*' | '"'));
        return exact.then(|| written.iter().collect());
    };
    let mut text = String::new();
    let mut rest = inside.iter();
    while let Some(c) = rest.next() {
        match c {
            // Behind its closing quote nothing more belongs to a value.
            '"' => return rest.next().is_none().then_some(text),
            '\\' => text.extend(rest.next()),
            c => text.push(*c),
        }
    }
    Some(text)
}
