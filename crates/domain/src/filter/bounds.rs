//! What the index can say of a part of a query.

use super::Expr;

/// What the index can say of a part of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bounds {
    /// Finds every match, and maybe more.
    pub(super) at_most: Expr,
    /// Finds only matches, and maybe not all.
    pub(super) at_least: Expr,
}

impl Bounds {
    pub(super) fn exactly(expr: Expr) -> Self {
        Self { at_most: expr.clone(), at_least: expr }
    }

    /// Only the record tells.
    pub(super) fn unknown() -> Self {
        Self { at_most: Expr::All, at_least: Expr::None }
    }

    pub(super) fn of(expr: Expr, proves: bool) -> Self {
        Self { at_least: if proves { expr.clone() } else { Expr::None }, at_most: expr }
    }

    /// No match is elsewhere.
    pub(super) fn at_most(expr: Expr) -> Self {
        Self { at_most: expr, at_least: Expr::None }
    }

    pub(super) fn fold(parts: impl Iterator<Item = Bounds>, join: fn(Vec<Expr>) -> Expr) -> Self {
        let (at_most, at_least) = parts.map(|part| (part.at_most, part.at_least)).unzip();
        Self { at_most: join(at_most), at_least: join(at_least) }
    }

    /// At least the matches, negated, is at most the matches.
    pub(super) fn not(self) -> Self {
        Self { at_most: self.at_least.not(), at_least: self.at_most.not() }
    }
}
