//! Why somebody does what takes a reason.

use leptos::prelude::*;

use super::text::inside_textarea;

/// The field for it, with what is wrong with it where it was refused.
#[component]
pub fn ReasonField(
    /// What is asked.
    label: &'static str,
    /// What was typed.
    reason: String,
    /// What is wrong with it, in a sentence.
    wrong: Option<String>,
) -> impl IntoView {
    let refused = wrong.is_some();
    view! {
        <label for="reason">{label}</label>
        <textarea
            id="reason"
            name="reason"
            rows="2"
            maxlength="1024"
            required
            autofocus
            aria-invalid=refused.then_some("true")
            aria-describedby=refused.then_some("refused")
        >
            {inside_textarea(&reason)}
        </textarea>
        {wrong.map(|wrong| view! { <p class="wrong" id="refused" role="alert">{wrong}</p> })}
    }
}
