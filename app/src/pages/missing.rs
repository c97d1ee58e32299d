//! Any address that is none.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        icon::Icon,
        problem::{Notice, answer},
    },
};

/// The page for an address that there is none of.
#[component]
pub fn Missing() -> impl IntoView {
    answer(&AppError::Missing(String::new()));
    let path = use_location().pathname.get_untracked();
    view! {
        <Frame>
            <Notice status=404 title="No such page">
                <p>"There is nothing at "<code>{path}</code>". Addresses of events, actors and resources never change, so this one was probably mistyped or cut short."</p>
                <ul class="ways">
                    <li><a href="/events">"All events"<Icon name="arrow" /></a></li>
                    <li><a href="/events?q=outcome:denied">"What was denied"<Icon name="arrow" /></a></li>
                </ul>
            </Notice>
        </Frame>
    }
}
