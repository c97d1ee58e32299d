//! Which list a view is shown in.

use serde::{Deserialize, Serialize};

/// A list of events, and with it the path of its page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// All events, Flightbox's own record left out unless the query asks for it.
    #[default]
    Events,
    /// That record alone.
    Access,
}

impl Place {
    /// The path of its page.
    pub fn path(self) -> &'static str {
        match self {
            Place::Events => "/events",
            Place::Access => "/access",
        }
    }

    /// The columns of its table unless others are chosen, by name.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Place::Events => &["actor", "action", "resource", "outcome", "ip", "source"],
            // Its source is always the same, and why somebody was refused matters.
            Place::Access => &["actor", "action", "resource", "outcome", "ip", "reason"],
        }
    }
}
