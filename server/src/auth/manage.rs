//! What admins do to people: the steps and their order. What lets somebody do or see other things, or sign in in
//! another way, is confirmed first; each is recorded before it is done, so nothing can be done unrecorded. What is
//! answered stands in [`crate::api::people`].
//!
//! Nobody does any of it to themselves, and nobody who may not see every source does it to somebody who may see more:
//! a link for a lost password, or a wider scope for a friend, would be the way to everything else.

use flightbox_domain::{name::PersonName, role::Roles, scope::Sources};
use flightbox_event::{Json, Outcome};
use flightbox_store::{AddError, PersonChange, PersonRow, SessionListed};

use super::{Client, LIMITS, SignedIn, change::Change, grant::Demand, link::Drawn};
use crate::{
    App,
    fault::Fault,
    journal::{Action, Entry},
};

const TAKEN: &str = "There is somebody of that name already. Names are never given twice.";
const LAST_ADMIN: &str = "Nobody would be left to manage people: at least one administrator stays.";
const TOO_WIDE: &str = "You cannot let others see sources that you may not see yourself.";
const NO_FACTORS: &str = "They have no second factor.";
const DISABLED: &str = "Whoever is disabled cannot use a link. Enable them first.";

/// What somebody may do and see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants {
    /// What they may do.
    pub roles: Roles,
    /// Which sources they may see.
    pub sources: Sources,
}

impl Grants {
    /// The form that asks for them, in one order.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields: Vec<_> = self.roles.iter().map(|role| ("role", role.to_string())).collect();
        match &self.sources {
            Sources::All => fields.push(("scope", "all".to_owned())),
            Sources::Only(names) => {
                fields.push(("scope", "some".to_owned()));
                fields.extend(names.iter().map(|name| ("source", name.clone())));
            }
        }
        fields
    }
}

/// Why nothing was done.
#[derive(Debug)]
pub enum Refused {
    /// What is wrong with what was asked for, in a sentence.
    Form(String),
    /// There is no such person, or session.
    Missing,
    /// It is not for this person to do.
    Forbidden,
    /// It has to be confirmed first.
    Unconfirmed(Demand),
    /// Something broke.
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Demand> for Refused {
    fn from(demand: Demand) -> Self {
        Self::Unconfirmed(demand)
    }
}

/// An admin, and from where they act.
pub struct Manager<'a> {
    /// The application.
    pub app: &'a App,
    /// From where.
    pub client: &'a Client,
    /// Who, by which session.
    pub signed_in: &'a SignedIn,
    /// What they ask for.
    pub change: &'a Change,
}

