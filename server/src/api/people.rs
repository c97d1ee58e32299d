//! `/people` and `/people/{name}`: who may sign in. Their pages stand in the dashboard.

use axum::{
    Extension,
    extract::{Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::Form;
use flightbox_app::{
    pages::{people::NotAdded, person::NotChanged},
    parts::person::{Chosen, OneTimeLink},
    state::person_path,
};
use flightbox_domain::{name::PersonName, role::Role, scope::Sources};
use serde::Deserialize;

use super::session::{again, sentence};
use crate::{
    App,
    auth::{
        Client, SignedIn,
        link::Drawn,
        manage::{Grants, Manager, Refused},
    },
    fault::Fault,
};

const NO_ROLE: &str = "Choose a role: without one there is nothing to see.";
const NO_SOURCE: &str = "Choose a source, or all of them.";
const UNKNOWN: &str = "There is no source of that name.";

/// What somebody is to do and see, as a form has it.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    role: Vec<String>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    source: Vec<String>,
    #[serde(default)]
    name: String,
    /// What is to be done to somebody who is there.
    r#do: Option<Deed>,
    /// The session that is to end, by its digest.
    #[serde(default)]
    session: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    Grant,
    Disable,
    Enable,
    Reset,
    End,
    EndAll,
}

/// `POST /people`: the page with a one-time link for whoever was added, or the page again with 422.
pub async fn add(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Fault> {
    if !signed_in.person.roles.may_manage_people() {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let manager = Manager { app: &app, client: &client, signed_in: &signed_in };
    let name = asked.name.trim();
    let added = async {
        let name: PersonName = name.parse().map_err(|error| Refused::Form(sentence(error)))?;
        manager.invite(&name, &asked.grants(&app).await?).await
    };
    match added.await {
        Ok(drawn) => Ok(again(&app, parts, StatusCode::CREATED, shown(&app, &drawn, name, true)).await),
        Err(Refused::Form(message)) => {
            let not_added = NotAdded { name: name.to_owned(), chosen: asked.chosen(), message };
            Ok(again(&app, parts, StatusCode::UNPROCESSABLE_ENTITY, not_added).await)
        }
        Err(other) => refuse(&app, parts, other).await,
    }
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
    if !signed_in.person.roles.may_manage_people() {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let manager = Manager { app: &app, client: &client, signed_in: &signed_in };
    let (Ok(person), Some(deed)) = (name.parse::<PersonName>(), asked.r#do) else {
        return refuse(&app, parts, Refused::Missing).await;
    };
    let done = match deed {
        Deed::Grant => match asked.grants(&app).await {
            Ok(grants) => manager.grant(&person, &grants).await,
            Err(refused) => Err(refused),
        },
        Deed::Disable => manager.disable(&person, true).await,
        Deed::Enable => manager.disable(&person, false).await,
        Deed::End => manager.end(&person, &asked.session).await,
        Deed::EndAll => manager.end_all(&person).await,
        Deed::Reset => match manager.reset(&person).await {
            Ok(drawn) => {
                let first = app.store.person_listed(&person).await?.is_some_and(|listed| listed.invited);
                return Ok(again(&app, parts, StatusCode::CREATED, shown(&app, &drawn, &name, first)).await);
            }
            Err(refused) => Err(refused),
        },
    };
    match done {
        Ok(()) => Ok(Redirect::to(&person_path(&name)).into_response()),
        Err(Refused::Form(message)) => {
            let chosen = (deed == Deed::Grant).then(|| asked.chosen());
            Ok(again(&app, parts, StatusCode::UNPROCESSABLE_ENTITY, NotChanged { chosen, message }).await)
        }
        Err(other) => refuse(&app, parts, other).await,
    }
}

/// Whatever is not about what was typed.
pub(super) async fn refuse(app: &App, parts: Parts, refused: Refused) -> Result<Response, Fault> {
    match refused {
        // Gone meanwhile, never there, or never theirs: the page shows what there is.
        Refused::Missing | Refused::Form(_) => Ok(again(app, parts, StatusCode::NOT_FOUND, ()).await),
        Refused::Forbidden => Ok(StatusCode::FORBIDDEN.into_response()),
        Refused::Fault(fault) => Err(fault),
    }
}

fn shown(app: &App, drawn: &Drawn, name: &str, first: bool) -> OneTimeLink {
    OneTimeLink { url: drawn.url(app), name: name.to_owned(), first }
}

impl Asked {
    fn chosen(&self) -> Chosen {
        Chosen { roles: self.role.clone(), all: self.scope == "all", sources: self.source.clone() }
    }

    async fn grants(&self, app: &App) -> Result<Grants, Refused> {
        grants(app, &self.role, &self.scope, &self.source).await
    }
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
