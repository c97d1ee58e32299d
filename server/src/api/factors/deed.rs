//! What somebody can do with their factors.

use flightbox_domain::name::FactorName;
use flightbox_store::{FactorId, FactorKind, FactorRow};

use super::{Asked, PAGE, Refused};
use crate::{api::session::sentence, auth::next::encode};

/// How many factors a person holds at most.
const MOST: usize = 10;

/// Said of a name that another factor has.
pub const TAKEN: &str = "You have another factor of that name.";
const TOO_MANY: &str = "You have ten factors, which is as many as anybody can. Remove one first.";

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Add a factor of that kind and name.
    Add(FactorKind, FactorName),
    /// Remove one.
    Remove(FactorId),
    /// Get other recovery codes.
    Codes,
}

impl Deed {
    /// What is asked for, if whoever holds these factors can do it.
    pub fn of(held: &[FactorRow], asked: &Asked) -> Result<Deed, Refused> {
        match asked.r#do.as_str() {
            "add" => {
                let kind = asked.kind.parse().map_err(|_| Refused::Missing)?;
                let name: FactorName =
                    asked.name.trim().parse().map_err(|error| Refused::about_name(sentence(error)))?;
                if held.iter().any(|factor| factor.name == name) {
                    return Err(Refused::about_name(TAKEN));
                }
                if held.len() >= MOST {
                    return Err(Refused::about_name(TOO_MANY));
                }
                Ok(Deed::Add(kind, name))
            }
            "remove" => {
                let id = asked.factor.parse().map_err(|_| Refused::Missing)?;
                held.iter().any(|factor| factor.id == id).then_some(Deed::Remove(id)).ok_or(Refused::Missing)
            }
            "codes" if !held.is_empty() => Ok(Deed::Codes),
            _ => Err(Refused::Missing),
        }
    }

    /// The page of it: the request that is confirmed.
    pub fn request(&self) -> String {
        match self {
            Deed::Add(kind, name) => format!("{PAGE}?do=add&kind={}&name={}", kind.as_str(), encode(name.as_str())),
            Deed::Remove(id) => format!("{PAGE}?do=remove&factor={id}"),
            Deed::Codes => format!("{PAGE}?do=codes"),
        }
    }
}
