//! What a query that is being written could go on with.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// Choices for the part of a query around the caret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Where the text starts whose place a choice takes, in UTF-16 code units, as browsers count.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// Whether nothing of it is typed yet, so that only somebody who asks wants to see it.
    pub unasked: bool,
    /// The choices, at most ten.
    pub choices: Vec<Choice>,
}

/// One way to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is written for it.
    pub text: String,
    /// How it shows.
    pub label: String,
    /// What it means.
    pub about: String,
    /// How many events have it, if that was counted.
    pub count: String,
}

/// Completes.
#[server(prefix = "/pages", endpoint = "completion", input = server_fn::codec::GetUrl)]
pub async fn complete(
    /// The query up to the caret.
    before: String,
    /// The query from the caret on.
    after: String,
) -> Result<Offer, AppError> {
    crate::read::completion::offer(&before, &after).await
}
