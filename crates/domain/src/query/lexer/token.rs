//! What a text is made of.

use std::ops::Range;

use crate::query::operator::Operator;

#[derive(Debug, PartialEq)]
pub(in crate::query) enum Token {
    Open,
    Close,
    Minus,
    Not,
    And,
    Or,
    /// A key; its span includes the colon, after which the lexer stands.
    Key(String),
    Text(String),
    End,
}

/// A value as it is written.
#[derive(Debug, Default)]
pub(in crate::query) struct Raw {
    pub span: Range<usize>,
    pub operator: Option<Operator>,
    pub pieces: Vec<Piece>,
}

impl Raw {
    pub fn has_star(&self) -> bool {
        self.pieces.contains(&Piece::Star)
    }

    /// What was written, without the operator and the quotes.
    pub fn text(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Bare(text) | Piece::Quoted(text) => text.as_str(),
                Piece::Star => "*",
            })
            .collect()
    }
}

#[derive(Debug, PartialEq)]
pub(in crate::query) enum Piece {
    Bare(String),
    Quoted(String),
    Star,
}

/// The token a bare word is, if it is a keyword.
pub(in crate::query) fn keyword(word: &str) -> Option<Token> {
    match word.to_ascii_uppercase().as_str() {
        "OR" => Some(Token::Or),
        "AND" => Some(Token::And),
        "NOT" => Some(Token::Not),
        _ => None,
    }
}
