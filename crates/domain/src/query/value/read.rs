//! How each kind of key reads a value.

use flightbox_event::{Outcome, nearest};
use ipnet::{IpNet, Ipv4Net};

use super::Value;
use super::refuse::{bad_operator, bad_value, missing, star_after_contains};
use crate::query::error::QueryError;
use crate::query::lexer::{Operator, Piece, Raw};
use crate::query::{Key, Kind, Pattern, TimeRange};

/// The value of a key that is this text, as if in quotes.
pub(in crate::query) fn literal(key: Key, text: &str) -> Result<Value, QueryError> {
    let span = 0..text.chars().count();
    read(key, &Raw { span, operator: None, pieces: vec![Piece::Quoted(text.to_owned())] })
}

/// value = comparison | range | contains | pattern | literal, as far as the key takes it
pub(in crate::query) fn read(key: Key, raw: &Raw) -> Result<Value, QueryError> {
    if raw.pieces.is_empty() {
        return Err(missing(key, raw));
    }
    if raw.operator.is_none() && raw.pieces.iter().all(|piece| *piece == Piece::Star) {
        return Ok(Value::Exists);
    }
    match key.spec().kind {
        Kind::Text | Kind::Dotted => text(key, raw),
        Kind::Outcome => outcome(key, raw),
        Kind::Address => address(key, raw),
        Kind::Time => TimeRange::read(key, raw).map(Value::Time),
    }
}

fn text(key: Key, raw: &Raw) -> Result<Value, QueryError> {
    match raw.operator {
        None => Ok(stars(raw)),
        Some(Operator::Contains) => contains(key, raw),
        Some(_) => Err(bad_operator(key, raw)),
    }
}

fn outcome(key: Key, raw: &Raw) -> Result<Value, QueryError> {
    if raw.operator.is_some() || raw.has_star() {
        return Err(bad_operator(key, raw));
    }
    let word = raw.text().to_ascii_lowercase();
    let known = Outcome::ALL.iter().map(|outcome| outcome.as_str());
    match word.parse::<Outcome>() {
        Ok(outcome) => Ok(Value::Exact(outcome.as_str().to_owned())),
        Err(_) => Err(bad_value(key, raw).suggesting(nearest(&word, known))),
    }
}

fn address(key: Key, raw: &Raw) -> Result<Value, QueryError> {
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
fn contains(key: Key, raw: &Raw) -> Result<Value, QueryError> {
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
