//! `/sign-in`, `/sign-out`, `/setup`: forms that the server itself answers. Their pages stand in the dashboard.

use axum::{
    Form,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::pages::{
    setup::{LinkOf, Rejected, Spent},
    sign_in::Refused,
};
use flightbox_domain::name::PersonName;
use flightbox_store::LinkFor;
use serde::Deserialize;

use crate::{
    App,
    auth::{
        self, Client, bootstrap, cookie, link,
        next::Next,
        password::NewPassword,
        sign_in::{self, Attempted, Entered},
    },
    fault::Fault,
    pages,
};

/// Where somebody is led whose second factors were removed: the page says so.
const FACTORS: &str = "/account/factors";

/// The form of `/sign-in`.
#[derive(Deserialize)]
pub struct SignIn {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// The form of `/setup`.
#[derive(Deserialize)]
pub struct SetUp {
    token: String,
    /// The name of the first admin; everybody else's link knows whose it is.
    #[serde(default)]
    name: String,
    password: String,
    /// The password once more, as the page asks for it; a program need not repeat itself.
    again: Option<String>,
}

/// `POST /sign-in`: to where the person was going, or the form again with 401 or 429.
pub async fn sign_in(
    State(app): State<App>,
    client: Client,
    parts: Parts,
    Form(form): Form<SignIn>,
) -> Result<Response, Fault> {
    let next = Next::parse(&form.next);
    let (status, retry_after) = match sign_in::sign_in(&app, &client, &form.name, form.password).await? {
        Attempted::SignedIn(cookie) => {
            end_before(&app, &parts.headers).await?;
            let told = match form.name.parse() {
                Ok(name) => app.store.tell_factors_removed(&name).await?,
                Err(_) => false,
            };
            return Ok(go(if told { FACTORS } else { next.as_str() }, Some(cookie)));
        }
        Attempted::SecondStep(cookie) => return Ok(go(&next.second_step(), Some(cookie))),
        Attempted::Refused => (StatusCode::UNAUTHORIZED, None),
        Attempted::Wait(seconds) => (StatusCode::TOO_MANY_REQUESTS, Some(seconds)),
    };
    let seconds = retry_after.and_then(|seconds| u64::try_from(seconds).ok());
    let refused = Refused { name: form.name, next: next.as_str().to_owned(), retry_after: seconds };
    Ok(waiting(again(&app, parts, status, refused).await, retry_after))
}

/// `POST /sign-out`: the session is over and the cookie gone, whether or not there was one.
///
/// There is nothing else to clear: pages are `no-store`, and browsers drop pages kept for going back when a cookie like
/// this one changes. `Clear-Site-Data` would take seconds, or, for cookies, sign people out of its sister sites.
pub async fn sign_out(State(app): State<App>, client: Client, parts: Parts) -> Result<Response, Fault> {
    if let Some(signed_in) = auth::signed_in(&app, &parts.headers).await? {
        sign_in::sign_out(&app, &client, &signed_in).await?;
    }
    Ok(go("/sign-in", cookie::clear(app.is_https())))
}

/// `POST /setup`: whoever the link is for, signed in, or the form again with 422, or 403 once the link is spent.
pub async fn set_up(
    State(app): State<App>,
    client: Client,
    parts: Parts,
    Form(form): Form<SetUp>,
) -> Result<Response, Fault> {
    let Some(link) = link::open(&app, &form.token).await? else {
        auth::note_stranger(&app, &client, parts.uri.path(), "setup_link").await;
        return Ok(again(&app, parts, StatusCode::FORBIDDEN, Spent).await);
    };
    let (name, password) = match form.judge(&link, &app.config.public_url) {
        Ok(judged) => judged,
        Err(message) => {
            let rejected = Rejected { token: form.token, name: form.name, message };
            let parts = for_whom(parts, &link);
            return Ok(again(&app, parts, StatusCode::UNPROCESSABLE_ENTITY, rejected).await);
        }
    };
    let person = match link {
        LinkFor::FirstAdmin => bootstrap::set_up(&app, &client, &form.token, &name, password).await?,
        LinkFor::Person(person) => {
            let set = link::set_password(&app, &client, &form.token, &person, password).await?;
            set.then_some(person.id)
        }
    };
    match person {
        Some(person) => {
            end_before(&app, &parts.headers).await?;
            let home = Next::parse("");
            Ok(match sign_in::enter(&app, &client, person, &name).await? {
                Entered::SignedIn(cookie) => {
                    let told = app.store.tell_factors_removed(&name).await?;
                    go(if told { FACTORS } else { home.as_str() }, Some(cookie))
                }
                Entered::SecondStep(cookie) => go(&home.second_step(), Some(cookie)),
            })
        }
        None => Ok(again(&app, parts, StatusCode::FORBIDDEN, Spent).await),
    }
}

/// `GET /setup`: the page knows from the request whether its link is still good.
pub async fn setup_page(State(app): State<App>, parts: Parts) -> Result<Response, Fault> {
    let token = parts.uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("token=")));
    match link::open(&app, token.unwrap_or_default()).await? {
        Some(link) => Ok(pages::render(&app, Request::from_parts(for_whom(parts, &link), Body::empty())).await),
        None => Ok(again(&app, parts, StatusCode::FORBIDDEN, Spent).await),
    }
}

