//! Recovery codes: what lets somebody in whose second factor is lost.

use std::fmt;

use crate::random::Random;

/// How many codes somebody gets at once.
pub const CODES: usize = 10;
/// Random bytes in a code: eighty bits, which is sixteen characters of five.
const BYTES: usize = 10;
/// Crockford's digits: no letter that is read as another.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A code that works once, in clear: `abcd-efgh-jkmn-pqrs`. `Debug` tells nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// Draws a new one.
    pub fn draw(random: &Random) -> Self {
        let bits = random.bytes::<BYTES>().into_iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(byte));
        let digit = |at: u32| char::from(DIGITS[(bits >> (75 - 5 * at)) as usize & 31]);
        Self((0..16).map(digit).collect())
    }

    /// Reads what somebody typed, whatever hyphens, spaces and capitals they put in; `None` if it cannot be a code.
    pub fn parse(text: &str) -> Option<Self> {
        let typed = text.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            c => c,
        });
        let code: String = typed.take(17).collect();
        let ours = code.len() == 16 && code.bytes().all(|byte| DIGITS.contains(&byte));
        ours.then_some(Self(code))
    }

    /// The sixteen digits, to be digested.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}-{}-{}", &self.0[..4], &self.0[4..8], &self.0[8..12], &self.0[12..])
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let code = RecoveryCode::draw(&Random::new(|bytes| {
            bytes.copy_from_slice(b"\x00\x01\xff9\xa7K~\x10\x81\xfe"[..bytes.len()].as_ref())
        }));
        let shown = code.to_string();
        assert_eq!((shown.len(), shown.matches('-').count()), (19, 3));
        for typed in [
            shown.clone(),
            shown.to_uppercase(),
            shown.replace('-', " "),
            shown.replace('-', "").replace('0', "O").replace('1', "l"),
        ] {
            assert_eq!(RecoveryCode::parse(&typed), Some(code.clone()), "{typed}");
        }
        assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
    }

    #[test]
    fn every_bit_counts() {
        let drawn =
            |at: usize, bit: u8| RecoveryCode::draw(&Random::new(move |bytes| bytes[at] = 1 << bit)).to_string();
        let all: std::collections::BTreeSet<_> = (0..80).map(|n| drawn(n / 8, (n % 8) as u8)).collect();
        assert_eq!(all.len(), 80);
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        for text in
            ["", "123456", "abcd-efgh-jkmn-pqr", "abcd-efgh-jkmn-pqrst", "abcd-efgh-jkmn-pqrü", "abcd-efgh-jkmn-pqru"]
        {
            assert_eq!(RecoveryCode::parse(text), None, "{text}");
        }
    }
}
