//! `/export/sealed`: events taken away with their sealed values, by investigators alone. It is confirmed first (purpose
//! `export`), for a reason, and, where the server asks for it, approved by a second person. The page's URL is what is
//! confirmed, approved and recorded, so every time in it is fixed.

mod wish;

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
    look::Witness,
    pages::sealed_export::{Leaving, SealedExport, Step},
    read::{approvals::said, sealed_export::leaving, zone},
};
use flightbox_domain::step_up::Purpose;
use flightbox_store::{ApprovalId, ApprovalRow, Standing};

use super::{fixed::Unfixed, reason::Typed, session::again};
use crate::{
    App,
    auth::{
        Client, SignedIn,
        grant::{Demand, look_for_grant, require_grant},
    },
    export::{headers, opened_file},
    fault::Fault,
    journal::Action,
};
use wish::Wish;

const GONE: &str = "The approval was used, its day is over, or whoever gave it may not give it any more. Ask again.";

fn gone() -> Refused {
    Refused::Wrong(StatusCode::CONFLICT, String::new(), GONE.to_owned())
}

/// Why nothing leaves yet.
enum Refused {
    /// The page, with a sentence about the reason that was typed.
    Wrong(StatusCode, String, String),
    /// It has to be confirmed first.
    Unconfirmed(Demand),
    /// There is another page to go to.
    Elsewhere(String),
    /// The page says why there is nothing to see.
    Nothing(AppError),
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

/// What it rests on that the file may leave.
enum Right {
    /// The reason that was just given.
    Reason(String),
    /// What a second person approved.
    Approval,
}

/// Who asks, and from where.
struct Asker<'a> {
    app: &'a App,
    person: &'a Person,
    signed_in: &'a SignedIn,
    client: &'a Client,
    witness: &'a Witness,
}

/// `GET /export/sealed`: what would leave, once it is confirmed. Whoever waits for an approval confirms nothing to see that.
pub async fn page(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(witness): Extension<Witness>,
    client: Client,
    parts: Parts,
) -> Result<Response, Fault> {
    let asker = Asker { app: &app, person: &person, signed_in: &signed_in, client: &client, witness: &witness };
    let shown = async {
        let wish = asker.wish(parts.uri.query())?;
        let step = asker.step(&wish).await?;
        if !matches!(step, Step::Wait { .. })
            && let Err(demand) = look_for_grant(&app, &signed_in, Purpose::Export, &wish.url).await?
        {
            return Err(Refused::Unconfirmed(demand));
        }
        asker.leaving(&wish, step).await
    };
    let shown = shown.await;
    asker.answer(parts, shown).await
}

/// `POST /export/sealed`: the file, or, where a second person has to agree, back to the page, which says so; or the page
/// again with 422.
pub async fn post(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(witness): Extension<Witness>,
    client: Client,
    parts: Parts,
    Form(asked): Form<Typed>,
) -> Result<Response, Fault> {
    let asker = Asker { app: &app, person: &person, signed_in: &signed_in, client: &client, witness: &witness };
    let wish = match asker.wish(parts.uri.query()) {
        Ok(wish) => wish,
        Err(refused) => return asker.answer(parts, Err(refused)).await,
    };
    let refused = match asker.carry_out(&wish, &asked).await {
        Ok(response) => return Ok(response),
        Err(Refused::Wrong(status, reason, wrong)) => {
            let shown = async { asker.leaving(&wish, asker.step(&wish).await?).await };
            match shown.await {
                Ok(leaving) => {
                    let leaving = Leaving { reason, wrong: Some(wrong), ..leaving };
                    return Ok(again(&app, parts, status, SealedExport(Ok(leaving))).await);
                }
                Err(refused) => refused,
            }
        }
        Err(refused) => refused,
    };
    asker.answer(parts, Err(refused)).await
}

fn told(asked: &Typed) -> Result<String, Refused> {
    let refuse = |wrong| Refused::Wrong(StatusCode::UNPROCESSABLE_ENTITY, asked.reason.clone(), wrong);
    asked.told().map(|reason| reason.to_string()).map_err(refuse)
}

