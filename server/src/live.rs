//! `GET /events/live`: what comes into a view while somebody looks at it, as server-sent events.
//!
//! A page that announces what comes gets `count`: how many events there are since it was made, in words. A live page
//! gets `rows`: how many, and below that their HTML, with the mark to go on from as the message's id; or `flood`, the
//! same where others before them are left out. `end` is the last message of a session that is over. Every stream also has
//! `badge`: how the log stands, as the badge of every page shows it, once that it is damaged is known, and once it is whole
//! again.
//!
//! Looking on is no use of a session: it does not make it last longer.

mod asked;
pub mod part;
mod places;

use std::{
    convert::Infallible,
    future::{pending, ready},
    time::Duration,
};

use axum::{
    Extension,
    extract::State,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use flightbox_app::{
    context::Person,
    integrity::State as Integrity,
    look::{Look, Searched, Witness},
    parts::badge,
    read::{live::announced, search::View},
    state::ViewState,
};
use flightbox_domain::mark::Mark;
use flightbox_store::{SessionId, StoreError};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

pub use places::Places;

use crate::{
    App,
    auth::{LIMITS, SignedIn, person},
    fault::Fault,
    integrity::standing,
    live::{asked::Asked, places::Place},
};

/// No more than one message in this time: what comes meanwhile shares it.
const BEAT: Duration = Duration::from_secs(1);
/// How long a session that is over may go on looking.
pub(crate) const RECHECK: Duration = Duration::from_secs(15);
/// The most rows of one message.
const ROWS: usize = 100;
/// Up to where is counted what has come.
const COUNTED: usize = 99;

/// What a stream sends.
type Message = Result<Event, Infallible>;

/// The stream of a view, for a person with a role and a place free.
pub async fn stream(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(witness): Extension<Witness>,
    mut parts: Parts,
) -> Result<Response, Response> {
    if !person.roles.may_browse() {
        return Err(StatusCode::FORBIDDEN.into_response());
    }
    let name = person.name.clone();
    let Asked { view, mark } = Asked::read(&app, &mut parts, person).await?;
    let place = app.live.take(&name)?;
    if view.state.is_live() {
        let live = Look::Live(Searched::of(
            view.state.place.path(),
            &view.state,
            &view.query,
            &view.window,
            &view.store().rules(),
        ));
        let unrecorded = |_| Fault::Busy("a look was not recorded".to_owned()).into_response();
        witness.see(live, Ok(())).map_err(unrecorded)?;
    }
    let now = Instant::now();
    let tail = Tail {
        growth: app.store.growth(&view.search(None, 1).effective_scope()),
        closing: app.live.closing(),
        app,
        session: signed_in.session,
        state: view.state,
        mark,
        count: 0,
        more: false,
        next_look: now,
        next_check: now + RECHECK,
        ended: false,
        _place: place,
    };
    Ok(sent(&tail.app.clone(), stream::unfold(tail, Tail::next)))
}

/// Whose a session is, with what they may see now; `None` once it is over.
async fn signed_in(app: &App, session: &SessionId) -> Result<Option<Person>, StoreError> {
    let row = app.store.session(session, app.clock.now(), &LIMITS).await?;
    Ok(row.map(|row| person(&row.person)).filter(|person| person.roles.may_browse()))
}

/// Messages, as they are made, and between them how the log stands.
fn sent(app: &App, messages: impl Stream<Item = Message> + Send + 'static) -> Response {
    let messages = messages.map(Some).chain(stream::iter([None]));
    // The badge goes on for ever: the last of the others ends both.
    let all = stream::select(messages, badges(app.clone()).map(Some)).take_while(|message| ready(message.is_some()));
    let mut response = Sse::new(all.filter_map(ready)).keep_alive(KeepAlive::default()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A proxy such as nginx would keep messages back until it has enough of them.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn badges(app: App) -> impl Stream<Item = Message> + Send {
    stream::unfold((app, false), async |(app, told)| {
        loop {
            let state = standing(&app).state();
            let damaged = state == Integrity::Damaged;
            if damaged != told {
                let badge = Event::default().event("badge").data(badge::rendered(state));
                return Some((Ok(badge), (app, damaged)));
            }
            sleep(BEAT).await;
        }
    })
}

struct Tail {
    app: App,
    session: SessionId,
    state: ViewState,
    mark: Mark,
    /// How many have come, and whether there are more than that.
    count: usize,
    more: bool,
    /// What may be shown grows; what others look at wakes nobody.
    growth: watch::Receiver<i64>,
    closing: watch::Receiver<bool>,
    next_look: Instant,
    next_check: Instant,
    ended: bool,
    _place: Place,
}

/// Why a stream does something.
enum Woken {
    Grown,
    Due,
    Closing,
}

impl Tail {
    /// The next message, once there is one; `None` where the server stops, where reading fails, and after the end.
    async fn next(mut self) -> Option<(Message, Self)> {
        while !self.ended {
            let grown = match self.wait().await {
                Woken::Closing => return None,
                Woken::Due => false,
                Woken::Grown => true,
            };
            let event = match self.person().await {
                Ok(Some(person)) if grown => self.look(person).await,
                Ok(Some(_)) => Ok(None),
                Ok(None) => {
                    self.ended = true;
                    Ok(Some(Event::default().event("end").data("signed out")))
                }
                Err(error) => Err(error),
            };
            match event {
                Ok(Some(event)) => return Some((Ok(event), self)),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "a live view ended");
                    return None;
                }
            }
        }
        None
    }

    async fn wait(&mut self) -> Woken {
        let (seen, enough) = (self.mark.seen, self.is_enough());
        let grown = async {
            if enough {
                pending::<()>().await;
            }
            let grown = self.growth.wait_for(|events| *events > seen).await.is_ok();
            sleep_until(self.next_look).await;
            grown
        };
        tokio::select! {
            _ = self.closing.wait_for(|closing| *closing) => Woken::Closing,
            grown = grown => if grown { Woken::Grown } else { Woken::Closing },
            () = sleep_until(self.next_check) => Woken::Due,
        }
    }

    /// Whether counting on would tell nothing new.
    fn is_enough(&self) -> bool {
        !self.state.is_live() && self.more && self.count >= COUNTED
    }

    /// Whose the session is, with what they may see now; `None` once it is over.
    async fn person(&mut self) -> Result<Option<Person>, StoreError> {
        self.next_check = Instant::now() + RECHECK;
        signed_in(&self.app, &self.session).await
    }

    async fn look(&mut self, person: Person) -> Result<Option<Event>, StoreError> {
        self.next_look = Instant::now() + BEAT;
        let until = *self.growth.borrow();
        let live = self.state.is_live();
        // It was read when the stream began, and reads the same now.
        let Ok(view) = View::of(self.state.clone(), person, self.app.store.clone(), self.app.clock.now()) else {
            return Ok(None);
        };
        let found = view.arrivals(self.mark, until, if live { ROWS } else { COUNTED }).await?;
        self.mark.seen = until;
        if live {
            let (rows, name) = (found.events.len(), if found.more { "flood" } else { "rows" });
            // A carriage return would end a line of the stream.
            let html = view.rendered(&found.events).replace('\r', "&#13;");
            let event = || Event::default().event(name).id(view.seal(self.mark, &self.app.random));
            return Ok((rows > 0).then(|| event().data(format!("{rows}\n{html}"))));
        }
        self.count += found.events.len();
        self.more |= found.more || self.count > COUNTED;
        self.count = self.count.min(COUNTED);
        let words = announced(self.count as u64, self.more);
        Ok((!found.events.is_empty()).then(|| Event::default().event("count").data(words)))
    }
}
