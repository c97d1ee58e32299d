//! Which sources a reader may see. Every read takes a scope; what lies outside does not exist for it.

use std::collections::BTreeSet;

use crate::{filter::Expr, keys::Keys, terms::Field};

/// The source under which Flightbox records access to itself.
pub const SELF_SOURCE: &str = "flightbox";

/// The sources a person or token may see.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    sources: Sources,
    /// Whether Flightbox's own record of access is among them; it takes a role, and being asked for.
    access: bool,
}

/// Producers' sources, Flightbox's own aside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sources {
    /// All, those to come included.
    All,
    /// These alone.
    Only(BTreeSet<String>),
}

impl Scope {
    /// Producers' sources, and Flightbox's own if `access`.
    pub fn new(sources: Sources, access: bool) -> Self {
        Self { sources, access }
    }

    /// The same without Flightbox's own record, which views leave out unless it is asked for.
    pub fn without_access(&self) -> Self {
        Self { sources: self.sources.clone(), access: false }
    }

    /// Whether an event of this source may be seen.
    pub fn allows(&self, source: &str) -> bool {
        match &self.sources {
            _ if source == SELF_SOURCE => self.access,
            sources => sources.has(source),
        }
    }

    /// The events that may be seen.
    pub fn expr(&self, keys: &Keys) -> Expr {
        let term = |name: &str| Expr::Term(Field::Source.term(keys, name).0);
        match (&self.sources, self.access) {
            (Sources::All, true) => Expr::All,
            (Sources::All, false) => term(SELF_SOURCE).not(),
            (Sources::Only(names), access) => {
                let own = access.then_some(SELF_SOURCE);
                Expr::any(names.iter().map(String::as_str).filter(|name| *name != SELF_SOURCE).chain(own).map(term))
            }
        }
    }

    /// The producers' sources.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Whether Flightbox's own record is included.
    pub fn includes_access(&self) -> bool {
        self.access
    }
}

impl Sources {
    /// Whether a source is among them.
    pub fn has(&self, source: &str) -> bool {
        match self {
            Sources::All => true,
            Sources::Only(names) => names.contains(source),
        }
    }

    /// Whether all of them are among others. All sources, those to come included, are among all alone.
    pub fn within(&self, others: &Sources) -> bool {
        match (self, others) {
            (_, Sources::All) => true,
            (Sources::All, Sources::Only(_)) => false,
            (Sources::Only(names), Sources::Only(others)) => names.is_subset(others),
        }
    }

    /// Whether some source is, or could come to be, among both.
    pub fn touches(&self, others: &Sources) -> bool {
        self.common(others) != Sources::Only(BTreeSet::new())
    }

    /// What both have.
    pub fn common(&self, others: &Sources) -> Sources {
        match (self, others) {
            (sources, Sources::All) | (Sources::All, sources) => sources.clone(),
            (Sources::Only(names), Sources::Only(others)) => {
                Sources::Only(names.intersection(others).cloned().collect())
            }
        }
    }
}

/// Names separated by line feeds, which no name contains; `*` for all.
impl std::fmt::Display for Sources {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Sources::All => out.write_str("*"),
            Sources::Only(names) => out.write_str(&names.iter().map(String::as_str).collect::<Vec<_>>().join("\n")),
        }
    }
}

impl From<&str> for Sources {
    fn from(text: &str) -> Self {
        match text {
            "*" => Sources::All,
            names => Sources::Only(names.lines().filter(|name| !name.is_empty()).map(str::to_owned).collect()),
        }
    }
}
