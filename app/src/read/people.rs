//! People and their sessions, as far as whoever asks may know them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_domain::{agent, query::quote, role::Roles, scope::Sources};
use flightbox_store::{PersonListed, SessionId, SessionLimits, SessionListed, Store};

use super::zone;
use crate::{
    context::{self, Person},
    error::AppError,
    pages::{
        account::OwnAccount,
        people::{People, PersonLine},
        person::{May, OnePerson},
    },
    parts::{
        person::{Chosen, Seeing, Standing},
        sessions::SessionLine,
        stamp::Stamp,
    },
    state::{Place, ViewState, person_path},
};

/// Whoever asks, when, and in which zone.
pub(super) struct Asker {
    pub person: Person,
    session: Option<SessionId>,
    limits: SessionLimits,
    pub store: Store,
    pub now: DateTime<Utc>,
    zone: Tz,
}

impl Asker {
    pub fn new(person: Person, tz: &str) -> Result<Self, AppError> {
        let (store, now, zone) = (context::store()?, context::now()?, zone::zone(tz)?);
        Ok(Self { person, session: context::session(), limits: context::limits()?, store, now, zone })
    }

    pub fn stamp(&self, time: DateTime<Utc>) -> Stamp {
        zone::stamp(time, self.zone, self.now)
    }

    /// Names of sources that the asker may not see are counted alone.
    pub fn seeing(&self, sources: &Sources) -> Seeing {
        match sources {
            Sources::All => Seeing::All,
            Sources::Only(names) => {
                let (known, others): (Vec<_>, Vec<_>) = names.iter().cloned().partition(|n| self.person.sources.has(n));
                Seeing::Only(known, others.len())
            }
        }
    }

    pub async fn known_sources(&self) -> Result<Vec<String>, AppError> {
        self.store.source_names(&self.person.scope(false)).await.map_err(context::unanswered)
    }

    async fn sessions(&self, listed: &PersonListed) -> Result<Vec<SessionLine>, AppError> {
        let found = self.store.sessions_of(listed.person.id, self.now, &self.limits).await;
        Ok(found.map_err(context::unanswered)?.into_iter().map(|session| self.session_line(session)).collect())
    }

    /// Where the record of access has what a query finds.
    pub fn trail(&self, query: &str) -> String {
        ViewState { place: Place::Access, ..ViewState::default().with_query(query) }
            .with_zone(&zone_name(self.zone))
            .events()
    }

    fn session_line(&self, session: SessionListed) -> SessionLine {
        let SessionListed { id, device, created_at, last_used_at } = session;
        let digest = id.digest(self.store.keys());
        let trail = self.trail(&format!("session:{digest}"));
        SessionLine {
            trail: self.person.roles.may_see_access().then_some(trail),
            digest,
            device: agent::device(device.agent.as_deref()),
            agent: device.agent,
            address: device.address,
            began: self.stamp(created_at),
            used: zone::ago(self.now - last_used_at),
            own: self.session.as_ref() == Some(&id),
        }
    }
}

/// Everybody, for an admin.
pub async fn list(tz: &str) -> Result<People, AppError> {
    let asker = Asker::new(context::manager()?, tz)?;
    let people = asker.store.people().await.map_err(context::unanswered)?;
    let line = |listed: PersonListed| PersonLine {
        url: person_path(listed.person.name.as_str()),
        roles: role_names(&listed.person.roles),
        seeing: asker.seeing(&listed.person.sources),
        standing: standing(&listed),
        seen: listed.seen_at.map(|at| asker.stamp(at)),
        own: listed.person.name.as_str() == asker.person.name,
        name: listed.person.name.to_string(),
    };
    let people = people.into_iter().map(line).collect();
    Ok(People { people, sources: asker.known_sources().await?, may_give_all: asker.person.sources == Sources::All })
}

/// One person, for an admin.
pub async fn one(name: &str, tz: &str) -> Result<Option<OnePerson>, AppError> {
    let asker = Asker::new(context::manager()?, tz)?;
    let Ok(name) = name.parse() else { return Ok(None) };
    let Some(listed) = asker.store.person_listed(&name).await.map_err(context::unanswered)? else { return Ok(None) };
    let sources = &listed.person.sources;
    Ok(Some(OnePerson {
        url: person_path(name.as_str()),
        chosen: chosen(&listed.person.roles, sources),
        seeing: asker.seeing(sources),
        standing: standing(&listed),
        added: asker.stamp(listed.created_at),
        seen: listed.seen_at.map(|at| asker.stamp(at)),
        factors: asker.store.count_factors(listed.person.id).await.map_err(context::unanswered)?,
        sessions: asker.sessions(&listed).await?,
        trail: asker.trail(&format!("actor:{}", quote(name.as_str()))),
        may: match () {
            () if name.as_str() == asker.person.name => May::Oneself,
            () if sources.within(&asker.person.sources) => May::Manage,
            () => May::Nothing,
        },
        sources: asker.known_sources().await?,
        may_give_all: asker.person.sources == Sources::All,
        name: name.to_string(),
    }))
}

/// Whoever asks, themselves.
pub async fn own(tz: &str) -> Result<OwnAccount, AppError> {
    let asker = Asker::new(context::anybody()?, tz)?;
    let name = asker.person.name.parse().map_err(context::failed)?;
    let listed = asker.store.person_listed(&name).await.map_err(context::unanswered)?;
    let listed = listed.ok_or(AppError::SignedOut)?;
    Ok(OwnAccount {
        sessions: asker.sessions(&listed).await?,
        roles: role_names(&listed.person.roles),
        seeing: asker.seeing(&listed.person.sources),
        name: name.to_string(),
    })
}

fn standing(listed: &PersonListed) -> Standing {
    match (listed.person.disabled, listed.invited) {
        (true, _) => Standing::Disabled,
        (false, true) => Standing::Invited,
        (false, false) => Standing::Active,
    }
}

fn chosen(roles: &Roles, sources: &Sources) -> Chosen {
    let (all, sources) = match sources {
        Sources::All => (true, Vec::new()),
        Sources::Only(names) => (false, names.iter().cloned().collect()),
    };
    Chosen { roles: role_names(roles), all, sources }
}

pub(super) fn role_names(roles: &Roles) -> Vec<String> {
    roles.iter().map(|role| role.to_string()).collect()
}

fn zone_name(zone: Tz) -> String {
    if zone == Tz::UTC { String::new() } else { zone.name().to_owned() }
}
