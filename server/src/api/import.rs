//! `/sources/{name}/import`: files that are sent from a page. Nothing of them is put on the disk but events and what is
//! refused, for raw logs hold what has to be masked and sealed first: a preview reads the start of each file and forgets
//! it, an import reads all of it as it comes.

mod form;
mod look;
mod shown;

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Query, Request, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use flightbox_app::{
    context::Person,
    error::AppError,
    pages::import::{ImportAsked, ImportPage, now::fragment, preview::FileSeen},
    state::ViewState,
};
use flightbox_domain::name::SourceName;
use flightbox_import::{FORMATS, Options};
use flightbox_store::SourceListed;
use serde::Deserialize;
use tokio::task::JoinHandle;

use self::form::{Chosen, Wrong, arriving};
use super::{body, session::again, sources::theirs};
use crate::{
    App,
    auth::{Client, SignedIn},
    fault::Fault,
    import::{End, Running, Storing, Turn, Upload},
    journal::Action,
    live::part,
};

const DISABLED: &str = "The source is disabled, so nothing is stored in its name. Enable it first.";
const BUSY: &str = "Another import is under way, and there is one at a time. Try again once it is done.";

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
        self.app.imports.last_of(&self.signed_in.person.name, self.name.as_str())
    }

    /// Why nothing can be imported now.
    fn held_up(&self) -> Option<&'static str> {
        let is_own = self.last().is_some_and(|running| running.standing().end.is_none());
        match () {
            () if self.source.disabled_at.is_some() => Some(DISABLED),
            () if self.app.imports.is_busy() && !is_own => Some(BUSY),
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

/// `POST /sources/{name}/import`: imports the files, or, with `?do=preview`, shows what they would be read as.
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
    let done = if asked.r#do == "preview" {
        desk.preview(&parts, body, &mut chosen).await
    } else {
        desk.import(&client, &parts, body, &mut chosen).await
    };
    let mut page = desk.page(&chosen);
    let status = match done {
        Ok(Answer::Seen(files)) => {
            page.seen = Some(files);
            StatusCode::OK
        }
        Ok(Answer::Ended(status)) => status,
        Err(Refused::Form(status, wrong)) => {
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
    match Desk::of(&app, &signed_in, &name).await.map_err(IntoResponse::into_response)? {
        Ok(_) => {}
        Err(AppError::NotAdmin) => return Err(StatusCode::FORBIDDEN.into_response()),
        Err(_) => return Err(StatusCode::NOT_FOUND.into_response()),
    }
    let (imports, own) = (Arc::clone(&app.imports), signed_in.person.name.clone());
    let show = move || fragment(imports.last_of(&own, &name).map(|running| shown::now(&running)));
    part::follow(&app, &person, signed_in.session, show)
}

/// What came of a form.
enum Answer {
    Seen(Vec<FileSeen>),
    Ended(StatusCode),
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
        let mut form = multipart(parts, arriving(body, |_| {})).await?;
        let tz = ViewState::from_search(parts.uri.query().unwrap_or_default()).tz;
        let looking = look::Looking { app: self.app, source: &self.name, tz: &tz };
        let mut files = Vec::new();
        while let Some(mut field) = form.next_field().await.map_err(Wrong::cut_off)? {
            let Some(file) = chosen.meet(&mut field).await? else { continue };
            if files.len() < look::MOST_FILES {
                let options = chosen.options(&file, self.app.clock.now())?;
                files.extend(looking.at(&file, &mut field, options).await?);
            }
        }
        if files.is_empty() { Err(Wrong::no_file().into()) } else { Ok(Answer::Seen(files)) }
    }

    /// Imports each file as it comes. Whoever leaves meanwhile cancels it.
    async fn import(&self, client: &Client, parts: &Parts, body: Body, chosen: &mut Chosen) -> Result<Answer, Refused> {
        let Desk { app, name, .. } = self;
        if self.source.disabled_at.is_some() {
            body::pass(body).await;
            return Err(Refused::Form(StatusCode::UNPROCESSABLE_ENTITY, DISABLED.to_owned()));
        }
        let Some(turn) = app.imports.turn() else {
            body::pass(body).await;
            return Err(Refused::Form(StatusCode::TOO_MANY_REQUESTS, BUSY.to_owned()));
        };
        let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let running = Arc::new(Running::new(name.clone(), length));
        let counted = Arc::clone(&running);
        let mut form = multipart(parts, arriving(body, move |bytes| counted.receive(bytes))).await?;
        let mut sending = Sending { desk: self, client, running: &running, turn: Some(turn), begun: None };
        // Dropped before what it guards: whoever reads a file that is cut off finds that it is to stop.
        let _guard = Cancelling(Arc::clone(&running));
        let sent = sending.all(&mut form, chosen).await;
        if sent.is_err() {
            running.cancel();
        }
        let Some((upload, stored)) = sending.begun.take() else {
            return Err(sent.err().unwrap_or_else(|| Wrong::no_file().into()));
        };
        drop(upload);
        stored.await.map_err(|error| Fault::Broken(error.to_string()))?;
        sent.map(|()| Answer::Ended(status(&running)))
    }
}

