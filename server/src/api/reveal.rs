//! `/events/{seq}/reveal`: sealed values, in this order: the grant is checked, the access is on disk, then they are
//! opened. Where one of these fails, nothing is shown.

use axum::{
    Extension, Form, Json as AsJson,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use flightbox_app::{
    context::Person,
    error::AppError,
    look::{Look, Witness},
    pages::reveal::{Field, RevealAsked, Revealing, Shown},
    read::{sealed::reveal_path, sentence},
};
use flightbox_domain::{reason::Reason, seal, step_up::Purpose};
use flightbox_event::Json;
use flightbox_store::{Revealed, Stored};

use super::{reason::Typed, session::again};
use crate::{
    App,
    auth::{
        Client, SignedIn,
        grant::{Grant, require_grant},
    },
    fault::Fault,
    journal::{Action, Entry},
};

/// Why there is nothing to ask for.
enum Refused {
    /// An answer that is ready.
    Answer(Box<Response>),
    /// The page says why.
    Page(AppError),
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// An event that somebody may reveal, for now.
struct Opening {
    stored: Stored,
    grant: Grant,
}

/// `GET /events/{seq}/reveal`: what is sealed, and the question why it has to be seen.
pub async fn page(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(person): Extension<Person>,
    Extension(witness): Extension<Witness>,
    Path(seq): Path<String>,
    parts: Parts,
) -> Result<Response, Fault> {
    let opening = Opening::of(&app, &signed_in, &person, &seq, &parts).await;
    // What the page tells of the event is looked at, though nothing is revealed.
    match opening.and_then(|opening| opening.seen(&witness)) {
        Ok(opening) => Ok(show(&app, parts, StatusCode::OK, opening.asking(&app, Typed::default(), None)).await),
        Err(refused) => refused.answer(&app, parts).await,
    }
}

/// `POST /events/{seq}/reveal`: the values, or the question again with 422.
pub async fn post(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    (Extension(person), Extension(witness)): (Extension<Person>, Extension<Witness>),
    client: Client,
    Path(seq): Path<String>,
    parts: Parts,
    Form(asked): Form<Typed>,
) -> Result<Response, Fault> {
    let opening = match Opening::of(&app, &signed_in, &person, &seq, &parts).await {
        Ok(opening) => opening,
        Err(refused) => return refused.answer(&app, parts).await,
    };
    let reason = match asked.told() {
        Ok(reason) => reason,
        Err(wrong) if is_program(&parts) => {
            let body = serde_json::json!({"code": "reason", "message": wrong});
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, AsJson(body)).into_response());
        }
        Err(wrong) => {
            return match opening.seen(&witness) {
                Ok(opening) => {
                    let asking = opening.asking(&app, asked, Some(wrong));
                    Ok(show(&app, parts, StatusCode::UNPROCESSABLE_ENTITY, asking).await)
                }
                Err(refused) => refused.answer(&app, parts).await,
            };
        }
    };
    let entry = opening.entry(&app, &signed_in, &client, &reason);
    let revealed = entry.then(&app, app.store.reveal(&opening.stored)).await?;
    if is_program(&parts) {
        return Ok(opening.to_json(&revealed));
    }
    let mut asking = opening.asking(&app, Typed { reason: reason.to_string() }, None);
    asking.revealed = true;
    for (field, (_, value)) in asking.fields.iter_mut().zip(&revealed) {
        field.shown = match value {
            Revealed::Value(Json::String(text)) => Shown::Value(text.clone()),
            Revealed::Value(value) => Shown::Value(value.to_string()),
            Revealed::Erased => Shown::Erased,
            Revealed::Broken => Shown::Broken,
        };
    }
    // The values go away with the grant, also where no script runs.
    let leave = format!("{}; url=/events/{}", asking.seconds, opening.stored.seq);
    let mut response = show(&app, parts, StatusCode::OK, asking).await;
    response.headers_mut().extend(HeaderValue::try_from(leave).ok().map(|leave| (header::REFRESH, leave)));
    Ok(response)
}

