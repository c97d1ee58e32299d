//! JSON for people.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{sealed::SealedMark, text::Text};

/// What a piece of JSON text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Punctuation and white space.
    Plain,
    /// A member's name.
    Key,
    /// A string.
    Text,
    /// A number.
    Number,
    /// `true`, `false` or `null`.
    Word,
    /// A value that is not shown; the text says so.
    Sealed,
}

/// A piece of JSON text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// The text.
    pub text: String,
}

/// A scalar somewhere inside a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// The names that lead to it; positions in arrays count as names.
    pub path: Vec<String>,
    /// What it is.
    pub kind: Kind,
    /// The scalar as text, strings without their quotes.
    pub text: String,
}

impl Leaf {
    fn shown(self) -> AnyView {
        match self.kind {
            Kind::Sealed => view! { <SealedMark words=self.text /> }.into_any(),
            _ => view! { <Text text=self.text /> }.into_any(),
        }
    }
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Kind::Plain => "j-plain",
            Kind::Key => "j-key",
            Kind::Text => "j-text",
            Kind::Number => "j-number",
            Kind::Word => "j-word",
            Kind::Sealed => "j-sealed",
        }
    }
}

/// JSON over several lines, its kinds told apart.
#[component]
pub fn Raw(
    /// The text in pieces.
    tokens: Vec<Token>,
) -> impl IntoView {
    let pieces = tokens.into_iter().map(|Token { kind, text }| match kind {
        // Line breaks are layout here, not content.
        Kind::Plain => text.into_any(),
        _ => view! { <span class=kind.class()><Text text /></span> }.into_any(),
    });
    view! { <pre class="json">{pieces.collect_view()}</pre> }
}

/// Every scalar of a value on a line of its own, what it shares with the line above dimmed.
#[component]
pub fn Leaves(
    /// The scalars, in order.
    leaves: Vec<Leaf>,
) -> impl IntoView {
    let mut above: Vec<String> = Vec::new();
    let rows: Vec<_> = leaves
        .into_iter()
        .map(|leaf| {
            let shared = leaf.path.iter().zip(&above).take_while(|(a, b)| a == b).count();
            let shared = shared.min(leaf.path.len().saturating_sub(1));
            let dim = leaf.path[..shared].iter().map(|name| format!("{name}.")).collect::<String>();
            let own = leaf.path[shared..].join(".");
            above.clone_from(&leaf.path);
            let class = leaf.kind.class();
            view! {
                <tr>
                    <th scope="row">
                        {(!dim.is_empty()).then(|| view! { <span class="shared"><Text text=dim /></span> })}
                        <Text text=own />
                    </th>
                    <td class=class>{leaf.shown()}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <table class="leaves">
            <thead class="vh">
                <tr>
                    <th scope="col">"Field"</th>
                    <th scope="col">"Value"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
