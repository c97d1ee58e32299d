//! `/settings/holds`: what is kept whatever the rules say.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

use super::SettingTrail;
use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        person::{Seeing, SeeingWords},
        problem::settle,
        reason::ReasonField,
        stamp::{FullTime, Stamp},
        text::{Text, revealed},
        title::PageTitle,
    },
    state::ViewState,
};

/// A hold, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldLine {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// Whether it is on an actor; else on a query.
    pub of_actor: bool,
    /// The actor's id, or the query.
    pub what: String,
    /// What it finds: the actor's page, or the list.
    pub url: String,
    /// In which sources.
    pub seeing: Seeing,
    /// Why.
    pub reason: String,
    /// Who set it.
    pub by: String,
    /// Since when.
    pub since: Stamp,
    /// Whether whoever asks may lift it.
    pub may_lift: bool,
    /// How it ended.
    pub ended: Option<Ended>,
}

/// How a hold ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Stamp,
    /// Who lifted it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// The holds that somebody may know of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldList {
    /// Those that stand.
    pub standing: Vec<HoldLine>,
    /// Those that were lifted, the last first.
    pub lifted: Vec<HoldLine>,
    /// The sources that a hold of theirs reaches.
    pub reach: Seeing,
}

/// Why a form was refused. Whoever answers it provides it when rendering the page again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotHeld {
    /// The hold that was to be lifted; none where one was to be set.
    pub lifted: Option<i64>,
    /// The name that was typed.
    pub name: String,
    /// What was chosen: `actor` or `query`.
    pub kind: String,
    /// The id or query that was typed.
    pub what: String,
    /// The reason that was typed.
    pub reason: String,
    /// Which field is wrong: `name`, `what` or `reason`.
    pub field: String,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// Lists them.
#[server(prefix = "/pages", endpoint = "holds", input = server_fn::codec::GetUrl)]
pub async fn list(
    /// The zone of times; empty for UTC.
    tz: String,
) -> Result<HoldList, AppError> {
    crate::read::settings::holds(&tz).await
}

/// The page. The server itself answers its forms.
#[component]
pub fn Holds() -> impl IntoView {
    let tz = ViewState::from_search(&use_location().search.get_untracked()).tz;
    let not_held = use_context::<NotHeld>();
    let page =
        Suspend::new(async move { settle(list(tz).await, |list| view! { <Listed list not_held /> }.into_any()) });
    view! { <Frame>{page}</Frame> }
}

#[component]
fn Listed(list: HoldList, not_held: Option<NotHeld>) -> impl IntoView {
    let HoldList { standing, lifted, reach } = list;
    let (not_lifted, not_set) = match not_held {
        Some(refused) if refused.lifted.is_some() => (Some(refused), None),
        refused => (None, refused),
    };
    let none = standing.is_empty();
    let line = |hold: HoldLine| {
        let wrong = not_lifted.clone().filter(|refused| refused.lifted == Some(hold.id));
        view! { <Line hold wrong /> }
    };
    let standing = standing.into_iter().map(line).collect_view();
    let past = (!lifted.is_empty()).then(|| {
        let lifted = lifted.into_iter().map(|hold| view! { <Line hold wrong=None /> }).collect_view();
        view! {
            <section class="card" aria-labelledby="lifted">
                <h2 id="lifted">"Lifted"</h2>
                <ul class="holds">{lifted}</ul>
            </section>
        }
    });
    view! {
        <PageTitle text="Legal holds · Flightbox" />
        <SettingTrail title="Legal holds" />
        <div class="people">
            <h1>"Legal holds"</h1>
            <section class="card" aria-labelledby="standing">
                <h2 id="standing">"Standing"</h2>
                {if none {
                    view! { <p class="faded">"None. While one stands, what it holds survives every run of "<a href="/settings/retention">"retention"</a>"."</p> }
                        .into_any()
                } else {
                    view! { <ul class="holds">{standing}</ul> }.into_any()
                }}
            </section>
            <Set reach wrong=not_set />
            {past}
        </div>
    }
}

