//! The dashboard, rendered: what the server lends to its pages.

use axum::{
    extract::{FromRef, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use flightbox_app::{
    Assets,
    pages::{
        setup::{Rejected, Spent},
        sign_in::Refused,
    },
    shell,
};
use leptos::{
    config::LeptosOptions,
    prelude::{provide_context, use_context},
};

use crate::{App, assets, headers};

/// What every page finds in its context, beside the request itself.
pub fn context(app: &App) -> impl Fn() + Clone + Send + Sync + 'static {
    let app = app.clone();
    move || {
        headers::provide_policy();
        provide_context(app.store.clone());
        provide_context(app.clock.clone());
        provide_context(app.random.clone());
        provide_context(linked());
        hand_on::<Refused>();
        hand_on::<Rejected>();
        hand_on::<Spent>();
    }
}

/// The files that a page links.
pub fn linked() -> Assets {
    Assets {
        stylesheet: assets::stylesheet().map(str::to_owned),
        favicon: assets::path("favicon.svg").map(str::to_owned),
    }
}

/// Renders the page of a request's path, whatever its method.
pub async fn render(app: &App, request: Request) -> Response {
    let options = LeptosOptions::from_ref(app);
    let render = leptos_axum::render_app_async_with_context(context(app), move || shell(options.clone()));
    render(request).await
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
