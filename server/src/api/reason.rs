//! Why somebody does what is asked about: a form of one field, which goes on record.

use flightbox_domain::reason::Reason;
use serde::Deserialize;

use super::session::sentence;

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// What was typed.
    pub reason: String,
}

impl Typed {
    /// The reason; or what somebody is told who gave none.
    pub fn told(&self) -> Result<Reason, String> {
        self.reason.parse().map_err(sentence)
    }
}
