//! `/people` and `/people/{name}`: who may sign in. Their pages stand in the dashboard. What lets somebody do or see other
//! things, or sign in in another way, is confirmed first (purpose `people`): the page's URL names it then.

mod deed;

use axum::{
    Extension,
    body::Body,
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::{Form, Query};
use flightbox_app::{
    pages::{people::NotAdded, person::NotChanged},
    parts::{
        person::{Chosen, OneTimeLink},
        question::Question,
    },
    state::person_path,
};
use flightbox_domain::{role::Role, scope::Sources};
use serde::Deserialize;

use super::session::{again, sentence};
use crate::{
    App,
    auth::{
        Client, SignedIn,
        change::Change,
        link::Drawn,
        manage::{Grants, Manager, Refused},
    },
    fault::Fault,
    pages,
};
pub(super) use deed::facts;
use deed::{Deed, Doing};

const NO_ROLE: &str = "Choose a role: without one there is nothing to see.";
const NO_SOURCE: &str = "Choose a source, or all of them.";
const UNKNOWN: &str = "There is no source of that name.";

/// What is to be done, by a form or by the URL of a page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// What.
    r#do: String,
    role: Vec<String>,
    scope: String,
    source: Vec<String>,
    /// Who is to be added.
    name: String,
    /// The session that is to end, by its digest.
    session: String,
}

/// Who asks, and from where.
struct Asker<'a> {
    app: &'a App,
    client: &'a Client,
    signed_in: &'a SignedIn,
}

