//! Another password for oneself.

use leptos::prelude::*;

use crate::parts::person::KnownName;

/// Why the password stays what it is. Whoever answers the form provides it when rendering the page again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRenewed {
    /// What is wrong, in a sentence.
    pub message: String,
}

#[component]
pub(super) fn PasswordSection(name: String, done: bool, not_renewed: Option<NotRenewed>) -> impl IntoView {
    let wrong = not_renewed.is_some();
    let field = move |id: &'static str, label: &'static str, complete: &'static str| {
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <input
                    id=id
                    name=id
                    type="password"
                    autocomplete=complete
                    required
                    aria-invalid=wrong.then_some("true")
                    aria-describedby=wrong.then_some("not-renewed")
                />
            </div>
        }
    };
    view! {
        <section class="card" aria-labelledby="password-title">
            <h2 id="password-title">"Password"</h2>
            {done
                .then(|| {
                    view! { <p class="done" role="status">"Your password is changed, and every other session has ended."</p> }
                })}
            {not_renewed
                .map(|refused| view! { <p class="wrong" id="not-renewed" role="alert">{refused.message}</p> })}
            <form class="grants" method="post" action="/account">
                <input type="hidden" name="do" value="password" />
                <KnownName name />
                {field("old", "Password now", "current-password")}
                {field("password", "New password", "new-password")}
                {field("again", "New password, once more", "new-password")}
                <p class="faded small">"A change ends every other session of yours."</p>
                <button class="primary" type="submit">"Change the password"</button>
            </form>
        </section>
    }
}
