//! A view that takes too long.

use leptos::prelude::*;

use super::{icon::Icon, time_picker::PRESETS};
use crate::state::ViewState;

/// Windows narrower than that of a view, narrowest first: what each is called, and its URL.
pub fn narrower(state: &ViewState) -> Vec<(&'static str, String)> {
    let own = PRESETS.iter().position(|preset| preset.from == state.from && state.to.is_empty());
    let narrower = PRESETS.iter().take(own.unwrap_or(PRESETS.len())).filter(|preset| !preset.from.is_empty());
    narrower.map(|preset| (preset.label, state.with_window(preset.from, "").events())).collect()
}

/// Says that it took too long, and offers what takes less.
#[component]
pub fn TooSlow(
    /// The view.
    state: ViewState,
) -> impl IntoView {
    let ways = narrower(&state).into_iter().map(|(label, url)| {
        view! {
            <li>
                <a href=url>
                    <span>{label}</span>
                    <Icon name="arrow" />
                </a>
            </li>
        }
    });
    view! {
        <section class="query-problem slow" role="alert">
            <h1>"This view takes too long"</h1>
            <p>
                "The search was stopped, so that others need not wait for it. Nothing was changed. A narrower window takes less, and so does a condition more."
            </p>
            <ul class="ways">{ways.collect_view()}</ul>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(from: &str, to: &str) -> Vec<&'static str> {
        narrower(&ViewState::default().with_window(from, to)).into_iter().map(|(label, _)| label).collect()
    }

    #[test]
    fn only_narrower_windows_are_offered() {
        assert_eq!(labels("-7d", ""), ["Last hour", "Last 24 hours"]);
        assert_eq!(labels("", "").len(), PRESETS.len() - 1);
        assert_eq!(labels("2020-01-01", "").len(), PRESETS.len() - 1);
        assert_eq!(labels("-1h", ""), [""; 0]);
    }

    #[test]
    fn it_says_so_and_leads_on() {
        let state = ViewState::default().with_query("@amount:>=1").with_window("-24h", "");
        let html = view! { <TooSlow state /> }.to_html();
        assert!(html.contains("takes too long") && html.contains("/events?q=@amount:%3E%3D1&amp;from=-1h"), "{html}");
    }
}
