//! `/resources/{id}`: what has been done to something, and by whom, by day and session.

use leptos::prelude::*;

use crate::{
    error::AppError,
    parts::activity::{Seen, seen_page},
    state::ViewState,
};

/// Reads a resource.
#[server(prefix = "/pages", endpoint = "resource", input = server_fn::codec::GetUrl)]
pub async fn look_at(
    /// The resource's id.
    id: String,
    /// The place in its events, and the zone of times.
    state: ViewState,
) -> Result<Seen, AppError> {
    crate::read::activity::show(flightbox_store::Subject::Resource(&id), state).await
}

/// The page.
#[component]
pub fn Resource() -> impl IntoView {
    seen_page("Resource", look_at)
}
