//! What came of trying rules.

use leptos::prelude::*;

use super::{Example, Left, RuleLine, Tried};
use crate::parts::{number::grouped, text::Text};

/// What rules would do, as tried on stored events.
#[component]
pub fn TriedCard(
    /// What came of it.
    tried: Tried,
) -> impl IntoView {
    let Tried { events, rules, examples, left, more } = tried;
    let total: usize = rules.iter().map(|(_, hidden)| hidden).sum();
    let summary = match (events, total) {
        (0, _) => "There is no event yet to try them on.".to_owned(),
        (_, 0) => format!(
            "Tried on the newest {} that you may see. There is no value in them that is clear and that these rules would hide.",
            many(events, "event")
        ),
        _ => format!(
            "Tried on the newest {} that you may see. {} in them {} clear and would be hidden, had {} come under these rules.",
            many(events, "event"),
            many(total, "value"),
            if total == 1 { "is" } else { "are" },
            if events == 1 { "it" } else { "they" },
        ),
    };
    let rows = rules.into_iter().map(|(RuleLine { line, .. }, hidden)| {
        view! {
            <tr class=(hidden == 0).then_some("idle")>
                <th scope="row"><code><Text text=line /></code></th>
                <td class="count">{grouped(hidden as u64)}</td>
            </tr>
        }
    });
    view! {
        <section class="card" aria-labelledby="tried">
            <h2 id="tried">"What these rules would do"</h2>
            <p role="status">{summary}</p>
            {(events > 0)
                .then(|| {
                    view! {
                        <div class="tried">
                            <table class="rule-table">
                                <thead>
                                    <tr><th scope="col">"Rule"</th><th scope="col" class="count">"Values it would hide"</th></tr>
                                </thead>
                                <tbody>{rows.collect_view()}</tbody>
                            </table>
                            {(!examples.is_empty()).then(|| view! { <Examples examples /> })}
                        </div>
                        <LeftClear left more />
                    }
                })}
        </section>
    }
}

#[component]
fn Examples(examples: Vec<Example>) -> impl IntoView {
    let lines = examples.into_iter().map(|Example { seq, path, kind }| {
        view! {
            <tr>
                <th scope="row"><a href=format!("/events/{seq}")>{seq}</a></th>
                <td class="mono"><Text text=path /></td>
                <td>
                    {match kind {
                        Some(kind) => view! { <Text text=kind />", sealed" }.into_any(),
                        None => "masked".into_any(),
                    }}
                </td>
            </tr>
        }
    });
    view! {
        <table class="rule-table rule-examples">
            <caption>"Some of them"</caption>
            <thead><tr><th scope="col">"Event"</th><th scope="col">"Where"</th><th scope="col">"Would be"</th></tr></thead>
            <tbody>{lines.collect_view()}</tbody>
        </table>
    }
}

#[component]
fn LeftClear(left: Vec<Left>, more: usize) -> impl IntoView {
    if left.is_empty() {
        return view! {
            <p class="faded left-none">"Of what is sealed in these events, nothing would come in clear in future."</p>
        }
        .into_any();
    }
    let lines = left.into_iter().map(|Left { seq, path, kind, count, unless }| {
        view! {
            <tr>
                <th scope="row" class="mono"><Text text=path /></th>
                <td><Text text=kind />{unless.map(|looks| view! { <small>"sealed still where it looks like "{looks}</small> })}</td>
                <td class="count">{grouped(count as u64)}</td>
                <td><a href=format!("/events/{seq}")>{seq}</a></td>
            </tr>
        }
    });
    view! {
        <div class="left">
            <h3>"Sealed today, clear in future"</h3>
            <p>
                "Values like these are sealed in the events that were tried, and no rule here would seal them. Those that are stored stay sealed."
            </p>
            <table class="rule-table">
                <thead>
                    <tr>
                        <th scope="col">"Where"</th>
                        <th scope="col">"Called"</th>
                        <th scope="col" class="count">"Values"</th>
                        <th scope="col">"For example"</th>
                    </tr>
                </thead>
                <tbody>{lines.collect_view()}</tbody>
            </table>
            {(more > 0).then(|| view! { <p class="faded">{format!("And at {}.", many(more, "more place"))}</p> })}
        </div>
    }
    .into_any()
}

fn many(count: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(count as u64), if count == 1 { "" } else { "s" })
}
