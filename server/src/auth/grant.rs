//! Stepping up: nobody gets at what matters most on a session alone, which may have been left open or stolen.
//!
//! Whoever answers such a request calls [`require_grant`], and hands on what it refuses with. It is the whole check:
//! session, person, purpose, request and time. Then comes the record of access, then the deed, in that order:
//!
//! ```ignore
//! let request = request(&["/events/41877/reveal", "?field=actor.email"]);
//! let grant = match require_grant(&app, &signed_in, Purpose::Reveal, &request).await? {
//!     Ok(grant) => grant,
//!     Err(demand) => return Ok(demand.answer(&parts.headers)),
//! };
//! entry.commit(&app).await?;   // the access is on disk
//! // … and now the deed
//! ```
//!
//! `request` is path and query of a page of ours: where [`super::confirm`] leads back to, and, for a purpose that is
//! good once, exactly what it is good for. So all that matters of the request stands in it, in one order, and the page
//! under it can be asked for without changing anything. What takes long looks with [`Grant::still`] whether it may go
//! on.

use std::sync::atomic::{AtomicI64, Ordering};

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::step_up::{LIFETIME, Method, Purpose};
use flightbox_store::{GrantRow, Wanted};

use super::{LIMITS, SignedIn, next::encode};
use crate::{App, fault::Fault};

/// How far the clock may go back without being turned back: what two threads see at once differs a little.
const JITTER: TimeDelta = TimeDelta::seconds(1);

/// The right to do something, for now or this once.
#[derive(Clone, Debug)]
pub struct Grant {
    signed_in: SignedIn,
    /// What for.
    pub purpose: Purpose,
    /// How the person proved who they are.
    pub method: Method,
    /// When they did.
    pub authenticated_at: DateTime<Utc>,
    /// Up to when it is good.
    pub expires_at: DateTime<Utc>,
}

/// What is to be confirmed first, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    purpose: Purpose,
    request: String,
}

/// Checks that somebody may do this now, and uses up a grant that is good once: of any number of requests at once one
/// gets it. See the module for what `request` is.
pub async fn require_grant(
    app: &App,
    signed_in: &SignedIn,
    purpose: Purpose,
    request: &str,
) -> Result<Result<Grant, Demand>, Fault> {
    let row = match moment(app, signed_in).await? {
        Some(now) => app.store.use_grant(wanted(signed_in, purpose, request), now).await?,
        None => None,
    };
    Ok(granted(signed_in, purpose, request, row))
}

/// The same, and uses nothing up: for a page that asks before it offers.
pub async fn look_for_grant(
    app: &App,
    signed_in: &SignedIn,
    purpose: Purpose,
    request: &str,
) -> Result<Result<Grant, Demand>, Fault> {
    let row = match moment(app, signed_in).await? {
        Some(now) => app.store.grant(wanted(signed_in, purpose, request), now).await?,
        None => None,
    };
    Ok(granted(signed_in, purpose, request, row))
}

/// What a grant is looked for with.
pub(super) fn wanted<'a>(signed_in: &'a SignedIn, purpose: Purpose, request: &'a str) -> Wanted<'a> {
    Wanted { session: &signed_in.session, person: signed_in.person.id, purpose, request }
}

fn granted(signed_in: &SignedIn, purpose: Purpose, request: &str, row: Option<GrantRow>) -> Result<Grant, Demand> {
    let Some(GrantRow { method, authenticated_at, expires_at }) = row else {
        return Err(Demand { purpose, request: request.to_owned() });
    };
    Ok(Grant { signed_in: signed_in.clone(), purpose, method, authenticated_at, expires_at })
}

impl Grant {
    /// Whether its time is not over and its session still alive, for what goes on for long. The session is the same when
    /// somebody steps up again and it gets another id. One that is good once was used up when it was given, and its time
    /// goes on all the same.
    pub async fn still(&self, app: &App) -> Result<bool, Fault> {
        let Some(now) = moment(app, &self.signed_in).await? else { return Ok(false) };
        let alive = app.store.is_alive(self.signed_in.number, app.clock.now(), &LIMITS).await?;
        Ok(alive && self.authenticated_at <= now && now < self.expires_at)
    }
}