/// Tells the page whom its link is for.
fn for_whom(mut parts: Parts, link: &LinkFor) -> Parts {
    if let LinkFor::Person(person) = link {
        parts.extensions.insert(LinkOf { name: person.name.to_string() });
    }
    parts
}

impl SetUp {
    fn judge(&self, link: &LinkFor, public_url: &str) -> Result<(PersonName, NewPassword), String> {
        let name = match link {
            LinkFor::FirstAdmin => self.name.parse().map_err(sentence)?,
            LinkFor::Person(person) => person.name.clone(),
        };
        let password = NewPassword::parse(&self.password, name.as_str(), public_url).map_err(sentence)?;
        if self.again.as_ref().is_some_and(|again| *again != self.password) {
            return Err("The two passwords are not the same.".to_owned());
        }
        Ok((name, password))
    }
}

/// What is wrong, with a capital and a full stop.
pub(super) fn sentence(error: impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut rest = text.chars();
    rest.next().map(|first| format!("{}{}.", first.to_uppercase(), rest.as_str())).unwrap_or_default()
}

/// What somebody is told whose code or passkey is refused.
pub(super) const WRONG: &str = "That is not right, or it was used before.";
/// What somebody is told whose passkey was asked too long ago.
pub(super) const LATE: &str = "That took too long. Try again.";

/// Whoever was signed in on this browser no longer is: no session outlives a change of person.
pub(super) async fn end_before(app: &App, headers: &HeaderMap) -> Result<(), Fault> {
    if let Some(before) = auth::signed_in(app, headers).await? {
        app.store.end_session(&before.session, app.clock.now()).await?;
    }
    Ok(())
}

/// What somebody is told who tried too often.
pub(super) fn too_many(seconds: i64) -> String {
    match seconds {
        ..120 => format!("Too many tries. Wait {seconds} seconds, then try again."),
        _ => format!("Too many tries. Wait {} minutes, then try again.", (seconds + 59) / 60),
    }
}

/// The answer with how long to wait before the next try, where that is to be waited for.
pub(super) fn waiting(mut response: Response, seconds: Option<i64>) -> Response {
    let seconds = seconds.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds)));
    response.headers_mut().extend(seconds);
    response
}

/// Sends the browser on by GET.
pub(super) fn go(path: &str, cookie: Option<HeaderValue>) -> Response {
    let mut response = Redirect::to(path).into_response();
    response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    response
}

/// The page of the form that was sent, which finds out from the request's extensions why it is shown again.
pub(super) async fn again<T: Clone + Send + Sync + 'static>(
    app: &App,
    mut parts: Parts,
    status: StatusCode,
    why: T,
) -> Response {
    parts.method = Method::GET;
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.extensions.insert(why);
    let mut response = pages::render(app, Request::from_parts(parts, Body::empty())).await;
    *response.status_mut() = status;
    response
}
