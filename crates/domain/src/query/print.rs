//! The canonical text of a query, which reads back as the same query.

use std::{borrow::Cow, fmt};

use super::lexer::{is_bare, keyword};
use super::number::is_range;
use super::value::looks_like_address;
use super::{Kind, Qualifier, Query, Value, address};

/// A value text that reads back as [`Value::Exact`] of exactly this string under any key of free text.
///
/// It comes in quotes where it has to: when it is empty, starts with an operator, or holds white space, a control
/// character, a quote, a parenthesis, a comma or a star.
pub fn quote(value: &str) -> Cow<'_, str> {
    let plain = value.chars().all(|c| is_bare(c) && !matches!(c, ',' | '*'));
    if plain && !value.is_empty() && !value.starts_with(['~', '<', '>']) { value.into() } else { quoted(value).into() }
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Text that is searched for, in quotes where it would read as something else without them.
fn quote_text(text: &str) -> Cow<'_, str> {
    let plain = text.chars().all(|c| is_bare(c) && !matches!(c, ':' | '*'));
    let taken = text.is_empty() || text.starts_with('-') || keyword(text).is_some();
    if plain && !taken { text.into() } else { quoted(text).into() }
}

impl fmt::Display for Query {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::And(terms) => joined(out, terms, " ", |at| stands_apart(terms, at)),
            Self::Or(parts) => joined(out, parts, " OR ", |_| false),
            Self::Not(part) => match **part {
                Self::And(_) | Self::Or(_) => write!(out, "-({part})"),
                _ => write!(out, "-{part}"),
            },
            Self::Is(qualifier) => qualifier.fmt(out),
            Self::Text(text) => out.write_str(&quote_text(text)),
        }
    }
}

/// Whether a term of an AND group needs parentheses: OR binds less tightly, and a qualifier would merge with an earlier
/// one of its key.
fn stands_apart(terms: &[Query], at: usize) -> bool {
    match &terms[at] {
        Query::Or(_) => true,
        Query::Is(this) => {
            terms[..at].iter().any(|earlier| matches!(earlier, Query::Is(earlier) if earlier.merges_with(this)))
        }
        _ => false,
    }
}

fn joined(
    out: &mut fmt::Formatter<'_>,
    parts: &[Query],
    between: &str,
    in_parentheses: impl Fn(usize) -> bool,
) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.write_str(between)?;
        }
        if in_parentheses(at) { write!(out, "({part})")? } else { write!(out, "{part}")? }
    }
    Ok(())
}

impl fmt::Display for Qualifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:", self.key)?;
        for (at, value) in self.any_of.iter().enumerate() {
            if at > 0 {
                out.write_str(",")?;
            }
            let written = if misread(self.key.kind(), value) {
                value.written(|text| quoted(text).into())
            } else {
                value.written(quote)
            };
            out.write_str(&written)?;
        }
        Ok(())
    }
}

/// Whether a value of this kind would, without quotes, be refused or read as something else.
fn misread(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Address, Value::Exact(text)) => looks_like_address(text) && address(text).is_none(),
        (Kind::Detail, Value::Exact(_) | Value::Prefix(_) | Value::Pattern(_)) => is_range(&value.to_string()),
        _ => false,
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.written(quote))
    }
}

impl Value {
    /// The value as it is typed, each of its texts as `quote` gives it.
    fn written(&self, quote: fn(&str) -> Cow<'_, str>) -> String {
        match self {
            Self::Exact(text) => quote(text).into(),
            Self::Prefix(start) => format!("{}*", quote(start)),
            Self::Pattern(pattern) => {
                let parts = pattern.parts().iter();
                let parts: Vec<_> = parts.map(|part| if part.is_empty() { "".into() } else { quote(part) }).collect();
                parts.join("*")
            }
            Self::Contains(part) => format!("~{}", quote(part)),
            Self::Exists => "*".to_owned(),
            Self::Network(network) => network.to_string(),
            Self::Time(range) => range.to_string(),
            Self::Number(range) => range.to_string(),
        }
    }
}
