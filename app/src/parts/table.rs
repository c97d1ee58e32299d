//! The table of events.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    icon::Icon,
    outcome::OutcomeLink,
    stamp::{Clock, Stamp},
    text::Text,
    value::{Value, ValueLink},
};

/// The events of one day of the view's zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// The day in words.
    pub label: String,
    /// The day.
    pub date: String,
    /// The zone's offset at its newest event.
    pub offset: String,
    /// Its events, newest first.
    pub rows: Vec<Row>,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its sequence number.
    pub seq: i64,
    /// Its page, as a part of this view.
    pub url: String,
    /// The time it is ordered by.
    pub time: Stamp,
    /// Whether it claims another time.
    pub skewed: bool,
    /// Who.
    pub actor: ActorCell,
    /// Did what.
    pub action: Value,
    /// To what.
    pub resource: Option<Value>,
    /// How it ended.
    pub outcome: Value,
    /// From where.
    pub address: Option<Value>,
    /// In which country.
    pub country: Option<String>,
    /// Told by whom.
    pub source: Value,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorCell {
    /// The name, where it tells more than the id.
    pub name: Option<String>,
    /// The id.
    pub id: Value,
    /// What kind of actor it is, where it is no person.
    pub kind: Option<String>,
}

/// Events by day, newest first. Columns leave as the room gets narrow; on a phone each row is a card.
#[component]
pub fn Table(
    /// The days.
    days: Vec<Day>,
) -> impl IntoView {
    let heads = [
        ("c-time", "Time"),
        ("c-actor", "Actor"),
        ("c-action", "Action"),
        ("c-resource", "Resource"),
        ("c-outcome", "Outcome"),
        ("c-address", "Address"),
        ("c-source", "Source"),
    ];
    let heads = heads.map(|(class, word)| view! { <th scope="col" class=class>{word}</th> });
    view! {
        <table class="events">
            <caption class="vh">"Events, newest first"</caption>
            <thead>
                <tr>{heads.into_iter().collect_view()}</tr>
            </thead>
            {days.into_iter().map(|day| view! { <DayRows day /> }).collect_view()}
        </table>
    }
    .into_any()
}

#[component]
fn DayRows(day: Day) -> impl IntoView {
    let offset = day.offset.clone();
    let rows = day.rows.into_iter().map(|row| {
        let own_offset = row.time.offset != offset;
        view! { <EventRow row own_offset /> }
    });
    view! {
        <tbody>
            <tr class="day">
                // It spans what is always there; columns that leave take their part of this row along.
                <th scope="rowgroup" colspan="5">
                    <time datetime=day.date>{day.label}</time>
                    " "
                    <span class="faded">{day.offset}</span>
                </th>
                <td class="c-address"></td>
                <td class="c-source"></td>
            </tr>
            {rows.collect_view()}
        </tbody>
    }
}

#[component]
fn EventRow(row: Row, own_offset: bool) -> impl IntoView {
    view! {
        <tr class="event">
            <td class="c-time mono">
                <a class="row-link" href=row.url>
                    <Clock at=row.time own_offset />
                </a>
                {row.skewed.then(|| view! { <Skewed /> })}
            </td>
            <td class="c-actor">
                <ActorLink actor=row.actor />
            </td>
            <td class="c-action mono">
                <ActionLink action=row.action />
            </td>
            <td class="c-resource mono">{row.resource.map(|value| view! { <ValueLink value /> })}</td>
            <td class="c-outcome">
                <OutcomeLink outcome=row.outcome />
            </td>
            <td class="c-address mono">
                {row.address.map(|value| view! { <ValueLink value /> })}
                {row.country.map(|text| view! { <span class="country"><Text text /></span> })}
            </td>
            <td class="c-source">
                <ValueLink value=row.source />
            </td>
        </tr>
    }
}

#[component]
fn Skewed() -> impl IntoView {
    let why = "Clock skew: the event claims a time that cannot be true";
    view! {
        <span class="skewed" title=why>
            <Icon name="skew" />
            <span class="vh">{why}</span>
        </span>
    }
}

/// Who did it: the name, then the id. Filters by the id; the actor's page is one step further.
#[component]
pub fn ActorLink(
    /// The actor.
    actor: ActorCell,
) -> impl IntoView {
    let id = actor.id.text.clone();
    let label = match actor.name {
        Some(name) => view! { <Text text=name />" "<span class="id"><Text text=id /></span> }.into_any(),
        None => view! { <Text text=id /> }.into_any(),
    };
    let kind = actor.kind.map(|kind| view! { <span class="kind">{kind}</span> });
    view! {
        <ValueLink value=actor.id label=label />
        {kind}
    }
}

/// What was done; what it belongs to is dimmed, the deed stands out.
#[component]
pub fn ActionLink(
    /// The action.
    action: Value,
) -> impl IntoView {
    let label = match action.text.rsplit_once('.') {
        Some((above, deed)) if !deed.is_empty() => {
            let (above, deed) = (format!("{above}."), deed.to_owned());
            view! { <span class="faded"><Text text=above /></span><Text text=deed /> }.into_any()
        }
        _ => view! { <Text text=action.text.clone() /> }.into_any(),
    };
    view! { <ValueLink value=action label=label /> }
}
