//! The event: who did what to what, when, from where, with what outcome.

mod canonical;
mod write;

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use crate::json::Json;

pub use write::rfc3339;

/// One audit event as a producer sent it, parsed and within every limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The producer's own id, 1–128 characters; makes a retry harmless.
    pub id: Option<String>,
    /// When it happened; `None` until the server fills in the time of receipt.
    pub occurred_at: Option<DateTime<Utc>>,
    /// Who did it.
    pub actor: Actor,
    /// What was done, 1–128 characters; dots make a hierarchy.
    pub action: String,
    /// What it was done to.
    pub resource: Option<Resource>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it failed or was done, at most 1,024 characters.
    pub reason: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// The request behind it.
    pub http: Option<Http>,
    /// Fields and their values before and after, in the sender's order.
    pub changes: Vec<(String, Change)>,
    /// Anything else: an object.
    pub details: Option<Json>,
    /// Paths of values that only few may read, such as `details.card`.
    pub sensitive: Vec<String>,
    /// How much it matters.
    pub severity: Severity,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Actor {
    /// The producer's id of the actor, 1–256 characters.
    pub id: String,
    /// What kind of actor it is.
    pub kind: ActorKind,
    /// A name to show.
    pub name: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
}

/// What it was done to.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Resource {
    /// The producer's id of the resource, such as `/users/42`, 1–1,024 characters.
    pub id: String,
    /// Its type; `/users/42` has type `users`.
    pub kind: Option<String>,
    /// A name to show.
    pub name: Option<String>,
}

/// Where an event came from.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Origin {
    /// The client's address as it was seen; usually an IP address, in some logs a host name.
    pub ip: Option<String>,
    /// The client's port.
    pub port: Option<u16>,
    /// The client's user agent.
    pub user_agent: Option<String>,
    /// The country, as the producer names it.
    pub country: Option<String>,
    /// The session it happened in.
    pub session_id: Option<String>,
    /// The request it happened in.
    pub request_id: Option<String>,
}

/// What a middleware records of a request.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Http {
    /// The request method.
    pub method: Option<String>,
    /// The request path.
    pub path: Option<String>,
    /// The response status, 100–599.
    pub status: Option<u16>,
    /// How long the answer took, in milliseconds.
    pub duration_ms: Option<Json>,
}

/// One changed field.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Change {
    /// The value before, if there was one.
    pub before: Option<Json>,
    /// The value after, if there is one.
    pub after: Option<Json>,
}

/// A word that is none of those an enumeration knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownWord;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// The word of every value, in order.
            pub const WORDS: &[&str] = &[$($word),+];

            /// The word that stands for it wherever events are read or written.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word { $($word => Ok($name::$variant),)+ _ => Err(UnknownWord) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.pad(self.as_str())
            }
        }
    };
}

words! {
    /// What kind of actor did it.
    ActorKind {
        /// A person.
        #[default]
        User = "user",
        /// A program acting for itself.
        Service = "service",
        /// The recording system or its operating system.
        System = "system",
        /// Nobody known.
        Anonymous = "anonymous",
    }
}

words! {
    /// How an action ended.
    Outcome {
        /// It was done.
        #[default]
        Success = "success",
        /// It was tried and failed.
        Failure = "failure",
        /// It was refused for want of permission.
        Denied = "denied",
        /// Nobody knows.
        Unknown = "unknown",
    }
}

words! {
    /// How much an event matters.
    Severity {
        /// For the record.
        #[default]
        Info = "info",
        /// Worth a look.
        Notice = "notice",
        /// Look soon.
        Warning = "warning",
        /// Look now.
        Critical = "critical",
    }
}

impl Outcome {
    /// What a response status says of the outcome: 401 and 403 denied, any other from 400 a failure.
    pub fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Outcome::Denied,
            400.. => Outcome::Failure,
            _ => Outcome::Success,
        }
    }
}

impl Resource {
    /// A resource of that id; a path's first segment is its type.
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        let kind = id.strip_prefix('/').and_then(|path| path.split(['/', '?']).next());
        Self { kind: kind.filter(|kind| !kind.is_empty()).map(str::to_owned), id, name: None }
    }
}
