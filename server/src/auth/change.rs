//! Changes that are confirmed each for itself: the URL of a change's page names all of it, and is what the grant for it
//! is good for. Whoever changed a word of it meanwhile is asked again.

use flightbox_domain::step_up::Purpose;

use super::{
    SignedIn,
    grant::{look_for_grant, require_grant},
    manage::Refused,
    next::{Next, encode},
};
use crate::App;

const TOO_MUCH: &str = "That is too much for one change. Choose fewer sources, or all of them.";

/// A change that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    purpose: Purpose,
    /// Where the page is that the change is asked for on.
    pub page: String,
    /// The form of it.
    pub fields: Vec<(&'static str, String)>,
}

impl Change {
    /// A change by the page and the form that ask for it, in one order. What does not fit into a URL is refused.
    pub fn new(purpose: Purpose, page: String, fields: Vec<(&'static str, String)>) -> Result<Self, Refused> {
        let change = Self { purpose, page, fields };
        let request = change.request();
        if Next::parse(&request).as_str() == request { Ok(change) } else { Err(Refused::Form(TOO_MUCH.to_owned())) }
    }

    /// The page of it: the request that is confirmed.
    pub fn request(&self) -> String {
        let fields = self.fields.iter().map(|(name, value)| format!("{name}={}", encode(value)));
        format!("{}?{}", self.page, fields.collect::<Vec<_>>().join("&"))
    }

    /// Whether it is confirmed; nothing is used up.
    pub async fn look(&self, app: &App, signed_in: &SignedIn) -> Result<(), Refused> {
        look_for_grant(app, signed_in, self.purpose, &self.request()).await??;
        Ok(())
    }

    /// Uses up that it is confirmed: the step before it is recorded, and then made.
    pub async fn confirmed(&self, app: &App, signed_in: &SignedIn) -> Result<(), Refused> {
        require_grant(app, signed_in, self.purpose, &self.request()).await??;
        Ok(())
    }
}
