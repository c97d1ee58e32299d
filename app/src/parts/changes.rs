//! What changed, before and after.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    sealed::{Sealed, SealedMark},
    text::Text,
};

/// One changed field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field.
    pub field: String,
    /// Its value before, if it had one.
    pub before: Option<Side>,
    /// Its value after, if it has one.
    pub after: Option<Side>,
}

/// A value before or after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// It in full.
    Text(String),
    /// It is not shown.
    Sealed(Sealed),
}

impl Side {
    fn view(self) -> AnyView {
        match self {
            Side::Text(text) => view! { <Text text /> }.into_any(),
            Side::Sealed(sealed) => view! { <SealedMark words=sealed.words() /> }.into_any(),
        }
    }
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
                <td>{change.before.map(|side| view! { <del>{side.view()}</del> })}</td>
                <td>{change.after.map(|side| view! { <ins>{side.view()}</ins> })}</td>
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