impl Asker<'_> {
    fn wish(&self, query: Option<&str>) -> Result<Wish, Refused> {
        if !self.person.roles.may_reveal() {
            return Err(Refused::Nothing(AppError::Forbidden { roles: "investigators".to_owned() }));
        }
        Wish::read(self.app, self.person, query.unwrap_or_default())
    }

    /// What it still takes.
    async fn step(&self, wish: &Wish) -> Result<Step, Refused> {
        if !self.app.config.four_eyes {
            return Ok(Step::Take);
        }
        let now = self.app.clock.now();
        let stamp = |time| zone::stamp(time, wish.view.window.zone, now);
        let latest = self.app.store.approval_for(wish.asked(self.signed_in)).await?;
        let standing = latest.as_ref().map(|row| (row, row.standing(now), row.answer.as_ref().map(said)));
        Ok(match standing {
            Some((row, Standing::Waiting, _)) => {
                Step::Wait { asked: stamp(row.asked_at), until: stamp(row.expires_at), reason: row.reason.to_string() }
            }
            Some((row, Standing::Approved, Some(said))) => Step::Approved { said, until: stamp(row.expires_at) },
            Some((_, Standing::Declined, said)) => Step::Ask(said),
            _ => Step::Ask(None),
        })
    }

    async fn leaving(&self, wish: &Wish, step: Step) -> Result<Leaving, Refused> {
        let found = self.app.store.export(&wish.view.search(None, 1)).await?.rows().await?;
        let of = (wish.url.as_str(), wish.format.extension());
        leaving(&wish.view, of, found, step, self.witness).await.map_err(Refused::Nothing)
    }

    /// Checked, then granted, then recorded, then done.
    async fn carry_out(&self, wish: &Wish, asked: &Typed) -> Result<Response, Refused> {
        if let Err(demand) = look_for_grant(self.app, self.signed_in, Purpose::Export, &wish.url).await? {
            return Err(Refused::Unconfirmed(demand));
        }
        match self.step(wish).await? {
            Step::Take => self.send(wish, Right::Reason(told(asked)?)).await,
            Step::Ask(_) => self.ask(wish, &told(asked)?).await,
            Step::Wait { .. } => Err(Refused::Elsewhere(wish.url.clone())),
            Step::Approved { .. } => self.send(wish, Right::Approval).await,
        }
    }

    async fn ask(&self, wish: &Wish, reason: &str) -> Result<Response, Refused> {
        let (app, url) = (self.app, &wish.url);
        if let Err(demand) = require_grant(app, self.signed_in, Purpose::Export, url).await? {
            return Err(Refused::Unconfirmed(demand));
        }
        let rows = app.store.export(&wish.view.search(None, 1)).await?.rows().await?;
        let entry = wish.entry(self, Action::ExportAsk, rows).because(reason);
        let ask = app.store.ask_approval(wish.asked(self.signed_in), reason, app.clock.now());
        entry.then_if(app, async { ask.await.map(|asked| asked.is_some()) }, "it was asked for already").await?;
        Ok(Redirect::to(url).into_response())
    }

    /// The file. What was confirmed, and what was approved, is used up by it, and what is recorded is on disk before it.
    async fn send(&self, wish: &Wish, right: Right) -> Result<Response, Refused> {
        let app = self.app;
        let export = app.store.export(&wish.view.search(None, 1)).await?;
        let rows = export.rows().await?;
        let grant = match require_grant(app, self.signed_in, Purpose::Export, &wish.url).await? {
            Ok(grant) => grant,
            Err(demand) => return Err(Refused::Unconfirmed(demand)),
        };
        let (reason, approved_by) = match right {
            Right::Reason(reason) => (reason, None),
            Right::Approval => {
                let approval = self.standing_approval(wish).await?;
                let used = app.store.use_approval(approval, app.clock.now()).await?;
                let ApprovalRow { reason, answer, .. } = used.ok_or_else(gone)?;
                (reason, answer.map(|answer| answer.by))
            }
        };
        let mut entry = wish.entry(self, Action::Export, rows).because(reason);
        entry = entry.with_detail("sealed", true.into()).with_detail("method", grant.method.as_str().into());
        if let Some(name) = approved_by {
            entry = entry.with_detail("approved_by", name.as_str().into());
        }
        entry.clone().commit(app).await?;
        let file = opened_file(app.clone(), export, wish.format, grant, entry);
        Ok((headers(app, wish.format), Body::from_stream(file)).into_response())
    }

    /// The approval of a wish. Whoever approved it has to be somebody who could do so now: it rests on their word, and
    /// ends with their right to give it.
    async fn standing_approval(&self, wish: &Wish) -> Result<ApprovalId, Refused> {
        let (store, now) = (&self.app.store, self.app.clock.now());
        let row = store.approval_for(wish.asked(self.signed_in)).await?;
        let Some(ApprovalRow { id, answer: Some(answer), sources, .. }) = row else { return Err(gone()) };
        let approver = store.person_by_name(&answer.by).await?.map(|known| known.person);
        if approver.is_some_and(|by| !by.disabled && by.roles.may_reveal() && sources.within(&by.sources)) {
            return Ok(id);
        }
        store.end_approval(id, now).await?;
        Err(gone())
    }

    async fn answer(&self, parts: Parts, shown: Result<Leaving, Refused>) -> Result<Response, Fault> {
        let (status, shown) = match shown {
            Ok(leaving) => (StatusCode::OK, Ok(leaving)),
            Err(Refused::Unconfirmed(demand)) => return Ok(demand.answer(&parts.headers)),
            Err(Refused::Elsewhere(url)) => return Ok(Redirect::to(&url).into_response()),
            Err(Refused::Nothing(error @ (AppError::TooSlow | AppError::Busy))) => return Err(Fault::of(error)),
            Err(Refused::Nothing(error)) => {
                let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                (status, Err(error))
            }
            // What is typed is judged in answering a form alone, which shows the page itself.
            Err(Refused::Wrong(status, ..)) => return Ok(status.into_response()),
            Err(Refused::Fault(fault)) => return Err(fault),
        };
        Ok(again(self.app, parts, status, SealedExport(shown)).await)
    }
}
