//! Somebody who may sign in: what they may do, what they may see, how they stand.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{text::Text, value::CopyButton};

/// The roles, and what each lets its holder do.
const ROLES: [(&str, &str); 3] = [
    ("viewer", "browses, searches and exports"),
    ("investigator", "also sees who looked at what, and reveals sealed values"),
    ("admin", "also sees who looked at what, manages people and settings, and erases sealed values"),
];

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// They can.
    Active,
    /// They have chosen no password yet.
    Invited,
    /// They may not.
    Disabled,
}

/// Which sources somebody may see, as far as the reader may know them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seeing {
    /// All.
    All,
    /// These, and so many that the reader may not know.
    Only(Vec<String>, usize),
}

/// A link that is shown once, right after it was made. Whoever made it provides it when rendering the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeLink {
    /// The link.
    pub url: String,
    /// Whom it is for.
    pub name: String,
    /// Whether it is their first; otherwise it replaces a password.
    pub first: bool,
}

/// Roles and sources as a form has them: as they are, or as they were chosen when the form was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// The roles, by name.
    pub roles: Vec<String>,
    /// Whether all sources may be seen.
    pub all: bool,
    /// The sources that may be seen, if not all.
    pub sources: Vec<String>,
}

/// How somebody stands, in a word.
#[component]
pub fn StandingMark(
    /// How.
    standing: Standing,
) -> impl IntoView {
    let (class, word) = match standing {
        Standing::Active => ("standing active", "active"),
        Standing::Invited => ("standing invited", "invited"),
        Standing::Disabled => ("standing disabled", "disabled"),
    };
    view! { <span class=class>{word}</span> }
}

/// The sources that somebody may see, in words.
#[component]
pub fn SeeingWords(
    /// Which.
    seeing: Seeing,
) -> impl IntoView {
    match seeing {
        Seeing::All => "all sources".to_owned(),
        Seeing::Only(names, 0) if names.is_empty() => "no source".to_owned(),
        Seeing::Only(names, 0) => names.join(", "),
        Seeing::Only(names, 1) if names.is_empty() => "1 source that you may not see".to_owned(),
        Seeing::Only(names, others) if names.is_empty() => format!("{others} sources that you may not see"),
        Seeing::Only(names, others) => format!("{} and {others} more", names.join(", ")),
    }
}

/// Roles in words.
pub fn role_words(roles: &[String]) -> String {
    if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") }
}

/// Whose password a form is about, which nobody need type: password managers want to know.
#[component]
pub fn KnownName(
    /// The name.
    name: String,
) -> impl IntoView {
    view! { <input class="vh" type="text" value=name autocomplete="username" readonly tabindex="-1" aria-hidden="true" /> }
}

/// The password that somebody has, asked for once more or at the door.
#[component]
pub fn PasswordField(
    /// Whether the last one was refused; why stands on the page as `refused`.
    refused: bool,
    /// Whether it is what is typed first.
    autofocus: bool,
) -> impl IntoView {
    view! {
        <label for="password">"Password"</label>
        <input
            id="password"
            name="password"
            type="password"
            autocomplete="current-password"
            required
            autofocus=autofocus
            aria-invalid=refused.then_some("true")
            aria-describedby=refused.then_some("refused")
        />
    }
}

/// The name of whoever, or whatever, a form adds, with what is wrong with the form where it was refused.
#[component]
pub fn NameField(
    /// What was typed.
    name: String,
    /// What is wrong, in a sentence.
    wrong: Option<String>,
) -> impl IntoView {
    let refused = wrong.is_some();
    view! {
        <div class="field">
            <label for="name">"Name"</label>
            <input
                id="name"
                name="name"
                type="text"
                value=name
                maxlength="64"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                required
                autofocus=refused
                aria-invalid=refused.then_some("true")
                aria-describedby=refused.then_some("refused")
            />
            {wrong.map(|wrong| view! { <p class="wrong" id="refused" role="alert">{wrong}</p> })}
        </div>
    }
}

/// The link, to be handed on.
#[component]
pub fn LinkShown(
    /// The link.
    link: OneTimeLink,
) -> impl IntoView {
    let OneTimeLink { url, name, first } = link;
    let what = if first { "sets their password" } else { "sets another password and ends all of their sessions" };
    view! {
        <section class="card one-time" aria-labelledby="one-time">
            <h2 id="one-time">"A link for "<Text text=name /></h2>
            <p>
                "Hand it to them in a way that nobody else reads. It works once, within 24 hours, and "{what}
                ". It is shown only now: a new one replaces it."
            </p>
            <p class="secret">
                <code>{url.clone()}</code>
                <CopyButton text=url label="Copy the link".to_owned() />
            </p>
        </section>
    }
}

/// The choice of roles and sources, as a part of a form.
#[component]
pub fn GrantFields(
    /// What is chosen.
    chosen: Chosen,
    /// The roles there are to choose from, where it is not all of them.
    #[prop(optional_no_strip)]
    offered: Option<Vec<String>>,
    /// The sources there are to choose from.
    known: Vec<String>,
    /// Whether all of them may be chosen: whoever sees some gives away no more.
    may_give_all: bool,
) -> impl IntoView {
    let Chosen { roles, all, sources } = chosen;
    let about_people = offered.is_none();
    let offered = |role: &str| offered.as_ref().is_none_or(|offered| offered.iter().any(|one| one == role));
    let roles = ROLES.into_iter().filter(|(role, _)| offered(role)).map(|(role, about)| {
        let checked = roles.iter().any(|held| held == role);
        let about = about_people.then(|| view! { " "<span class="faded">{about}</span> });
        view! {
            <label class="check">
                <input type="checkbox" name="role" value=role checked=checked />
                <span>{role}{about}</span>
            </label>
        }
    });
    let roles = roles.collect_view();
    let mut known = known;
    known.extend(sources.iter().filter(|name| !known.contains(name)).cloned().collect::<Vec<_>>());
    let none = known.is_empty();
    let choices = known.into_iter().map(|name| {
        let checked = sources.contains(&name);
        view! {
            <label class="check">
                <input type="checkbox" name="source" value=name.clone() checked=checked />
                <span>{name}</span>
            </label>
        }
    });
    let choices = choices.collect_view();
    view! {
        <fieldset>
            <legend>"Roles"</legend>
            {roles}
        </fieldset>
        <fieldset>
            <legend>"Sources"</legend>
            {may_give_all
                .then(|| {
                    view! {
                        <label class="check">
                            <input type="radio" name="scope" value="all" checked=all />
                            <span>"All "<span class="faded">"also those to come"</span></span>
                        </label>
                    }
                })}
            <label class="check">
                <input type="radio" name="scope" value="some" checked=!all || !may_give_all />
                <span>"Only these"</span>
            </label>
            <div class="choices">
                {choices}
                {none.then(|| view! { <p class="faded">"No source has been added yet."</p> })}
            </div>
        </fieldset>
    }
}
