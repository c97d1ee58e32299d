//! From characters to tokens, and to the raw values after a key's colon.

mod refuse;
mod token;

use std::ops::Range;

use super::error::QueryError;
use super::operator::Operator;
use refuse::{bad_escape, misplaced, missing_key, nothing_after_minus, star_in_text, unclosed_quote};
pub(super) use token::{Piece, Raw, Token, keyword};

pub(super) struct Lexer {
    text: Vec<char>,
    at: usize,
}

/// Whether a bare literal can hold this anywhere.
pub(super) fn is_bare(c: char) -> bool {
    !(c.is_whitespace() || c.is_control() || matches!(c, '"' | '(' | ')'))
}

impl Lexer {
    pub fn new(text: &str) -> Self {
        Self { text: text.chars().collect(), at: 0 }
    }

    /// The text of a span, for messages.
    pub fn slice(&self, span: Range<usize>) -> String {
        self.text[span].iter().collect()
    }

    /// Takes this character if it is next.
    pub fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    /// The next token and where it stands; behind the text, [`Token::End`] for ever.
    pub fn token(&mut self) -> Result<(Token, Range<usize>), QueryError> {
        self.run(char::is_whitespace);
        let start = self.at;
        let token = match self.peek() {
            None => Token::End,
            Some('"') => Token::Text(self.quoted_text()?),
            Some('-') => self.minus()?,
            Some('(') => self.take(Token::Open),
            Some(')') => self.take(Token::Close),
            Some(_) => self.word()?,
        };
        Ok((token, start..self.at))
    }

    /// The value that starts here; without pieces if none does.
    pub fn value(&mut self) -> Result<Raw, QueryError> {
        let start = self.at;
        let operator = self.operator();
        let mut pieces = Vec::new();
        loop {
            let piece = match (self.peek(), pieces.last()) {
                (Some('*'), _) => self.take(Piece::Star),
                (Some('"'), None | Some(Piece::Star)) => Piece::Quoted(self.quoted()?),
                (Some(c), None | Some(Piece::Star)) if is_bare(c) && c != ',' => {
                    Piece::Bare(self.run(|c| is_bare(c) && c != ',' && c != '*'))
                }
                _ => break,
            };
            pieces.push(piece);
        }
        match self.peek() {
            Some(',') => {}
            Some('(') if pieces.is_empty() => {}
            _ => self.end_of_word()?,
        }
        Ok(Raw { span: start..self.at, operator, pieces })
    }

    /// operator = "~" | ">" | ">=" | "<" | "<="
    fn operator(&mut self) -> Option<Operator> {
        if self.eat('~') {
            Some(Operator::Contains)
        } else if self.eat('>') {
            Some(if self.eat('=') { Operator::AtLeast } else { Operator::Above })
        } else if self.eat('<') {
            Some(if self.eat('=') { Operator::AtMost } else { Operator::Below })
        } else {
            None
        }
    }

    fn minus(&mut self) -> Result<Token, QueryError> {
        let at = self.at;
        self.at += 1;
        match self.peek() {
            Some(c) if !c.is_whitespace() && c != ')' => Ok(Token::Minus),
            _ => Err(nothing_after_minus(at)),
        }
    }

    /// A keyword, a key with its colon, or a bare text.
    fn word(&mut self) -> Result<Token, QueryError> {
        let start = self.at;
        let word = self.run(|c| is_bare(c) && c != ':');
        if self.eat(':') {
            return if word.is_empty() { Err(missing_key(start)) } else { Ok(Token::Key(word)) };
        }
        if let Some(keyword) = keyword(&word) {
            return Ok(keyword);
        }
        self.end_of_word()?;
        if word.contains('*') {
            return Err(star_in_text(start..self.at, &word));
        }
        Ok(Token::Text(word))
    }

    fn quoted_text(&mut self) -> Result<String, QueryError> {
        let text = self.quoted()?;
        self.end_of_word()?;
        Ok(text)
    }

    /// quoted = '"' { any character but '"' and '\' | '\"' | '\\' } '"'
    fn quoted(&mut self) -> Result<String, QueryError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            text += &self.run(|c| c != '"' && c != '\\');
            if self.eat('"') {
                return Ok(text);
            }
            match self.text.get(self.at + 1) {
                None => return Err(unclosed_quote(start..self.text.len())),
                Some(&c @ ('"' | '\\')) => text.push(c),
                Some(&c) => return Err(bad_escape(self.at..self.at + 2, c)),
            }
            self.at += 2;
        }
    }

    /// A word ends before white space, a closing parenthesis or the end; anything else would be read as part of it
    /// by some and as a term of its own by others.
    fn end_of_word(&self) -> Result<(), QueryError> {
        match self.peek() {
            None | Some(')') => Ok(()),
            Some(c) if c.is_whitespace() => Ok(()),
            Some(c) => Err(misplaced(self.at, c)),
        }
    }

    /// Steps over the character that is this token or piece.
    fn take<T>(&mut self, what: T) -> T {
        self.at += 1;
        what
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let run: String = self.text[self.at..].iter().copied().take_while(|&c| belongs(c)).collect();
        self.at += run.chars().count();
        run
    }
}
