//! What deserves a look: what was new, who is new, and who has fallen silent.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    icon::Icon,
    sentence::{Piece, Sentence},
    stamp::Stamp,
    table::{ActorCell, ActorLink},
    text::Text,
};

/// What deserves a look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notable {
    /// The latest events that showed something new.
    pub flagged: Vec<Flagged>,
    /// The list of all that did.
    pub all_flagged: String,
    /// How many actors are new besides those that follow.
    pub more_newcomers: Option<String>,
    /// The newest actors.
    pub newcomers: Vec<Newcomer>,
    /// The sources that are silent now.
    pub silent: Vec<Silent>,
}

/// An event that showed something new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flagged {
    /// Its page.
    pub url: String,
    /// When.
    pub time: Stamp,
    /// What was new.
    pub sentence: Vec<Piece>,
}

/// Somebody who was first seen lately.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newcomer {
    /// Who.
    pub actor: ActorCell,
    /// In which source.
    pub source: String,
    /// Since when.
    pub first_seen: Stamp,
}

/// A source that sends nothing although it used to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silent {
    /// Its name.
    pub source: String,
    /// Its events.
    pub url: String,
    /// For how long, in words.
    pub length: String,
    /// Since when.
    pub since: Stamp,
    /// Its longest pause before, in words.
    pub longest_pause: String,
}

/// The cards.
#[component]
pub fn NotableCards(
    /// What they show.
    notable: Notable,
) -> impl IntoView {
    let Notable { flagged, all_flagged, more_newcomers, newcomers, silent } = notable;
    view! {
        <div class="cards notable">
            <section class="card" aria-labelledby="flagged-title">
                <h2 id="flagged-title">"Never seen before"</h2>
                <FlaggedList flagged all_flagged />
            </section>
            <div class="stack">
                <section class="card" aria-labelledby="new-title">
                    <h2 id="new-title">"New actors"</h2>
                    <NewcomerList newcomers more=more_newcomers />
                </section>
                <section class="card" aria-labelledby="silent-title">
                    <h2 id="silent-title">"Silent sources"</h2>
                    <SilentList silent />
                </section>
            </div>
        </div>
    }
}

#[component]
fn FlaggedList(flagged: Vec<Flagged>, all_flagged: String) -> impl IntoView {
    if flagged.is_empty() {
        let calm = "Nobody showed an action, address, country or user agent that was new for them.";
        return view! { <p class="calm">{calm}</p> }.into_any();
    }
    let events = flagged.into_iter().map(|Flagged { url, time, sentence }| {
        view! {
            <li>
                <Icon name="new" />
                <p><Sentence pieces=sentence /></p>
                <a class="row-link" href=url><Ago at=time /></a>
            </li>
        }
    });
    view! {
        <ul class="told">{events.collect_view()}</ul>
        <p class="card-foot"><a href=all_flagged>"All that was new"<Icon name="arrow" /></a></p>
    }
    .into_any()
}

#[component]
fn NewcomerList(newcomers: Vec<Newcomer>, more: Option<String>) -> impl IntoView {
    if newcomers.is_empty() {
        return view! { <p class="calm">"Nobody was seen for the first time."</p> }.into_any();
    }
    let newcomers = newcomers.into_iter().map(|Newcomer { actor, source, first_seen }| {
        view! {
            <li>
                <Icon name="person" />
                <span class="bar-actor"><ActorLink actor />" "<span class="faded in-source">"in "<Text text=source /></span></span>
                <span class="faded"><Ago at=first_seen /></span>
            </li>
        }
    });
    view! {
        <ul class="told">{newcomers.collect_view()}</ul>
        {more.map(|more| view! { <p class="card-foot faded">{more}</p> })}
    }
    .into_any()
}

#[component]
fn SilentList(silent: Vec<Silent>) -> impl IntoView {
    if silent.is_empty() {
        return view! { <p class="calm">"Every source sends as often as it used to."</p> }.into_any();
    }
    let silent = silent.into_iter().map(|silent| {
        let since = format!("{} {} {}", silent.since.date, silent.since.clock, silent.since.offset);
        view! {
            <li>
                <Icon name="skew" />
                <p>
                    <a href=silent.url><Text text=silent.source /></a>
                    " has been silent for "
                    <b>{silent.length}</b>
                    ", since "
                    <time datetime=silent.since.iso>{since}</time>
                    ". Its longest pause before was "
                    {silent.longest_pause}
                    "."
                </p>
            </li>
        }
    });
    view! { <ul class="told silent">{silent.collect_view()}</ul> }.into_any()
}

/// How long ago; pointing at it tells when.
#[component]
fn Ago(at: Stamp) -> impl IntoView {
    let title = format!("{} {}{} {}", at.date, at.clock, at.fraction, at.offset);
    view! { <time datetime=at.iso title=title>{at.ago}</time> }
}
