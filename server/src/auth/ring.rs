//! The keys that sign session tokens, as this process holds them. It owns the data folder, so nobody else changes them:
//! what is replaced or revoked here is so by the next request.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_event::Json;
use flightbox_store::{SessionId, SessionKeyRow, StoreError};
use tokio::sync::Mutex;

use super::{
    cookie,
    jwt::{self, Ring},
};
use crate::{
    App,
    fault::Fault,
    journal::{Action, By, Entry},
};

/// How long a key signs before another takes its place.
const ROTATE: TimeDelta = TimeDelta::days(30);

/// One for a server: the keys, once they were asked for.
#[derive(Default)]
pub struct KeyRing(Mutex<Option<Held>>);

#[derive(Clone)]
struct Held {
    ring: Arc<Ring>,
    /// Since when the newest signs.
    since: DateTime<Utc>,
}

/// The keys as of now. The first is made when it is first needed; one that is old is replaced.
pub async fn current(app: &App) -> Result<Arc<Ring>, Fault> {
    let mut held = app.key_ring.0.lock().await;
    let now = app.clock.now();
    if let Some(held) = held.as_ref().filter(|held| now - held.since < ROTATE) {
        return Ok(held.ring.clone());
    }
    let rows = app.store.session_keys().await?;
    match rows.first() {
        Some(newest) if now - newest.created_at < ROTATE => {}
        None => {
            app.store.add_session_key(false, now).await?;
        }
        Some(_) => {
            let entry = Entry::new(Action::SessionKey, By::Flightbox).because("it was old");
            entry.then(app, app.store.add_session_key(false, now)).await?;
        }
    }
    let ring = load(app).await?;
    *held = Some(ring.clone());
    Ok(ring.ring)
}

/// Puts a new key in place. Those before it verify until their last token has expired, or, if they are revoked, nothing
/// from now on, so that everybody has to sign in again. The new one's number.
pub async fn rotate(app: &App, by: By, revoke: bool) -> Result<i64, Fault> {
    let mut held = app.key_ring.0.lock().await;
    let entry = Entry::new(Action::SessionKey, by).with(Json::object([("revoked", revoke.into())]));
    let number = entry.then(app, app.store.add_session_key(revoke, app.clock.now())).await?;
    *held = Some(load(app).await?);
    Ok(number)
}

/// The cookie of a session.
pub async fn cookie(app: &App, session: &SessionId) -> Result<axum::http::HeaderValue, Fault> {
    let token = jwt::issue(&*current(app).await?, session, app.clock.now());
    let cookie = token.and_then(|token| cookie::set(&token, app.is_https()));
    cookie.ok_or_else(|| Fault::Broken("a session's token could not be signed".to_owned()))
}

async fn load(app: &App) -> Result<Held, StoreError> {
    let rows: Vec<SessionKeyRow> = app.store.session_keys().await?;
    let since = rows.first().map_or(DateTime::UNIX_EPOCH, |newest| newest.created_at);
    Ok(Held { ring: Arc::new(Ring::new(app.store.keys(), &rows)), since })
}
