//! `/sources/{name}/quarantine/{id}`: what was refused, as it came, in this order: the grant is checked, the look is on
//! disk, then it is shown. It holds what no rule has masked or sealed yet.

use axum::{
    Extension, Form,
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::{
    error::AppError,
    pages::quarantine::record::{Opened, QuarantineAsked, Said},
    read::zone,
    state::ViewState,
};
use flightbox_domain::{name::SourceName, step_up::Purpose};
use flightbox_event::{Json, Outcome};
use flightbox_store::{AppendError, SourceListed};

use super::{reason::Typed, session::again, sources::theirs};
use crate::{
    App,
    auth::{Client, SignedIn, grant::require_grant},
    fault::Fault,
    ingest::{Complaint, IngestError},
    journal::{Action, Entry},
    quarantine::{Kept, Replayed},
};

mod shown;

/// Numbers of events that a page links.
const LINKED: usize = 20;
/// Numbers of events that an entry names.
const NAMED: usize = 1_000;

const DISABLED: &str = "The source is disabled, so nothing is stored in its name. Enable it first.";
const STALE: &str =
    "The batch has changed since this page was shown: records of it were stored or discarded. Nothing was done.";
const BUSY: &str = "Too much is waiting to be written, or the disk is full. Nothing was stored; try again shortly.";

/// What a form says.
#[derive(Default)]
struct Asked {
    r#do: String,
    reason: Typed,
    /// What the page said of the records that it showed.
    version: Option<String>,
    /// Records that were written anew, by their places.
    edits: Vec<(usize, String)>,
}

/// Why there is nothing to show.
enum Refused {
    /// An answer that is ready.
    Answer(Box<Response>),
    Forbidden,
    Missing(String),
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// `GET /sources/{name}/quarantine/{id}`: what was refused, beside what is wrong with it now.
pub async fn page(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    Path((name, id)): Path<(String, String)>,
    parts: Parts,
) -> Result<Response, Fault> {
    match Opening::of(&app, &signed_in, &client, (&name, &id), &parts).await {
        Ok(opening) => {
            let opened = opening.look(Vec::new(), None).await?;
            Ok(answer(&app, parts, StatusCode::OK, Ok(opened)).await)
        }
        Err(refused) => refused.answer(&app, parts).await,
    }
}

/// `POST /sources/{name}/quarantine/{id}`: checks, replays or discards it.
pub async fn post(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    Path((name, id)): Path<(String, String)>,
    parts: Parts,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Fault> {
    // Whoever hangs up does not cut it off between what it stores and what it takes out of quarantine.
    let carried_out = tokio::spawn(carry_out(app, signed_in, client, (name, id), parts, Asked::of(fields)));
    carried_out.await.unwrap_or_else(|error| Err(Fault::Broken(error.to_string())))
}

async fn carry_out(
    app: App,
    signed_in: SignedIn,
    client: Client,
    (name, id): (String, String),
    parts: Parts,
    asked: Asked,
) -> Result<Response, Fault> {
    // Of two that would store the same events without ids one waits, and finds them gone.
    let _mending = app.mending.lock().await;
    let opening = match Opening::of(&app, &signed_in, &client, (&name, &id), &parts).await {
        Ok(opening) => opening,
        Err(refused) => return refused.answer(&app, parts).await,
    };
    if asked.version.is_some_and(|version| version != opening.kept.version()) {
        let opened = opening.look(Vec::new(), Some(Said::NotNow(STALE.to_owned()))).await?;
        return Ok(answer(&app, parts, StatusCode::CONFLICT, Ok(opened)).await);
    }
    match asked.r#do.as_str() {
        "check" => {
            let opened = opening.look(asked.edits, None).await?;
            Ok(answer(&app, parts, StatusCode::OK, Ok(opened)).await)
        }
        "replay" => {
            let (status, opened) = opening.replay(asked.edits).await?;
            Ok(answer(&app, parts, status, Ok(opened)).await)
        }
        "discard" => match asked.reason.told() {
            Ok(reason) => {
                let entry = opening.entry(Action::QuarantineDiscard).because(reason.as_str());
                let discard = app.store.discard(opening.kept.refusal.id);
                entry.then_if(&app, discard, "it was gone meanwhile").await?;
                Ok(Redirect::to(&format!("/sources/{}/quarantine", opening.name)).into_response())
            }
            Err(wrong) => {
                let mut opened = opening.look(asked.edits, None).await?;
                opened.reason = (asked.reason.reason, Some(wrong));
                Ok(answer(&app, parts, StatusCode::UNPROCESSABLE_ENTITY, Ok(opened)).await)
            }
        },
        _ => Refused::Missing("such a deed".to_owned()).answer(&app, parts).await,
    }
}

impl Asked {
    /// A form has the place of a record before its text.
    fn of(fields: Vec<(String, String)>) -> Self {
        let (mut asked, mut place) = (Self::default(), None);
        for (name, value) in fields {
            match name.as_str() {
                "do" => asked.r#do = value,
                "version" => asked.version = Some(value),
                "reason" => asked.reason = Typed { reason: value },
                "record" => place = value.parse().ok(),
                "text" => asked.edits.extend(place.take().map(|place| (place, value))),
                _ => (),
            }
        }
        asked
    }
}

/// What was refused of a source, opened by somebody who may see it now.
struct Opening<'a> {
    app: &'a App,
    signed_in: &'a SignedIn,
    client: &'a Client,
    name: SourceName,
    source: SourceListed,
    kept: Kept,
    tz: String,
}

impl<'a> Opening<'a> {
    async fn of(
        app: &'a App,
        signed_in: &'a SignedIn,
        client: &'a Client,
        (name, id): (&str, &str),
        parts: &Parts,
    ) -> Result<Self, Refused> {
        if !signed_in.person.roles.may_manage_people() {
            return Err(Refused::Forbidden);
        }
        let missing = || Refused::Missing(format!("batch {id} of source {name}"));
        let number: i64 = id.parse().map_err(|_| missing())?;
        let (name, source) = theirs(app, signed_in, name).await?.ok_or_else(missing)?;
        let path = format!("/sources/{name}/quarantine/{number}");
        if let Err(demand) = require_grant(app, signed_in, Purpose::Quarantine, &path).await? {
            return Err(Refused::Answer(Box::new(demand.answer(&parts.headers))));
        }
        let kept = app.open_kept(&name, number).await?.ok_or_else(missing)?;
        let tz = ViewState::from_search(parts.uri.query().unwrap_or_default()).tz;
        Ok(Self { app, signed_in, client, name, source, kept, tz })
    }

    /// The page, once it is recorded that it is looked at, with some records written anew and checked.
    async fn look(&self, edits: Vec<(usize, String)>, said: Option<Said>) -> Result<Opened, Fault> {
        self.entry(Action::QuarantineView).commit(self.app).await?;
        let mended = self.kept.mend(&edits);
        let complaints = self.app.check(&self.name, &mended.records).await?;
        Ok(self.shown(&edits, &mended.records, &complaints, said))
    }

    async fn replay(&self, edits: Vec<(usize, String)>) -> Result<(StatusCode, Opened), Fault> {
        if self.source.disabled_at.is_some() {
            let opened = self.look(edits, Some(Said::NotNow(DISABLED.to_owned()))).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, opened));
        }
        let mended = self.kept.mend(&edits);
        let entry = self.entry(Action::QuarantineReplay);
        let entry = entry.with(Json::object([
            ("records", (mended.records.len() as i64).into()),
            ("edited", (mended.edited as i64).into()),
        ]));
        entry.clone().commit(self.app).await?;
        match self.app.replay(&self.name, &self.kept, &mended.records).await {
            Ok(replayed) => Ok((StatusCode::OK, self.stored(replayed).await?)),
            Err(IngestError::Invalid(_) | IngestError::Conflict(_)) => {
                entry.ended(Outcome::Failure, "none of it is valid").commit_or_log(self.app).await;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, self.look(edits, Some(Said::NothingValid)).await?))
            }
            Err(IngestError::Append(AppendError::Busy | AppendError::DiskFull)) => {
                entry.ended(Outcome::Failure, "it could not be written").commit_or_log(self.app).await;
                let opened = self.look(edits, Some(Said::NotNow(BUSY.to_owned()))).await?;
                Ok((StatusCode::SERVICE_UNAVAILABLE, opened))
            }
            Err(error) => {
                entry.ended(Outcome::Failure, "it could not be written").commit_or_log(self.app).await;
                Err(Fault::Broken(error.to_string()))
            }
        }
    }

    /// The page about what is stored now, and what is left of the batch.
    async fn stored(&self, replayed: Replayed) -> Result<Opened, Fault> {
        let Replayed { appended, left } = replayed;
        let seqs: Vec<i64> = appended.receipts.iter().map(|receipt| receipt.seq).collect();
        let named = seqs.iter().take(NAMED).map(|seq| (*seq).into()).collect();
        let entry = self.entry(Action::QuarantineStore).with(Json::object([
            ("events", (seqs.len() as i64).into()),
            ("numbers", Json::Array(named)),
            ("duplicates", (appended.duplicates as i64).into()),
            ("left", (left as i64).into()),
        ]));
        entry.commit(self.app).await?;
        let said = Said::Stored {
            count: seqs.len(),
            seqs: seqs.into_iter().take(LINKED).collect(),
            before: appended.duplicates,
            left,
        };
        let id = self.kept.refusal.id;
        match self.app.open_kept(&self.name, id).await? {
            Some(kept) => {
                let rest = Opening {
                    kept,
                    name: self.name.clone(),
                    source: self.source.clone(),
                    tz: self.tz.clone(),
                    ..*self
                };
                rest.look(Vec::new(), Some(said)).await
            }
            None => Ok(self.shown(&[], &[], &[], Some(said))),
        }
    }

    /// What the page shows: see [`shown`].
    fn shown(
        &self,
        edits: &[(usize, String)],
        records: &[Bytes],
        complaints: &[Complaint],
        said: Option<Said>,
    ) -> Opened {
        let choice = shown::Choice { kept: &self.kept, edits, records, complaints };
        let (received_at, now) = (self.kept.refusal.received_at, self.app.clock.now());
        let address = self.kept.about.address.map(|address| address.to_string());
        choice.opened(self.name.as_str(), (zone::stamp_in(&self.tz, received_at, now), address), said)
    }

    fn entry(&self, action: Action) -> Entry {
        let path = format!("/sources/{}/quarantine/{}", self.name, self.kept.refusal.id);
        self.signed_in.entry(self.app, self.client, action).on(path)
    }
}

impl Refused {
    async fn answer(self, app: &App, parts: Parts) -> Result<Response, Fault> {
        let error = match self {
            Refused::Fault(fault) => return Err(fault),
            Refused::Answer(response) => return Ok(*response),
            Refused::Forbidden => AppError::NotAdmin,
            Refused::Missing(what) => AppError::Missing(what),
        };
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::FORBIDDEN);
        Ok(answer(app, parts, status, Err(error)).await)
    }
}

async fn answer(app: &App, parts: Parts, status: StatusCode, asked: Result<Opened, AppError>) -> Response {
    again(app, parts, status, QuarantineAsked(asked)).await
}
