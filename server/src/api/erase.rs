//! `/erase`: the keys of somebody's sealed values are destroyed, after a step-up for this very one.

use axum::{
    Extension, Form,
    extract::{Query, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use flightbox_app::{
    context::Person,
    error::AppError,
    pages::erase::{EraseAsked, Erasing},
    read::sealed::erase_path,
    state::actor_path,
};
use flightbox_domain::{scope::Scope, step_up::Purpose};
use flightbox_event::{Json, Outcome};
use serde::Deserialize;

use super::{
    reason::Typed,
    session::{again, go},
};
use crate::{
    App,
    auth::{
        Client, SignedIn,
        grant::{look_for_grant, require_grant},
    },
    fault::Fault,
    journal::Action,
};

/// Whose.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    actor: String,
}

/// `GET /erase`: what it means, and the question why.
pub async fn page(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(person): Extension<Person>,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Result<Response, Fault> {
    if let Err(error) = allowed(&person, &asked) {
        return Ok(show(&app, parts, Err(error)).await);
    }
    if let Err(demand) = look_for_grant(&app, &signed_in, Purpose::Erase, &erase_path(&asked.actor)).await? {
        return Ok(demand.answer(&parts.headers));
    }
    let erasing = erasing(&app, &person, &asked, Typed::default(), None).await?;
    Ok(show(&app, parts, Ok(erasing)).await)
}

/// `POST /erase`: back to the actor, or the question again with 422.
pub async fn post(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(person): Extension<Person>,
    client: Client,
    Query(asked): Query<Asked>,
    parts: Parts,
    Form(typed): Form<Typed>,
) -> Result<Response, Fault> {
    if let Err(error) = allowed(&person, &asked) {
        return Ok(show(&app, parts, Err(error)).await);
    }
    let request = erase_path(&asked.actor);
    let told = match look_for_grant(&app, &signed_in, Purpose::Erase, &request).await? {
        Err(demand) => return Ok(demand.answer(&parts.headers)),
        Ok(_) => typed.told(),
    };
    let reason = match told {
        Ok(reason) => reason,
        Err(wrong) => {
            let erasing = erasing(&app, &person, &asked, typed, Some(wrong)).await?;
            return Ok(show(&app, parts, Ok(erasing)).await);
        }
    };
    // A hold that is set from here on is noticed at the end.
    let changes = app.store.retention_changes();
    let holds = app.store.holds_on_actor(scope(&person).sources(), &asked.actor).await?;
    if let Some(hold) = holds.first() {
        let wrong = format!(
            "The legal hold “{}” is on what they did or what is sealed for them: nothing is erased while it stands.",
            hold.name
        );
        let erasing = erasing(&app, &person, &asked, typed, Some(wrong)).await?;
        return Ok(show(&app, parts, Ok(erasing)).await);
    }
    if let Err(demand) = require_grant(&app, &signed_in, Purpose::Erase, &request).await? {
        return Ok(demand.answer(&parts.headers));
    }
    let (name, scope) = (&signed_in.person.name, scope(&person));
    let keys = app.store.can_be_erased(&scope, &asked.actor).await?;
    let entry = signed_in.entry(&app, &client, Action::Erase).on(actor_path(&asked.actor));
    let entry = entry.because(reason.as_str()).with(Json::object([("keys", (keys as i64).into())]));
    let erase = app.store.erase(&scope, &asked.actor, (name.as_str(), reason.as_str()), app.clock.now(), changes);
    if entry.clone().then(&app, erase).await?.is_none() {
        entry.ended(Outcome::Failure, "a legal hold was set or lifted meanwhile").commit_or_log(&app).await;
        let wrong = "A legal hold was set or lifted meanwhile. Look again, and confirm again if it is still to be.";
        let erasing = erasing(&app, &person, &asked, typed, Some(wrong.to_owned())).await?;
        return Ok(show(&app, parts, Ok(erasing)).await);
    }
    Ok(go(&actor_path(&asked.actor), None))
}

fn allowed(person: &Person, asked: &Asked) -> Result<(), AppError> {
    if !person.roles.may_erase() {
        return Err(AppError::NotAdmin);
    }
    if asked.actor.is_empty() { Err(AppError::Missing("actor without an id".to_owned())) } else { Ok(()) }
}

fn scope(person: &Person) -> Scope {
    person.scope(false)
}

async fn erasing(
    app: &App,
    person: &Person,
    asked: &Asked,
    typed: Typed,
    wrong: Option<String>,
) -> Result<Erasing, Fault> {
    Ok(Erasing {
        actor: asked.actor.clone(),
        page: actor_path(&asked.actor),
        sources: app.store.can_be_erased(&scope(person), &asked.actor).await?,
        reason: typed.reason,
        wrong,
    })
}

async fn show(app: &App, parts: Parts, asked: Result<Erasing, AppError>) -> Response {
    let status = match &asked {
        Ok(Erasing { wrong: None, .. }) => 200,
        Ok(_) => 422,
        Err(error) => error.status(),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    again(app, parts, status, EraseAsked(asked)).await
}
