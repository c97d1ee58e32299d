//! `/tokens`: what programs read events with.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        person::{Chosen, GrantFields, NameField, Seeing, SeeingWords, role_words},
        problem::settle,
        question::{Asking, Question},
        stamp::Stamp,
        text::Text,
        title::PageTitle,
        value::CopyButton,
    },
    state::ViewState,
};

/// How long a token may be good for, in days, and how that is said.
pub const TERMS: [(i64, &str); 4] = [(7, "a week"), (30, "30 days"), (90, "90 days"), (365, "a year")];

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenLine {
    /// Its name.
    pub name: String,
    /// The roles that it was made for, by name.
    pub roles: Vec<String>,
    /// Which sources it was made for.
    pub seeing: Seeing,
    /// Who made it, if it was somebody else.
    pub maker: Option<String>,
    /// Whether it was made at the command line.
    pub at_console: bool,
    /// When it ends, or did.
    pub expires: Option<Stamp>,
    /// Whether it has ended.
    pub ended: bool,
    /// How long ago it was last used, if ever.
    pub used: Option<String>,
}

/// The tokens that somebody may know of, and what theirs may allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenList {
    /// By name.
    pub tokens: Vec<TokenLine>,
    /// Their own roles.
    pub roles: Vec<String>,
    /// The sources that they may see.
    pub sources: Vec<String>,
    /// Whether they see all.
    pub may_give_all: bool,
}

/// A token that is shown once, right after it was made. Whoever made it provides it when rendering the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenShown {
    /// Its name.
    pub name: String,
    /// The token itself.
    pub secret: String,
}

/// Why none was made. Whoever answers the form provides it when rendering the page again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotMade {
    /// The name that was typed.
    pub name: String,
    /// What was chosen.
    pub chosen: Chosen,
    /// For how many days.
    pub days: i64,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// Lists them.
#[server(prefix = "/pages", endpoint = "tokens", input = server_fn::codec::GetUrl)]
pub async fn list(
    /// The zone of times; empty for UTC.
    tz: String,
) -> Result<TokenList, AppError> {
    crate::read::tokens::list(&tz).await
}

/// The page. The server itself answers its forms.
#[component]
pub fn Tokens() -> impl IntoView {
    if let Some(question) = use_context::<Question>() {
        return view! { <Asking question /> }.into_any();
    }
    let tz = ViewState::from_search(&use_location().search.get_untracked()).tz;
    let (shown, not_made) = (use_context::<TokenShown>(), use_context::<NotMade>());
    let page =
        Suspend::new(
            async move { settle(list(tz).await, |tokens| view! { <Listed tokens shown not_made /> }.into_any()) },
        );
    view! { <Frame>{page}</Frame> }.into_any()
}

#[component]
fn Listed(tokens: TokenList, shown: Option<TokenShown>, not_made: Option<NotMade>) -> impl IntoView {
    let TokenList { tokens, roles, sources, may_give_all } = tokens;
    let none = tokens.is_empty();
    let lines = tokens.into_iter().map(|token| view! { <Line token /> }).collect_view();
    view! {
        <PageTitle text="Read tokens · Flightbox" />
        <div class="people">
            <h1>"Read tokens"</h1>
            {shown.map(|shown| view! { <Shown shown /> })}
            <section class="card" aria-labelledby="tokens">
                <h2 id="tokens">"Tokens"</h2>
                {if none {
                    view! { <p class="faded">"None yet. With one, a program reads events through the JSON API."</p> }
                        .into_any()
                } else {
                    view! { <ul class="sessions">{lines}</ul> }.into_any()
                }}
            </section>
            <Make roles sources may_give_all not_made />
        </div>
    }
}

#[component]
fn Shown(shown: TokenShown) -> impl IntoView {
    let TokenShown { name, secret } = shown;
    view! {
        <section class="card one-time" aria-labelledby="one-time">
            <h2 id="one-time">"The token "<Text text=name /></h2>
            <p>"Give it to the program now: it is shown only this once, and only its hash is kept."</p>
            <p class="secret">
                <code>{secret.clone()}</code>
                <CopyButton text=secret label="Copy the token".to_owned() />
            </p>
        </section>
    }
}

#[component]
fn Line(token: TokenLine) -> impl IntoView {
    let TokenLine { name, roles, seeing, maker, at_console, expires, ended, used } = token;
    let label = format!("Revoke {name}");
    let used = used.map_or("never used".to_owned(), |ago| format!("last used {ago}"));
    let standing = if ended { ("standing disabled", "expired") } else { ("standing active", "good") };
    let made = match (maker, at_console) {
        (Some(maker), _) => view! { " · made by "<Text text=maker /> }.into_any(),
        (None, true) => " · made at the command line".into_any(),
        (None, false) => ().into_any(),
    };
    let until = expires.map(|at| view! { " · "{if ended { "ended " } else { "ends " }}{at.date} });
    view! {
        <li>
            <p class="session-device"><b><Text text=name.clone() /></b><span class=standing.0>{standing.1}</span></p>
            <p class="faded">{role_words(&roles)}" · "<SeeingWords seeing /></p>
            <p class="faded">{used}{until}{made}</p>
            <form method="post" action="/tokens">
                <input type="hidden" name="do" value="revoke" />
                <input type="hidden" name="name" value=name />
                <button class="danger" type="submit" aria-label=label>"Revoke"</button>
            </form>
        </li>
    }
}

#[component]
fn Make(roles: Vec<String>, sources: Vec<String>, may_give_all: bool, not_made: Option<NotMade>) -> impl IntoView {
    let (name, chosen, days, message) = match not_made {
        Some(NotMade { name, chosen, days, message }) => (name, chosen, days, Some(message)),
        None => {
            let chosen =
                Chosen { roles: roles.iter().take(1).cloned().collect(), all: may_give_all, sources: Vec::new() };
            (String::new(), chosen, 90, None)
        }
    };
    let terms = TERMS.map(|(term, words)| view! { <option value=term selected=term == days>{words}</option> });
    view! {
        <section class="card" aria-labelledby="make">
            <h2 id="make">"Make a token"</h2>
            <p class="faded">
                "It allows what is chosen here, and never more than you may yourself at the time. Nothing can be changed with it."
            </p>
            <form class="grants" method="post" action="/tokens">
                <input type="hidden" name="do" value="make" />
                <NameField name wrong=message />
                <GrantFields chosen offered=Some(roles) known=sources may_give_all />
                <div class="field">
                    <label for="days">"Good for"</label>
                    <select id="days" name="days">{terms.into_iter().collect_view()}</select>
                </div>
                <button class="primary" type="submit">"Make the token"</button>
            </form>
        </section>
    }
}
