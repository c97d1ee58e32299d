//! A sentence about producers' values.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::text::Text;

/// A stretch of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// Our own words.
    Plain(String),
    /// A producer's or a person's.
    Value(String),
}

/// Pieces with spaces between them, values told apart from our words.
#[component]
pub fn Sentence(
    /// The pieces, in order.
    pieces: Vec<Piece>,
) -> impl IntoView {
    let shown = pieces.into_iter().enumerate().map(|(at, piece)| {
        let space = (at > 0).then_some(" ");
        match piece {
            Piece::Plain(text) => (space, text).into_any(),
            Piece::Value(text) => view! { {space}<b><Text text /></b> }.into_any(),
        }
    });
    shown.collect_view()
}

/// The same as plain text, for a page's title.
pub fn plain(pieces: &[Piece]) -> String {
    let words: Vec<_> = pieces.iter().map(|(Piece::Plain(text) | Piece::Value(text))| text.as_str()).collect();
    words.join(" ")
}
