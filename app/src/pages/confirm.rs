//! `/confirm`: it is still you, before something that matters.

use leptos::prelude::*;

use crate::parts::{
    passkey::{Challenge, CodeField, PasskeyField, Use},
    person::PasswordField,
    problem::Door,
    text::Text,
};

/// What the page asks for. Whoever renders it provides this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmAsked {
    /// Who is signed in.
    pub name: String,
    /// The word for what it is for.
    pub purpose: String,
    /// What it unlocks, in words.
    pub unlocks: String,
    /// For how long.
    pub lasts: String,
    /// Where to go afterwards.
    pub next: String,
    /// What a passkey of theirs is asked, if they have one.
    pub passkey: Option<Challenge>,
    /// Which code is asked for beside the password.
    pub code: Code,
    /// Whether no further try is heard: this session is over.
    pub ended: bool,
    /// Why the last try was refused.
    pub wrong: Option<String>,
}

/// Which code is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// None, for there is no second factor: the password alone.
    None,
    /// Neither code nor password: a passkey has to do it.
    PasskeyOnly,
    /// That of an authenticator app.
    Totp,
    /// The same, or a recovery code.
    TotpOrRecovery,
    /// A recovery code.
    Recovery,
}

impl Code {
    fn hint(self) -> Option<&'static str> {
        match self {
            Code::None | Code::PasskeyOnly => None,
            Code::Totp => Some("Six digits of your authenticator app"),
            Code::TotpOrRecovery => Some("Six digits of your authenticator app, or a recovery code if it is lost"),
            Code::Recovery => Some("A recovery code, if the passkey is lost"),
        }
    }
}

/// The page. Its forms are answered by the server itself.
#[component]
pub fn Confirm() -> impl IntoView {
    let Some(asked) = use_context::<ConfirmAsked>() else { return ().into_any() };
    let wrong = asked.wrong.clone().map(|wrong| view! { <p class="wrong" id="refused" role="alert">{wrong}</p> });
    if asked.ended {
        return view! {
            <Door title="Signed out">
                {wrong}
                <p>"If that was not you, tell whoever administers this Flightbox. Every try is recorded."</p>
                <p><a href="/sign-in">"Sign in again"</a></p>
            </Door>
        }
        .into_any();
    }
    let passkey = asked.passkey.clone().map(|challenge| {
        view! {
            <form class="door-form" method="post" action="/confirm">
                <For purpose=asked.purpose.clone() next=asked.next.clone() />
                <PasskeyField challenge how=Use::Get label="Use a passkey" />
            </form>
        }
    });
    let typed = (asked.code != Code::PasskeyOnly).then(|| view! { <Typed asked=asked.clone() /> });
    let weak = (asked.code == Code::None).then(|| {
        view! {
            <p class="weak">
                "You have no second factor, so the password alone has to do. That is weaker: whoever knows it can do this, too."
            </p>
        }
    });
    view! {
        <Door title="Confirm that it is you">
            <p>"This unlocks "<b>{asked.unlocks}</b>", "{asked.lasts}"."</p>
            {wrong}
            {weak}
            {passkey}
            {typed}
            <p class="faded small">
                "You are signed in as "<Text text=asked.name />". Each try is recorded; ten wrong ones end the session."
            </p>
        </Door>
    }
    .into_any()
}

#[component]
fn For(purpose: String, next: String) -> impl IntoView {
    view! {
        <input type="hidden" name="for" value=purpose />
        <input type="hidden" name="next" value=next />
    }
}

#[component]
fn Typed(asked: ConfirmAsked) -> impl IntoView {
    let refused = asked.wrong.is_some();
    let alone = asked.passkey.is_none();
    let code = asked.code.hint().map(|hint| view! { <CodeField hint refused /> });
    view! {
        <form class="door-form" method="post" action="/confirm">
            <For purpose=asked.purpose next=asked.next />
            <input type="hidden" name="name" value=asked.name autocomplete="username" />
            <PasswordField refused autofocus={alone || refused} />
            {code}
            <button class=if alone { "primary" } else { "outlined" } type="submit">"Confirm"</button>
        </form>
    }
}
