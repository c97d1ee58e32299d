//! A part of a page, rendered anew whenever it changes: for `GET /integrity/live` how the log stands, for
//! `GET /sources/{name}/import/live` how far an import is. `part` is its HTML, `end` the last message of a session that is over.

use axum::{
    Extension,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response, sse::Event},
};
use flightbox_app::{context::Person, pages::integrity::fragment, read};
use flightbox_store::SessionId;
use futures_util::stream;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use super::{BEAT, Message, Place, RECHECK, places::Full, sent, signed_in};
use crate::{App, auth::SignedIn, integrity::standing};

/// The stream, for a person with a role and a place free.
pub async fn stream(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(signed_in): Extension<SignedIn>,
) -> Result<Response, Response> {
    if !person.roles.may_browse() {
        return Err(StatusCode::FORBIDDEN.into_response());
    }
    // The person is as at the start: a change of roles ends the session.
    let (own, looks) = (app.clone(), person.clone());
    let show = move || fragment(read::integrity::now(&standing(&own), &looks, own.clock.now()));
    Ok(follow(&app, &person, signed_in.session, show)?)
}

/// The stream of what is shown, for a person with a place free.
pub fn follow(
    app: &App,
    person: &Person,
    session: SessionId,
    show: impl Fn() -> String + Send + 'static,
) -> Result<Response, Full> {
    let _place = app.live.take(&person.name)?;
    let part = Part {
        closing: app.live.closing(),
        app: app.clone(),
        session,
        show: Box::new(show),
        shown: None,
        checked: Instant::now(),
        ended: false,
        _place,
    };
    Ok(sent(app, stream::unfold(part, Part::next)))
}

struct Part {
    app: App,
    session: SessionId,
    /// Renders it.
    show: Box<dyn Fn() -> String + Send>,
    /// What the page shows.
    shown: Option<String>,
    checked: Instant,
    closing: watch::Receiver<bool>,
    ended: bool,
    _place: Place,
}

impl Part {
    /// The next message, once something has changed; `None` where the server stops, where reading fails, and after the end.
    async fn next(mut self) -> Option<(Message, Self)> {
        while !self.ended {
            if self.checked.elapsed() >= RECHECK {
                self.checked = Instant::now();
                match signed_in(&self.app, &self.session).await {
                    Ok(Some(_)) => {}
                    Ok(None) => {
                        self.ended = true;
                        return Some((Ok(Event::default().event("end").data("signed out")), self));
                    }
                    Err(error) => {
                        tracing::error!(%error, "a live page ended");
                        return None;
                    }
                }
            }
            let html = (self.show)();
            if self.shown.as_ref() != Some(&html) {
                self.shown = Some(html.clone());
                // A carriage return would end a line of the stream.
                return Some((Ok(Event::default().event("part").data(html.replace('\r', "&#13;"))), self));
            }
            tokio::select! {
                _ = self.closing.wait_for(|closing| *closing) => return None,
                () = sleep(BEAT) => {}
            }
        }
        None
    }
}
