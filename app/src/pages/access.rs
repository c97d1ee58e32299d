//! `/access`: who looked at what, took it away, came in, was refused, changed something.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

use super::{
    events::{Found, FoundEvents, Misread},
    help::explain,
};
use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        presets::Presets,
        problem::{Problem, answer},
    },
    state::{Place, ViewState},
    stream::before_first_byte,
};

/// A page of the record of access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The view, which finds nothing but that record.
    pub state: ViewState,
    /// What was found.
    pub found: Found,
}

/// Searches it.
#[server(prefix = "/pages", endpoint = "access", input = server_fn::codec::GetUrl)]
pub async fn list(
    /// The view, as its URL has it.
    state: ViewState,
) -> Result<Listed, AppError> {
    crate::read::access::list(state).await
}

/// The page.
#[component]
pub fn Access() -> impl IntoView {
    let state = ViewState::from_search(&use_location().search.get_untracked());
    let state = ViewState { place: Place::Access, ..state };
    let listed = before_first_byte(settled(state.clone()));
    let page = Suspend::new(async move {
        match listed.await {
            Ok(Listed { state, found }) => {
                let lead = view! { <Presets state=ViewState { q: found.typed.clone(), ..state.clone() } /> }.into_any();
                view! { <FoundEvents state found lead /> }.into_any()
            }
            Err(error @ (AppError::Query(_) | AppError::Window(_) | AppError::TooSlow)) => {
                let language = explain(state.clone()).await;
                view! { <Misread state error language /> }.into_any()
            }
            Err(error) => view! { <Problem error /> }.into_any(),
        }
    });
    view! { <Frame>{page}</Frame> }
}

async fn settled(state: ViewState) -> Result<Listed, AppError> {
    let listed = list(state).await;
    if let Err(error) = &listed {
        answer(error);
    }
    listed
}
