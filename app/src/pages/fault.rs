//! The page for what nobody foresaw.

use leptos::prelude::*;

use crate::{parts::icon::Mark, shell::Assets};

/// The page as a document of its own. It needs neither a request nor the store, which could be what broke.
pub fn document(assets: &Assets, status: u16, message: &str, id: &str) -> String {
    // Else it is too much at once, or a full disk: nothing is broken.
    let title = if status == 500 { "Something broke on our side" } else { "Not now" };
    let page = view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <title>{title}" · Flightbox"</title>
                {assets.stylesheet.clone().map(|url| view! { <link rel="stylesheet" href=url /> })}
                {assets.favicon.clone().map(|url| view! { <link rel="icon" type="image/svg+xml" href=url /> })}
            </head>
            <body>
                <main class="door">
                    <div class="door-card">
                        <p class="brand"><Mark />"Flightbox"</p>
                        <p class="status">{status}</p>
                        <h1>{title}</h1>
                        <p>{message.to_owned()}</p>
                        <p>
                            "Nothing that was recorded is lost: an event is on disk before anybody is told so, and reading changes none. The server’s log has the cause under "
                            <code>{id.to_owned()}</code>"."
                        </p>
                        <p><a href="/events">"All events"</a></p>
                    </div>
                </main>
            </body>
        </html>
    };
    page.to_html()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_without_markup_of_its_own() {
        let html = document(&Assets::default(), 500, "<b>no</b>", "0badc0de");
        assert!(html.contains("&lt;b&gt;no") && html.contains("0badc0de"), "{html}");
    }
}
