//! Who may do what. Roles are a set: each adds to what its holder may do.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// One role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Browses and searches.
    Viewer,
    /// Also sees Flightbox's own record of access.
    Investigator,
    /// Also sees that record, and manages people and sources.
    Admin,
}

impl Role {
    /// Every role, the most modest first.
    pub const ALL: [Role; 3] = [Role::Viewer, Role::Investigator, Role::Admin];

    /// The word that names it on the command line and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Investigator => "investigator",
            Role::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

/// A word that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no role; expected viewer, investigator or admin")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(word: &str) -> Result<Self, UnknownRole> {
        Role::ALL.into_iter().find(|role| role.as_str() == word).ok_or_else(|| UnknownRole(word.to_owned()))
    }
}

/// A set of roles.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Roles(BTreeSet<Role>);

impl Roles {
    /// Whether its holder may browse at all: any role does.
    pub fn may_browse(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether its holder may see Flightbox's own record of access.
    pub fn may_see_access(&self) -> bool {
        self.0.contains(&Role::Investigator) || self.0.contains(&Role::Admin)
    }

    /// Whether its holder may see sealed values, each time after confirming that it is they and saying why. It takes
    /// this very role: whoever manages people and keys does not read what they guard.
    pub fn may_reveal(&self) -> bool {
        self.0.contains(&Role::Investigator)
    }

    /// Whether its holder may destroy the keys of a subject's sealed values.
    pub fn may_erase(&self) -> bool {
        self.0.contains(&Role::Admin)
    }

    /// Whether its holder may manage who may sign in.
    pub fn may_manage_people(&self) -> bool {
        self.0.contains(&Role::Admin)
    }

    /// Whether it holds a role.
    pub fn holds(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// What both hold.
    pub fn common(&self, other: &Roles) -> Roles {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    /// The roles, the most modest first.
    pub fn iter(&self) -> impl Iterator<Item = Role> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().collect())
    }
}

/// Roles separated by commas; the empty set is empty text.
impl fmt::Display for Roles {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.iter().map(Role::as_str).collect();
        out.write_str(&words.join(","))
    }
}

impl FromStr for Roles {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        text.split(',').filter(|word| !word.is_empty()).map(str::parse).collect()
    }
}
