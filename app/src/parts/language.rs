//! The query language, explained: its keys, its operators, its rules.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The whole language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Language {
    /// Its keys.
    pub keys: Vec<KeyLine>,
    /// How a value is compared.
    pub operators: Vec<OperatorLine>,
    /// What else there is to know.
    pub rules: Vec<Rule>,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLine {
    /// Its name.
    pub name: String,
    /// Other names that it is read by.
    pub aliases: Vec<String>,
    /// What it is about.
    pub help: String,
    /// What can stand behind its colon.
    pub takes: String,
    /// A qualifier with it.
    pub example: Example,
}

/// An operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorLine {
    /// The characters that make it; none for an exact value.
    pub sign: String,
    /// Its name.
    pub name: String,
    /// What it finds.
    pub help: String,
    /// The keys that take it, in words.
    pub keys: String,
    /// A qualifier with it.
    pub example: Example,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What it says.
    pub text: String,
    /// A query that shows it.
    pub example: Example,
}

/// A query and its view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The query.
    pub query: String,
    /// The URL of what it finds.
    pub url: String,
}

/// Each key in a line, for somebody who looks for one.
#[component]
pub fn KeyList(
    /// The keys.
    keys: Vec<KeyLine>,
) -> impl IntoView {
    let lines = keys.into_iter().map(|KeyLine { help, example, .. }| {
        view! {
            <div>
                <dt><ExampleLink example /></dt>
                <dd>{help}</dd>
            </div>
        }
    });
    view! { <dl>{lines.collect_view()}</dl> }
}

/// Each key with all that there is to know of it.
#[component]
pub fn KeyTable(
    /// The keys.
    keys: Vec<KeyLine>,
) -> impl IntoView {
    let rows = keys.into_iter().map(|KeyLine { name, aliases, help, takes, example }| {
        let aliases = aliases.into_iter().map(|alias| view! { " or "<code>{alias}</code> });
        view! {
            <tr>
                <th scope="row"><code>{name}</code>{aliases.collect_view()}</th>
                <td>{help}<small>"Takes "{takes}"."</small></td>
                <td><ExampleLink example /></td>
            </tr>
        }
    });
    view! {
        <table class="language">
            <thead>
                <tr>
                    <th scope="col">"Key"</th>
                    <th scope="col">"What it asks about"</th>
                    <th scope="col">"For example"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}

/// Each operator.
#[component]
pub fn OperatorTable(
    /// The operators.
    operators: Vec<OperatorLine>,
) -> impl IntoView {
    let rows = operators.into_iter().map(|OperatorLine { sign, name, help, keys, example }| {
        let sign = (!sign.is_empty()).then(|| view! { <code>{sign}</code>" " });
        view! {
            <tr>
                <th scope="row">{sign}{name}</th>
                <td>{help}<small>"For "{keys}"."</small></td>
                <td><ExampleLink example /></td>
            </tr>
        }
    });
    view! {
        <table class="language">
            <thead>
                <tr>
                    <th scope="col">"Value"</th>
                    <th scope="col">"What it finds"</th>
                    <th scope="col">"For example"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}

/// Each rule, with a query that shows it.
#[component]
pub fn RuleList(
    /// The rules.
    rules: Vec<Rule>,
) -> impl IntoView {
    let rules = rules.into_iter().map(|Rule { text, example }| {
        view! { <li>{text}" "<ExampleLink example /></li> }
    });
    view! { <ul class="rules">{rules.collect_view()}</ul> }
}

#[component]
fn ExampleLink(example: Example) -> impl IntoView {
    view! { <a class="mono" href=example.url>{example.query}</a> }
}
