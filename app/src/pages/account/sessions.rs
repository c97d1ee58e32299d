//! Where one is signed in.

use leptos::prelude::*;

use crate::parts::sessions::{SessionLine, Sessions};

#[component]
pub(super) fn SessionsSection(sessions: Vec<SessionLine>) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="sessions">
            <h2 id="sessions">"Sessions"</h2>
            <Sessions sessions action=Some("/account".to_owned()) all="End all others" />
        </section>
    }
}
