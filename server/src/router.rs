//! Every URL but the pages' own, which stand in the dashboard's `lib.rs`, and the order of layers.

use axum::{
    Router, middleware,
    routing::{get, post},
};
use leptos_axum::{LeptosRoutes, generate_route_list_with_exclusions};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

use crate::{
    App, api, assets, auth,
    export::{self, Format},
    fault, headers, pages,
};

/// The whole service.
pub fn router(app: App) -> Router {
    // The server answers this one itself: it has to look whether the link is still good.
    let own = Some(vec!["/setup".to_owned()]);
    let routes = generate_route_list_with_exclusions(flightbox_app::App, own);
    let shell = {
        let options = app.leptos.clone();
        move || flightbox_app::shell(options.clone())
    };

    let dashboard = Router::new()
        .leptos_routes_with_context(&app, routes, pages::context(&app), shell)
        .route("/sign-in", post(api::session::sign_in))
        .route("/sign-out", post(api::session::sign_out))
        .route("/setup", get(api::session::setup_page).post(api::session::set_up))
        .route("/events.csv", export::route(Format::Csv))
        .route("/events.jsonl", export::route(Format::JsonLines))
        .route("/events.json", export::route(Format::Json))
        .fallback(pages::missing)
        .layer(middleware::from_fn_with_state(app.clone(), auth::authenticate))
        .layer(middleware::from_fn_with_state(app.clone(), auth::origin::same_origin));

    let programs = Router::new()
        .route("/api/v1/events", get(api::events::list).post(api::ingest::post))
        .route("/api/v1/events/{seq}", get(api::events::show))
        .route("/api/v1/facets", get(api::summary::facets))
        .route("/api/v1/histogram", get(api::summary::histogram))
        .route("/api/{*rest}", get(api::missing).post(api::missing))
        .route("/metrics", get(api::metrics::show))
        .route("/healthz", get(api::health::live))
        .route("/readyz", get(api::health::ready))
        .route("/pkg/{file}", get(assets::serve));

    programs
        .merge(dashboard)
        .layer(CatchPanicLayer::custom(fault::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), fault::report))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), headers::secure))
        .with_state(app)
}
