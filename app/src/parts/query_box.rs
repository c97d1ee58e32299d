//! The query box, and what is wrong with what stands in it.

use leptos::prelude::*;

use super::{icon::Icon, text::Text};
use crate::{error::QueryProblem, islands::completion::Completion, state::ViewState};

/// A form with the query; the rest of the view's state goes along.
#[component]
pub fn QueryBox(
    /// The view it asks about.
    state: ViewState,
    /// Whether the query cannot be read.
    #[prop(optional)]
    invalid: bool,
) -> impl IntoView {
    let help = state.zone_only().url("/help");
    let hidden = state.after("").with_query("").fields().into_iter();
    view! {
        <form class="query" method="get" action=state.place.path() role="search">
            <Icon name="search" />
            <label class="vh" for="q">"Query"</label>
            <Completion>
                <input
                    id="q"
                    name="q"
                    type="text"
                    value=state.q
                    placeholder="actor:alice outcome:denied -action:login"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    enterkeyhint="search"
                    maxlength="4096"
                    aria-invalid=invalid.then_some("true")
                    aria-describedby=invalid.then_some("query-problem")
                />
            </Completion>
            {hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()}
            <kbd aria-hidden="true">"/"</kbd>
            <a class="quiet" href=help aria-label="What a query can say" title="What a query can say">
                <Icon name="help" />
            </a>
            <button class="vh" type="submit">"Search"</button>
        </form>
    }
}

/// The query with the place marked where it goes wrong, and a way out.
#[component]
pub fn QueryError(
    /// The view it was asked in.
    state: ViewState,
    /// What is wrong.
    problem: QueryProblem,
) -> impl IntoView {
    let (before, wrong, after) = split(&state.q, problem.position, problem.length);
    let fixed = problem.suggestion.map(|text| {
        let query = format!("{before}{text}{after}");
        (state.with_query(query.as_str()).events(), query)
    });
    view! {
        <section class="query-problem" id="query-problem" role="alert">
            <h1>"This query cannot be read"</h1>
            <pre class="marked"><Text text=before /><mark>{wrong}</mark><Text text=after /></pre>
            <p>{with_code(&problem.message)}</p>
            {(!problem.expected.is_empty())
                .then(|| view! { <p class="faded">"Expected here: "{problem.expected}"."</p> })}
            {fixed
                .map(|(url, query)| {
                    view! {
                        <p>
                            <a class="fix" href=url><Icon name="arrow" /><Text text=query /></a>
                        </p>
                    }
                })}
        </section>
    }
}

/// A message whose quotations stand between backticks.
fn with_code(message: &str) -> AnyView {
    let stretches = message.split('`').enumerate().filter(|(_, text)| !text.is_empty());
    let shown = stretches.map(|(at, text)| {
        let text = text.to_owned();
        if at % 2 == 1 { view! { <code><Text text /></code> }.into_any() } else { text.into_any() }
    });
    shown.collect_view().into_any()
}

/// The text before, at and after the place, which is counted in code points.
fn split(text: &str, position: usize, length: usize) -> (String, String, String) {
    let mut rest = text.chars();
    let before = rest.by_ref().take(position).collect();
    let wrong = rest.by_ref().take(length).collect();
    (before, wrong, rest.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters() {
        assert_eq!(split("日志 x:1", 3, 1), ("日志 ".to_owned(), "x".to_owned(), ":1".to_owned()));
        assert_eq!(split("a", 9, 1), ("a".to_owned(), String::new(), String::new()));
    }
}
