//! Values with stars in them.

/// A pattern with a star somewhere but at its end alone: `*son`, `a*b`, `a*b*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    parts: Vec<String>,
}

impl Pattern {
    /// A pattern of at least two parts, those between the first and the last not empty.
    pub(super) fn new(parts: Vec<String>) -> Self {
        Self { parts }
    }

    /// What stands between the stars, at least two parts: the first is empty if a star comes first, the last if a
    /// star comes last, none between them is.
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// Whether a whole text fits, case included. A star stands for any run of characters, also none.
    pub fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else { return false };
        let Some(mut rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
            return false;
        };
        // The leftmost place of each part leaves the most for the next, so nothing has to be tried twice.
        middle.iter().all(|part| match rest.find(part.as_str()) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    }
}
