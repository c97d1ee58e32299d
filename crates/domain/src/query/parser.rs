//! From tokens to the tree: one function for each line of the grammar.

mod refuse;

use std::ops::Range;

use super::compose::{self, Group};
use super::error::{QueryError, QueryErrorCode as Code};
use super::lexer::{Lexer, Token};
use super::{Key, MAX_DEPTH, MAX_LENGTH, MAX_TERMS, Qualifier, Query, value, words};
use refuse::{no_key, too_long, unopened};

struct Parser {
    lexer: Lexer,
    token: Token,
    span: Range<usize>,
    previous: Range<usize>,
    depth: usize,
    terms: usize,
}

/// query = [ or ]
pub(super) fn parse(text: &str) -> Result<Query, QueryError> {
    let length = text.chars().count();
    if length > MAX_LENGTH {
        return Err(too_long(MAX_LENGTH..length, "The query"));
    }
    let mut parser = Parser::new(text)?;
    if parser.token == Token::End {
        return Ok(Query::All);
    }
    let query = parser.or()?;
    if parser.token != Token::End {
        return Err(unopened(parser.span));
    }
    // Aliases and quotes can make the canonical text longer, and a link made of it has to be readable again.
    if query.to_string().chars().count() > MAX_LENGTH {
        return Err(too_long(0..length, "Written out in full, the query"));
    }
    Ok(query)
}

impl Parser {
    fn new(text: &str) -> Result<Self, QueryError> {
        let mut lexer = Lexer::new(text);
        let (token, span) = lexer.token()?;
        Ok(Self { lexer, token, span, previous: 0..0, depth: 0, terms: 0 })
    }

    fn advance(&mut self) -> Result<(), QueryError> {
        let (token, span) = self.lexer.token()?;
        self.token = token;
        self.previous = std::mem::replace(&mut self.span, span);
        Ok(())
    }

    /// or = and { "OR" and }
    fn or(&mut self) -> Result<Query, QueryError> {
        let mut any = vec![self.and()?];
        while self.token == Token::Or {
            self.advance()?;
            any.push(self.and()?);
        }
        Ok(compose::any(any))
    }

    /// and = unary { [ "AND" ] unary }
    fn and(&mut self) -> Result<Query, QueryError> {
        let mut group = Group::default();
        loop {
            let merges = matches!(self.token, Token::Key(_));
            match self.unary()? {
                Query::Is(qualifier) if merges => group.merge(qualifier),
                query => group.add(query),
            }
            match self.token {
                Token::And => self.advance()?,
                Token::End | Token::Close | Token::Or => return Ok(group.close()),
                _ => {}
            }
        }
    }

    /// unary = ( "-" | "NOT" ) unary | "(" or ")" | qualifier | text
    fn unary(&mut self) -> Result<Query, QueryError> {
        match &mut self.token {
            Token::Minus | Token::Not => self.deeper(|parser| {
                parser.advance()?;
                parser.unary().map(compose::negate)
            }),
            Token::Open => self.deeper(Self::parentheses),
            Token::Key(name) => {
                let name = std::mem::take(name);
                self.qualifier(&name)
            }
            Token::Text(text) => {
                let text = std::mem::take(text);
                self.text(text)
            }
            Token::End | Token::Close | Token::And | Token::Or => Err(self.missing_term()),
        }
    }

    /// "(" or ")"
    fn parentheses(&mut self) -> Result<Query, QueryError> {
        let open = self.span.clone();
        self.advance()?;
        if self.token == Token::Close {
            let message = "There is nothing between these parentheses. Write a term there, or remove them.";
            return Err(QueryError::new(Code::EmptyParentheses, open.start..self.span.end, message).expecting("a term"));
        }
        let query = if self.token == Token::End { Query::All } else { self.or()? };
        if self.token != Token::Close {
            let message = "This parenthesis is never closed. Write ) where it ends.";
            return Err(QueryError::new(Code::UnclosedParenthesis, open, message).expecting(")"));
        }
        self.advance()?;
        Ok(query)
    }

    /// qualifier = key ":" value { "," value }
    fn qualifier(&mut self, name: &str) -> Result<Query, QueryError> {
        let Some(key) = Key::find(name) else {
            return Err(no_key(name, self.span.start..self.span.end - 1));
        };
        let mut any_of = Vec::new();
        loop {
            let raw = self.lexer.value()?;
            self.count(&raw.span)?;
            let value = value::read(&key, &raw)?;
            if !any_of.contains(&value) {
                any_of.push(value);
            }
            if !self.lexer.eat(',') {
                break;
            }
        }
        self.advance()?;
        Ok(Query::Is(Qualifier { key, any_of }))
    }

    /// text = bare | quoted
    fn text(&mut self, text: String) -> Result<Query, QueryError> {
        if words(&text).next().is_none() {
            let message = "There is nothing to search for here. A text needs a letter or a digit.";
            return Err(QueryError::new(Code::NoWords, self.span.clone(), message).expecting("a word"));
        }
        self.count(&self.span.clone())?;
        self.advance()?;
        Ok(Query::Text(text))
    }

    fn deeper(&mut self, inner: impl FnOnce(&mut Self) -> Result<Query, QueryError>) -> Result<Query, QueryError> {
        if self.depth == MAX_DEPTH {
            let message = format!("Parentheses and negations nest more than {MAX_DEPTH} deep here. Use fewer of them.");
            return Err(QueryError::new(Code::TooDeep, self.span.clone(), message).expecting("less nesting"));
        }
        self.depth += 1;
        let query = inner(self);
        self.depth -= 1;
        query
    }

    fn count(&mut self, span: &Range<usize>) -> Result<(), QueryError> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            let message = format!("A query can have {MAX_TERMS} terms, and this is one too many. Use fewer of them.");
            return Err(QueryError::new(Code::TooManyTerms, span.clone(), message).expecting("fewer terms"));
        }
        Ok(())
    }

    fn missing_term(&self) -> QueryError {
        let (operator, side) = match self.token {
            Token::And | Token::Or => (&self.span, "before"),
            _ if self.previous.is_empty() => return unopened(self.span.clone()),
            _ => (&self.previous, "after"),
        };
        let word = self.lexer.slice(operator.clone());
        let message =
            format!("There is nothing {side} `{word}`. Write a term there, or put {word} in quotes to search for it.");
        QueryError::new(Code::MissingTerm, operator.clone(), message).expecting(format!("a term {side} {word}"))
    }
}
