//! `/settings/holds`: what is kept whatever the rules say. Its page stands in the dashboard.

use axum::{
    Extension, Form,
    extract::State,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use flightbox_app::pages::settings::holds::NotHeld;
use flightbox_domain::{hold::Held, name::HoldName, query::Query, reason::Reason, scope::Sources};
use flightbox_event::Json;
use serde::Deserialize;

use super::session::{again, sentence};
use crate::{
    App,
    auth::{Client, SignedIn},
    fault::Fault,
    journal::{Action, Entry},
};

/// Where the page is.
const PAGE: &str = "/settings/holds";
/// The longest id of an actor, in characters, and the longest query, in bytes.
const LONGEST_ID: usize = 256;
const LONGEST_QUERY: usize = 4 * 1024;

/// A form of the page.
#[derive(Clone, Deserialize)]
pub struct Asked {
    r#do: Deed,
    #[serde(default)]
    name: String,
    /// `actor` or `query`.
    #[serde(default)]
    kind: String,
    /// The actor's id, or the query.
    #[serde(default)]
    what: String,
    #[serde(default)]
    reason: String,
    /// The hold that is to be lifted.
    #[serde(default)]
    hold: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    Set,
    Lift,
}

/// What came of a form.
enum Refused {
    /// Which field is wrong, and how.
    Form(&'static str, String),
    Missing,
    Forbidden,
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// `POST /settings/holds`: back to the page, or the page again with 422.
pub async fn post(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    client: Client,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Fault> {
    if !signed_in.person.roles.may_manage_people() {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let asker = Asker { app: &app, signed_in: &signed_in, client: &client };
    let done = match asked.r#do {
        Deed::Set => asker.set(&asked).await,
        Deed::Lift => asker.lift(&asked).await,
    };
    match done {
        Ok(()) => Ok(Redirect::to(PAGE).into_response()),
        Err(Refused::Form(field, message)) => {
            let Asked { name, kind, what, reason, hold, r#do } = asked;
            let lifted = (r#do == Deed::Lift).then_some(hold);
            let not_held = NotHeld { lifted, name, kind, what, reason, field: field.to_owned(), message };
            Ok(again(&app, parts, StatusCode::UNPROCESSABLE_ENTITY, not_held).await)
        }
        // Lifted meanwhile, or never theirs to see: the page shows what there is.
        Err(Refused::Missing) => Ok(again(&app, parts, StatusCode::NOT_FOUND, ()).await),
        Err(Refused::Forbidden) => Ok(StatusCode::FORBIDDEN.into_response()),
        Err(Refused::Fault(fault)) => Err(fault),
    }
}

/// Who asks, and from where.
struct Asker<'a> {
    app: &'a App,
    signed_in: &'a SignedIn,
    client: &'a Client,
}

impl Asker<'_> {
    async fn set(&self, asked: &Asked) -> Result<(), Refused> {
        let name: HoldName = asked.name.trim().parse().map_err(|error| Refused::Form("name", sentence(error)))?;
        let held = self.held(asked)?;
        let reason = reason(asked)?;
        let sources = &self.signed_in.person.sources;
        let hold = (name, held, sources.clone());
        let entry = self.entry(Action::HoldCreate).with(self.told(&hold.0, &hold.1, sources)).because(reason.as_str());
        let by = (self.signed_in.person.name.as_str(), &reason);
        let add = self.app.store.add_hold((&hold.0, &hold.1, &hold.2), by, self.app.clock.now());
        entry.then(self.app, add).await?;
        Ok(())
    }

    fn held(&self, asked: &Asked) -> Result<Held, Refused> {
        let refuse = |message: &str| Refused::Form("what", message.to_owned());
        match (asked.kind.as_str(), asked.what.trim()) {
            ("actor", "") => Err(refuse("Name the actor by id, as it stands on their page.")),
            ("query", "") => Err(refuse("Write the query that finds what is to be kept.")),
            ("actor", id) if id.chars().count() > LONGEST_ID => {
                Err(refuse("An actor’s id has at most 256 characters."))
            }
            ("query", text) if text.len() > LONGEST_QUERY => Err(refuse("This query is too long to be kept.")),
            ("actor", id) => Ok(Held::Actor(id.to_owned())),
            ("query", text) => Held::query(text, &self.app.store.rules(), self.app.clock.now()).map_err(|error| {
                let at = error.position + 1;
                Refused::Form("what", format!("At character {at}: {} Expected: {}.", error.message, error.expected))
            }),
            _ => Err(refuse("Choose whether an actor or a query is held.")),
        }
    }

    async fn lift(&self, asked: &Asked) -> Result<(), Refused> {
        let own = &self.signed_in.person.sources;
        let mut holds = self.app.store.holds().await?.into_iter();
        let hold = holds.find(|hold| hold.id == asked.hold && own.touches(&hold.sources)).ok_or(Refused::Missing)?;
        if !hold.sources.within(own) {
            return Err(Refused::Forbidden);
        }
        let reason = reason(asked)?;
        let entry = self.entry(Action::HoldLift).with(self.told(&hold.name, &hold.held, &hold.sources));
        let by = (self.signed_in.person.name.as_str(), &reason);
        let lift = self.app.store.lift_hold(hold.id, by, self.app.clock.now());
        let lifted = entry.because(reason.as_str()).then_if(self.app, lift, "it was lifted meanwhile").await?;
        lifted.then_some(()).ok_or(Refused::Missing)
    }

    /// A hold as its entry tells of it: what its query asks of sealed values stands in no record.
    fn told(&self, name: &HoldName, held: &Held, sources: &Sources) -> Json {
        let what = match held {
            Held::Actor(id) => id.clone(),
            Held::Query(text) => {
                Query::parse(text).map(|query| query.masked(&self.app.store.rules()).to_string()).unwrap_or_default()
            }
        };
        let sources = match sources {
            Sources::All => "all".into(),
            Sources::Only(names) => Json::Array(names.iter().map(|name| name.as_str().into()).collect()),
        };
        Json::object([("name", name.as_str().into()), (held.kind(), what.into()), ("sources", sources)])
    }

    fn entry(&self, action: Action) -> Entry {
        self.signed_in.entry(self.app, self.client, action).on(PAGE)
    }
}

fn reason(asked: &Asked) -> Result<Reason, Refused> {
    asked.reason.parse().map_err(|error| Refused::Form("reason", sentence(error)))
}
