//! What the server finds remarkable about an event. It stands beside the record, never in it.

/// Something remarkable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// The event claims a time before 2000 or later than its receipt; it is ordered by a time within those bounds.
    ClockSkew,
    /// Its actor had never done this before. See [`crate::novelty`] for what "never" and "before" mean here.
    FirstSeenAction,
    /// Its actor had never been seen from this address before.
    FirstSeenIp,
    /// Its actor had never been seen in this country before.
    FirstSeenCountry,
    /// Its actor had never been seen with this user agent before.
    FirstSeenAgent,
}

impl Flag {
    /// Every flag, in order.
    pub const ALL: &[Flag] =
        &[Flag::ClockSkew, Flag::FirstSeenAction, Flag::FirstSeenIp, Flag::FirstSeenCountry, Flag::FirstSeenAgent];

    /// The word of every flag, in the same order.
    pub const WORDS: &[&str] =
        &["clock-skew", "first-seen-action", "first-seen-ip", "first-seen-country", "first-seen-agent"];

    /// The word that names it.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

/// Some flags. They fit into a byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u8);

impl Flags {
    /// The flags that a byte stands for; `None` where a bit of it is no flag.
    pub fn from_bits(bits: u8) -> Option<Self> {
        (bits >> Flag::ALL.len() == 0).then_some(Self(bits))
    }

    /// The byte that stands for them.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Adds one.
    pub fn insert(&mut self, flag: Flag) {
        self.0 |= 1 << flag as u8;
    }

    /// Whether one is among them.
    pub fn contains(self, flag: Flag) -> bool {
        self.0 & 1 << flag as u8 != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All of them, in order.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.iter().copied().filter(move |flag| self.contains(*flag))
    }
}

impl FromIterator<Flag> for Flags {
    fn from_iter<I: IntoIterator<Item = Flag>>(flags: I) -> Self {
        let mut all = Self::default();
        flags.into_iter().for_each(|flag| all.insert(flag));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_survive_their_byte_and_no_other_byte_is_taken_for_flags() {
        for bits in 0..=u8::MAX {
            match Flags::from_bits(bits) {
                Some(flags) => assert_eq!(flags.iter().collect::<Flags>().bits(), bits),
                None => assert!(bits >= 32, "{bits}"),
            }
        }
        let flags = Flags::from_iter([Flag::FirstSeenAgent, Flag::ClockSkew]);
        assert_eq!(flags.iter().map(Flag::as_str).collect::<Vec<_>>(), ["clock-skew", "first-seen-agent"]);
    }
}
