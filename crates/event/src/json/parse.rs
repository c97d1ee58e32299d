//! From bytes to [`Json`].

use std::collections::HashSet;

use hifijson::{SliceLexer, num::LexWrite as _, str::LexAlloc as _, token::Expect, token::Lex as _};

use super::{ENVELOPE, Json, MAX_DEPTH, MAX_ITEMS, MAX_MEMBERS, Number};

/// Why bytes are no JSON value that can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// Not JSON by RFC 8259. Line and column start at 1; the column counts code points.
    Syntax {
        /// The line of the first byte that does not fit.
        line: usize,
        /// Its column.
        column: usize,
        /// What does not fit.
        message: String,
    },
    /// Valid JSON that says two things under one key: which one would be the evidence?
    DuplicateKey {
        /// Where the object stands, `[3].details` in the manner of JavaScript.
        path: String,
        /// The repeated key.
        key: String,
    },
    /// An array of more than [`MAX_ITEMS`] or an object of more than [`MAX_MEMBERS`].
    TooMany {
        /// Where it stands.
        path: String,
    },
    /// Nesting that no event of at most [`MAX_DEPTH`] can have.
    TooDeep {
        /// Where the nesting became too deep.
        path: String,
    },
}

/// Parses exactly one JSON value. Never panics, whatever the bytes.
pub fn parse(bytes: &[u8]) -> Result<Json, ParseError> {
    let mut lexer = SliceLexer::new(bytes);
    let mut walk = Walk::default();
    let parsed = lexer.exactly_one(SliceLexer::ws_peek, |next, lexer| walk.value(next, lexer));
    parsed.map_err(|failure| failure.locate(bytes, lexer.as_slice().len()))
}

/// Parses newline-delimited JSON: one value a line, blank lines skipped.
/// Each comes with its line; a syntax error names the number, from 1, that it has in the whole input.
pub fn parse_lines(bytes: &[u8]) -> impl Iterator<Item = (&[u8], Result<Json, ParseError>)> {
    bytes
        .split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(index, line)| (line, parse(line).map_err(|error| error.on_line(index + 1))))
}

impl ParseError {
    fn on_line(self, at: usize) -> Self {
        match self {
            Self::Syntax { column, message, .. } => Self::Syntax { line: at, column, message },
            other => other,
        }
    }
}

enum Failure {
    Syntax(String),
    DuplicateKey { path: String, key: String },
    TooMany { path: String },
    TooDeep { path: String },
}

impl Failure {
    fn locate(self, bytes: &[u8], unread: usize) -> ParseError {
        match self {
            Failure::DuplicateKey { path, key } => ParseError::DuplicateKey { path, key },
            Failure::TooMany { path } => ParseError::TooMany { path },
            Failure::TooDeep { path } => ParseError::TooDeep { path },
            Failure::Syntax(message) => {
                let read = &bytes[..bytes.len() - unread];
                let line_start = read.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                ParseError::Syntax {
                    line: read.iter().filter(|byte| **byte == b'\n').count() + 1,
                    column: String::from_utf8_lossy(&read[line_start..]).chars().count() + 1,
                    message,
                }
            }
        }
    }
}

impl From<Expect> for Failure {
    fn from(expected: Expect) -> Self {
        Failure::Syntax(expected.to_string())
    }
}

impl From<hifijson::Error> for Failure {
    fn from(error: hifijson::Error) -> Self {
        Failure::Syntax(error.to_string())
    }
}

/// Objects up to this many members are checked for duplicates by looking at each pair, which is faster than hashing.
const FEW_MEMBERS: usize = 16;

#[derive(Default)]
struct Walk {
    path: Vec<Step>,
}

enum Step {
    Index(usize),
    Key(String),
}

impl Walk {
    /// value = null | true | false | number | string | array | object
    fn value(&mut self, next: u8, lexer: &mut SliceLexer) -> Result<Json, Failure> {
        match next {
            b'a'..=b'z' => match lexer.null_or_bool().ok_or(Expect::Value)? {
                Some(truth) => Ok(Json::Bool(truth)),
                None => Ok(Json::Null),
            },
            b'0'..=b'9' | b'-' => {
                let (digits, _) = lexer.num_string().validated().map_err(hifijson::Error::from)?;
                Ok(Json::Number(Number(digits.to_owned())))
            }
            b'"' => Ok(Json::String(self.string(lexer.discarded())?)),
            b'[' | b'{' if self.path.len() >= MAX_DEPTH + ENVELOPE => Err(Failure::TooDeep { path: self.here() }),
            b'[' => self.array(lexer.discarded()),
            b'{' => self.object(lexer.discarded()),
            _ => Err(Expect::Value)?,
        }
    }

    fn string(&self, lexer: &mut SliceLexer) -> Result<String, Failure> {
        Ok(lexer.str_string().map_err(hifijson::Error::from)?.into_owned())
    }

    /// array = "[" [ value { "," value } ] "]"
    fn array(&mut self, lexer: &mut SliceLexer) -> Result<Json, Failure> {
        let mut items = Vec::new();
        lexer.seq(b']', SliceLexer::ws_peek, |next, lexer| {
            if items.len() == MAX_ITEMS {
                return Err(Failure::TooMany { path: self.here() });
            }
            self.path.push(Step::Index(items.len()));
            items.push(self.value(next, lexer)?);
            self.path.pop();
            Ok::<_, Failure>(())
        })?;
        Ok(Json::Array(items))
    }

    /// object = "{" [ string ":" value { "," string ":" value } ] "}"
    fn object(&mut self, lexer: &mut SliceLexer) -> Result<Json, Failure> {
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        lexer.seq(b'}', SliceLexer::ws_peek, |next, lexer| {
            lexer.expect(|_| Some(next), b'"').ok_or(Expect::String)?;
            if members.len() == MAX_MEMBERS {
                return Err(Failure::TooMany { path: self.here() });
            }
            let key = self.string(lexer)?;
            lexer.expect(SliceLexer::ws_peek, b':').ok_or(Expect::Colon)?;
            if members.len() == FEW_MEMBERS {
                seen.extend(members.iter().map(|(known, _)| known.clone()));
            }
            let repeated = match members.len() < FEW_MEMBERS {
                true => members.iter().any(|(known, _)| *known == key),
                false => !seen.insert(key.clone()),
            };
            if repeated {
                return Err(Failure::DuplicateKey { path: self.here(), key });
            }
            let next = lexer.ws_peek().ok_or(Expect::Value)?;
            self.path.push(Step::Key(key));
            let value = self.value(next, lexer)?;
            if let Some(Step::Key(key)) = self.path.pop() {
                members.push((key, value));
            }
            Ok::<_, Failure>(())
        })?;
        Ok(Json::Object(members))
    }

    fn here(&self) -> String {
        self.path.iter().fold(String::new(), |path, step| match step {
            Step::Index(index) => format!("{path}[{index}]"),
            Step::Key(key) if path.is_empty() => key.clone(),
            Step::Key(key) => format!("{path}.{key}"),
        })
    }
}
