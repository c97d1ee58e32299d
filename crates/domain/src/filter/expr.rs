//! Boolean expressions over index terms.

use std::fmt;

use crate::terms::EVERY;

/// Which events carry which terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// Every event.
    All,
    /// No event.
    None,
    /// Events with this term.
    Term(String),
    /// Events in all of these; at least two.
    And(Vec<Expr>),
    /// Events in any of these; at least two.
    Or(Vec<Expr>),
    /// Events not in this one.
    Not(Box<Expr>),
}

impl Expr {
    /// Events with this term.
    pub fn term(term: &str) -> Self {
        Expr::Term(term.to_owned())
    }

    /// The conjunction, simplified.
    pub fn all(parts: impl IntoIterator<Item = Expr>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Expr::All => {}
                Expr::None => return Expr::None,
                Expr::And(parts) => kept.extend(parts),
                part => kept.push(part),
            }
        }
        Self::join(kept, Expr::All, Expr::And)
    }

    /// The disjunction, simplified.
    pub fn any(parts: impl IntoIterator<Item = Expr>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Expr::None => {}
                Expr::All => return Expr::All,
                Expr::Or(parts) => kept.extend(parts),
                part => kept.push(part),
            }
        }
        Self::join(kept, Expr::None, Expr::Or)
    }

    /// Both.
    pub fn and(self, other: Expr) -> Self {
        Expr::all([self, other])
    }

    /// The complement, simplified.
    #[expect(clippy::should_implement_trait, reason = "an operator would read worse than the word")]
    pub fn not(self) -> Self {
        match self {
            Expr::All => Expr::None,
            Expr::None => Expr::All,
            Expr::Not(inner) => *inner,
            other => Expr::Not(Box::new(other)),
        }
    }

    fn join(mut parts: Vec<Expr>, none: Expr, many: fn(Vec<Expr>) -> Expr) -> Self {
        parts.dedup();
        match parts.len() {
            0 => none,
            1 => parts.swap_remove(0),
            _ => many(parts),
        }
    }
}

/// The expression in the syntax of SQLite's FTS5, whose `NOT` is binary: what is only negated is taken from all.
impl fmt::Display for Expr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::All => out.write_str(EVERY),
            Expr::None => write!(out, "({EVERY} NOT {EVERY})"),
            Expr::Term(term) => out.write_str(term),
            Expr::Or(parts) => write_joined(out, parts.iter(), "OR"),
            Expr::Not(inner) => write!(out, "({EVERY} NOT {inner})"),
            Expr::And(parts) => {
                let (without, with): (Vec<_>, Vec<_>) = parts.iter().partition(|part| matches!(part, Expr::Not(_)));
                if without.is_empty() {
                    return write_joined(out, with.into_iter(), "AND");
                }
                out.write_str("(")?;
                write_joined(out, if with.is_empty() { vec![&Expr::All] } else { with }.into_iter(), "AND")?;
                out.write_str(" NOT ")?;
                write_joined(out, without.into_iter().filter_map(Expr::negated), "OR")?;
                out.write_str(")")
            }
        }
    }
}

impl Expr {
    fn negated(&self) -> Option<&Expr> {
        match self {
            Expr::Not(inner) => Some(inner),
            _ => None,
        }
    }
}

fn write_joined<'a>(
    out: &mut fmt::Formatter<'_>,
    parts: impl Iterator<Item = &'a Expr>,
    operator: &str,
) -> fmt::Result {
    let parts: Vec<_> = parts.map(Expr::to_string).collect();
    match parts.as_slice() {
        [one] => out.write_str(one),
        many => write!(out, "({})", many.join(&format!(" {operator} "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(name: &str) -> Expr {
        Expr::Term(name.to_owned())
    }

    #[test]
    fn it_prints_as_fts5_reads() {
        for (expr, text) in [
            (Expr::All, "z"),
            (term("a").not(), "(z NOT a)"),
            (Expr::all([term("a"), term("b")]), "(a AND b)"),
            (Expr::all([term("a"), term("b").not(), term("c").not()]), "(a NOT (b OR c))"),
            (Expr::all([term("b").not(), term("c").not()]), "(z NOT (b OR c))"),
            (Expr::any([term("a"), term("b").not()]), "(a OR (z NOT b))"),
        ] {
            assert_eq!(expr.to_string(), text);
        }
    }

    #[test]
    fn trivial_parts_vanish() {
        assert_eq!(Expr::all([Expr::All, term("a")]), term("a"));
        assert_eq!(Expr::all([Expr::None, term("a")]), Expr::None);
        assert_eq!(Expr::any([Expr::None, term("a")]), term("a"));
        assert_eq!(term("a").not().not(), term("a"));
    }
}
