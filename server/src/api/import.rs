//! `/sources/{name}/import`: files that are sent from a page. Nothing of them is put on the disk but events and what is
//! refused, for raw logs hold what has to be masked and sealed first: a preview reads the start of each file and forgets
//! it, an import reads all of it as it comes.

mod form;
mod look;
mod send;
mod shown;

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{Path, Query, Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use flightbox_app::{
    context::Person,
    error::AppError,
    pages::import::{ImportAsked, ImportPage, now::fragment, preview::FilesSeen},
    state::ViewState,
};
use flightbox_domain::name::SourceName;
use flightbox_import::FORMATS;
use flightbox_store::SourceListed;
use serde::Deserialize;

use self::form::{Chosen, Form, Wrong};
use super::{body, session::again, sources::theirs};
use crate::{
    App,
    auth::{Client, SignedIn},
    fault::Fault,
    import::{Running, Turn},
    live::part,
};

const DISABLED: &str = "The source is disabled, so nothing is stored in its name. Enable it first.";
const BUSY: &str = "Two imports are under way, which is as many as there may be. Try again once one of them is done.";
const OWN: &str = "You are importing into this source already. Wait until that is done, or cancel it.";

/// What the URL may say.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    r#do: String,
}

/// Somebody at the page of a source that is theirs to change.
struct Desk<'a> {
    app: &'a App,
    signed_in: &'a SignedIn,
    name: SourceName,
    source: SourceListed,
}

impl<'a> Desk<'a> {
    async fn of(app: &'a App, signed_in: &'a SignedIn, name: &str) -> Result<Result<Self, AppError>, Fault> {
        if !signed_in.person.roles.may_manage_people() {
            return Ok(Err(AppError::NotAdmin));
        }
        let found = theirs(app, signed_in, name).await?;
        let missing = || AppError::Missing(format!("source {name}"));
        Ok(found.map(|(name, source)| Self { app, signed_in, name, source }).ok_or_else(missing))
    }

    fn last(&self) -> Option<Arc<Running>> {
        self.app.imports.last_of(&self.signed_in.person.name, &self.name)
    }

    fn is_importing(&self) -> bool {
        self.last().is_some_and(|running| !running.has_ended())
    }

    /// A turn to import; otherwise why there is none, and the status that says so.
    async fn turn(&self) -> Result<Turn, (StatusCode, &'static str)> {
        match () {
            () if self.source.disabled_at.is_some() => Err((StatusCode::UNPROCESSABLE_ENTITY, DISABLED)),
            () if self.is_importing() => Err((StatusCode::TOO_MANY_REQUESTS, OWN)),
            () => self.app.imports.turn().await.ok_or((StatusCode::TOO_MANY_REQUESTS, BUSY)),
        }
    }

    /// Why nothing can be imported now.
    fn held_up(&self) -> Option<&'static str> {
        match () {
            () if self.source.disabled_at.is_some() => Some(DISABLED),
            () if self.app.imports.is_busy() && !self.is_importing() => Some(BUSY),
            () => None,
        }
    }

    fn page(&self, chosen: &Chosen) -> ImportPage {
        ImportPage {
            source: self.name.to_string(),
            formats: FORMATS.iter().map(|mapping| (mapping.name, mapping.title)).collect(),
            format: chosen.format.clone(),
            zone: chosen.zone.clone(),
            held_up: self.held_up(),
            wrong: None,
            seen: None,
            now: self.last().map(|running| shown::now(&running)),
        }
    }
}

/// `GET /sources/{name}/import`: the form, and the last import of whoever looks.
pub async fn page(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    Path(name): Path<String>,
    parts: Parts,
) -> Result<Response, Fault> {
    match Desk::of(&app, &signed_in, &name).await? {
        Ok(desk) => Ok(answer(&app, parts, StatusCode::OK, desk.page(&Chosen::default())).await),
        Err(error) => Ok(refuse(&app, parts, error).await),
    }
}

