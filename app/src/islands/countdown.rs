//! How long something is still shown.

use leptos::prelude::*;

/// The seconds left, and where to go at the end.
#[component]
pub fn Countdown(
    /// Seconds left when the page was made.
    seconds: u32,
    /// Where to go then.
    leads: String,
) -> impl IntoView {
    view! {
        <b class="countdown mono" role="timer" data-seconds=seconds data-leads=leads>{clock(seconds)}</b>
        <Ticking />
    }
}

fn clock(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Keeps the countdown of its page going, and leaves at its end. Without a script the server's `Refresh` does the
/// leaving. It finds in the page what it counts: an island's arguments would take a parser of JSON along.
#[island]
pub fn Ticking() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(tick);
}

#[cfg(feature = "hydrate")]
fn tick() {
    let Some(shown) = super::browser::find::<web_sys::Element>("[data-seconds]") else { return };
    let told = |name: &str| shown.get_attribute(name).unwrap_or_default();
    let (seconds, leads) = (told("data-seconds").parse().unwrap_or(0.0), told("data-leads"));
    // By the time of day, for a browser stops a timer's clock while nobody looks.
    let end = js_sys::Date::now() + seconds * 1_000.0;
    let step = move || {
        let left = ((end - js_sys::Date::now()) / 1_000.0).ceil().max(0.0);
        shown.set_text_content(Some(&clock(left as u32)));
        if left <= 0.0 {
            let _ = window().location().replace(&leads);
        }
    };
    let _ = set_interval_with_handle(step, std::time::Duration::from_millis(500));
}