impl Opening {
    async fn of(app: &App, signed_in: &SignedIn, person: &Person, seq: &str, parts: &Parts) -> Result<Self, Refused> {
        let missing = || Refused::Page(AppError::Missing(format!("event {seq} with sealed values")));
        if !person.roles.may_reveal() {
            return Err(Refused::Page(AppError::Forbidden { roles: "investigators".to_owned() }));
        }
        let number: i64 = seq.parse().map_err(|_| missing())?;
        let stored = app.store.event(&person.scope(true), number).await?.ok_or_else(missing)?;
        if stored.record.seals.is_empty() {
            return Err(missing());
        }
        match require_grant(app, signed_in, Purpose::Reveal, &reveal_path(number)).await? {
            Ok(grant) => Ok(Self { stored, grant }),
            Err(demand) => Err(Refused::Answer(Box::new(demand.answer(&parts.headers)))),
        }
    }

    /// The same, once it is recorded that the page about it is looked at.
    fn seen(self, witness: &Witness) -> Result<Self, Refused> {
        let look = Look::Event(self.stored.seq);
        witness.see(look, Ok(self)).map_err(|_| Fault::Busy("a look was not recorded".to_owned()).into())
    }

    fn asking(&self, app: &App, asked: Typed, wrong: Option<String>) -> Revealing {
        let field = |seal: &seal::Seal| Field {
            path: path(&seal.place),
            kind: seal.kind.clone(),
            shown: if app.store.is_erased(seal) { Shown::Erased } else { Shown::Sealed },
        };
        let left = (self.grant.expires_at - app.clock.now()).num_seconds();
        Revealing {
            seq: self.stored.seq,
            sentence: sentence::of_event(&self.stored.record.event),
            fields: self.stored.record.seals.iter().map(field).collect(),
            reason: asked.reason,
            wrong,
            seconds: u32::try_from(left).unwrap_or_default(),
            revealed: false,
        }
    }

    fn entry(&self, app: &App, signed_in: &SignedIn, client: &Client, reason: &Reason) -> Entry {
        let fields = self.stored.record.seals.iter().map(|seal| path(&seal.place).into()).collect();
        let details = [
            ("fields", Json::Array(fields)),
            ("method", self.grant.method.as_str().into()),
            ("source", self.stored.record.source.as_str().into()),
        ];
        let entry = signed_in.entry(app, client, Action::Reveal).on(format!("/events/{}", self.stored.seq));
        entry.because(reason.as_str()).with(Json::object(details))
    }

    /// The same for a program that acts for a person.
    fn to_json(&self, revealed: &[(seal::Place, Revealed)]) -> Response {
        let value = |(place, revealed): &(seal::Place, Revealed)| {
            let (key, value) = match revealed {
                Revealed::Value(value) => ("value", value.clone()),
                Revealed::Erased => ("erased", true.into()),
                Revealed::Broken => ("broken", true.into()),
            };
            Json::object([("place", place.as_str().into()), (key, value)])
        };
        let expires = self.grant.expires_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let body = Json::object([
            ("seq", self.stored.seq.into()),
            ("values", Json::Array(revealed.iter().map(value).collect())),
            ("expires_at", expires.into()),
        ]);
        ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    }
}

impl Refused {
    async fn answer(self, app: &App, parts: Parts) -> Result<Response, Fault> {
        match self {
            Refused::Fault(fault) => Err(fault),
            Refused::Answer(answer) => Ok(*answer),
            Refused::Page(error) => {
                let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::FORBIDDEN);
                if is_program(&parts) {
                    let body = serde_json::json!({"code": status.canonical_reason(), "message": error.to_string()});
                    return Ok((status, AsJson(body)).into_response());
                }
                Ok(again(app, parts, status, RevealAsked(Err(error))).await)
            }
        }
    }
}

async fn show(app: &App, parts: Parts, status: StatusCode, asking: Revealing) -> Response {
    again(app, parts, status, RevealAsked(Ok(asking))).await
}

/// Whether whoever asks would rather have JSON than a page.
fn is_program(parts: &Parts) -> bool {
    let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    !accept.contains("text/html")
}

/// A place as people read it.
fn path(place: &seal::Place) -> String {
    place.keys().collect::<Vec<_>>().join(".")
}