impl Manager<'_> {
    /// Adds a person, who will choose a password by the link that is returned.
    pub async fn invite(&self, name: &PersonName, grants: &Grants) -> Result<Drawn, Refused> {
        self.check(grants)?;
        if self.app.store.person_listed(name).await?.is_some() {
            return Err(Refused::Form(TAKEN.to_owned()));
        }
        let drawn = Drawn::new(self.app);
        self.confirmed().await?;
        let entry = self.entry(Action::PersonAdd, name).with(told(grants));
        entry.clone().commit(self.app).await?;
        let (link, now) = ((&drawn.secret.hash(), drawn.expires_at), self.app.clock.now());
        let invited = self.app.store.invite_person(name, &grants.roles, &grants.sources, link, now).await;
        let Err(error) = invited else { return Ok(drawn) };
        entry.undone(self.app, &error).await;
        Err(match error {
            AddError::Exists => Refused::Form(TAKEN.to_owned()),
            error => Refused::Fault(error.into()),
        })
    }

    /// Makes a link by which a person chooses another password. Until it is used everything stays as it is.
    pub async fn reset(&self, name: &PersonName) -> Result<Drawn, Refused> {
        let person = self.subject(name).await?;
        if person.disabled {
            return Err(Refused::Form(DISABLED.to_owned()));
        }
        let drawn = Drawn::new(self.app);
        self.confirmed().await?;
        let hash = drawn.secret.hash();
        let add = self.app.store.add_person_link(person.id, &hash, drawn.expires_at);
        self.entry(Action::PersonReset, name).then(self.app, add).await?;
        Ok(drawn)
    }

    /// Gives a person other roles and another scope, which ends their sessions.
    pub async fn grant(&self, name: &PersonName, grants: &Grants) -> Result<(), Refused> {
        let person = self.subject(name).await?;
        self.check(grants)?;
        let before = Grants { roles: person.roles, sources: person.sources };
        if before == *grants {
            return Ok(());
        }
        self.confirmed().await?;
        let fields = [("roles", roles(&before), roles(grants)), ("sources", sources(&before), sources(grants))];
        let changed = fields.into_iter().filter(|(_, before, after)| before != after);
        let entry = changed.fold(self.entry(Action::PersonChange, name), |entry, (field, before, after)| {
            entry.changing(field, before, after)
        });
        let change = self.app.store.set_person_grants(person.id, &grants.roles, &grants.sources, self.app.clock.now());
        let change = entry.clone().then(self.app, change).await?;
        self.settle(entry, change).await
    }

    /// Bars a person, which ends their sessions, or lets them in again.
    pub async fn disable(&self, name: &PersonName, disabled: bool) -> Result<(), Refused> {
        let person = self.subject(name).await?;
        if person.disabled == disabled {
            return Ok(());
        }
        self.confirmed().await?;
        let action = if disabled { Action::PersonDisable } else { Action::PersonEnable };
        let entry = self.entry(action, name);
        let change = self.app.store.set_person_disabled(person.id, disabled, self.app.clock.now());
        let change = entry.clone().then(self.app, change).await?;
        self.settle(entry, change).await
    }

    /// Removes a person's second factors, which they have lost, and ends their sessions. They are told when they next
    /// sign in.
    pub async fn remove_factors(&self, name: &PersonName) -> Result<(), Refused> {
        let person = self.subject(name).await?;
        if self.app.store.count_factors(person.id).await? == 0 {
            return Err(Refused::Form(NO_FACTORS.to_owned()));
        }
        self.confirmed().await?;
        let remove = self.app.store.remove_factors(person.id, &self.signed_in.person.name, self.app.clock.now());
        Ok(self.entry(Action::PersonFactors, name).then(self.app, remove).await?)
    }

    /// Ends one session of a person, by its digest.
    pub async fn end(&self, name: &PersonName, digest: &str) -> Result<(), Refused> {
        let person = self.subject(name).await?;
        end(self.app, self.entry(Action::SessionEnd, name), &person, digest).await
    }

    /// Ends every session of a person.
    pub async fn end_all(&self, name: &PersonName) -> Result<(), Refused> {
        let person = self.subject(name).await?;
        let now = self.app.clock.now();
        if !self.app.store.sessions_of(person.id, now, &LIMITS).await?.is_empty() {
            let entry = self.entry(Action::SessionEnd, name).because("all of them");
            entry.then(self.app, self.app.store.end_sessions_of(person.id, None, now)).await?;
        }
        Ok(())
    }

    async fn confirmed(&self) -> Result<(), Refused> {
        self.change.confirmed(self.app, self.signed_in).await
    }

    /// Somebody whom this admin may do things to.
    pub async fn subject(&self, name: &PersonName) -> Result<PersonRow, Refused> {
        let listed = self.app.store.person_listed(name).await?.ok_or(Refused::Missing)?;
        let own = &self.signed_in.person;
        let may = listed.person.id != own.id && listed.person.sources.within(&own.sources);
        if may { Ok(listed.person) } else { Err(Refused::Forbidden) }
    }

    /// Whether this admin may let somebody see so much.
    pub fn check(&self, grants: &Grants) -> Result<(), Refused> {
        let within = grants.sources.within(&self.signed_in.person.sources);
        if within { Ok(()) } else { Err(Refused::Form(TOO_WIDE.to_owned())) }
    }

    fn entry(&self, action: Action, on: &PersonName) -> Entry {
        self.signed_in.entry(self.app, self.client, action).on(format!("/people/{on}"))
    }

    /// What was recorded as done and then was not is recorded as failed, too.
    async fn settle(&self, entry: Entry, change: PersonChange) -> Result<(), Refused> {
        let (refused, reason) = match change {
            PersonChange::Done => return Ok(()),
            PersonChange::NotFound => (Refused::Missing, "there is no such person"),
            PersonChange::LastAdmin => (Refused::Form(LAST_ADMIN.to_owned()), "the last administrator stays"),
        };
        entry.ended(Outcome::Failure, reason).commit_or_log(self.app).await;
        Err(refused)
    }
}

/// Ends one of a person's live sessions, by its digest; the entry is completed and committed first.
pub async fn end(app: &App, entry: Entry, person: &PersonRow, digest: &str) -> Result<(), Refused> {
    let now = app.clock.now();
    let named = |session: &SessionListed| session.id.digest(app.store.keys()) == digest;
    let session = app.store.sessions_of(person.id, now, &LIMITS).await?.into_iter().find(named);
    let session = session.ok_or(Refused::Missing)?;
    let entry = entry.with(Json::object([("session", digest.into())]));
    entry.then(app, app.store.end_session(&session.id, now)).await?;
    Ok(())
}

/// What is recorded of grants.
pub fn told(grants: &Grants) -> Json {
    Json::object([("roles", roles(grants)), ("sources", sources(grants))])
}

fn roles(grants: &Grants) -> Json {
    Json::Array(grants.roles.iter().map(|role| role.as_str().into()).collect())
}

fn sources(grants: &Grants) -> Json {
    match &grants.sources {
        Sources::All => "all".into(),
        Sources::Only(names) => Json::Array(names.iter().map(|name| name.as_str().into()).collect()),
    }
}
