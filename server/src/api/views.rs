//! `/views` and `/v/{slug}`: views that people keep. The page of them stands in the dashboard.

use axum::{
    Extension, Form,
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::{context::Person, pages::views::NotKept, state::ViewState};
use flightbox_domain::{
    name::{PersonName, ViewName},
    query::Query,
    rules::Rules,
    slug::Slug,
};
use flightbox_event::{Json, Outcome};
use flightbox_store::{AddError, StoreError, ViewRow};
use serde::Deserialize;

use super::session::{again, sentence};
use crate::{
    App,
    auth::{Client, SignedIn},
    fault::Fault,
    journal::{Action, Entry},
    pages,
};

/// How many views a person keeps at most.
const MOST: usize = 50;
/// The longest state of a view, as its URL has it, in bytes.
const LONGEST: usize = 8 * 1024;
/// Where the page of them is.
const PAGE: &str = "/views";

const TAKEN: &str = "You keep another view of that name.";
/// Recorded where it was changed or deleted in vain.
const GONE: &str = "it was deleted meanwhile";
const TOO_LONG: &str = "This view is too long to be kept: its query has too many characters.";

/// A form of the page.
#[derive(Deserialize)]
pub struct Asked {
    r#do: Deed,
    /// The view that is to be changed or deleted.
    #[serde(default)]
    slug: String,
    /// The view that is to be kept, as the query string of its URL.
    #[serde(default)]
    view: String,
    #[serde(default)]
    name: String,
    /// There if the box is checked.
    shared: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    Save,
    Change,
    Delete,
}

/// Why nothing was done.
enum Refused {
    /// The form is to be filled in again.
    Form(NotKept),
    /// There is no such view of this person's.
    Missing,
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// Who asks, and from where.
struct Asker<'a> {
    app: &'a App,
    client: &'a Client,
    signed_in: &'a SignedIn,
}

/// `GET /v/{slug}`: to the list as the view has it, or 404, whether there is no such view or it is somebody else's.
pub async fn open(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Path(slug): Path<String>,
    request: Request,
) -> Result<Response, Fault> {
    if !person.roles.may_browse() {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let view = match slug.parse() {
        Ok(slug) => app.store.view(&person.name, &slug).await?,
        Err(_) => None,
    };
    match view {
        Some(view) => Ok(Redirect::to(&ViewState::from_search(&view.state).events()).into_response()),
        None => Ok(pages::missing(State(app), request).await),
    }
}

/// `POST /views`: to the view that was kept, or back to the page; or the page again with 422.
pub async fn post(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Fault> {
    if !person.roles.may_browse() {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let asker = Asker { app: &app, client: &client, signed_in: &signed_in };
    let Asked { r#do, slug, view, name, shared } = asked;
    let done = match r#do {
        Deed::Save => asker.save(&view, name, shared.is_some()).await,
        Deed::Change => asker.change(slug, name, shared.is_some()).await,
        Deed::Delete => asker.delete(slug).await,
    };
    match done {
        Ok(next) => Ok(Redirect::to(&next).into_response()),
        Err(Refused::Form(not_kept)) => Ok(again(&app, parts, StatusCode::UNPROCESSABLE_ENTITY, not_kept).await),
        // Deleted meanwhile, or never theirs: the page shows what there is.
        Err(Refused::Missing) => Ok(again(&app, parts, StatusCode::NOT_FOUND, ()).await),
        Err(Refused::Fault(fault)) => Err(fault),
    }
}

impl Asker<'_> {
    async fn save(&self, view: &str, name: String, shared: bool) -> Result<String, Refused> {
        let view = ViewState::from_search(view).after("");
        let url = view.events();
        let state = url.split_once('?').map_or("", |(_, state)| state).to_owned();
        let refuse = |name: String, message: String| {
            Refused::Form(NotKept { slug: None, view: state.clone(), name, shared, message })
        };
        let name = name.trim().to_owned();
        let parsed: ViewName = name.parse().map_err(|error| refuse(name.clone(), sentence(error)))?;
        if state.len() > LONGEST {
            return Err(refuse(name, TOO_LONG.to_owned()));
        }
        let own = self.own().await?;
        if own.len() >= MOST {
            return Err(refuse(
                name,
                format!("You keep {MOST} views, which is as many as anybody can. Delete one first."),
            ));
        }
        if own.iter().any(|view| view.name == parsed) {
            return Err(refuse(name, TAKEN.to_owned()));
        }
        let slug = Slug::draw(&parsed, &self.app.random);
        let row = ViewRow { slug, owner: self.name().clone(), name: parsed, state: state.clone(), shared };
        let entry = self.entry(Action::ViewSave, &row);
        entry.clone().commit(self.app).await?;
        match self.app.store.add_view(&row, self.app.clock.now()).await {
            Ok(()) => Ok(url),
            Err(error) => Err(self.undone(entry, error, || refuse(name, TAKEN.to_owned())).await),
        }
    }

    async fn change(&self, slug: String, name: String, shared: bool) -> Result<String, Refused> {
        let before = self.its_own(&slug).await?;
        let name = name.trim().to_owned();
        let refuse = |message: String| {
            Refused::Form(NotKept {
                slug: Some(slug.clone()),
                view: String::new(),
                name: name.clone(),
                shared,
                message,
            })
        };
        let parsed: ViewName = name.parse().map_err(|error| refuse(sentence(error)))?;
        let own = self.own().await?;
        if own.iter().any(|view| view.name == parsed && view.slug != before.slug) {
            return Err(refuse(TAKEN.to_owned()));
        }
        let row = ViewRow { name: parsed, shared, ..before };
        let entry = self.entry(Action::ViewChange, &row);
        entry.clone().commit(self.app).await?;
        match self.app.store.change_view(self.name(), &row.slug, &row.name, shared).await {
            Ok(true) => Ok(PAGE.to_owned()),
            Ok(false) => {
                entry.ended(Outcome::Failure, GONE).commit_or_log(self.app).await;
                Err(Refused::Missing)
            }
            Err(error) => Err(self.undone(entry, error, || refuse(TAKEN.to_owned())).await),
        }
    }

    async fn delete(&self, slug: String) -> Result<String, Refused> {
        let row = self.its_own(&slug).await?;
        let delete = self.app.store.delete_view(self.name(), &row.slug);
        let deleted = self.entry(Action::ViewDelete, &row).then_if(self.app, delete, GONE).await?;
        deleted.then(|| PAGE.to_owned()).ok_or(Refused::Missing)
    }

    fn name(&self) -> &PersonName {
        &self.signed_in.person.name
    }

    async fn own(&self) -> Result<Vec<ViewRow>, StoreError> {
        let mut views = self.app.store.views(self.name().as_str()).await?;
        views.retain(|view| view.owner == *self.name());
        Ok(views)
    }

    async fn its_own(&self, slug: &str) -> Result<ViewRow, Refused> {
        let slug: Slug = slug.parse().map_err(|_| Refused::Missing)?;
        let view = self.app.store.view(self.name().as_str(), &slug).await?;
        view.filter(|view| view.owner == *self.name()).ok_or(Refused::Missing)
    }

    fn entry(&self, action: Action, view: &ViewRow) -> Entry {
        let details = [
            ("name", view.name.as_str().into()),
            ("shared", view.shared.into()),
            ("view", written(&self.app.store.rules(), &view.state).into()),
        ];
        let entry = self.signed_in.entry(self.app, self.client, action);
        entry.on(view.slug.path()).with(Json::object(details))
    }

    /// Why a view was not kept after all.
    async fn undone(&self, entry: Entry, error: AddError, taken: impl FnOnce() -> Refused) -> Refused {
        entry.undone(self.app, &error).await;
        match error {
            AddError::Exists => taken(),
            error => Refused::Fault(error.into()),
        }
    }
}

/// The state of a view as it may be written down: without what looks like a secret in its query, and without the query
/// where that cannot be read.
fn written(rules: &Rules, state: &str) -> String {
    let state = ViewState::from_search(state);
    let query = Query::parse(&state.q).map(|query| query.masked(rules).to_string()).unwrap_or_default();
    let url = ViewState { q: query, ..state }.events();
    url.split_once('?').map_or(String::new(), |(_, state)| state.to_owned())
}
