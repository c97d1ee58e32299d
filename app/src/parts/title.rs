//! The title of a page.

use leptos::prelude::*;
use leptos_meta::Title;

use super::text::revealed;

/// The title. Every page uses this one: leptos's own writes its text into the document as it comes, and a producer's
/// `</title><script>` with it.
#[component]
pub fn PageTitle(
    /// What it says.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <Title text=escaped(&text) /> }
}

/// Only these two mean anything inside a title (the HTML standard, section 13.1.2).
fn escaped(text: &str) -> String {
    revealed(text).replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_text() {
        assert_eq!(escaped("</title><script>&lt; \"é\""), "&lt;/title>&lt;script>&amp;lt; \"é\"");
        assert_eq!(escaped("al\u{202E}ice\n"), "al[RLO]ice[⏎]");
    }
}
