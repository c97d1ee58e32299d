//! `/people`: who may sign in, and the form that lets somebody in.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        person::{
            Chosen, GrantFields, LinkShown, NameField, OneTimeLink, Seeing, SeeingWords, Standing, StandingMark,
            role_words,
        },
        problem::settle,
        question::{Asking, Question},
        stamp::Stamp,
        text::Text,
        title::PageTitle,
    },
    state::ViewState,
};

/// Somebody, as the list shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonLine {
    /// The name.
    pub name: String,
    /// Their page.
    pub url: String,
    /// The roles, by name.
    pub roles: Vec<String>,
    /// Which sources they may see.
    pub seeing: Seeing,
    /// Whether they can sign in.
    pub standing: Standing,
    /// When they were last seen, if ever.
    pub seen: Option<Stamp>,
    /// Whether they are who asks.
    pub own: bool,
}

/// Everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// By name.
    pub people: Vec<PersonLine>,
    /// The sources that somebody who is added may be let see.
    pub sources: Vec<String>,
    /// Whether they may be let see all.
    pub may_give_all: bool,
}

/// Why nobody was added. Whoever answers the form provides it when rendering the page again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAdded {
    /// The name that was typed.
    pub name: String,
    /// What was chosen.
    pub chosen: Chosen,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// Lists them.
#[server(prefix = "/pages", endpoint = "people", input = server_fn::codec::GetUrl)]
pub async fn list(
    /// The zone of times; empty for UTC.
    tz: String,
) -> Result<People, AppError> {
    crate::read::people::list(&tz).await
}

/// The page. The server itself answers its form.
#[component]
pub fn PeoplePage() -> impl IntoView {
    if let Some(question) = use_context::<Question>() {
        return view! { <Asking question /> }.into_any();
    }
    let tz = ViewState::from_search(&use_location().search.get_untracked()).tz;
    let (link, not_added) = (use_context::<OneTimeLink>(), use_context::<NotAdded>());
    let page =
        Suspend::new(
            async move { settle(list(tz).await, |people| view! { <Listed people link not_added /> }.into_any()) },
        );
    view! { <Frame>{page}</Frame> }.into_any()
}

#[component]
fn Listed(people: People, link: Option<OneTimeLink>, not_added: Option<NotAdded>) -> impl IntoView {
    let People { people, sources, may_give_all } = people;
    let lines = people.into_iter().map(|person| view! { <Line person /> }).collect_view();
    view! {
        <PageTitle text="People · Flightbox" />
        <div class="people">
            <h1>"People"</h1>
            {link.map(|link| view! { <LinkShown link /> })}
            <div class="card people-card">
                <table class="people-list">
                    <caption class="vh">"Everybody who may sign in, by name"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"Roles"</th>
                            <th scope="col">"Sources"</th>
                            <th scope="col">"State"</th>
                            <th scope="col">"Last seen"</th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
            <Add sources may_give_all not_added />
        </div>
    }
}

#[component]
fn Line(person: PersonLine) -> impl IntoView {
    let PersonLine { name, url, roles, seeing, standing, seen, own } = person;
    let seen = match seen {
        Some(at) => {
            let title = format!("{} {} {}", at.date, at.clock, at.offset);
            view! { <time datetime=at.iso title=title>{at.ago}</time> }.into_any()
        }
        None => view! { <span class="faded">"never"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <a href=url><Text text=name /></a>
                {own.then(|| view! { <span class="kind">"you"</span> })}
            </th>
            <td>{role_words(&roles)}</td>
            <td><SeeingWords seeing /></td>
            <td><StandingMark standing /></td>
            <td>{seen}</td>
        </tr>
    }
}

#[component]
fn Add(sources: Vec<String>, may_give_all: bool, not_added: Option<NotAdded>) -> impl IntoView {
    let (name, chosen, message) = match not_added {
        Some(NotAdded { name, chosen, message }) => (name, chosen, Some(message)),
        None => (String::new(), Chosen { roles: vec!["viewer".to_owned()], all: true, sources: Vec::new() }, None),
    };
    view! {
        <section class="card" aria-labelledby="add">
            <h2 id="add">"Add a person"</h2>
            <p class="faded">"You get a one-time link to hand to them. By it they choose their own password."</p>
            <form class="grants" method="post" action="/people">
                <NameField name wrong=message />
                <GrantFields chosen known=sources may_give_all />
                <button class="primary" type="submit">"Make the link"</button>
            </form>
        </section>
    }
}
