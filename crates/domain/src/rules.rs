//! What must not be read as it came: rules that mask values for good, or seal them for those who may reveal them.
//!
//! Rules are text, a line each, so that they can be reviewed, compared and pasted:
//!
//! ```text
//! seal key email, e_mail as email            # a member of that name, in any case and with any separators
//! seal path details.user.home as address     # what stands at that path; positions in arrays are left out
//! seal value card in billing-api             # what looks like one, wherever it stands in a text
//! seal key employee as employee subject details.employee_id
//! seal key tax_id as national-id searchable  # can be searched for by its exact value
//! mask key badge_pin                         # for good
//! ```
//!
//! The first rule that fits a value decides. After the rules comes what the event itself calls sensitive. Secrets that
//! nobody should ever see are masked before any rule is asked, see [`mod@flightbox_event::mask`].

mod apply;
mod detect;
mod diff;
mod guard;
mod limit;
mod parse;
mod query;
mod trial;
mod words;

use std::fmt;

use sha2::{Digest, Sha256};

use crate::record::hex;
pub use apply::{Found, Hidden};
pub use detect::Detector;
pub use diff::{Line, compare};
pub use limit::MOST_SEALED;
pub use parse::RuleError;
pub use trial::{Example, Left, Trial};
pub use words::{WORDS, Word};

/// The rules that a new log starts with.
pub const INITIAL: &str = "\
# Personal values: sealed, to be revealed by investigators.
seal key email, e_mail, email_address, mail as email
seal key phone, phone_number, mobile, telephone as phone
seal key ssn, social_security_number, national_id, passport_number, tax_id as national-id
seal key iban, bank_account as iban
seal key card, card_number, credit_card, pan as card
seal key date_of_birth, birth_date, birthday, dob as birth-date
seal value email
seal value phone
seal value card
seal value iban
seal value national-id
";

/// The kind of a value that only the event itself calls sensitive.
pub const SENSITIVE: &str = "sensitive";

/// Rules in their order, and the version that records name.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Rules {
    /// Which of the log's sets of rules they are; the first has 1.
    pub version: i64,
    rules: Vec<Rule>,
}

/// A text of rules as it is kept: one way to end a line, and no empty space around it or at the end of a line. Forms send
/// a text in other ways than it was shown.
pub fn tidy(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    let (mut tidy, empty) = (lines.join("\n"), |c: char| c == '\n' || c == '\u{feff}');
    tidy = tidy.trim_matches(empty).to_owned();
    if !tidy.is_empty() {
        tidy.push('\n');
    }
    tidy
}

/// What tells a text of rules from every other: the SHA-256 of it, in hexadecimal digits.
pub fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it does to a value.
    pub effect: Effect,
    /// Which values it is about.
    pub what: What,
    /// What a sealed value is called.
    pub kind: String,
    /// The only source it is for; `None` for all.
    pub source: Option<String>,
    /// The path of the subject under whose key a value is sealed; the actor where there is none.
    pub subject: Option<String>,
    /// Whether the exact value can be searched for, where it stands in the details.
    pub searchable: bool,
}

/// What a rule does to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Replaces it for good.
    Mask,
    /// Encrypts it.
    Seal,
}

/// Which values a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Those of members with one of these names, case and separators aside.
    Keys(Vec<Name>),
    /// Those at a path.
    Path(String),
    /// Those that look like something.
    Value(Detector),
}

/// The name of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As it was written.
    pub written: String,
    /// As names are compared.
    pub(crate) bare: String,
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.written)
    }
}

impl Rules {
    /// The rules, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }
}

impl Rule {
    /// Whether it is for events of a source.
    pub fn is_for(&self, source: &str) -> bool {
        self.source.as_deref().is_none_or(|only| only == source)
    }
}

impl Effect {
    fn as_str(self) -> &'static str {
        match self {
            Effect::Mask => "mask",
            Effect::Seal => "seal",
        }
    }
}

/// The line that it is read from.
impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ", self.effect.as_str())?;
        match &self.what {
            What::Keys(names) => {
                let names: Vec<_> = names.iter().map(|name| name.written.as_str()).collect();
                write!(out, "key {}", names.join(", "))?;
            }
            What::Path(path) => write!(out, "path {path}")?,
            What::Value(detector) => write!(out, "value {}", detector.as_str())?,
        }
        if self.effect == Effect::Seal {
            write!(out, " as {}", self.kind)?;
        }
        for (word, value) in [("in", &self.source), ("subject", &self.subject)] {
            value.iter().try_for_each(|value| write!(out, " {word} {value}"))?;
        }
        if self.searchable { out.write_str(" searchable") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_a_form_sent_is_the_text_that_was_shown() {
        for sent in [INITIAL.replace('\n', "\r\n"), format!("\r\n{INITIAL}\n\n"), INITIAL.replace('\n', "  \n")] {
            assert_eq!(tidy(&sent), INITIAL);
        }
        assert_eq!((tidy(" \n\n"), tidy("")), (String::new(), String::new()));
        assert_ne!(digest(INITIAL), digest(&INITIAL.to_uppercase()));
    }
}
