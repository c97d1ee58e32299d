//! `/people/{name}`: one person, and what an admin may do about them.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        icon::Icon,
        person::{
            Chosen, GrantFields, LinkShown, OneTimeLink, Seeing, SeeingWords, Standing, StandingMark, role_words,
        },
        problem::{Notice, answer, settle},
        question::{Asking, Question},
        sessions::{SessionLine, Sessions},
        stamp::{FullTime, Stamp},
        text::Text,
        title::PageTitle,
    },
    state::ViewState,
};

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnePerson {
    /// The name.
    pub name: String,
    /// Their page, where its forms go, too.
    pub url: String,
    /// What they may do and see, for the form.
    pub chosen: Chosen,
    /// Which sources they may see, in words.
    pub seeing: Seeing,
    /// Whether they can sign in.
    pub standing: Standing,
    /// When they were added.
    pub added: Stamp,
    /// When they were last seen, if ever.
    pub seen: Option<Stamp>,
    /// How many second factors they have.
    pub factors: i64,
    /// Where they are signed in.
    pub sessions: Vec<SessionLine>,
    /// What the record of access has of them.
    pub trail: String,
    /// What the reader may do about them.
    pub may: May,
    /// The sources that they may be let see.
    pub sources: Vec<String>,
    /// Whether they may be let see all.
    pub may_give_all: bool,
}

/// What a reader may do about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum May {
    /// Everything that an admin may.
    Manage,
    /// Nothing here: it is they themselves.
    Oneself,
    /// Nothing: the person may see more than the reader.
    Nothing,
}

/// Why nothing was changed. Whoever answers the form provides it when rendering the page again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotChanged {
    /// What was chosen, where it was the form of roles and sources.
    pub chosen: Option<Chosen>,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// Reads a person; none if there is none of that name.
#[server(prefix = "/pages", endpoint = "person", input = server_fn::codec::GetUrl)]
pub async fn look_at(
    /// The name.
    name: String,
    /// The zone of times; empty for UTC.
    tz: String,
) -> Result<Option<OnePerson>, AppError> {
    crate::read::people::one(&name, &tz).await
}

/// The page. The server itself answers its forms.
#[component]
pub fn PersonPage() -> impl IntoView {
    if let Some(question) = use_context::<Question>() {
        return view! { <Asking question /> }.into_any();
    }
    let tz = ViewState::from_search(&use_location().search.get_untracked()).tz;
    let name = use_params_map().read_untracked().get("name").unwrap_or_default();
    let (link, not_changed) = (use_context::<OneTimeLink>(), use_context::<NotChanged>());
    let page = Suspend::new(async move {
        settle(look_at(name, tz).await, |person| match person {
            Some(person) => view! { <Shown person link not_changed /> }.into_any(),
            None => view! { <Nobody /> }.into_any(),
        })
    });
    view! { <Frame>{page}</Frame> }.into_any()
}

#[component]
fn Nobody() -> impl IntoView {
    answer(&AppError::Missing("person".to_owned()));
    view! {
        <Notice status=404 title="Nobody of that name">
            <p>"Names are matched letter by letter, capitals included, and never change."</p>
            <p><a href="/people">"Everybody"</a></p>
        </Notice>
    }
}

