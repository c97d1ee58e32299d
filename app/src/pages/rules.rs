//! `/settings/rules`: what is masked and what is sealed, from now on.

mod form;
mod tried;
mod version;

use leptos::prelude::*;

use crate::{
    error::AppError,
    pages::settings::SettingTrail,
    parts::{frame::Frame, problem::settle, stamp::Stamp, text::Text, title::PageTitle},
};
use form::RulesFormCard;
use tried::TriedCard;
use version::{OneVersionCard, Versions};

/// What the page shows, or why it shows nothing. Whoever renders it provides this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesAnswer(pub Result<RulesShown, AppError>);

/// The page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesShown {
    /// The version in force.
    pub in_force: Version,
    /// Its rules.
    pub rules: Vec<RuleLine>,
    /// The form.
    pub form: RulesForm,
    /// What came of trying what stands in the form.
    pub tried: Option<Tried>,
    /// The last versions, the newest first.
    pub versions: Vec<Version>,
    /// The one that was asked for.
    pub asked: Option<OneVersion>,
    /// What the words of a rule mean.
    pub words: Vec<Meaning>,
    /// What values are known by their looks.
    pub looks: Vec<Looks>,
}

/// A version of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub number: i64,
    /// When it was put in force, and by whom; nothing for the one that a log starts with.
    pub made: Option<(Stamp, String)>,
}

/// A version, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneVersion {
    /// Which.
    pub version: Version,
    /// Its text, with what is different from the version before.
    pub lines: Vec<Difference>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLine {
    /// Its line.
    pub line: String,
    /// What it does, in words.
    pub words: String,
}

/// A line of two texts that are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Both have it.
    Kept(String),
    /// The first alone has it.
    Removed(String),
    /// The second alone has it.
    Added(String),
}

/// What a word of a rule means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The word, and what stands behind it.
    pub form: String,
    /// What it means.
    pub means: String,
}

/// Values that are known by their looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looks {
    /// The word for them.
    pub word: String,
    /// What is found.
    pub finds: String,
    /// What is not.
    pub misses: String,
}

/// The form as it is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesForm {
    /// The text.
    pub text: String,
    /// The version that it was made from.
    pub from: i64,
    /// What is wrong with it: the line, from 1, and a message.
    pub errors: Vec<(usize, String)>,
    /// What else is to be said of it.
    pub standing: Standing,
    /// What it changes of the rules in force.
    pub changes: Vec<Difference>,
}

/// How a text in the form stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be tried and put in force.
    Open,
    /// It was confirmed and not put in force yet.
    Confirmed,
    /// It was to be confirmed and was not.
    Unconfirmed,
    /// The server no longer has what was to be confirmed.
    Lost,
    /// Other rules were put in force since it was begun; what those changed.
    Overtaken(Vec<Difference>),
    /// It says what is in force already.
    Same,
    /// Whoever sees only some sources can try it and nothing else.
    TryOnly,
}

/// What came of trying rules on stored events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// On how many events.
    pub events: usize,
    /// Each rule, and how many values that are clear today it would hide.
    pub rules: Vec<(RuleLine, usize)>,
    /// Some of those.
    pub examples: Vec<Example>,
    /// What is sealed today and would stay clear.
    pub left: Vec<Left>,
    /// At how many places more there is something of that.
    pub more: usize,
}

/// A value that is clear and would be hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its event.
    pub seq: i64,
    /// Where it stands.
    pub path: String,
    /// What it would be called; nothing where it would be masked.
    pub kind: Option<String>,
}

/// Values that are sealed and would stay clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// An event that has one.
    pub seq: i64,
    /// Where they stand.
    pub path: String,
    /// What they are called.
    pub kind: String,
    /// How many there are.
    pub count: usize,
    /// The looks for which they would still be sealed.
    pub unless: Option<String>,
}

/// The page. The server itself answers its form.
#[component]
pub fn RulesPage() -> impl IntoView {
    let Some(RulesAnswer(answer)) = use_context::<RulesAnswer>() else { return ().into_any() };
    let page = settle(answer, |shown| view! { <Shown shown /> }.into_any());
    view! { <Frame>{page}</Frame> }.into_any()
}

#[component]
fn Shown(shown: RulesShown) -> impl IntoView {
    let RulesShown { in_force, rules, form, tried, versions, asked, words, looks } = shown;
    let current = in_force.number;
    let body = match asked {
        Some(asked) => view! { <OneVersionCard asked current /> }.into_any(),
        None => view! {
            {tried.map(|tried| view! { <TriedCard tried /> })}
            <RulesFormCard form current words looks />
            <InForce in_force rules />
        }
        .into_any(),
    };
    view! {
        <PageTitle text="Masking and sealing · Flightbox" />
        <SettingTrail title="Masking and sealing" />
        <div class="people rules-page">
            <h1>"Masking and sealing"</h1>
            <p class="intro">
                "Rules mask or seal values as events come in. They are for what comes from now on: stored events stay as they are. The first rule that fits a value decides; secrets such as passwords and tokens are masked before any rule is asked."
            </p>
            {body}
            <Versions versions current />
        </div>
    }
}

#[component]
fn InForce(in_force: Version, rules: Vec<RuleLine>) -> impl IntoView {
    let none = rules.is_empty();
    let rows = rules.into_iter().map(|RuleLine { line, words }| {
        view! {
            <tr>
                <th scope="row"><code><Text text=line /></code></th>
                <td><Text text=words /></td>
            </tr>
        }
    });
    view! {
        <section class="card" aria-labelledby="in-force">
            <h2 id="in-force">"In force: version "{in_force.number}</h2>
            {if none {
                view! { <p class="faded">"No rule. Only secrets are masked, and what events themselves call sensitive is sealed."</p> }.into_any()
            } else {
                view! {
                    <table class="rule-table">
                        <thead><tr><th scope="col">"Rule"</th><th scope="col">"What it does"</th></tr></thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                }
                .into_any()
            }}
        </section>
    }
}