impl Demand {
    /// Where the person confirms that it is they, and goes on from.
    pub fn page(&self) -> String {
        format!("/confirm?for={}&next={}", self.purpose, encode(&self.request))
    }

    /// To that page, or, for whoever would not see it, 401 with how to do better (RFC 9470, section 3).
    pub fn answer(&self, headers: &HeaderMap) -> Response {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let called = headers.get("sec-fetch-dest").is_some_and(|dest| dest != "document");
        if accept.contains("text/html") && !called { Redirect::to(&self.page()).into_response() } else { self.refuse() }
    }

    fn refuse(&self) -> Response {
        let seconds = LIFETIME.num_seconds();
        let body = serde_json::json!({
            "code": "insufficient_user_authentication",
            "message": "Confirm first that it is you.",
            "max_age": seconds,
            "confirm": self.page(),
        });
        let challenge = format!(
            "Bearer realm=\"flightbox\", error=\"insufficient_user_authentication\", \
             error_description=\"Confirm first that it is you\", max_age=\"{seconds}\""
        );
        let mut response = (StatusCode::UNAUTHORIZED, Json(body)).into_response();
        response.headers_mut().extend(HeaderValue::try_from(challenge).ok().map(|it| (header::WWW_AUTHENTICATE, it)));
        response
    }
}

/// The latest time that this process has seen.
#[derive(Default)]
pub struct Latest(AtomicI64);

impl Latest {
    /// The latest time, now that it is this one; `None` if the clock was turned back, from which on time is counted
    /// anew.
    fn see(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let millis = now.timestamp_millis();
        let latest = self.0.fetch_max(millis, Ordering::SeqCst).max(millis);
        if latest - millis > JITTER.num_milliseconds() {
            self.0.store(millis, Ordering::SeqCst);
            return None;
        }
        DateTime::from_timestamp_millis(latest)
    }
}

/// The time. Where the clock was turned back every grant of everybody ends, for nobody can tell how old it is.
pub(super) async fn watch(app: &App) -> Result<DateTime<Utc>, Fault> {
    let now = app.clock.now();
    match app.gate.latest.see(now) {
        Some(latest) => Ok(latest),
        None => {
            tracing::warn!("the clock was turned back; whoever had stepped up has to do so again");
            app.store.end_grants().await?;
            Ok(now)
        }
    }
}

/// The time, unless it is before this session's last use: then the clock was turned back while the server was down, and
/// how old a grant is cannot be told.
async fn moment(app: &App, signed_in: &SignedIn) -> Result<Option<DateTime<Utc>>, Fault> {
    let now = watch(app).await?;
    Ok((signed_in.last_used_at - now <= JITTER).then_some(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_does_not_go_back_unnoticed() {
        let at = |millis: i64| DateTime::from_timestamp_millis(1_790_000_000_000 + millis).unwrap();
        let latest = Latest::default();
        assert_eq!(latest.see(at(0)), Some(at(0)));
        assert_eq!(latest.see(at(5_000)), Some(at(5_000)));
        assert_eq!(latest.see(at(4_500)), Some(at(5_000)), "two threads");
        assert_eq!(latest.see(at(3_900)), None);
        assert_eq!(latest.see(at(3_950)), Some(at(3_950)));
    }

    #[test]
    fn a_demand_leads_a_person_to_a_page_and_tells_a_program() {
        let demand = Demand { purpose: Purpose::Factor, request: "/account/factors?do=remove&factor=3".to_owned() };
        assert_eq!(demand.page(), "/confirm?for=factor&next=/account/factors%3Fdo%3Dremove%26factor%3D3");
        let mut headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("text/html,*/*"))]);
        assert_eq!(demand.answer(&headers).status(), StatusCode::SEE_OTHER);
        headers.insert("sec-fetch-dest", HeaderValue::from_static("empty"));
        assert_eq!(demand.answer(&headers).status(), StatusCode::UNAUTHORIZED);
        let refused = demand.answer(&HeaderMap::new());
        let challenge = refused.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
        assert!(
            challenge.contains("error=\"insufficient_user_authentication\"") && challenge.ends_with("max_age=\"600\"")
        );
    }
}