#[component]
fn Shown(person: OnePerson, link: Option<OneTimeLink>, not_changed: Option<NotChanged>) -> impl IntoView {
    let OnePerson {
        name,
        url,
        chosen,
        seeing,
        standing,
        added,
        seen,
        factors,
        sessions,
        trail,
        may,
        sources,
        may_give_all,
    } = person;
    let message = not_changed.as_ref().map(|refused| refused.message.clone());
    let typed = not_changed.and_then(|refused| refused.chosen).unwrap_or_else(|| chosen.clone());
    let manage = may == May::Manage;
    let action = manage.then(|| url.clone());
    view! {
        <PageTitle text=format!("{name} · Flightbox") />
        <nav class="trail" aria-label="Position">
            <a href="/people" data-up=""><Icon name="earlier" />"People"</a>
            <span class="faded">"Person"</span>
        </nav>
        <div class="people">
            <div class="person-head">
                <h1><Text text=name /></h1>
                <StandingMark standing />
            </div>
            {link.map(|link| view! { <LinkShown link /> })}
            {message.map(|message| view! { <p class="wrong card" role="alert">{message}</p> })}
            {note(may)}
            <section class="card" aria-labelledby="known">
                <h2 id="known">"About"</h2>
                <dl class="facts">
                    <div><dt>"Roles"</dt><dd>{role_words(&chosen.roles)}</dd></div>
                    <div><dt>"Sees"</dt><dd><SeeingWords seeing /></dd></div>
                    <div><dt>"Second factors"</dt><dd>{if factors == 0 { "none".to_owned() } else { factors.to_string() }}</dd></div>
                    <div><dt>"Added"</dt><dd><FullTime at=added /></dd></div>
                    <div>
                        <dt>"Last seen"</dt>
                        <dd>{seen.map(|at| view! { <FullTime at /> }.into_any()).unwrap_or_else(|| "never".into_any())}</dd>
                    </div>
                    <div><dt>"Did"</dt><dd><a href=trail>"All that the record of access has"</a></dd></div>
                </dl>
            </section>
            <section class="card" aria-labelledby="sessions">
                <h2 id="sessions">"Sessions"</h2>
                <Sessions sessions action all="End all" />
            </section>
            {manage.then(|| view! { <Grants url=url.clone() typed sources may_give_all /> })}
            {manage.then(|| view! { <Entry url standing factors /> })}
        </div>
    }
}

fn note(may: May) -> Option<impl IntoView> {
    let text = match may {
        May::Manage => return None,
        May::Oneself => view! {
            "This is you. Nobody changes their own roles or sources; your password and sessions are on "
            <a href="/account">"your account"</a>"."
        }
        .into_any(),
        May::Nothing => {
            "They may see sources that you may not, so only somebody who sees those, too, can change this.".into_any()
        }
    };
    Some(view! { <p class="faded">{text}</p> })
}

#[component]
fn Grants(url: String, typed: Chosen, sources: Vec<String>, may_give_all: bool) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="grants">
            <h2 id="grants">"What they may do and see"</h2>
            <p class="faded">"A change ends their sessions: they sign in again and hold what is chosen here."</p>
            <form class="grants" method="post" action=url>
                <input type="hidden" name="do" value="grant" />
                <GrantFields chosen=typed known=sources may_give_all />
                <button class="primary" type="submit">"Save"</button>
            </form>
        </section>
    }
}

/// Letting them in, or not.
#[component]
fn Entry(url: String, standing: Standing, factors: i64) -> impl IntoView {
    let disabled = standing == Standing::Disabled;
    let (link, about) = match standing {
        Standing::Invited => ("Make a new link", "They have not used their link yet. A new one replaces it."),
        _ => (
            "Reset the password",
            "Makes a one-time link by which they choose another password. The old one works until then.",
        ),
    };
    let deed = |deed: &'static str, about: &'static str, word: &'static str, class: &'static str| {
        view! {
            <form class="act" method="post" action=url.clone()>
                <input type="hidden" name="do" value=deed />
                <p class="faded">{about}</p>
                <button class=class type="submit">{word}</button>
            </form>
        }
    };
    view! {
        <section class="card" aria-labelledby="entry">
            <h2 id="entry">"Signing in"</h2>
            {(!disabled).then(|| deed("reset", about, link, "plain"))}
            {(factors > 0)
                .then(|| {
                    deed(
                        "factors",
                        "Whoever lost theirs, and every recovery code, gets in by password alone again. Ends their sessions.",
                        "Remove second factors",
                        "danger",
                    )
                })}
            {if disabled {
                deed("enable", "They may sign in again, with the password that they had.", "Enable", "plain")
            } else {
                deed(
                    "disable",
                    "Ends their sessions, and they cannot sign in. What they did stays in the record.",
                    "Disable",
                    "danger",
                )
            }}
        </section>
    }
}
