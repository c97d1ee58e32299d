//! Why somebody does what takes a reason.

use leptos::prelude::*;

use super::text::inside_textarea;

/// The field for it, with what is wrong with it where it was refused.
#[component]
pub fn ReasonField(
    /// What the page calls it, where it has several.
    #[prop(default = "reason".to_owned())]
    id: String,
    /// What is asked.
    label: &'static str,
    /// What was typed.
    reason: String,
    /// What is wrong with it, in a sentence.
    wrong: Option<String>,
    /// Whether it is what the page is for: there it is typed into at once. Elsewhere that takes that it was refused.
    #[prop(default = true)]
    first: bool,
) -> impl IntoView {
    let refused = wrong.is_some();
    let problem = format!("{id}-wrong");
    view! {
        <div class="reason-field">
            <label for=id.clone()>{label}</label>
            <textarea
                id=id
                name="reason"
                rows="2"
                maxlength="1024"
                required
                autofocus=first || refused
                aria-invalid=refused.then_some("true")
                aria-describedby=refused.then(|| problem.clone())
            >
                {inside_textarea(&reason)}
            </textarea>
            {wrong.map(|wrong| view! { <p class="wrong" id=problem role="alert">{wrong}</p> })}
        </div>
    }
}
