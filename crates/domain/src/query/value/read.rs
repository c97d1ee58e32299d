//! How each kind of key reads a value.

use flightbox_event::nearest;
use ipnet::{IpNet, Ipv4Net};

use super::Value;
use super::refuse::{bad_operator, bad_value, missing, star_after_contains};
use crate::query::error::QueryError;
use crate::query::lexer::{Piece, Raw};
use crate::query::operator::Operator;
use crate::query::{Key, Kind, Pattern, number, span};

/// The value of a key that is this text, as if in quotes.
pub(in crate::query) fn literal(key: &Key, text: &str) -> Result<Value, QueryError> {
    let span = 0..text.chars().count();
    read(key, &Raw { span, operator: None, pieces: vec![Piece::Quoted(text.to_owned())] })
}

/// value = comparison | range | contains | pattern | literal, as far as the key takes it
pub(in crate::query) fn read(key: &Key, raw: &Raw) -> Result<Value, QueryError> {
    let kind = key.kind();
    if raw.pieces.is_empty() {
        return Err(missing(key, raw));
    }
    match raw.operator {
        None if raw.pieces.iter().all(|piece| *piece == Piece::Star) => return Ok(Value::Exists),
        Some(operator) if !operator.fits(kind) => return Err(bad_operator(key, raw)),
        _ => {}
    }
    match kind {
        Kind::Text | Kind::Dotted => text(key, raw),
        Kind::Caseless => text(key, raw).map(in_capitals),
        Kind::Words(words) => word(key, words, raw),
        Kind::Address => address(key, raw),
        Kind::Time => span::read(key, raw).map(Value::Time),
        Kind::Number | Kind::Whole => span::read(key, raw).map(Value::Number),
        Kind::Detail if raw.operator.is_some_and(Operator::compares) || is_range(raw) => {
            span::read(key, raw).map(Value::Number)
        }
        Kind::Detail => text(key, raw),
    }
}

fn text(key: &Key, raw: &Raw) -> Result<Value, QueryError> {
    match raw.operator {
        None => Ok(stars(raw)),
        Some(_) => contains(key, raw),
    }
}

/// Without case there is one way to write a value. What is contained is looked for in any case anyway.
fn in_capitals(value: Value) -> Value {
    match value {
        Value::Exact(text) => Value::Exact(text.to_ascii_uppercase()),
        Value::Prefix(start) => Value::Prefix(start.to_ascii_uppercase()),
        Value::Pattern(pattern) => {
            Value::Pattern(Pattern::new(pattern.parts().iter().map(|part| part.to_ascii_uppercase()).collect()))
        }
        other => other,
    }
}

fn word(key: &Key, words: &[&str], raw: &Raw) -> Result<Value, QueryError> {
    if raw.has_star() {
        return Err(bad_operator(key, raw));
    }
    let text = raw.text();
    match words.iter().find(|word| word.eq_ignore_ascii_case(&text)) {
        Some(word) => Ok(Value::Exact((*word).to_owned())),
        None => Err(bad_value(key, raw).suggesting(nearest(&text, words.iter().copied()))),
    }
}

/// In quotes nothing is a range.
fn is_range(raw: &Raw) -> bool {
    !raw.pieces.iter().any(|piece| matches!(piece, Piece::Quoted(_))) && number::is_range(&raw.text())
}

fn address(key: &Key, raw: &Raw) -> Result<Value, QueryError> {
    let value = text(key, raw)?;
    let Value::Exact(written) = &value else { return Ok(value) };
    if let Some(address) = super::address(written) {
        return Ok(Value::Exact(address.to_string()));
    }
    if matches!(raw.pieces[..], [Piece::Quoted(_)]) {
        return Ok(value);
    }
    if let Ok(network) = written.parse::<IpNet>() {
        return Ok(canonical(network));
    }
    if looks_like_address(written) { Err(bad_value(key, raw)) } else { Ok(value) }
}

/// Whether a bare text under a key of addresses has to be an address or a network: no host name looks like this.
pub(in crate::query) fn looks_like_address(text: &str) -> bool {
    text.contains([':', '/']) || text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// A network of one address is that address, and a mapped IPv4 network is the IPv4 network.
fn canonical(network: IpNet) -> Value {
    let network = match network.trunc() {
        IpNet::V6(v6) if v6.prefix_len() >= 96 => match v6.network().to_ipv4_mapped() {
            Some(v4) => Ipv4Net::new(v4, v6.prefix_len() - 96).map_or(IpNet::V6(v6), IpNet::V4),
            None => IpNet::V6(v6),
        },
        other => other,
    };
    if network.prefix_len() == network.max_prefix_len() {
        Value::Exact(network.addr().to_string())
    } else {
        Value::Network(network)
    }
}

/// contains = "~" literal
fn contains(key: &Key, raw: &Raw) -> Result<Value, QueryError> {
    let part = raw.text();
    if raw.has_star() {
        return Err(star_after_contains(raw, &part));
    }
    if part.is_empty() { Err(missing(key, raw)) } else { Ok(Value::Contains(part)) }
}

/// pattern = literals and "*" in turn
fn stars(raw: &Raw) -> Value {
    let mut parts = vec![String::new()];
    for piece in &raw.pieces {
        match (piece, parts.last_mut()) {
            (Piece::Bare(text) | Piece::Quoted(text), Some(part)) => part.push_str(text),
            _ => parts.push(String::new()),
        }
    }
    let last = parts.len() - 1;
    let mut at = 0..;
    // Stars side by side are one star.
    parts.retain(|part| at.next().is_some_and(|at| at == 0 || at == last || !part.is_empty()));
    match parts.as_mut_slice() {
        [whole] => Value::Exact(std::mem::take(whole)),
        [start, end] if start.is_empty() && end.is_empty() => Value::Exists,
        [start, end] if end.is_empty() => Value::Prefix(std::mem::take(start)),
        _ => Value::Pattern(Pattern::new(parts)),
    }
}
