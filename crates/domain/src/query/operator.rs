//! The table of operators: the parser, its errors, menus, sentences and the help page all read this one.

use super::span::Span;
use super::{Kind, Value};

/// One row of [`OPERATORS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorSpec {
    /// The operator itself.
    pub operator: Operator,
    /// Its name in a menu, between a key and a value.
    pub name: &'static str,
    /// The characters that make it when typed; none for an exact value.
    pub sign: &'static str,
    /// How a value with it looks, where that does not depend on the key.
    pub form: &'static str,
    /// What a sentence says before the value, if anything.
    pub word: &'static str,
    /// What a sentence says before a time.
    pub when: &'static str,
    /// A qualifier to show as an example.
    pub example: &'static str,
    /// One line for the help page.
    pub help: &'static str,
}

macro_rules! operators {
    ($($operator:ident = $name:literal, $sign:literal, $form:literal, $word:literal | $when:literal, $kinds:pat,
        $example:literal, $help:literal;)+) => {
        /// How a value is compared with a field.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operator { $(#[doc = $help] $operator),+ }

        /// Every operator, in the order of [`Operator`].
        pub const OPERATORS: &[OperatorSpec] = &[$(OperatorSpec {
            operator: Operator::$operator,
            name: $name,
            sign: $sign,
            form: $form,
            word: $word,
            when: $when,
            example: $example,
            help: $help,
        }),+];

        impl Operator {
            /// Whether keys of this kind take it.
            pub fn fits(self, kind: Kind) -> bool {
                use Kind::*;
                match self { $(Self::$operator => matches!(kind, $kinds)),+ }
            }
        }
    };
}

// A new operator is one new row.
operators! {
    Is = "is", "", "", "" | "on", _,
        "actor:alice", "Exactly this.";
    StartsWith = "starts with", "*", "a prefix such as al*", "starting with" | "",
        Text | Dotted | Caseless | Address | Detail,
        "actor:al*", "Whatever starts like this.";
    Matches = "matches", "*", "a pattern such as *son", "like" | "", Text | Dotted | Caseless | Address | Detail,
        "actor:*son", "Whatever fits, a star standing for anything.";
    Contains = "contains", "~", "~part", "containing" | "", Text | Dotted | Caseless | Address | Detail,
        "agent:~terraform", "Whatever has this somewhere inside, in any case.";
    Within = "is in", "/", "a network such as 10.0.0.0/8", "" | "", Address,
        "ip:10.0.0.0/8", "Every address of this network.";
    Above = "is above", ">", "", "above" | "after", Time | Number | Whole | Detail,
        "duration:>1000", "More than this; later than this time.";
    AtLeast = "is at least", ">=", "", "at least" | "since", Time | Number | Whole | Detail,
        "status:>=400", "This or more; this time or later.";
    Below = "is below", "<", "", "below" | "before", Time | Number | Whole | Detail,
        "created:<2026-01-31", "Less than this; earlier than this time.";
    AtMost = "is at most", "<=", "", "at most" | "until", Time | Number | Whole | Detail,
        "@amount:<=100", "This or less; this time or earlier.";
    Between = "is between", "..", "", "between" | "between", Time | Number | Whole | Detail,
        "status:400..499", "From the first to the second, both included; a star leaves an end open.";
    Exists = "has a value", "*", "*", "any" | "at any time", _,
        "session:*", "Any value at all.";
}

impl Operator {
    /// The operator's row in [`OPERATORS`].
    pub fn spec(self) -> &'static OperatorSpec {
        &OPERATORS[self as usize]
    }

    /// Whether it compares with one end of an order.
    pub(super) fn compares(self) -> bool {
        matches!(self, Self::Above | Self::AtLeast | Self::Below | Self::AtMost)
    }
}

impl Value {
    /// How it is compared with its field.
    pub fn operator(&self) -> Operator {
        match self {
            Self::Exact(_) => Operator::Is,
            Self::Prefix(_) => Operator::StartsWith,
            Self::Pattern(_) => Operator::Matches,
            Self::Contains(_) => Operator::Contains,
            Self::Exists => Operator::Exists,
            Self::Network(_) => Operator::Within,
            Self::Time(span) => span.operator(),
            Self::Number(span) => span.operator(),
        }
    }

    /// What it is compared with, as a sentence shows it behind the operator's word: two for a range, none for `*`.
    pub fn operands(&self) -> Vec<String> {
        match self {
            Self::Exact(text) | Self::Prefix(text) | Self::Contains(text) => vec![text.clone()],
            Self::Pattern(pattern) => vec![pattern.parts().join("*")],
            Self::Exists => Vec::new(),
            Self::Network(network) => vec![network.to_string()],
            Self::Time(span) => span.ends().map(ToString::to_string).collect(),
            Self::Number(span) => span.ends().map(ToString::to_string).collect(),
        }
    }
}

impl<T> Span<T> {
    fn operator(&self) -> Operator {
        match self {
            Self::At(_) => Operator::Is,
            Self::Above(_) => Operator::Above,
            Self::AtLeast(_) => Operator::AtLeast,
            Self::Below(_) => Operator::Below,
            Self::AtMost(_) => Operator::AtMost,
            Self::Between(..) => Operator::Between,
        }
    }
}
