//! The table of keys: the parser, its errors and the help page all read this one.

use flightbox_event::nearest;

/// One row of [`KEYS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// What values a key takes. Every kind also takes `*`: there is a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Free text: exact, prefix, pattern or contains.
    Text,
    /// Free text whose dots make a hierarchy: an exact `team` also means everything below `team.`, which is for
    /// whoever evaluates the query to honour.
    Dotted,
    /// One of the outcomes, in any case.
    Outcome,
    /// An address or a network, or text about a host name.
    Address,
    /// A time, a comparison or a range.
    Time,
}

macro_rules! keys {
    ($($key:ident = $name:literal $(| $alias:literal)*, $kind:ident, $example:literal, $help:literal;)+) => {
        /// A field that a query can ask about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Key { $(#[doc = $help] $key),+ }

        /// Every key, in the order of the help page and of [`Key`].
        pub const KEYS: &[KeySpec] = &[$(KeySpec {
            key: Key::$key,
            name: $name,
            aliases: &[$($alias),*],
            kind: Kind::$kind,
            help: $help,
            example: $example,
        }),+];
    };
}

// A new key is one new row.
keys! {
    Actor = "actor" | "user", Text, "actor:alice", "Who did it, by id or display name.";
    Action = "action", Dotted, "action:team", "What was done; team also finds all below it, such as team.member.add.";
    Resource = "resource" | "target", Text, "resource:/users/42", "What it was done to.";
    Outcome = "outcome", Outcome, "outcome:denied", "How it ended: success, failure, denied or unknown.";
    Ip = "ip", Address, "ip:10.0.0.0/8", "The address it came from, or the network that holds it.";
    Created = "created" | "time", Time, "created:-24h", "When it happened.";
    Source = "source", Text, "source:billing-api", "The source that sent it.";
}

impl Key {
    /// The key's row in [`KEYS`].
    pub fn spec(self) -> &'static KeySpec {
        &KEYS[self as usize]
    }

    /// The name it prints with.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// The key of this name or alias, in any case.
    pub fn find(name: &str) -> Option<Self> {
        KEYS.iter().find(|spec| spec.names().any(|known| known.eq_ignore_ascii_case(name))).map(|spec| spec.key)
    }

    /// The name or alias that `name` was probably meant to be.
    pub fn nearest(name: &str) -> Option<&'static str> {
        nearest(name, KEYS.iter().flat_map(KeySpec::names))
    }
}

impl KeySpec {
    /// Its name, then its aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

impl Kind {
    /// What can stand after the colon, in words.
    pub fn takes(self) -> &'static str {
        match self {
            Self::Text | Self::Dotted => "an exact value, a prefix such as al*, a pattern such as *son, ~part or *",
            Self::Outcome => "success, failure, denied, unknown or *",
            Self::Address => {
                "an address such as 10.0.0.1, a network such as 10.0.0.0/8, a host name, a prefix, ~part or *"
            }
            Self::Time => {
                "a date such as 2026-01-31, a time such as 2026-01-31T09:30:00Z, a time ago such as -30m, -24h, -7d or \
                 -2w, one of these after >, >=, < or <=, or two of them joined with .."
            }
        }
    }
}