#[component]
fn Line(hold: HoldLine, wrong: Option<NotHeld>) -> impl IntoView {
    let HoldLine { id, name, of_actor, what, url, seeing, reason, by, since, may_lift, ended } = hold;
    let standing = ended.is_none();
    let shown = revealed(&name);
    let ended = ended.map(|Ended { at, by, reason }| {
        view! {
            <div><dt>"Lifted"</dt><dd><FullTime at />" by "<Text text=by /></dd></div>
            <div><dt>"Because"</dt><dd><Text text=reason /></dd></div>
        }
    });
    view! {
        <li>
            <h3><Text text=name /></h3>
            <dl class="facts">
                <div>
                    <dt>{if of_actor { "Actor" } else { "Query" }}</dt>
                    <dd><a class="mono" href=url><Text text=what /></a></dd>
                </div>
                <div><dt>"Sources"</dt><dd><SeeingWords seeing /></dd></div>
                <div><dt>"Reason"</dt><dd><Text text=reason /></dd></div>
                <div><dt>"Since"</dt><dd><FullTime at=since />" by "<Text text=by /></dd></div>
                {ended}
            </dl>
            {(standing && may_lift).then(|| view! { <Lift id name=shown wrong /> })}
            {(standing && !may_lift)
                .then(|| view! { <p class="faded">"It reaches sources that you may not see, so only somebody who sees those lifts it."</p> })}
        </li>
    }
}

#[component]
fn Lift(id: i64, name: String, wrong: Option<NotHeld>) -> impl IntoView {
    let open = wrong.is_some();
    let (typed, message) = wrong.map(|wrong| (wrong.reason, wrong.message)).unzip();
    view! {
        <details class="kept-edit" open=open>
            <summary aria-label=format!("Lift {name}")>"Lift"</summary>
            <form class="grants" method="post" action="/settings/holds">
                <input type="hidden" name="do" value="lift" />
                <input type="hidden" name="hold" value=id />
                <p class="faded">"From then on what it holds goes by the rules again, the next night if it is over."</p>
                <ReasonField id=format!("lift-{id}") label="Reason" reason=typed.unwrap_or_default() wrong=message first=false />
                <button class="danger" type="submit">"Lift this hold"</button>
            </form>
        </details>
    }
}

#[component]
fn Set(reach: Seeing, wrong: Option<NotHeld>) -> impl IntoView {
    let typed = wrong.unwrap_or_else(|| NotHeld {
        lifted: None,
        name: String::new(),
        kind: "actor".to_owned(),
        what: String::new(),
        reason: String::new(),
        field: String::new(),
        message: String::new(),
    });
    let wrong = |field: &str| (typed.field == field).then(|| typed.message.clone());
    let (name, what, reason) = (wrong("name"), wrong("what"), wrong("reason"));
    let by_query = typed.kind == "query";
    view! {
        <section class="card" aria-labelledby="set">
            <h2 id="set">"Set a hold"</h2>
            <p class="faded">
                "It stands at once, in "<SeeingWords seeing=reach />", until somebody lifts it. A query’s times are fixed as they are now; its days are those of UTC. "
                <a href="/help">"How queries are written"</a>
            </p>
            <form class="grants" method="post" action="/settings/holds">
                <input type="hidden" name="do" value="set" />
                <Field id="name".to_owned() name="name" label="Name" value=typed.name most=64 wrong=name />
                <fieldset>
                    <legend>"What is held"</legend>
                    <label class="check">
                        <input type="radio" name="kind" value="actor" checked=!by_query />
                        <span>"Everything that an actor did"</span>
                    </label>
                    <label class="check">
                        <input type="radio" name="kind" value="query" checked=by_query />
                        <span>"Everything that a query finds"</span>
                    </label>
                </fieldset>
                <Field id="what".to_owned() name="what" label="The actor’s id, or the query" value=typed.what most=4096 wrong=what />
                <ReasonField label="Reason" reason=typed.reason wrong=reason first=false />
                <button class="primary" type="submit">"Set the hold"</button>
            </form>
        </section>
    }
}

/// A line of text, with what is wrong with it.
#[component]
fn Field(
    id: String,
    name: &'static str,
    label: &'static str,
    value: String,
    most: u32,
    wrong: Option<String>,
) -> impl IntoView {
    let refused = wrong.is_some();
    let problem = format!("{id}-wrong");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                name=name
                type="text"
                value=value
                maxlength=most
                autocomplete="off"
                required
                autofocus=refused
                aria-invalid=refused.then_some("true")
                aria-describedby=refused.then(|| problem.clone())
            />
            {wrong.map(|wrong| view! { <p class="wrong" id=problem role="alert">{wrong}</p> })}
        </div>
    }
}
