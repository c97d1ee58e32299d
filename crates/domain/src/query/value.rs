//! What a key's value may be.

mod read;
mod refuse;

use std::net::IpAddr;

use ipnet::IpNet;

use super::span::Span;
use super::{NumberRange, Pattern, TimeRange};

pub(super) use read::{literal, looks_like_address, read};
pub(super) use refuse::bad_value;

/// One thing that a field's value may be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// This text, case included. By the kind of the key:
    ///
    /// - [`Dotted`](super::Kind::Dotted): also everything below it;
    /// - [`Words`](super::Kind::Words): one of the words, as the kind spells it;
    /// - [`Caseless`](super::Kind::Caseless): in ASCII capitals, prefixes and patterns too;
    /// - [`Address`](super::Kind::Address): an address as [`address`] gives it, or a host name or other text.
    Exact(String),
    /// Text that starts like this, case included; never empty.
    Prefix(String),
    /// Text that fits a pattern.
    Pattern(Pattern),
    /// Text that holds this somewhere, ignoring case; never empty.
    Contains(String),
    /// Any value at all.
    Exists,
    /// An address in this network; host bits zero, more than one address wide, IPv4 in IPv6 clothes as IPv4.
    Network(IpNet),
    /// A time within this range.
    Time(TimeRange),
    /// A number within this range.
    Number(NumberRange),
}

/// The address that a text writes, IPv4 in IPv6 clothes (`::ffff:10.0.0.1`) as IPv4: the one form of an address that
/// queries are in, so the one to compare and to index.
pub fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().map(|address: IpAddr| address.to_canonical())
}

impl Value {
    /// Whether it names what is wanted, so that repeating its key is OR, instead of narrowing down what was found.
    pub(super) fn merges(&self) -> bool {
        match self {
            Self::Contains(_) | Self::Exists => false,
            Self::Time(range) => matches!(range, Span::At(_)),
            Self::Number(range) => matches!(range, Span::At(_)),
            Self::Exact(_) | Self::Prefix(_) | Self::Pattern(_) | Self::Network(_) => true,
        }
    }
}
