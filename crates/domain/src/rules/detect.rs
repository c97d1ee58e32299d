//! Values known by their looks.

mod national_id;

use iban::Iban;

use national_id::is_national_id;

/// What a value can look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detector {
    /// A text that is an e-mail address.
    Email,
    /// A text that is a phone number in international form, such as `+49 30 901820`.
    Phone,
    /// A payment card's number anywhere in a text: an issuer's digits, its length, and Luhn's check digit.
    Card,
    /// An international bank account number anywhere in a text, its checksum right.
    Iban,
    /// A national id anywhere in a text: US social security, UK national insurance, Spanish DNI and NIE.
    NationalId,
}

impl Detector {
    /// Every detector.
    pub const ALL: [Detector; 5] =
        [Detector::Email, Detector::Phone, Detector::Card, Detector::Iban, Detector::NationalId];

    /// The word that names it in a rule.
    pub fn as_str(self) -> &'static str {
        match self {
            Detector::Email => "email",
            Detector::Phone => "phone",
            Detector::Card => "card",
            Detector::Iban => "iban",
            Detector::NationalId => "national-id",
        }
    }

    /// What it finds, to go on after "seals".
    pub fn finds_what(self) -> &'static str {
        match self {
            Detector::Email => "a text that is an e-mail address",
            Detector::Phone => "a text that is a phone number in international form: + and 8 to 15 digits",
            Detector::Card => {
                "a text with a payment card’s number in it: first digits, length and check digit are right"
            }
            Detector::Iban => "a text with an international bank account number in it whose checksum is right",
            Detector::NationalId => {
                "a text with a US social security number, a UK national insurance number, or a Spanish DNI or NIE in it"
            }
        }
    }

    /// What it does not find, in a sentence: nobody should rely on looks alone.
    pub fn misses(self) -> &'static str {
        match self {
            Detector::Email => {
                "Not an address inside a longer text, such as “mail alice@example.com”, and none without a dot behind the @."
            }
            Detector::Phone => {
                "Not a number written the national way, such as 030 901820, and none inside a longer text."
            }
            Detector::Card => {
                "Not a mistyped number, one between letters, or one of an issuer that few know, such as Maestro."
            }
            Detector::Iban => {
                "Not in small letters, not mistyped, and not the account numbers of countries without IBANs."
            }
            Detector::NationalId => {
                "Not those of other countries, not a US number without hyphens, not a UK one with spaces."
            }
        }
    }

    /// Whether a text holds such a value. Addresses and phone numbers have to be the whole text: inside of others they
    /// are too common a shape.
    pub fn finds(self, text: &str) -> bool {
        // What is looked for inside a text has many digits, or starts like nothing else; most texts have neither.
        let digits = || text.bytes().filter(u8::is_ascii_digit).count();
        match self {
            Detector::Email => is_email(text.trim()),
            Detector::Phone => is_phone(text.trim()),
            Detector::Card => digits() >= FEWEST_OF_CARD && runs(text, is_card_character).any(is_card),
            Detector::Iban => {
                text.as_bytes().windows(4).any(starts_iban)
                    && runs(text, |c| c.is_ascii_alphanumeric() || c == ' ').any(holds_iban)
            }
            Detector::NationalId => {
                digits() >= FEWEST_OF_ID && runs(text, |c| c.is_ascii_alphanumeric() || c == '-').any(is_national_id)
            }
        }
    }
}

/// The longest stretches of such characters, what stands around them aside.
fn runs(text: &str, fits: fn(char) -> bool) -> impl Iterator<Item = &str> {
    let long = |run: &&str| run.len() >= SHORTEST;
    text.split(move |c| !fits(c)).filter(long).map(|run| run.trim_matches([' ', '-'])).filter(long)
}

/// No value that is looked for inside a text is shorter.
const SHORTEST: usize = 9;
/// No card has fewer digits.
const FEWEST_OF_CARD: usize = 13;
/// No national id has fewer digits.
const FEWEST_OF_ID: usize = 6;

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_local = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let is_label = |label: &str| {
        let plain = label.chars().all(|c| c.is_alphanumeric() || c == '-');
        (1..=63).contains(&label.len()) && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    (1..=64).contains(&local.len())
        && local.chars().all(is_local)
        && domain.contains('.')
        && domain.split('.').all(is_label)
        && top.chars().count() >= 2
        && top.chars().any(char::is_alphabetic)
}

/// ITU-T E.164: a plus and up to fifteen digits, as people space them.
fn is_phone(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('+') else { return false };
    let digits = rest.chars().filter(char::is_ascii_digit).count();
    rest.starts_with(|c: char| c.is_ascii_digit())
        && (8..=15).contains(&digits)
        && rest.chars().all(|c| c.is_ascii_digit() || " -./()".contains(c))
}

