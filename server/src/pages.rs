//! The dashboard, rendered: what the server lends to its pages.

use axum::{
    Extension,
    extract::{FromRef, Path, RawQuery, Request, State},
    http::{StatusCode, request::Parts},
    response::{Html, IntoResponse, Response},
};
use flightbox_app::{
    Assets,
    context::{FourEyes, Person},
    error::AppError,
    look::Witness,
    pages::{
        account::NotRenewed,
        approvals::Approvals,
        beside::{Beside, fragment},
        confirm::ConfirmAsked,
        erase::EraseAsked,
        evidence::EvidenceAsked,
        factors::Factors,
        import::ImportAsked,
        keys::MasterFrom,
        people::NotAdded,
        person::NotChanged,
        quarantine::record::QuarantineAsked,
        reveal::RevealAsked,
        rules::RulesAnswer,
        sealed_export::SealedExport,
        second::SecondAsked,
        settings::{holds::NotHeld, retention::NotKept as RuleRefused},
        setup::{LinkOf, Rejected, Spent},
        sign_in::Refused,
        tokens::{NotMade, TokenShown},
        views::NotKept,
    },
    parts::{
        person::OneTimeLink,
        question::Question,
        source::{IngestTokenShown, SourceRefused},
    },
    read::{self, search::View},
    shell,
    state::ViewState,
};
use leptos::{
    config::LeptosOptions,
    prelude::{provide_context, use_context},
};

use crate::{App, assets, auth::LIMITS, fault::Fault, headers, integrity, nats};

/// What every page finds in its context, beside the request itself.
pub fn context(app: &App) -> impl Fn() + Clone + Send + Sync + 'static {
    let app = app.clone();
    move || {
        headers::provide_policy();
        provide_context(app.store.clone());
        provide_context(app.clock.clone());
        provide_context(app.random.clone());
        provide_context(integrity::watched(&app));
        provide_context(nats::watched(&app));
        provide_context(LIMITS);
        provide_context(FourEyes(app.config.four_eyes));
        provide_context(linked());
        provide_context(match app.config.key.master_key_command {
            None => MasterFrom::File,
            Some(_) => MasterFrom::Command,
        });
        hand_on::<Refused>();
        hand_on::<Rejected>();
        hand_on::<Spent>();
        hand_on::<NotKept>();
        hand_on::<LinkOf>();
        hand_on::<OneTimeLink>();
        hand_on::<NotAdded>();
        hand_on::<NotChanged>();
        hand_on::<NotRenewed>();
        hand_on::<TokenShown>();
        hand_on::<IngestTokenShown>();
        hand_on::<SourceRefused>();
        hand_on::<QuarantineAsked>();
        hand_on::<ImportAsked>();
        hand_on::<NotMade>();
        hand_on::<SecondAsked>();
        hand_on::<ConfirmAsked>();
        hand_on::<Factors>();
        hand_on::<Question>();
        hand_on::<RulesAnswer>();
        hand_on::<RuleRefused>();
        hand_on::<NotHeld>();
        hand_on::<RevealAsked>();
        hand_on::<EraseAsked>();
        hand_on::<SealedExport>();
        hand_on::<EvidenceAsked>();
        hand_on::<Approvals>();
    }
}

/// The files that a page links.
pub fn linked() -> Assets {
    Assets {
        stylesheet: assets::stylesheet().map(str::to_owned),
        favicon: assets::path("favicon.svg").map(str::to_owned),
        import_script: assets::path("import.js").map(str::to_owned),
    }
}

/// Renders the page of a request's path, whatever its method.
pub async fn render(app: &App, request: Request) -> Response {
    let options = LeptosOptions::from_ref(app);
    let render = leptos_axum::render_app_async_with_context(context(app), move || shell(options.clone()));
    render(request).await
}

/// `GET /events/{seq}/panel`: what `/events?event={seq}` shows beside its list, for a browser that has the list.
pub async fn panel(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(witness): Extension<Witness>,
    Path(event): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    if !person.roles.may_browse() {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let state = ViewState { event, ..ViewState::from_search(&query.unwrap_or_default()) };
    let read = async {
        let view = View::of(state.clone(), person, app.store.clone(), app.clock.now())?;
        read::event::beside(&view, &witness).await
    };
    let beside = match read.await {
        Ok(beside) => beside.unwrap_or_else(|| Beside::Missing("event".to_owned())),
        Err(AppError::Query(_) | AppError::Window(_)) => return Ok(StatusCode::BAD_REQUEST.into_response()),
        Err(error) => return Err(Fault::of(error)),
    };
    let status = match beside {
        Beside::Event(_) => StatusCode::OK,
        Beside::Missing(_) | Beside::Removed(_) => StatusCode::NOT_FOUND,
    };
    Ok((status, Html(fragment(state, beside))).into_response())
}

/// Whatever no route knows: the page that says so.
pub async fn missing(State(app): State<App>, request: Request) -> Response {
    let mut response = render(&app, request).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// What a handler put into the request for its page.
fn hand_on<T: Clone + Send + Sync + 'static>() {
    let found = use_context::<Parts>().and_then(|parts| parts.extensions.get::<T>().cloned());
    if let Some(found) = found {
        provide_context(found);
    }
}
