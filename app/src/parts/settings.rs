//! The pages of the settings, each one click away.

use leptos::prelude::*;

/// What each is called, and where it is.
const PLACES: [(&str, &str, &str); 3] = [
    ("all", "All settings", "/settings"),
    ("rules", "Masking and sealing", "/settings/rules"),
    ("keys", "Keys", "/settings/keys"),
];

/// Ways to them.
#[component]
pub fn SettingsPlaces(
    /// The word for the page that one is on.
    current: &'static str,
) -> impl IntoView {
    let links = PLACES.map(|(word, label, url)| {
        view! { <li><a href=url aria-current=(word == current).then_some("page")>{label}</a></li> }
    });
    view! {
        <nav class="kinds" aria-label="Settings">
            <ul>{links.into_iter().collect_view()}</ul>
        </nav>
    }
}