fn is_card_character(c: char) -> bool {
    // A letter, a dot or an underscore beside the digits makes them part of something longer.
    c.is_alphanumeric() || matches!(c, ' ' | '-' | '.' | '_' | '/')
}

/// A run of digits, in one piece or in the groups that cards are printed in, whatever words stand around it.
fn is_card(run: &str) -> bool {
    let mut digits = String::new();
    for word in run.split(' ').map(|word| word.trim_end_matches('.')) {
        let parts = || word.split('-');
        if !word.is_empty() && parts().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())) {
            let start = digits.len();
            parts().for_each(|part| digits.push_str(part));
            if is_card_number(&digits[start..]) || is_card_number(&digits) {
                return true;
            }
        } else {
            digits.clear();
        }
    }
    false
}

fn is_card_number(digits: &str) -> bool {
    let head = |length: usize| digits.get(..length).and_then(|head| head.parse::<u32>().ok()).unwrap_or_default();
    let issued = match digits.len() {
        13 | 19 => head(1) == 4,
        14 => matches!(head(3), 300..=305 | 309) || matches!(head(2), 36 | 38 | 39),
        15 => matches!(head(2), 34 | 37),
        16 => {
            head(1) == 4
                || matches!(head(2), 51..=55 | 62 | 65)
                || matches!(head(3), 644..=649)
                || matches!(head(4), 2221..=2720 | 3528..=3589 | 6011)
        }
        _ => false,
    };
    issued && passes_luhn(digits)
}

/// ISO/IEC 7812: every second digit from the right is doubled, and all digits add up to a multiple of ten.
fn passes_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| match (place % 2, u32::from(byte - b'0')) {
            (1, digit) if digit > 4 => digit * 2 - 9,
            (1, digit) => digit * 2,
            (_, digit) => digit,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A country and two check digits.
fn starts_iban(word: &[u8]) -> bool {
    let [a, b, c, d, ..] = word else { return false };
    a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit()
}

/// In one piece, or in groups of four, from any word on.
fn holds_iban(run: &str) -> bool {
    let words: Vec<_> = run.split(' ').filter(|word| !word.is_empty()).collect();
    (0..words.len()).filter(|at| starts_iban(words[*at].as_bytes())).any(|at| {
        let mut whole = String::new();
        words[at..].iter().take(9).any(|word| {
            whole.push_str(word);
            // The shortest are Norway's.
            whole.len() >= 15 && whole.parse::<Iban>().is_ok()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every detector, what it finds, and what looks like it and is not. The numbers are those that issuers and
    /// authorities give as examples.
    const CASES: &[(Detector, &[&str], &[&str])] = &[
        (
            Detector::Email,
            &["alice@example.com", " bob+x@mail.example.co ", "用户@例え.テスト"],
            &[
                "alice",
                "@example.com",
                "alice@localhost",
                "mail alice@example.com",
                "git@host:a.b/c",
                "a@b.1",
                "a@-x.com",
            ],
        ),
        (
            Detector::Phone,
            &["+49 30 901820", "+1 (202) 555-0143", "+442079460958"],
            &["030 901820", "+1234", "+1 202 555 0143 0143 0143", "+1 call me", "20261122"],
        ),
        (
            Detector::Card,
            &[
                "4111 1111 1111 1111",
                "paid with 4111-1111-1111-1111, thanks",
                "378282246310005",
                "card 5555555555554444 declined",
                "It was 5555555555554444.",
                "pan=6011000990139424",
            ],
            &["4111 1111 1111 1112", "1234567890123452", "4111111111111111abc", "v4.4111111111111111", "41111111"],
        ),
        (
            Detector::Iban,
            &["DE89370400440532013000", "to GB82 WEST 1234 5698 7654 32 today", "(NO9386011117947)"],
            &["DE89370400440532013001", "DE89 3704", "XX82WEST12345698765432", "ABCD1234EFGH5678"],
        ),
        (
            Detector::NationalId,
            &["123-45-6789", "ssn: 123-45-6789.", "QQ123456C is no example, AB123456C is", "12345678Z", "X1234567L"],
            &["000-45-6789", "123-456-789", "2026-11-22", "GB123456A", "12345678A", "AB1234567"],
        ),
    ];

    #[test]
    fn each_finds_its_own_and_nothing_that_merely_looks_like_it() {
        for (detector, found, others) in CASES {
            for text in *found {
                assert!(detector.finds(text), "{detector:?} {text}");
            }
            for text in *others {
                assert!(!detector.finds(text), "{detector:?} {text}");
            }
        }
    }
}
