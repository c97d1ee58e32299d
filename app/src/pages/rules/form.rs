//! The text of the rules, to be changed, and what its words mean.

use leptos::prelude::*;

use super::{Difference, Looks, Meaning, RulesForm, Standing, version::Differences};
use crate::parts::text::{Text, inside_textarea};

/// The form.
#[component]
pub fn RulesFormCard(
    /// What stands in it.
    form: RulesForm,
    /// The version in force.
    current: i64,
    /// What the words of a rule mean.
    words: Vec<Meaning>,
    /// What values are known by their looks.
    looks: Vec<Looks>,
) -> impl IntoView {
    let RulesForm { text, from, errors, standing, changes } = form;
    let wrong = !errors.is_empty();
    let confirmed = standing == Standing::Confirmed;
    let may_save = standing != Standing::TryOnly;
    // Whoever sends it again has seen what others changed meanwhile.
    let from = if matches!(standing, Standing::Overtaken(_)) { current } else { from };
    let errors = wrong.then(|| {
        let lines = errors.into_iter().map(|(line, message)| {
            view! { <li><b>"Line "{line}</b>" "<Text text=message /></li> }
        });
        view! { <div class="wrong" id="wrong" role="alert"><ul class="rule-errors">{lines.collect_view()}</ul></div> }
    });
    let changed = (!changes.is_empty()).then(|| view! { <Changed changes current /> });
    view! {
        <section class="card" aria-labelledby="change">
            <h2 id="change">"Change them"</h2>
            <Said standing current />
            <div class="rule-form">
                <form method="post" action="/settings/rules">
                    <input type="hidden" name="from" value=from />
                    <label for="text">"Rules, one a line"</label>
                    <textarea
                        id="text"
                        class="mono"
                        name="text"
                        rows="18"
                        maxlength="32768"
                        spellcheck="false"
                        autocapitalize="off"
                        autocomplete="off"
                        aria-invalid=wrong.then_some("true")
                        aria-describedby=wrong.then_some("wrong")
                    >
                        {inside_textarea(&text)}
                    </textarea>
                    {errors}
                    {changed}
                    <div class="choice">
                        <button class=if confirmed { "outlined" } else { "primary" } type="submit" name="do" value="try">"Try"</button>
                        {may_save
                            .then(|| {
                                let class = if confirmed { "primary" } else { "outlined" };
                                view! { <button class=class type="submit" name="do" value="save">"Put in force"</button> }
                            })}
                    </div>
                    <p class="faded small">
                        "Trying changes nothing: it goes through the newest 1,000 events that you may see. To put rules in force you confirm that it is you."
                    </p>
                </form>
                <Words words />
                <LooksOfValues looks />
            </div>
        </section>
    }
}

/// What is to be said before anything else.
#[component]
fn Said(standing: Standing, current: i64) -> impl IntoView {
    let said = |class: &'static str, text: String| view! { <p class=class role="status">{text}</p> }.into_any();
    match standing {
        Standing::Open => ().into_any(),
        Standing::Confirmed => said(
            "said",
            "You have confirmed this change. Put it in force within ten minutes of that; with another text you confirm again."
                .to_owned(),
        ),
        Standing::Unconfirmed => {
            said("said", "This change has not been confirmed. Nothing is in force of it yet.".to_owned())
        }
        Standing::Lost => said(
            "said wrong",
            "The text that you were about to put in force is no longer kept here. Below are the rules in force; make the change again."
                .to_owned(),
        ),
        Standing::Same => said("said", format!("This is what version {current} says already. Nothing was changed.")),
        Standing::TryOnly => said(
            "said",
            "Rules are for every source, and you see only some: you can try rules, and somebody who sees all of them puts them in force."
                .to_owned(),
        ),
        Standing::Overtaken(theirs) => view! {
            <div class="said wrong" role="alert">
                <p>
                    "Somebody else was faster: version "{current}" is in force now. Nothing of yours was put in force; your text is kept below. Putting it in force undoes what it does not have of theirs."
                </p>
                <h3>"What they changed"</h3>
                <Differences lines=theirs />
            </div>
        }
        .into_any(),
    }
}

#[component]
fn Changed(changes: Vec<Difference>, current: i64) -> impl IntoView {
    view! {
        <div class="changed">
            <h3>"What this text changes of version "{current}</h3>
            <Differences lines=changes />
        </div>
    }
}

#[component]
fn Words(words: Vec<Meaning>) -> impl IntoView {
    let words = words.into_iter().map(|Meaning { form, means }| {
        view! { <div><dt><code>{form}</code></dt><dd>{means}</dd></div> }
    });
    view! {
        <section class="rule-words" aria-labelledby="words">
            <h3 id="words">"What the words mean"</h3>
            <dl>{words.collect_view()}</dl>
        </section>
    }
}

#[component]
fn LooksOfValues(looks: Vec<Looks>) -> impl IntoView {
    let looks = looks.into_iter().map(|Looks { word, finds, misses }| {
        view! { <div><dt><code>"value "{word}</code></dt><dd>{finds}"."<small>{misses}</small></dd></div> }
    });
    view! {
        <section class="rule-looks" aria-labelledby="looks">
            <h3 id="looks">"What is known by its looks, and what is not"</h3>
            <dl>{looks.collect_view()}</dl>
            <p class="faded small">"Looks are a net with holes: name the keys and paths that you know of."</p>
        </section>
    }
}
