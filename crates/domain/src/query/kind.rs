//! What values a key takes.

use super::operator::{OPERATORS, Operator};

/// What values a key takes. Which operators go with it stands in [`OPERATORS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Free text, case included.
    Text,
    /// Free text whose dots make a hierarchy: an exact `team` also means everything below `team.`, which is for
    /// whoever evaluates the query to honour.
    Dotted,
    /// Free text without case: its canonical form is in ASCII capitals.
    Caseless,
    /// One of these words, in any case.
    Words(&'static [&'static str]),
    /// An address or a network, or text about a host name.
    Address,
    /// A time or a range of times.
    Time,
    /// A number or a range of numbers.
    Number,
    /// The same of whole numbers from 0.
    Whole,
    /// Text, or a range of numbers.
    Detail,
}

impl Kind {
    /// What can stand after the colon, in words.
    pub fn takes(self) -> String {
        let mut forms = vec![self.noun()];
        let fitting = OPERATORS.iter().filter(|spec| spec.operator.fits(self));
        let signs: Vec<_> = fitting.clone().filter(|spec| spec.operator.compares()).map(|spec| spec.sign).collect();
        if !signs.is_empty() {
            let measure = if self == Self::Time { "time" } else { "number" };
            forms.push(format!("a {measure} after {}", either(&signs)));
            forms.push(format!("two {measure}s joined with {}", Operator::Between.spec().sign));
        }
        forms.extend(fitting.map(|spec| spec.form).filter(|form| !form.is_empty()).map(str::to_owned));
        either(&forms)
    }

    /// What an exact value is.
    fn noun(self) -> String {
        match self {
            Self::Text | Self::Dotted | Self::Caseless | Self::Detail => "an exact value".to_owned(),
            Self::Words(words) => words.join(", "),
            Self::Address => "an address such as 10.0.0.1, a host name".to_owned(),
            Self::Time => "a date such as 2026-01-31, a time such as 2026-01-31T09:30:00Z, a time ago such as -30m, \
                           -24h, -7d or -2w"
                .to_owned(),
            Self::Number => "a number such as 1.5".to_owned(),
            Self::Whole => "a whole number such as 200".to_owned(),
        }
    }
}

/// `a, b or c`
fn either(forms: &[impl AsRef<str>]) -> String {
    let forms: Vec<_> = forms.iter().map(AsRef::as_ref).collect();
    match forms.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
