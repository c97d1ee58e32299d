//! What an admin can do about people, and the last question before it.

use flightbox_app::{parts::question::Question, state::person_path};
use flightbox_domain::{name::PersonName, scope::Sources, step_up::Purpose};
use flightbox_store::PersonRow;

use super::{Asked, grants};
use crate::{
    App,
    api::session::sentence,
    auth::{
        change::Change,
        manage::{Grants, Refused},
    },
};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Add,
    Grant,
    Disable,
    Enable,
    Reset,
    Factors,
    End,
    EndAll,
}

impl Deed {
    const TO_SOMEBODY: [Deed; 7] =
        [Deed::Grant, Deed::Disable, Deed::Enable, Deed::Reset, Deed::Factors, Deed::End, Deed::EndAll];

    /// The word that names it in forms and URLs.
    pub fn word(self) -> &'static str {
        match self {
            Deed::Add => "add",
            Deed::Grant => "grant",
            Deed::Disable => "disable",
            Deed::Enable => "enable",
            Deed::Reset => "reset",
            Deed::Factors => "factors",
            Deed::End => "end",
            Deed::EndAll => "end-all",
        }
    }
}

/// What is done, and to whom.
pub struct Doing {
    pub deed: Deed,
    pub person: PersonName,
    /// What they shall be able to do and see, where it is about that.
    pub grants: Option<Grants>,
}

impl Doing {
    /// What is asked for, of the person of that name or, without one, of the list.
    pub async fn of(app: &App, name: Option<&str>, asked: &Asked) -> Result<Self, Refused> {
        let (deed, person) = match name {
            Some(name) => {
                let deed = Deed::TO_SOMEBODY.into_iter().find(|deed| deed.word() == asked.r#do);
                (deed.ok_or(Refused::Missing)?, name.parse().map_err(|_| Refused::Missing)?)
            }
            None => (Deed::Add, asked.name.trim().parse().map_err(|error| Refused::Form(sentence(error)))?),
        };
        let grants = match deed {
            Deed::Add | Deed::Grant => Some(grants(app, &asked.role, &asked.scope, &asked.source).await?),
            _ => None,
        };
        Ok(Self { deed, person, grants })
    }

    /// The change that is confirmed.
    pub fn change(&self) -> Result<Change, Refused> {
        let mut fields = vec![("do", self.deed.word().to_owned())];
        let page = match self.deed {
            Deed::Add => {
                fields.push(("name", self.person.to_string()));
                "/people".to_owned()
            }
            _ => person_path(self.person.as_str()),
        };
        fields.extend(self.grants.iter().flat_map(Grants::fields));
        Change::new(Purpose::People, page, fields)
    }

    /// The last question before it is done.
    pub fn question(&self, change: Change, before: Option<PersonRow>) -> Question {
        let name = &self.person;
        let (title, about, yes, no) = match self.deed {
            Deed::Add => {
                (format!("Add {name}"), "You get a one-time link to hand to them.", "Make the link", "Add nobody")
            }
            Deed::Grant => (
                format!("Change what {name} may do and see"),
                "It ends their sessions: they sign in again and hold what stands here.",
                "Change it",
                "Leave it",
            ),
            Deed::Disable => (
                format!("Disable {name}"),
                "It ends their sessions, and they cannot sign in. What they did stays in the record.",
                "Disable",
                "Leave them be",
            ),
            Deed::Enable => (
                format!("Enable {name}"),
                "They may sign in again, with the password that they had.",
                "Enable",
                "Leave it",
            ),
            Deed::Reset => (
                format!("Make a link for {name}"),
                "By it they choose a password. It works once, within 24 hours; what they have works until then.",
                "Make the link",
                "Leave it",
            ),
            Deed::Factors => (
                format!("Remove the second factors of {name}"),
                "It ends their sessions, voids their recovery codes, and lets them in by password alone until they add \
                 another. They are told. Make sure that it is they who ask for it.",
                "Remove them",
                "Leave them",
            ),
            Deed::End | Deed::EndAll => {
                (format!("End sessions of {name}"), "They sign in again to go on.", "End", "Leave it")
            }
        };
        let before = before.map(|person| Grants { roles: person.roles, sources: person.sources });
        let facts = self.grants.as_ref().map(|grants| facts(grants, before.as_ref())).unwrap_or_default();
        let takes = matches!(self.deed, Deed::Disable | Deed::Factors | Deed::End | Deed::EndAll);
        let Change { page, fields, .. } = change;
        Question { title, about: about.to_owned(), facts, page, fields, yes, no, takes }
    }
}

/// What somebody shall be able to do and see, beside what they can until now where that differs.
pub fn facts(grants: &Grants, before: Option<&Grants>) -> Vec<(&'static str, String, Option<String>)> {
    let roles = |grants: &Grants| grants.roles.iter().map(|role| role.to_string()).collect::<Vec<_>>().join(", ");
    let sources = |grants: &Grants| match &grants.sources {
        Sources::All => "all sources".to_owned(),
        Sources::Only(names) => names.iter().cloned().collect::<Vec<_>>().join(", "),
    };
    let fact = |name, of: &dyn Fn(&Grants) -> String| {
        let after = of(grants);
        let before = before.map(of).filter(|before| *before != after);
        (name, after, before)
    };
    vec![fact("Roles", &roles), fact("Sees", &sources)]
}
