//! A part of a page that is shown anew as it changes.

use leptos::prelude::*;

/// Follows the stream of the page's part that names one. While somebody is inside of it, it keeps still.
#[island]
pub fn Following() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(|| {
        use super::{
            browser::{find, focused},
            live::line::{Heard, Resume, listen},
        };

        listen(Resume::FromPage, |heard| {
            let Heard::Part(html) = heard else { return };
            let Some(part) = find::<web_sys::Element>("[data-stream]") else { return };
            if !part.contains(focused().as_deref()) {
                part.set_inner_html(&html);
            }
        })
    });
}
