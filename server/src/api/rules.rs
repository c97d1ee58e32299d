//! `/settings/rules`: what is masked and sealed. Its page stands in the dashboard. A change is confirmed first (purpose
//! `settings`): the URL that is confirmed names the version it goes on from and the digest of its text.

mod attempt;

use axum::{
    Extension, Form,
    extract::{Query, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::{
    context::Person,
    error::AppError,
    look::Witness,
    pages::rules::{RulesAnswer, RulesForm, RulesShown, Standing, Tried},
    read::rules as read,
};
use flightbox_domain::{
    rules::{Rules, tidy},
    scope::Sources,
    step_up::Purpose,
};
use serde::Deserialize;

use super::session::again;
use crate::{
    App,
    auth::{
        Client, SignedIn,
        grant::{Demand, look_for_grant},
    },
    fault::Fault,
};
use attempt::{Refused, request, set, try_on};

/// Where the page is.
pub const PAGE: &str = "/settings/rules";

/// What is asked for by the URL.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// A version that was in force.
    version: String,
    /// The version that a draft goes on from.
    from: String,
    /// The digest of the draft.
    digest: String,
}

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    r#do: String,
    text: String,
    from: i64,
}

/// Who asks.
struct Desk<'a> {
    app: &'a App,
    signed_in: &'a SignedIn,
}

/// `GET /settings/rules`: the rules in force and a form; a version that was; or a draft that was to be confirmed.
pub async fn page(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(signed_in): Extension<SignedIn>,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Result<Response, Fault> {
    if let Err(error) = admitted(&person) {
        return Ok(answer(&app, parts, Err(error)).await);
    }
    let desk = Desk { app: &app, signed_in: &signed_in };
    let version = match asked.version.as_str() {
        "" => None,
        // What is no number is no version either.
        text => Some(text.parse().unwrap_or_default()),
    };
    let form = desk.drafted(&asked).await?;
    let shown = read::page(&app.store, app.clock.now(), form, version).await?;
    let shown = shown.ok_or_else(|| AppError::Missing("such version of the rules".to_owned()));
    Ok(answer(&app, parts, shown).await)
}

/// `POST /settings/rules`: what the text would do; or to the version that it became; or the page again with 409 or 422.
pub async fn post(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(witness): Extension<Witness>,
    client: Client,
    parts: Parts,
    Form(sent): Form<Sent>,
) -> Result<Response, Fault> {
    if let Err(error) = admitted(&person) {
        return Ok(answer(&app, parts, Err(error)).await);
    }
    let desk = Desk { app: &app, signed_in: &signed_in };
    let text = tidy(&sent.text);
    let rules = match Rules::parse(&text, sent.from.saturating_add(1)) {
        Ok(rules) => rules,
        Err(errors) => {
            let form = RulesForm {
                text: tidy(&sent.text),
                from: sent.from,
                errors: read::errors(errors),
                standing: desk.standing(),
                changes: Vec::new(),
            };
            return desk.show(parts, StatusCode::UNPROCESSABLE_ENTITY, form, None).await;
        }
    };
    if sent.r#do != "save" {
        let tried = try_on(&app, &person, &witness, rules).await?;
        let form = read::form(&text, sent.from, &desk.in_force().await?, desk.standing());
        return desk.show(parts, StatusCode::OK, form, Some(tried)).await;
    }
    let refused = match set(&desk, &client, &text, sent.from).await {
        Ok(version) => return Ok(Redirect::to(&format!("{PAGE}?version={version}")).into_response()),
        Err(refused) => refused,
    };
    let (status, standing) = match refused {
        Refused::Unconfirmed(demand) => return Ok(desk.send_to(&text, &demand, &parts)),
        Refused::Fault(fault) => return Err(fault),
        Refused::Same => (StatusCode::UNPROCESSABLE_ENTITY, Standing::Same),
        Refused::TryOnly => (StatusCode::FORBIDDEN, Standing::TryOnly),
        Refused::Overtaken => (StatusCode::CONFLICT, desk.overtaken(sent.from).await?),
    };
    let form = read::form(&text, sent.from, &desk.in_force().await?, standing);
    desk.show(parts, status, form, None).await
}

/// Admins alone. Whoever may not see this page is told so by a page.
fn admitted(person: &Person) -> Result<(), AppError> {
    match () {
        () if !person.roles.may_browse() => Err(AppError::NoRole { name: person.name.clone() }),
        () if !person.roles.may_change_settings() => Err(AppError::Forbidden { roles: "administrators".to_owned() }),
        () => Ok(()),
    }
}

async fn answer(app: &App, parts: Parts, shown: Result<RulesShown, AppError>) -> Response {
    let status = shown.as_ref().map_or_else(AppError::status, |_| 200);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    again(app, parts, status, RulesAnswer(shown)).await
}

impl Desk<'_> {
    /// Rules are for every source, so it takes somebody who sees every source to change them.
    fn standing(&self) -> Standing {
        if self.signed_in.person.sources == Sources::All { Standing::Open } else { Standing::TryOnly }
    }

    /// The text of the rules in force.
    async fn in_force(&self) -> Result<String, Fault> {
        let set = self.app.store.rule_set(self.app.store.rules().version).await?;
        Ok(set.map(|set| set.text).unwrap_or_default())
    }

    /// What the form holds: a draft that was to be confirmed, or the rules in force.
    async fn drafted(&self, asked: &Asked) -> Result<RulesForm, Fault> {
        let (current, version) = (self.in_force().await?, self.app.store.rules().version);
        if asked.digest.is_empty() {
            return Ok(read::form(&current, version, &current, self.standing()));
        }
        let draft = self.app.drafts.find(self.signed_in.person.id, &asked.digest);
        let Some((draft, from)) = draft.zip(asked.from.parse().ok()) else {
            return Ok(read::form(&current, version, &current, Standing::Lost));
        };
        let request = request(from, &draft);
        let granted = look_for_grant(self.app, self.signed_in, Purpose::Settings, &request).await?.is_ok();
        let standing = match granted {
            _ if from != version => self.overtaken(from).await?,
            true => Standing::Confirmed,
            false => Standing::Unconfirmed,
        };
        Ok(read::form(&draft, from, &current, standing))
    }

    async fn overtaken(&self, from: i64) -> Result<Standing, Fault> {
        let begun = self.app.store.rule_set(from).await?.map(|set| set.text).unwrap_or_default();
        Ok(Standing::Overtaken(read::changed(&begun, &self.in_force().await?)))
    }

    /// Keeps a text while its author confirms that it is they.
    fn send_to(&self, text: &str, demand: &Demand, parts: &Parts) -> Response {
        self.app.drafts.keep(self.signed_in.person.id, text);
        demand.answer(&parts.headers)
    }

    async fn show(
        &self,
        parts: Parts,
        status: StatusCode,
        form: RulesForm,
        tried: Option<Tried>,
    ) -> Result<Response, Fault> {
        let shown = read::page(&self.app.store, self.app.clock.now(), form, None).await?;
        let shown = shown.map(|shown| RulesShown { tried, ..shown });
        let shown = shown.ok_or_else(|| Fault::Broken("there are no rules".to_owned()))?;
        Ok(again(self.app, parts, status, RulesAnswer(Ok(shown))).await)
    }
}