/// `GET /people`: everybody; or, once it is confirmed, the last question before somebody is added.
pub async fn list(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Result<Response, Fault> {
    Asker { app: &app, client: &client, signed_in: &signed_in }.page(None, asked, parts).await
}

/// `GET /people/{name}`: the person; or, once it is confirmed, the last question before something is done to them.
pub async fn show(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Result<Response, Fault> {
    Asker { app: &app, client: &client, signed_in: &signed_in }.page(Some(&name), asked, parts).await
}

/// `POST /people`: the page with a one-time link for whoever was added, or the page again with 422.
pub async fn add(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Fault> {
    Asker { app: &app, client: &client, signed_in: &signed_in }.post(None, asked, parts).await
}

/// `POST /people/{name}`: back to their page; with the link where one was made; or the page again with 422.
pub async fn change(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    Path(name): Path<String>,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Fault> {
    Asker { app: &app, client: &client, signed_in: &signed_in }.post(Some(&name), asked, parts).await
}

impl Asker<'_> {
    fn manager<'m>(&'m self, change: &'m Change) -> Manager<'m> {
        Manager { app: self.app, client: self.client, signed_in: self.signed_in, change }
    }

    async fn page(&self, of: Option<&str>, asked: Asked, parts: Parts) -> Result<Response, Fault> {
        if asked.r#do.is_empty() {
            return Ok(pages::render(self.app, Request::from_parts(parts, Body::empty())).await);
        }
        if !self.signed_in.person.roles.may_manage_people() {
            return Ok(StatusCode::FORBIDDEN.into_response());
        }
        match self.question(of, &asked).await {
            Ok(question) => Ok(again(self.app, parts, StatusCode::OK, question).await),
            Err(refused) => self.refuse(of, asked, parts, refused).await,
        }
    }

    async fn question(&self, of: Option<&str>, asked: &Asked) -> Result<Question, Refused> {
        let doing = Doing::of(self.app, of, asked).await?;
        let change = doing.change()?;
        let manager = self.manager(&change);
        let before = match of {
            Some(_) => Some(manager.subject(&doing.person).await?),
            None => None,
        };
        doing.grants.iter().try_for_each(|grants| manager.check(grants))?;
        change.look(self.app, self.signed_in).await?;
        Ok(doing.question(change, before))
    }

    async fn post(&self, of: Option<&str>, asked: Asked, parts: Parts) -> Result<Response, Fault> {
        if !self.signed_in.person.roles.may_manage_people() {
            return Ok(StatusCode::FORBIDDEN.into_response());
        }
        match self.carry_out(of, &asked).await {
            Ok(None) => Ok(Redirect::to(&person_path(of.unwrap_or_default())).into_response()),
            Ok(Some(link)) => Ok(again(self.app, parts, StatusCode::CREATED, link).await),
            Err(refused) => self.refuse(of, asked, parts, refused).await,
        }
    }

    /// Does what is asked for; a link, if one was made.
    async fn carry_out(&self, of: Option<&str>, asked: &Asked) -> Result<Option<OneTimeLink>, Refused> {
        let doing = Doing::of(self.app, of, asked).await?;
        let change = doing.change()?;
        let manager = self.manager(&change);
        let person = &doing.person;
        match (doing.deed, &doing.grants) {
            (Deed::Add, Some(grants)) => {
                let drawn = manager.invite(person, grants).await?;
                return Ok(Some(shown(self.app, &drawn, person.as_str(), true)));
            }
            (Deed::Reset, _) => {
                let drawn = manager.reset(person).await?;
                let first = self.app.store.person_listed(person).await?.is_some_and(|listed| listed.invited);
                return Ok(Some(shown(self.app, &drawn, person.as_str(), first)));
            }
            (Deed::Grant, Some(grants)) => manager.grant(person, grants).await?,
            (Deed::Disable, _) => manager.disable(person, true).await?,
            (Deed::Enable, _) => manager.disable(person, false).await?,
            (Deed::Factors, _) => manager.remove_factors(person).await?,
            (Deed::End, _) => manager.end(person, &asked.session).await?,
            (Deed::EndAll, _) => manager.end_all(person).await?,
            (Deed::Add | Deed::Grant, None) => return Err(Refused::Missing),
        }
        Ok(None)
    }

    /// The page again, with what is wrong with what was asked for and what was chosen; or whatever else is refused with.
    async fn refuse(&self, of: Option<&str>, asked: Asked, parts: Parts, refused: Refused) -> Result<Response, Fault> {
        let Refused::Form(message) = refused else { return refuse(self.app, parts, refused).await };
        let chosen = Chosen { roles: asked.role, all: asked.scope == "all", sources: asked.source };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(match of {
            Some(_) => {
                let chosen = (asked.r#do == Deed::Grant.word()).then_some(chosen);
                again(self.app, parts, status, NotChanged { chosen, message }).await
            }
            None => {
                again(self.app, parts, status, NotAdded { name: asked.name.trim().to_owned(), chosen, message }).await
            }
        })
    }
}

/// Whatever is not about what was typed.
pub(super) async fn refuse(app: &App, parts: Parts, refused: Refused) -> Result<Response, Fault> {
    match refused {
        // Gone meanwhile, never there, or never theirs: the page shows what there is.
        Refused::Missing | Refused::Form(_) => Ok(again(app, parts, StatusCode::NOT_FOUND, ()).await),
        Refused::Forbidden => Ok(StatusCode::FORBIDDEN.into_response()),
        Refused::Unconfirmed(demand) => Ok(demand.answer(&parts.headers)),
        Refused::Fault(fault) => Err(fault),
    }
}

fn shown(app: &App, drawn: &Drawn, name: &str, first: bool) -> OneTimeLink {
    OneTimeLink { url: drawn.url(app), name: name.to_owned(), first }
}

/// Roles and sources that were chosen. Only sources that there are: a name typed wrong would show nothing to anybody
/// for good.
pub(super) async fn grants(app: &App, role: &[String], scope: &str, source: &[String]) -> Result<Grants, Refused> {
    let form = |message: &str| Refused::Form(message.to_owned());
    let roles = role.iter().map(|word| word.parse::<Role>()).collect::<Result<Vec<_>, _>>();
    let roles = roles.map_err(|error| Refused::Form(sentence(error)))?;
    if roles.is_empty() {
        return Err(form(NO_ROLE));
    }
    let roles = roles.into_iter().collect();
    if scope == "all" {
        return Ok(Grants { roles, sources: Sources::All });
    }
    if source.is_empty() {
        return Err(form(NO_SOURCE));
    }
    for name in source {
        let known = match name.parse() {
            Ok(name) => app.store.source_exists(&name).await?,
            Err(_) => false,
        };
        if !known {
            return Err(form(UNKNOWN));
        }
    }
    Ok(Grants { roles, sources: Sources::Only(source.iter().cloned().collect()) })
}
