//! A shop's back office with an audit trail: users, log-in, permissions, and what an admin does.
//!
//! ```sh
//! export FLIGHTBOX_URL=http://127.0.0.1:8080 FLIGHTBOX_TOKEN=$(flightbox source add shop)
//! cargo run -p flightbox-layer --example service
//! ```
//!
//! It prints a line `user NAME PASSWORD` for each sample user and then `ready URL`. `SHOP_LISTEN` changes its address,
//! `SHOP_SPOOL` names a folder that takes over while Flightbox is away.
//!
//! Who knows the shape `user_id`, `action_type`, `target_resource`: that is `actor`, `action` and `resource` here.

mod page;
mod people;

use std::{env, error::Error, net::SocketAddr, time::Duration};

use axum::{
    Form, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use flightbox_layer::{Actor, Audit, AuditLayer, Entry, Unrecorded};
use serde::Deserialize;

use people::{People, Role, SignedIn, User};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("FLIGHTBOX_URL").unwrap_or_else(|_| "http://127.0.0.1:8080".to_owned());
    let token = env::var("FLIGHTBOX_TOKEN").map_err(|_| "FLIGHTBOX_TOKEN: what `flightbox source add shop` prints")?;
    let people = People::sample()?;
    let sessions = people.clone();
    let mut layer = AuditLayer::builder(&url, &token)
        .actor(move |parts| sessions.by_cookie(&parts.headers).map(|user| actor(&user)))
        .skip(|parts| parts.uri.path() == "/healthz");
    if let Ok(folder) = env::var("SHOP_SPOOL") {
        layer = layer.spool(folder);
    }
    let (layer, recorder) = layer.build()?;

    let router = Router::new()
        .route("/", get(home))
        .route("/healthz", get(|| async { "well\n" }))
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .route("/users/{id}/role", post(change_role))
        .route("/users/{id}/remove", post(remove))
        .with_state(people.clone())
        .layer(layer);
    let address = env::var("SHOP_LISTEN").unwrap_or_else(|_| "127.0.0.1:0".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    for (name, password) in people.passwords() {
        println!("user {name} {password}");
    }
    println!("ready http://localhost:{}", listener.local_addr()?.port());
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) })
        .await?;
    Ok(recorder.shutdown(Duration::from_secs(10)).await?)
}

/// A user as the log knows them.
fn actor(user: &User) -> Actor {
    Actor { id: user.id.to_string(), name: Some(user.name.clone()), ..Actor::default() }
}

async fn home(State(people): State<People>, user: Option<SignedIn>) -> Response {
    let html = match user {
        Some(SignedIn(user)) => page::users(&user, &people.all()),
        None => page::log_in(None),
    };
    shown(StatusCode::OK, html)
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

async fn log_in(State(people): State<People>, audit: Audit, Form(given): Form<Credentials>) -> Response {
    match people.log_in(&given.name, &given.password) {
        Ok((user, session)) => {
            audit.logged_in(actor(&user));
            let cookie = format!("shop={session}; HttpOnly; SameSite=Strict; Path=/");
            ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
        }
        Err(why) => {
            audit.login_failed(given.name, why.to_string());
            // The log knows which of the two was wrong; whoever tries does not.
            shown(StatusCode::UNAUTHORIZED, page::log_in(Some("Name or password is wrong.")))
        }
    }
}

async fn log_out(State(people): State<People>, audit: Audit, SignedIn(user): SignedIn) -> Redirect {
    people.log_out(&user);
    audit.record(Entry::new("logout"));
    Redirect::to("/")
}

#[derive(Deserialize)]
struct Wish {
    role: Role,
}

async fn change_role(
    State(people): State<People>,
    audit: Audit,
    SignedIn(user): SignedIn,
    Path(id): Path<u32>,
    Form(Wish { role }): Form<Wish>,
) -> Result<Redirect, Refusal> {
    let entry = Entry::new("user.update").on(format!("/users/{id}"));
    let entry = admins_only(&audit, &user, entry)?;
    let before = people.change_role(id, role).ok_or(Refusal::Unknown)?;
    audit.record(entry.change("role", before.as_str(), role.as_str()));
    Ok(Redirect::to("/"))
}

async fn remove(
    State(people): State<People>,
    audit: Audit,
    SignedIn(user): SignedIn,
    Path(id): Path<u32>,
) -> Result<Redirect, Refusal> {
    let entry = admins_only(&audit, &user, Entry::new("user.delete").on(format!("/users/{id}")))?;
    let name = people.name(id).ok_or(Refusal::Unknown)?;
    // This cannot be undone, so it is on record before it is done.
    audit.commit(entry.detail("name", name)).await?;
    people.remove(id);
    Ok(Redirect::to("/"))
}

/// The permission check: what is about to be done, or, on record, that it was refused.
fn admins_only(audit: &Audit, user: &User, entry: Entry) -> Result<Entry, Refusal> {
    if user.role == Role::Admin {
        return Ok(entry);
    }
    audit.record(entry.denied(format!("takes the role admin, and {} is {}", user.name, user.role.as_str())));
    Err(Refusal::Denied)
}

/// Why something was not done.
enum Refusal {
    Denied,
    Unknown,
    Unrecorded(Unrecorded),
}

impl From<Unrecorded> for Refusal {
    fn from(unrecorded: Unrecorded) -> Self {
        Self::Unrecorded(unrecorded)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Denied => shown(StatusCode::FORBIDDEN, page::refused()),
            Self::Unknown => StatusCode::NOT_FOUND.into_response(),
            Self::Unrecorded(unrecorded) => unrecorded.into_response(),
        }
    }
}

fn shown(status: StatusCode, html: String) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
    (status, [(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
}