/// Files on their way from a form to the log.
struct Sending<'a> {
    desk: &'a Desk<'a>,
    client: &'a Client,
    running: &'a Arc<Running>,
    /// Until the first file is there.
    turn: Option<Turn>,
    /// Since then.
    begun: Option<(Upload, JoinHandle<()>)>,
}

impl Sending<'_> {
    async fn all(&mut self, form: &mut Multipart, chosen: &mut Chosen) -> Result<(), Refused> {
        let now = self.desk.app.clock.now();
        while let Some(mut field) = form.next_field().await.map_err(Wrong::cut_off)? {
            let Some(file) = chosen.meet(&mut field).await? else { continue };
            let options = chosen.options(&file, now)?;
            if let Some(turn) = self.turn.take() {
                self.begin(turn, options).await?;
            }
            let Some((upload, _)) = self.begun.as_mut().filter(|(upload, _)| upload.is_wanted()) else { break };
            upload.begin(&file.name, options.clock.as_of).await;
            while let Some(bytes) = field.chunk().await.map_err(Wrong::cut_off)? {
                if !upload.is_wanted() {
                    return Ok(());
                }
                upload.push(bytes).await;
            }
            upload.end().await;
        }
        Ok(())
    }

    /// Begins, which is recorded first.
    async fn begin(&mut self, turn: Turn, options: Options) -> Result<(), Fault> {
        let Desk { app, signed_in, name, .. } = self.desk;
        let on = format!("/sources/{name}");
        let entry = |action| signed_in.entry(app, self.client, action).on(&*on);
        entry(Action::SourceImportBegin).commit(app).await?;
        let storing =
            Storing { app: (*app).clone(), running: Arc::clone(self.running), entry: entry(Action::SourceImport) };
        app.imports.note(&signed_in.person.name, self.running);
        self.begun = Some(Upload::start(storing, turn, (options.format, options.clock.zone)));
        Ok(())
    }
}

/// Cancels an import that is still under way when its request ends.
struct Cancelling(Arc<Running>);

impl Drop for Cancelling {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

fn status(running: &Running) -> StatusCode {
    let standing = running.standing();
    match standing.end {
        Some(End::Done) if standing.tally.formats.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        Some(End::Done) | None => StatusCode::OK,
        Some(End::Cancelled) => StatusCode::BAD_REQUEST,
        Some(End::Stopped(_)) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The form in a body.
async fn multipart(parts: &Parts, body: Body) -> Result<Multipart, Refused> {
    let mut request = Request::new(body);
    request.headers_mut().clone_from(&parts.headers);
    // Nothing of it is held for longer than a moment.
    DefaultBodyLimit::disable().apply(&mut request);
    Ok(Multipart::from_request(request, &()).await.map_err(|_| Wrong::no_file())?)
}

async fn answer(app: &App, parts: Parts, status: StatusCode, page: ImportPage) -> Response {
    again(app, parts, status, ImportAsked(Ok(page))).await
}

async fn refuse(app: &App, parts: Parts, error: AppError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::FORBIDDEN);
    again(app, parts, status, ImportAsked(Err(error))).await
}
