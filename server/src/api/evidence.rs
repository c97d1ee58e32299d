//! `/export/evidence`: events taken away so that others can check them, for a reason, by whoever may browse them.

use axum::{
    Extension, Form,
    body::Body,
    extract::State,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::{
    context::Person,
    error::AppError,
    look::{Searched, Witness},
    pages::evidence::{EvidenceAsked, Taking},
    parts::number::grouped,
    read::{
        evidence::{taking, too_many},
        search::View,
    },
};
use flightbox_domain::{
    evidence::{CONTENTS, FORMAT, MOST},
    reason::Reason,
};
use flightbox_event::Json;
use flightbox_store::Count;
use serde::Deserialize;

use super::{
    fixed::{Unfixed, fixed},
    session::{again, sentence},
};
use crate::{
    App,
    auth::{Client, SignedIn},
    export::{
        attachment, details,
        evidence::{Against, take},
    },
    fault::Fault,
    journal::Action,
};

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    reason: String,
    since: String,
}

/// Why nothing leaves yet.
enum Refused {
    /// There is another page to go to.
    Elsewhere(String),
    /// The page says why there is nothing to see.
    Nothing(AppError),
    /// The form again, with what is wrong.
    Wrong(fn(&mut Taking, String), String),
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Unfixed> for Refused {
    fn from(unfixed: Unfixed) -> Self {
        match unfixed {
            Unfixed::Elsewhere(url) => Self::Elsewhere(url),
            Unfixed::Nothing(error) => Self::Nothing(error),
        }
    }
}

/// Who asks, and from where.
struct Asker<'a> {
    app: &'a App,
    person: &'a Person,
    witness: &'a Witness,
}

/// `GET /export/evidence`: what the file would hold.
pub async fn page(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(witness): Extension<Witness>,
    parts: Parts,
) -> Result<Response, Fault> {
    let asker = Asker { app: &app, person: &person, witness: &witness };
    let shown = asker.shown(parts.uri.query()).await;
    asker.answer(parts, StatusCode::OK, shown).await
}

/// `POST /export/evidence`: the file, or the page again with 422.
pub async fn post(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(witness): Extension<Witness>,
    client: Client,
    parts: Parts,
    Form(typed): Form<Typed>,
) -> Result<Response, Fault> {
    let asker = Asker { app: &app, person: &person, witness: &witness };
    match asker.take(parts.uri.query(), &typed, (&signed_in, &client)).await {
        Ok(file) => Ok(file),
        Err(Refused::Wrong(put, wrong)) => {
            let shown = asker.shown(parts.uri.query()).await.map(|mut taking| {
                let Typed { reason, since } = typed;
                (taking.reason, taking.since) = (reason, since);
                put(&mut taking, wrong);
                taking
            });
            asker.answer(parts, StatusCode::UNPROCESSABLE_ENTITY, shown).await
        }
        Err(refused) => asker.answer(parts, StatusCode::OK, Err(refused)).await,
    }
}

impl Asker<'_> {
    /// The view, every time in it fixed, and the URL of its page.
    fn view(&self, query: Option<&str>) -> Result<(View, String), Refused> {
        if !self.person.roles.may_browse() {
            return Err(Refused::Nothing(AppError::NoRole { name: self.person.name.clone() }));
        }
        Ok(fixed(self.app, self.person, query.unwrap_or_default(), |view| Ok(view.evidence()))?)
    }

    async fn shown(&self, query: Option<&str>) -> Result<Taking, Refused> {
        let (view, url) = self.view(query)?;
        let found = self.app.store.export(&view.search(None, 1)).await?.rows().await?;
        taking(&view, &url, found, self.witness).map_err(Refused::Nothing)
    }

    /// Checked, then recorded and signed for, then sent.
    async fn take(
        &self,
        query: Option<&str>,
        typed: &Typed,
        (signed_in, client): (&SignedIn, &Client),
    ) -> Result<Response, Refused> {
        let (app, (view, _)) = (self.app, self.view(query)?);
        let reason: Reason = typed
            .reason
            .parse()
            .map_err(|wrong| Refused::Wrong(|taking, wrong| taking.wrong_reason = Some(wrong), sentence(wrong)))?;
        let since = self.since(typed)?;
        let export = app.store.export(&view.search(None, 1)).await?;
        let too_many = || Refused::Wrong(|taking, wrong| taking.too_many = Some(wrong), too_many());
        let numbers = export.numbers(MOST).await?.ok_or_else(too_many)?;
        let against = Against::of(app, since).await?;
        let mut contents = against.contents();
        app.store.add_contents(&numbers, &mut contents).await?;

        let asked = Searched::of(view.state.place.path(), &view.state, &view.query, &view.window, &app.store.rules());
        let rows = Count { value: contents.events(), exact: true };
        let mut details = details(&asked, &self.person.sources, FORMAT, rows);
        details.push((CONTENTS, contents.finish().into()));
        let entry = signed_in.entry(app, client, Action::Export).on(asked.page).with(Json::object(details));
        let taken = take(app, numbers, against, entry.because(reason.as_str())).await?;
        let headers = attachment(app, "flightbox-evidence", "application/x-ndjson", "jsonl");
        Ok((headers, Body::from_stream(taken.file())).into_response())
    }

    /// The size of a checkpoint that somebody kept; 0 for none.
    fn since(&self, typed: &Typed) -> Result<u64, Refused> {
        let (text, size) = (typed.since.trim(), self.app.signer.last().checkpoint.size);
        if text.is_empty() {
            return Ok(0);
        }
        text.parse().ok().filter(|since| (1..=size).contains(since)).ok_or_else(|| {
            let size = grouped(size);
            let wrong = format!("Type a number of events, from 1 to {size}, which is how many were signed for last.");
            Refused::Wrong(|taking, wrong| taking.wrong_since = Some(wrong), wrong)
        })
    }

    async fn answer(
        &self,
        parts: Parts,
        status: StatusCode,
        shown: Result<Taking, Refused>,
    ) -> Result<Response, Fault> {
        let (status, shown) = match shown {
            Ok(taking) => (status, Ok(taking)),
            Err(Refused::Elsewhere(url)) => return Ok(Redirect::to(&url).into_response()),
            Err(Refused::Nothing(error @ (AppError::TooSlow | AppError::Busy))) => return Err(Fault::of(error)),
            Err(Refused::Nothing(error)) => {
                let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                (status, Err(error))
            }
            // What is typed is judged in answering a form alone, which shows the page itself.
            Err(Refused::Wrong(..)) => return Ok(StatusCode::UNPROCESSABLE_ENTITY.into_response()),
            Err(Refused::Fault(fault)) => return Err(fault),
        };
        Ok(again(self.app, parts, status, EvidenceAsked(shown)).await)
    }
}
