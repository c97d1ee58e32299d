//! `/help`: what a query can say.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        language::{KeyTable, Language, OperatorTable, RuleList},
        problem::settle,
        title::PageTitle,
    },
    state::ViewState,
};

/// The query language.
#[server(prefix = "/pages", endpoint = "language", input = server_fn::codec::GetUrl)]
pub async fn explain(
    /// The view that its examples go on from.
    state: ViewState,
) -> Result<Language, AppError> {
    crate::context::signed_in()?;
    Ok(crate::read::help::language(&state))
}

/// The page.
#[component]
pub fn Help() -> impl IntoView {
    let state = ViewState::from_search(&use_location().search.get_untracked());
    let page = Suspend::new(async move {
        let read = explain(state).await;
        settle(read, |language| view! { <Explained language /> }.into_any())
    });
    view! { <Frame>{page}</Frame> }
}

#[component]
fn Explained(language: Language) -> impl IntoView {
    let Language { keys, operators, rules } = language;
    view! {
        <PageTitle text="What a query can say · Flightbox" />
        <article class="help">
            <h1>"What a query can say"</h1>
            <p>
                "A query is a few conditions, most of them a key and a value. Where scripts run, the box completes both: arrow keys choose, Enter takes, Esc leaves it. What cannot be read is never guessed at; the page marks the place and says what was expected there."
            </p>
            <nav aria-label="On this page">
                <ul>
                    <li><a href="#rules">"Rules"</a></li>
                    <li><a href="#keys">"Keys"</a></li>
                    <li><a href="#values">"Values"</a></li>
                </ul>
            </nav>
            <section class="card" aria-labelledby="rules">
                <h2 id="rules">"Rules"</h2>
                <RuleList rules />
            </section>
            <section class="card" aria-labelledby="keys">
                <h2 id="keys">"Keys"</h2>
                <KeyTable keys />
            </section>
            <section class="card" aria-labelledby="values">
                <h2 id="values">"Values"</h2>
                <OperatorTable operators />
            </section>
        </article>
    }
}
