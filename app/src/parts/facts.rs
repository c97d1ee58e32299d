//! What is known of an event, as a list of terms and what they are.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    icon::Icon,
    outcome::OutcomeLink,
    sealed::{Sealed, SealedMark},
    stamp::{FullTime, Stamp},
    table::{ActionLink, ActorCell, ActorLink},
    text::Text,
    value::{CopyButton, Value, ValueLink},
};

/// One thing that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is called.
    pub label: String,
    /// What it is.
    pub given: Given,
}

/// What a fact is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Given {
    /// A time, and what is wrong with it.
    Time {
        /// The time.
        at: Stamp,
        /// What is wrong with it.
        note: Option<String>,
    },
    /// Who.
    Actor(ActorCell),
    /// What was done.
    Action(Value),
    /// How it ended.
    Outcome(Value),
    /// A value that can be searched for, and what else is known of it.
    Noted(Value, Option<String>),
    /// An identifier, which people copy.
    Copied(String),
    /// Any text.
    Text(String),
    /// A value that is not shown.
    Sealed(Sealed),
}

/// The facts, in order.
#[component]
pub fn Facts(
    /// The facts.
    facts: Vec<Fact>,
) -> impl IntoView {
    let facts = facts.into_iter().map(|fact| {
        view! {
            <div>
                <dt>{fact.label}</dt>
                <dd>{given(fact.given)}</dd>
            </div>
        }
    });
    view! { <dl class="facts">{facts.collect_view()}</dl> }
}

fn given(given: Given) -> AnyView {
    match given {
        Given::Time { at, note } => view! {
            <FullTime at />
            {note.map(|note| view! { <p class="note"><Icon name="skew" />{note}</p> })}
        }
        .into_any(),
        Given::Actor(actor) => {
            let page = actor.id.page.clone();
            view! { <ActorLink actor /><Timeline page /> }.into_any()
        }
        Given::Action(action) => view! { <span class="mono"><ActionLink action /></span> }.into_any(),
        Given::Outcome(outcome) => view! { <OutcomeLink outcome /> }.into_any(),
        Given::Noted(value, also) => {
            let page = value.page.clone();
            view! {
                <span class="mono"><ValueLink value /></span>
                {also.map(|text| view! { <span class="faded also"><Text text /></span> })}
                <Timeline page />
            }
            .into_any()
        }
        Given::Copied(text) => view! {
            <span class="v mono">
                <span class="v-main"><Text text=text.clone() /></span>
                <span class="v-more"><CopyButton text label="Copy".to_owned() /></span>
            </span>
        }
        .into_any(),
        Given::Sealed(sealed) => view! { <SealedMark words=sealed.words() /> }.into_any(),
        Given::Text(text) => view! { <Text text /> }.into_any(),
    }
}

/// In sight at once, also where nothing can be pointed at.
#[component]
fn Timeline(page: Option<String>) -> impl IntoView {
    page.map(|page| view! { <a class="aside-link" href=page>"Timeline"</a> })
}
