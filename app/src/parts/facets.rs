//! The busiest values of each field, to narrow a view by.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    icon::Icon,
    outcome::OutcomeWord,
    text::{Text, revealed},
};

/// The values of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FacetList {
    /// The field's key in the query language.
    pub key: String,
    /// What the field is called.
    pub label: String,
    /// Its busiest values.
    pub busiest: Vec<FacetValue>,
    /// Further ones.
    pub more: Vec<FacetValue>,
    /// How many events have yet other values, in words.
    pub rest: Option<String>,
    /// Which events were counted, where it is not all of them.
    pub basis: Option<String>,
}

/// One value, and the ways on from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FacetValue {
    /// The value.
    pub text: String,
    /// How many events have it, in words.
    pub count: String,
    /// The same as a share of the busiest value, from 0 to 1.
    pub share: f64,
    /// Whether the view asks for it.
    pub on: bool,
    /// The URL of the view with this value alone; of the view that asks for any, where it is on.
    pub only: Option<String>,
    /// The URL of the view without it.
    pub without: Option<String>,
}

/// The rail beside the table.
#[component]
pub fn FacetRail(
    /// The fields that have values.
    facets: Vec<FacetList>,
) -> impl IntoView {
    let lists = facets.into_iter().map(|facet| view! { <Facet facet /> });
    view! {
        <details class="facets" open>
            <summary>
                <h2>"Filters"</h2>
            </summary>
            <div class="facet-lists">{lists.collect_view()}</div>
        </details>
    }
}

#[component]
fn Facet(facet: FacetList) -> impl IntoView {
    view! {
        <section class="facet">
            <h3>
                {facet.label}
                {facet.basis.map(|basis| view! { <small>{basis}</small> })}
            </h3>
            <Values key=facet.key.clone() values=facet.busiest />
            {(!facet.more.is_empty() || facet.rest.is_some())
                .then(|| {
                    let count = facet.more.len();
                    view! {
                        <details class="facet-more">
                            <summary>{if count > 0 { format!("{count} more") } else { "Others".to_owned() }}</summary>
                            <Values key=facet.key values=facet.more />
                            {facet.rest.map(|rest| view! { <p>{rest}</p> })}
                        </details>
                    }
                })}
        </section>
    }
}

#[component]
fn Values(key: String, values: Vec<FacetValue>) -> impl IntoView {
    let values = values.into_iter().map(|value| {
        let name = format!("{key} {}", revealed(&value.text));
        let title = if value.on { format!("Any {key}") } else { format!("Only {name}") };
        let label = match key.as_str() {
            "outcome" => view! { <OutcomeWord word=value.text /> }.into_any(),
            _ => view! { <Text text=value.text /> }.into_any(),
        };
        let main = match value.only {
            Some(url) => {
                view! { <a href=url title=title aria-current=value.on.then_some("true")>{label}</a> }.into_any()
            }
            None => view! { <span>{label}</span> }.into_any(),
        };
        let without = value.without.map(|url| {
            let label = format!("Without {name}");
            view! {
                <a class="without" href=url aria-label=label.clone() title=label>
                    <Icon name="without" />
                </a>
            }
        });
        view! {
            <li>
                <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
                    <rect width=format!("{:.1}", value.share * 100.0) height="1" />
                </svg>
                {main}
                {without}
                <span class="n">{value.count}</span>
            </li>
        }
    });
    view! { <ul class="bars">{values.collect_view()}</ul> }
}
