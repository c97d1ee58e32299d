//! Stepping up: proving once more who one is, for something in particular.

use std::{fmt, str::FromStr};

use chrono::TimeDelta;

/// How long a step-up is good for. It is counted from the proof, whatever is done meanwhile.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// What a person steps up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To see sealed values.
    Reveal,
    /// To change one's own second factors.
    Factor,
    /// To change who may sign in, do and see what.
    People,
    /// To make a read token that may do more than a viewer.
    Token,
    /// To change how the server is set up.
    Settings,
    /// To destroy the keys of somebody's sealed values.
    Erase,
    /// To take sealed values away in an export.
    Export,
    /// To let somebody else do that.
    Approve,
    /// To see what was refused, as it came, and to mend it.
    Quarantine,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Purpose; 9] = [
        Purpose::Reveal,
        Purpose::Factor,
        Purpose::People,
        Purpose::Token,
        Purpose::Settings,
        Purpose::Erase,
        Purpose::Export,
        Purpose::Approve,
        Purpose::Quarantine,
    ];

    /// The word that names it in URLs, in the database and in the record of access.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Reveal => "reveal",
            Purpose::Factor => "factor",
            Purpose::People => "people",
            Purpose::Token => "token",
            Purpose::Settings => "settings",
            Purpose::Erase => "erase",
            Purpose::Export => "export",
            Purpose::Approve => "approve",
            Purpose::Quarantine => "quarantine",
        }
    }

    /// Whether one step-up is good for one request, and for that very one. What is looked at, and mended while one looks,
    /// is good for a while.
    pub fn is_single_use(self) -> bool {
        !matches!(self, Purpose::Reveal | Purpose::Quarantine)
    }

    /// What it unlocks, to go on after "This unlocks".
    pub fn unlocks(self) -> &'static str {
        match self {
            Purpose::Reveal => "sealed values: you can reveal them",
            Purpose::Factor => "one change of your second factors",
            Purpose::People => "one change of what somebody may do",
            Purpose::Token => "one read token that may do more than a viewer",
            Purpose::Settings => "one change of the settings",
            Purpose::Erase => "one erasure, which nobody can undo",
            Purpose::Export => "one export of events with their sealed values",
            Purpose::Approve => "your approval of one export of sealed values",
            Purpose::Quarantine => "what was refused: you can see it as it came, and mend it",
        }
    }
}

/// How somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// By a passkey that verified its holder.
    Passkey,
    /// By password and the code of an authenticator app.
    Totp,
    /// By password and a recovery code.
    RecoveryCode,
    /// By password alone, which is weaker: where there is no second factor.
    Password,
}

impl Method {
    /// Every method.
    pub const ALL: [Method; 4] = [Method::Passkey, Method::Totp, Method::RecoveryCode, Method::Password];

    /// The word that names it in the database and in the record of access.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Passkey => "passkey",
            Method::Totp => "totp",
            Method::RecoveryCode => "recovery-code",
            Method::Password => "password",
        }
    }
}

/// A word that names neither purpose nor method.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is unknown")]
pub struct Unknown(String);

impl FromStr for Purpose {
    type Err = Unknown;

    fn from_str(word: &str) -> Result<Self, Unknown> {
        Purpose::ALL.into_iter().find(|purpose| purpose.as_str() == word).ok_or_else(|| Unknown(word.to_owned()))
    }
}

impl FromStr for Method {
    type Err = Unknown;

    fn from_str(word: &str) -> Result<Self, Unknown> {
        Method::ALL.into_iter().find(|method| method.as_str() == word).ok_or_else(|| Unknown(word.to_owned()))
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for purpose in Purpose::ALL {
            assert_eq!(purpose.as_str().parse(), Ok(purpose));
        }
        for method in Method::ALL {
            assert_eq!(method.as_str().parse(), Ok(method));
        }
        assert!("Reveal".parse::<Purpose>().is_err() && "".parse::<Method>().is_err());
    }

    #[test]
    fn whatever_changes_who_may_do_what_is_confirmed_each_time() {
        let for_a_while: Vec<_> = Purpose::ALL.into_iter().filter(|purpose| !purpose.is_single_use()).collect();
        assert_eq!(for_a_while, [Purpose::Reveal, Purpose::Quarantine]);
    }
}
