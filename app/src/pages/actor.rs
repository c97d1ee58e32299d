//! `/actors/{id}`: what somebody has been doing, by day and session.

use leptos::prelude::*;

use crate::{
    error::AppError,
    parts::activity::{Seen, seen_page},
    state::ViewState,
};

/// Reads an actor.
#[server(prefix = "/pages", endpoint = "actor", input = server_fn::codec::GetUrl)]
pub async fn look_at(
    /// The actor's id.
    id: String,
    /// The place in its events, and the zone of times.
    state: ViewState,
) -> Result<Seen, AppError> {
    crate::read::activity::show(flightbox_store::Subject::Actor(&id), state).await
}

/// The page.
#[component]
pub fn Actor() -> impl IntoView {
    seen_page("Actor", look_at)
}
