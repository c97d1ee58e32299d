//! Every URL but the pages' own, which stand in the dashboard's `lib.rs`, and the order of layers.

use axum::{
    Router,
    handler::Handler,
    middleware,
    routing::{MethodRouter, get, post},
};
use leptos_axum::{LeptosRoutes, generate_route_list_with_exclusions};
use tower_http::{CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer};

use crate::{
    App, api,
    aside::aside,
    assets, auth,
    export::{self, Format},
    fault, headers, live, pages,
};

/// Where events are sent to.
pub const RECORDING: &str = "/api/v1/events";

/// From here on Brotli finds what repeats far apart in a page, a fifth of what a list weighs; a millisecond slower.
const PACKED: CompressionLevel = CompressionLevel::Precise(5);

/// What programs call, all of it: `api/openapi.json` describes each of these and nothing else.
pub fn programs() -> [Route; 14] {
    [
        Route::post(RECORDING, api::ingest::post),
        Route::get("/api/v1/events", api::events::list),
        Route::get("/api/v1/events/{seq}", api::events::show),
        Route::get("/api/v1/facets", api::summary::facets),
        Route::get("/api/v1/histogram", api::summary::histogram),
        Route::get("/api/v1/log", api::checkpoint::log),
        Route::get("/api/v1/openapi.json", api::openapi::show),
        Route::get("/api/v1/proof/inclusion/{seq}", api::proof::inclusion),
        Route::get("/api/v1/proof/consistency", api::proof::consistency),
        Route::get("/tile/{level}/{*path}", api::proof::tile),
        Route::get("/metrics", api::metrics::show),
        Route::get("/checkpoint", api::checkpoint::show),
        Route::get("/healthz", api::health::live),
        Route::get("/readyz", api::health::ready),
    ]
}

/// A method and a path, and who answers.
pub struct Route {
    /// The method, in the small letters of OpenAPI.
    pub method: &'static str,
    /// The path, with `{…}` around what varies.
    pub path: &'static str,
    handler: MethodRouter<App>,
}

impl Route {
    fn get<T: 'static>(path: &'static str, handler: impl Handler<T, App>) -> Self {
        Self { method: "get", path, handler: get(handler) }
    }

    fn post<T: 'static>(path: &'static str, handler: impl Handler<T, App>) -> Self {
        Self { method: "post", path, handler: post(handler) }
    }
}

/// The whole service.
pub fn router(app: App) -> Router {
    // The server answers these itself: each has to look first whether it is to be shown, and with what.
    let own = [
        "/setup",
        "/sign-in/second",
        "/confirm",
        "/account/factors",
        "/settings/rules",
        "/people",
        "/people/{*name}",
        "/tokens",
        "/sources/{name}/import",
        "/sources/{name}/quarantine/{id}",
        "/events/{seq}/reveal",
        "/erase",
        "/export/evidence",
        "/export/sealed",
        "/approvals",
    ];
    let own = Some(own.map(str::to_owned).to_vec());
    let routes = generate_route_list_with_exclusions(flightbox_app::App, own);
    let shell = {
        let options = app.leptos.clone();
        move || flightbox_app::shell(options.clone())
    };

    let dashboard = Router::new()
        .leptos_routes_with_context(&app, routes, pages::context(&app), shell)
        .route("/sign-in", post(api::session::sign_in))
        .route("/sign-in/second", get(api::second::page).post(api::second::post))
        .route("/confirm", get(api::confirm::page).post(api::confirm::post))
        .route("/account/factors", get(api::factors::page).post(api::factors::post))
        .route("/settings/rules", get(api::rules::page).post(api::rules::post))
        .route("/events/{seq}/reveal", get(api::reveal::page).post(api::reveal::post))
        .route("/erase", get(api::erase::page).post(api::erase::post))
        .route("/sign-out", post(api::session::sign_out))
        .route("/setup", get(api::session::setup_page).post(api::session::set_up))
        .route("/people", get(api::people::list).post(api::people::add))
        .route("/people/{*name}", get(api::people::show).post(api::people::change))
        .route("/tokens", get(api::tokens::page).post(api::tokens::post))
        .route("/sources", post(api::sources::add))
        .route("/sources/{name}", post(api::sources::change))
        .route("/sources/{name}/import", get(api::import::page).post(api::import::post))
        .route("/sources/{name}/import/live", get(api::import::live))
        .route("/sources/{name}/quarantine/{id}", get(api::quarantine::page).post(api::quarantine::post))
        .route("/settings/retention", post(api::retention::post))
        .route("/settings/retention/run", post(api::retention::run))
        .route("/settings/holds", post(api::holds::post))
        .route("/account", post(api::account::post))
        .route("/events/{seq}/panel", get(pages::panel))
        .route("/views", post(api::views::post))
        .route("/v/{slug}", get(api::views::open))
        .route("/events/live", get(live::stream))
        .route("/integrity/live", get(live::part::stream))
        .route("/integrity/verify", post(api::integrity::verify))
        .route("/events.csv", export::route(Format::Csv))
        .route("/events.jsonl", export::route(Format::JsonLines))
        .route("/events.json", export::route(Format::Json))
        .route("/export/evidence", get(api::evidence::page).post(api::evidence::post))
        .route("/export/sealed", get(api::sealed_export::page).post(api::sealed_export::post))
        .route("/approvals", get(api::approvals::page).post(api::approvals::post))
        .fallback(pages::missing)
        .layer(middleware::from_fn_with_state(app.clone(), auth::authenticate))
        .layer(middleware::from_fn_with_state(app.clone(), auth::origin::same_origin));

    programs()
        .into_iter()
        .fold(Router::new(), |router, Route { path, handler, .. }| router.route(path, handler))
        .route("/api/{*rest}", get(api::missing).post(api::missing))
        .route("/pkg/{*file}", get(assets::serve))
        .route("/verify", get(assets::verify))
        .merge(dashboard)
        .layer(CatchPanicLayer::custom(fault::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), fault::report))
        .layer(CompressionLayer::new().quality(PACKED))
        .layer(middleware::from_fn_with_state(app.clone(), headers::secure))
        .layer(middleware::from_fn_with_state(app.clone(), aside))
        .with_state(app)
}
