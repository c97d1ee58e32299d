//! `/approvals`: exports of sealed values that somebody asks a second person for. Approving one is confirmed first
//! (purpose `approve`): the page's URL names it, and is what the grant is good for. Nobody answers themselves, and nobody
//! who may not see all that would leave.

use axum::{
    Extension, Form,
    extract::{Query, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::{
    context::Person,
    error::AppError,
    look::Searched,
    pages::approvals::{Approvals, Request, Shown},
    read::{approvals::request, search::View},
    state::{ViewState, parameter},
};
use flightbox_domain::{reason::Reason, step_up::Purpose};
use flightbox_event::Json;
use flightbox_store::{Answer, ApprovalRow, Standing};
use serde::Deserialize;

use super::session::{again, sentence};
use crate::{
    App,
    auth::{
        Client, SignedIn,
        grant::{Demand, look_for_grant, require_grant},
    },
    fault::Fault,
    journal::{Action, Entry},
    look,
};

/// Where the page is.
const PAGE: &str = "/approvals";

const OVER: &str = "It does not wait any more: somebody has answered it, or its 24 hours are over.";

/// What is asked for: by the URL, what is to be done; by a form, why.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    r#do: String,
    id: String,
    reason: String,
}

/// Why nothing was done.
enum Refused {
    /// The form again, with a sentence about the reason that was typed.
    Wrong(Box<Reply>, String),
    /// It has to be confirmed first.
    Unconfirmed(Demand),
    /// It does not wait any more.
    Over,
    /// The page says why there is nothing to see.
    Nothing(AppError),
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// An answer to a request.
struct Reply {
    row: ApprovalRow,
    approve: bool,
}

impl Reply {
    /// The page of it: the request that is confirmed.
    fn url(&self) -> String {
        let verb = if self.approve { "approve" } else { "decline" };
        format!("{PAGE}?do={verb}&id={}", self.row.id)
    }
}

/// Who answers, and from where.
struct Answerer<'a> {
    app: &'a App,
    person: &'a Person,
    signed_in: &'a SignedIn,
}

/// `GET /approvals`: the requests, or the page of an answer, once it is confirmed if it is to approve.
pub async fn page(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(signed_in): Extension<SignedIn>,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Result<Response, Fault> {
    let answerer = Answerer { app: &app, person: &person, signed_in: &signed_in };
    let shown = match asked.r#do.as_str() {
        "" => answerer.list(None).await,
        _ => answerer.begin(&asked).await,
    };
    answerer.answer(parts, &asked, shown).await
}

/// `POST /approvals`: back to the requests, or the form again with 422.
pub async fn post(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Fault> {
    let answerer = Answerer { app: &app, person: &person, signed_in: &signed_in };
    match answerer.carry_out(&client, &asked).await {
        Ok(()) => Ok(Redirect::to(PAGE).into_response()),
        Err(refused) => answerer.answer(parts, &asked, Err(refused)).await,
    }
}

impl Answerer<'_> {
    async fn list(&self, wrong: Option<String>) -> Result<Shown, Refused> {
        self.check_role()?;
        let now = self.app.clock.now();
        let rows = self.app.store.approvals(&self.person.name, &self.person.sources).await?;
        let shown = |row: &ApprovalRow| request(row, self.person, &self.app.store, now);
        let (open, past): (Vec<_>, Vec<_>) = rows
            .iter()
            .map(|row| (matches!(row.standing(now), Standing::Waiting | Standing::Approved), shown(row)))
            .partition(|(open, _)| *open);
        let requests = |rows: Vec<(bool, Request)>| rows.into_iter().map(|(_, request)| request).collect();
        Ok(Shown::List { on: self.app.config.four_eyes, open: requests(open), past: requests(past), wrong })
    }

    fn check_role(&self) -> Result<(), Refused> {
        let may = self.person.roles.may_reveal();
        let forbidden = || Refused::Nothing(AppError::Forbidden { roles: "investigators".to_owned() });
        may.then_some(()).ok_or_else(forbidden)
    }

    /// What is asked for, if this person can do it.
    async fn reply(&self, asked: &Asked) -> Result<Reply, Refused> {
        self.check_role()?;
        let missing = || Refused::Nothing(AppError::Missing("such request".to_owned()));
        let approve = match asked.r#do.as_str() {
            "approve" => true,
            "decline" => false,
            _ => return Err(missing()),
        };
        let id = asked.id.parse().map_err(|_| missing())?;
        let (name, sources) = (&self.person.name, &self.person.sources);
        let row = self.app.store.approval(id, name, sources).await?.ok_or_else(missing)?;
        if !row.may_be_answered_by(name, sources) {
            let roles = "another person than the one who asks".to_owned();
            return Err(Refused::Nothing(AppError::Forbidden { roles }));
        }
        if row.standing(self.app.clock.now()) != Standing::Waiting {
            return Err(Refused::Over);
        }
        Ok(Reply { row, approve })
    }

    async fn begin(&self, asked: &Asked) -> Result<Shown, Refused> {
        let reply = self.reply(asked).await?;
        self.look(&reply).await?;
        Ok(self.form(&reply, String::new(), None))
    }

    /// Whether it is confirmed, if it has to be.
    async fn look(&self, reply: &Reply) -> Result<(), Refused> {
        if reply.approve
            && let Err(demand) = look_for_grant(self.app, self.signed_in, Purpose::Approve, &reply.url()).await?
        {
            return Err(Refused::Unconfirmed(demand));
        }
        Ok(())
    }

    fn form(&self, reply: &Reply, reason: String, wrong: Option<String>) -> Shown {
        let request = request(&reply.row, self.person, &self.app.store, self.app.clock.now());
        Shown::Answer { request: Box::new(request), approve: reply.approve, reason, wrong }
    }

    /// Checked, then granted, then recorded, then done.
    async fn carry_out(&self, client: &Client, asked: &Asked) -> Result<(), Refused> {
        let reply = self.reply(asked).await?;
        self.look(&reply).await?;
        let reason: Reason = match asked.reason.parse() {
            Ok(reason) => reason,
            Err(wrong) => return Err(Refused::Wrong(Box::new(reply), sentence(wrong))),
        };
        let app = self.app;
        if reply.approve
            && let Err(demand) = require_grant(app, self.signed_in, Purpose::Approve, &reply.url()).await?
        {
            return Err(Refused::Unconfirmed(demand));
        }
        let entry = self.entry(client, &reply).because(reason.as_str());
        let (by, at) = (self.signed_in.person.name.clone(), app.clock.now());
        let answer = Answer { by, approved: reply.approve, reason: reason.to_string(), at };
        let answered = app.store.answer_approval(reply.row.id, &answer);
        let answered = entry.then_if(app, answered, "it was answered meanwhile").await?;
        answered.then_some(()).ok_or(Refused::Over)
    }

    /// What is answered, as whoever asked for it asked.
    fn entry(&self, client: &Client, reply: &Reply) -> Entry {
        let (app, row) = (self.app, &reply.row);
        let search = row.url.split_once('?').map_or("", |(_, search)| search);
        let action = if reply.approve { Action::ExportApprove } else { Action::ExportDecline };
        let entry = self.signed_in.entry(app, client, action);
        let mut details = vec![("asked_by", Json::from(row.asked_by.as_str()))];
        let state = ViewState::from_search(search);
        let view = View::of(state, self.person.clone(), app.store.clone(), app.clock.now());
        let Ok(view) = view else { return entry.with(Json::object(details)) };
        let place = view.state.place.path();
        let asked = Searched::of(place, &view.state, &view.query, &view.window, &app.store.rules());
        details.extend(look::asked(&asked));
        details.push(("sources", row.sources.to_string().into()));
        details.extend(parameter(search, "format").map(|format| ("format", format.into())));
        entry.on(asked.page).with(Json::object(details))
    }

    async fn answer(&self, parts: Parts, asked: &Asked, shown: Result<Shown, Refused>) -> Result<Response, Fault> {
        let (status, shown) = match shown {
            Ok(shown) => (StatusCode::OK, Ok(shown)),
            Err(Refused::Wrong(reply, wrong)) => {
                let shown = self.form(&reply, asked.reason.trim().to_owned(), Some(wrong));
                (StatusCode::UNPROCESSABLE_ENTITY, Ok(shown))
            }
            Err(Refused::Over) => match self.list(Some(OVER.to_owned())).await {
                Ok(shown) => (StatusCode::CONFLICT, Ok(shown)),
                Err(Refused::Fault(fault)) => return Err(fault),
                Err(_) => return Ok(StatusCode::CONFLICT.into_response()),
            },
            Err(Refused::Nothing(error)) => {
                (StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Err(error))
            }
            Err(Refused::Unconfirmed(demand)) => return Ok(demand.answer(&parts.headers)),
            Err(Refused::Fault(fault)) => return Err(fault),
        };
        Ok(again(self.app, parts, status, Approvals(shown)).await)
    }
}
