//! What changed, before and after.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::text::Text;

/// One changed field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field.
    pub field: String,
    /// Its value before, if it had one.
    pub before: Option<String>,
    /// Its value after, if it has one.
    pub after: Option<String>,
}

/// The changes as a diff.
#[component]
pub fn Changes(
    /// The changed fields, in the producer's order.
    changes: Vec<Change>,
) -> impl IntoView {
    let rows = changes.into_iter().map(|change| {
        let what = match (&change.before, &change.after) {
            (None, Some(_)) => Some("added"),
            (Some(_), None) => Some("removed"),
            _ => None,
        };
        view! {
            <tr>
                <th scope="row">
                    <Text text=change.field />
                    {what.map(|what| view! { " "<span class="faded">{what}</span> })}
                </th>
                <td>{change.before.map(|text| view! { <del><Text text /></del> })}</td>
                <td>{change.after.map(|text| view! { <ins><Text text /></ins> })}</td>
            </tr>
        }
    });
    view! {
        <table class="diff">
            <thead>
                <tr>
                    <th scope="col">"Field"</th>
                    <th scope="col">"Before"</th>
                    <th scope="col">"After"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}
