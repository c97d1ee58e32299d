//! The document around every page.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::{App, parts::icon::Sprite};

/// Where the files are that a page refers to. Their names carry a hash, so that they can be cached for good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assets {
    /// The URL of the one stylesheet.
    pub stylesheet: Option<String>,
    /// The URL of the icon.
    pub favicon: Option<String>,
    /// The URL of what the page that imports has of its own.
    pub import_script: Option<String>,
}

/// The document. Its theme is there from the first byte, so that nothing flashes and no script has to hurry.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let assets = use_context::<Assets>().unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="robots" content="noindex, nofollow" />
                {assets.stylesheet.map(|url| view! { <link rel="stylesheet" href=url /> })}
                {assets.favicon.map(|url| view! { <link rel="icon" type="image/svg+xml" href=url /> })}
                // Without scripts there is nothing to wake, and every page works as it is.
                {(!options.output_name.is_empty()).then(|| view! { <HydrationScripts options islands=true /> })}
                <MetaTags />
            </head>
            <body>
                <Sprite />
                <App />
            </body>
        </html>
    }
}

/// The theme that this browser's person has chosen; none follows the system.
fn theme() -> Option<&'static str> {
    #[cfg(feature = "ssr")]
    if let Some(theme) = crate::context::cookie("theme") {
        return ["light", "dark"].into_iter().find(|known| *known == theme);
    }
    None
}
