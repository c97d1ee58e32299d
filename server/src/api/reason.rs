//! Why somebody does what is asked about: a form of one field, which goes on record.

use serde::Deserialize;

/// The shortest reason that can say anything, in characters.
const SHORTEST: usize = 4;
/// The longest that an event can have.
const LONGEST: usize = 1_024;

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reason {
    /// What was typed.
    pub reason: String,
}

impl Reason {
    /// The reason, if it is one.
    pub fn told(&self) -> Option<String> {
        let told = self.reason.trim();
        (SHORTEST..=LONGEST).contains(&told.chars().count()).then(|| told.to_owned())
    }
}

/// What somebody is told who gave none.
pub fn wrong() -> String {
    format!("Say why, in {SHORTEST} to {LONGEST} characters: it goes on record.")
}
