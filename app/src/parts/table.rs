//! The table of events.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    columns::{Column, chosen},
    icon::Icon,
    outcome::OutcomeLink,
    remark::{Remark, RemarkMark},
    sealed::SealedSign,
    stamp::{Clock, Stamp},
    text::Text,
    value::{Value, ValueLink},
};
use crate::state::{Place, ViewState};

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
    /// Its page, which leads back to this view.
    pub url: String,
    /// The time it is ordered by.
    pub time: Stamp,
    /// What is remarkable about it.
    pub remarks: Vec<Remark>,
    /// Whether it has sealed values.
    pub sealed: bool,
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
    /// What stands in columns that are not always there.
    pub more: Vec<Cell>,
}

/// What stands in one of those columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The column's name.
    pub column: String,
    /// The value, if the event has one.
    pub value: Option<Value>,
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

/// Events by day; a row puts its event beside the table. Columns leave as the room gets narrow; on a phone each row is a card.
#[component]
pub fn Table(
    /// The days.
    days: Vec<Day>,
    /// The view, which says which columns there are.
    state: ViewState,
) -> impl IntoView {
    let columns = chosen(state.place, &state.cols);
    let heads = columns.iter().map(|column| view! { <th scope="col" class=column.class>{column.label}</th> });
    let (order, other, caption) = match state.oldest_first() {
        true => ("ascending", "", "Events, oldest first"),
        false => ("descending", "oldest", "Events, newest first"),
    };
    let turn = state.with_sort(other).events();
    let kind = if state.place == Place::Access { " access" } else { "" };
    let class = if state.rows == "compact" { format!("events compact{kind}") } else { format!("events{kind}") };
    let rest = columns.clone();
    view! {
        <table class=class>
            <caption class="vh">{caption}</caption>
            <thead>
                <tr>
                    <th scope="col" class="c-time" aria-sort=order>
                        <a href=turn title="The other way round">"Time" <Icon name="down" /></a>
                    </th>
                    {heads.collect_view()}
                </tr>
            </thead>
            {days.into_iter().map(|day| view! { <DayRows day state=state.clone() columns=rest.clone() /> }).collect_view()}
        </table>
    }
    .into_any()
}

/// The events of one day, under its heading.
#[component]
pub fn DayRows(
    /// The day.
    day: Day,
    /// The view that it is part of.
    state: ViewState,
    /// The columns beside the time.
    columns: Vec<&'static Column>,
) -> impl IntoView {
    let offset = day.offset.clone();
    // The heading spans what is always there; columns that leave take their part of this row along.
    let lasting = columns.iter().take_while(|column| !column.may_leave()).count();
    let leaving = columns[lasting..].iter().map(|column| view! { <td class=column.class></td> }).collect_view();
    let rows = day.rows.into_iter().map(|row| {
        let own_offset = row.time.offset != offset;
        let url = match state.place {
            Place::Events => state.beside(row.seq).events(),
            // Nothing stands beside the record of access: opening it again would be one more search in it.
            Place::Access => row.url.clone(),
        };
        let current = state.event == row.seq.to_string();
        view! { <EventRow row url current own_offset columns=columns.clone() /> }
    });
    let rows = rows.collect_view();
    view! {
        <tbody>
            <tr class="day">
                <th scope="rowgroup" colspan=(1 + lasting).to_string()>
                    <time datetime=day.date>{day.label}</time>
                    " "
                    <span class="faded">{day.offset}</span>
                </th>
                {leaving}
            </tr>
            {rows}
        </tbody>
    }
}

#[component]
fn EventRow(row: Row, url: String, current: bool, own_offset: bool, columns: Vec<&'static Column>) -> impl IntoView {
    let Row { time, remarks, sealed, actor, action, resource, outcome, address, country, source, more, .. } = row;
    let link = |value: Option<Value>| value.map(|value| view! { <ValueLink value /> });
    let mut cells = vec![
        ("actor", view! { <td class="c-actor"><ActorLink actor /></td> }.into_any()),
        ("action", view! { <td class="c-action mono"><ActionLink action /></td> }.into_any()),
        ("resource", view! { <td class="c-resource mono">{link(resource)}</td> }.into_any()),
        ("outcome", view! { <td class="c-outcome"><OutcomeLink outcome /></td> }.into_any()),
        (
            "ip",
            view! {
                <td class="c-address mono">
                    {link(address)} {country.map(|text| view! { <span class="country"><Text text /></span> })}
                </td>
            }
            .into_any(),
        ),
        ("source", view! { <td class="c-source">{link(Some(source))}</td> }.into_any()),
    ];
    cells.retain(|(name, _)| columns.iter().any(|column| column.name == *name));
    let more = more.into_iter().map(|cell| view! { <td class="c-more mono">{link(cell.value)}</td> });
    view! {
        <tr class="event">
            <td class="c-time mono">
                <a class="row-link" href=url aria-current=current.then_some("true")>
                    <Clock at=time own_offset />
                </a>
                <RemarkMark remarks />
                {sealed.then(|| view! { <SealedSign /> })}
            </td>
            {cells.into_iter().map(|(_, cell)| cell).collect_view()}
            {more.collect_view()}
        </tr>
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
    let label = view! { <ActionWord text=action.text.clone() /> }.into_any();
    view! { <ValueLink value=action label=label /> }
}

/// The same where it leads nowhere.
#[component]
pub fn ActionWord(
    /// The action.
    text: String,
) -> impl IntoView {
    match text.rsplit_once('.') {
        Some((above, deed)) if !deed.is_empty() => {
            let (above, deed) = (format!("{above}."), deed.to_owned());
            view! { <span class="faded"><Text text=above /></span><Text text=deed /> }.into_any()
        }
        _ => view! { <Text text /> }.into_any(),
    }
}