/// `POST /sources/{name}/import`: imports the files, or, with `?do=preview`, shows what they would be read as, or, with
/// `?do=ask`, tells whether they would be taken: who sends gigabytes hears no refusal before all of them are sent.
pub async fn post(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result<Response, Fault> {
    let (parts, body) = request.into_parts();
    let desk = match Desk::of(&app, &signed_in, &name).await? {
        Ok(desk) => desk,
        Err(error) => {
            body::pass(body).await;
            return Ok(refuse(&app, parts, error).await);
        }
    };
    let mut chosen = Chosen::default();
    let done = match asked.r#do.as_str() {
        "preview" => desk.preview(&parts, body, &mut chosen).await,
        "ask" => desk.ask(&parts, body, &mut chosen).await,
        _ => desk.import(&client, &parts, body, &mut chosen).await,
    };
    let mut page = desk.page(&chosen);
    let status = match done {
        Ok(Answer::Seen(seen)) => {
            page.seen = seen;
            StatusCode::OK
        }
        Ok(Answer::Ended(status, running)) => {
            page.now = Some(shown::now(&running));
            status
        }
        Err(Refused::Form(status, wrong)) => {
            // It is said once.
            page.held_up = page.held_up.filter(|why| *why != wrong);
            page.wrong = Some(wrong);
            status
        }
        Err(Refused::Fault(fault)) => return Err(fault),
    };
    Ok(answer(&app, parts, status, page).await)
}

/// `GET /sources/{name}/import/live`: how far the last import is, as it changes.
pub async fn live(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(signed_in): Extension<SignedIn>,
    Path(name): Path<String>,
) -> Result<Response, Response> {
    let source = match Desk::of(&app, &signed_in, &name).await.map_err(IntoResponse::into_response)? {
        Ok(desk) => desk.name,
        Err(AppError::NotAdmin) => return Err(StatusCode::FORBIDDEN.into_response()),
        Err(_) => return Err(StatusCode::NOT_FOUND.into_response()),
    };
    let (imports, own) = (Arc::clone(&app.imports), signed_in.person.name.clone());
    let show = move || fragment(imports.last_of(&own, &source).map(|running| shown::now(&running)));
    Ok(part::follow(&app, &person, signed_in.session, show)?)
}

/// What came of a form.
enum Answer {
    Seen(Option<FilesSeen>),
    Ended(StatusCode, Arc<Running>),
}

/// Why nothing was done.
enum Refused {
    /// What is wrong with the form, or in its way, in a sentence.
    Form(StatusCode, String),
    Fault(Fault),
}

impl From<Wrong> for Refused {
    fn from(wrong: Wrong) -> Self {
        Self::Form(wrong.status, wrong.message)
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Desk<'_> {
    /// What each file would be read as.
    async fn preview(&self, parts: &Parts, body: Body, chosen: &mut Chosen) -> Result<Answer, Refused> {
        let mut form = Form::of(parts, body, |_| {}).await?;
        let tz = ViewState::from_search(parts.uri.query().unwrap_or_default()).tz;
        let looking = look::Looking { app: self.app, source: &self.name, tz: &tz };
        let (mut seen, mut count) = (FilesSeen::default(), 0);
        while let Some(mut part) = form.next().await? {
            let Some(file) = chosen.meet(&mut part).await? else { continue };
            count += 1;
            if count > look::MOST_FILES {
                seen.more += 1;
                while part.chunk().await?.is_some() {}
                continue;
            }
            let options = chosen.options(file.written, self.app.clock.now())?;
            seen.files.extend(looking.at(&file, &mut part, options).await?);
        }
        if count == 0 { Err(Wrong::no_file().into()) } else { Ok(Answer::Seen(Some(seen))) }
    }

    /// Whether files would be taken with what is chosen.
    async fn ask(&self, parts: &Parts, body: Body, chosen: &mut Chosen) -> Result<Answer, Refused> {
        let mut form = Form::of(parts, body, |_| {}).await?;
        while let Some(mut part) = form.next().await? {
            chosen.meet(&mut part).await?;
        }
        chosen.options(None, self.app.clock.now())?;
        self.turn().await.map(|_| Answer::Seen(None)).map_err(|(status, why)| Refused::Form(status, why.to_owned()))
    }
}

async fn answer(app: &App, parts: Parts, status: StatusCode, page: ImportPage) -> Response {
    again(app, parts, status, ImportAsked(Ok(page))).await
}

async fn refuse(app: &App, parts: Parts, error: AppError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::FORBIDDEN);
    again(app, parts, status, ImportAsked(Err(error))).await
}
