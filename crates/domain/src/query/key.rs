//! The table of keys: the parser, its errors and the help page all read this one.

mod path;

use std::fmt;

use flightbox_event::{ActorKind, Outcome, Severity, nearest};

use super::Kind;
use crate::flag;
pub use path::Path;

/// One row of [`KEYS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySpec {
    /// The key itself.
    pub key: Key,
    /// The name it prints with.
    pub name: &'static str,
    /// Other names it is read by.
    pub aliases: &'static [&'static str],
    /// What values it takes.
    pub kind: Kind,
    /// One line for the help page.
    pub help: &'static str,
    /// A qualifier to show as an example.
    pub example: &'static str,
}

macro_rules! keys {
    ($($key:ident = $name:literal $(| $alias:literal)*, $kind:ident $(($words:expr))?, $example:literal,
        $help:literal;)+) => {
        /// A field that a query can ask about.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Key {
            $(#[doc = $help] $key,)+
            /// A value inside the details, by its path: `@amount`, `@user.role`.
            Detail(Path),
        }

        /// Every key with a name of its own, in the order of the help page. Paths into the details are [`DETAILS`].
        pub const KEYS: &[KeySpec] = &[$(KeySpec {
            key: Key::$key,
            name: $name,
            aliases: &[$($alias),*],
            kind: Kind::$kind $(($words))?,
            help: $help,
            example: $example,
        }),+];
    };
}

// A new key is one new row.
keys! {
    Actor = "actor" | "user", Text, "actor:alice", "Who did it, by id or display name.";
    ActorType = "actor.type", Words(ActorKind::WORDS), "actor.type:service", "What kind of actor did it.";
    Action = "action", Dotted, "action:team", "What was done; team also finds all below it, such as team.member.add.";
    Resource = "resource" | "target", Text, "resource:/users/42", "What it was done to.";
    ResourceType = "resource.type", Text, "resource.type:users", "The type of what it was done to.";
    Outcome = "outcome", Words(Outcome::WORDS), "outcome:denied", "How it ended: success, failure, denied or unknown.";
    Ip = "ip", Address, "ip:10.0.0.0/8", "The address it came from, or the network that holds it.";
    Country = "country", Caseless, "country:DE", "The country it came from, as the producer names it.";
    Agent = "agent", Text, "agent:~terraform", "The client's user agent.";
    Method = "method", Caseless, "method:POST", "The method of the request.";
    Path = "path", Text, "path:/admin/*", "The path of the request.";
    Status = "status", Whole, "status:>=400", "The status of the response.";
    Duration = "duration", Number, "duration:>1000", "How long the answer took, in milliseconds.";
    Session = "session", Text, "session:s_42", "The session it happened in.";
    Request = "request", Text, "request:9f3a", "The request it happened in.";
    Source = "source", Text, "source:billing-api", "The source that sent it.";
    Severity = "severity", Words(Severity::WORDS), "severity:critical", "How much it matters.";
    Created = "created" | "time", Time, "created:-24h", "When it happened.";
    Received = "received", Time, "received:-24h", "When the server received it.";
    Sensitive = "sensitive", Words(&["yes", "no"]), "sensitive:yes", "Whether it has values that only few may read.";
    Flag = "flag", Words(flag::Flag::WORDS), "flag:first-seen-ip", "What the server found remarkable about it.";
    Id = "id", Text, "id:evt-42", "The producer's own id.";
    Seq = "seq", Whole, "seq:1000", "The sequence number in the log.";
}

/// The row of every path into the details; its key is that of the example.
pub const DETAILS: KeySpec = KeySpec {
    key: Key::Detail(Path::AMOUNT),
    name: "@path.to.key",
    aliases: &[],
    kind: Kind::Detail,
    help: "A value inside the details; positions in arrays are left out of the path, whose case counts.",
    example: "@amount:>=100",
};

impl Key {
    /// The key's row in [`KEYS`]; `None` for a path into the details.
    pub fn spec(&self) -> Option<&'static KeySpec> {
        KEYS.iter().find(|spec| spec.key == *self)
    }

    /// What values it takes.
    pub fn kind(&self) -> Kind {
        self.spec().map_or(DETAILS.kind, |spec| spec.kind)
    }

    /// A qualifier to show as an example.
    pub fn example(&self) -> &'static str {
        self.spec().map_or(DETAILS.example, |spec| spec.example)
    }

    /// The key of this name or alias, in any case, or of this path behind an `@`.
    pub fn find(name: &str) -> Option<Self> {
        match name.strip_prefix('@') {
            Some(path) => Path::new(path).map(Self::Detail),
            None => {
                let spec = KEYS.iter().find(|spec| spec.names().any(|known| known.eq_ignore_ascii_case(name)));
                spec.map(|spec| spec.key.clone())
            }
        }
    }

    /// The name or alias that `name` was probably meant to be.
    pub fn nearest(name: &str) -> Option<&'static str> {
        nearest(name, KEYS.iter().flat_map(KeySpec::names))
    }
}

/// The name it is typed with.
impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Detail(path) => write!(out, "@{path}"),
            key => out.write_str(key.spec().map_or(DETAILS.name, |spec| spec.name)),
        }
    }
}

impl KeySpec {
    /// Its name, then its aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}
