//! The steps of adding and removing a second factor.

use leptos::prelude::*;

use super::{Factor, Picture};
use crate::parts::{
    passkey::{Challenge, PasskeyField, Use},
    question::Question,
    text::Text,
};

/// The secret of a new authenticator app, and the form that proves that the app has it.
#[component]
pub fn AddTotp(
    /// The secret as the app's camera reads it.
    picture: Picture,
    /// The secret to be typed.
    secret: String,
    /// The secret, sealed.
    sealed: String,
    /// What the factor is to be called.
    name: String,
    /// Why the last code was refused.
    wrong: Option<String>,
) -> impl IntoView {
    let refused = wrong.is_some();
    view! {
        <h1>"Add the authenticator app "<Text text=name.clone() /></h1>
        <ol class="steps">
            <li class="card">
                <p>"Let the app read this picture."</p>
                <Qr picture />
                <details>
                    <summary>"Or type the secret"</summary>
                    <p class="mono totp-secret">{secret}</p>
                    <p class="faded small">"By time, six digits, thirty seconds."</p>
                </details>
            </li>
            <li class="card">
                <p>"Then type the six digits that it shows."</p>
                <form class="factor-add" method="post" action="/account/factors">
                    <input type="hidden" name="do" value="add" />
                    <input type="hidden" name="kind" value="totp" />
                    <input type="hidden" name="name" value=name />
                    <input type="hidden" name="sealed" value=sealed />
                    <label for="code">"Code"</label>
                    <input
                        id="code"
                        class="mono"
                        name="code"
                        type="text"
                        inputmode="numeric"
                        autocomplete="one-time-code"
                        maxlength="7"
                        required
                        autofocus
                        aria-invalid=refused.then_some("true")
                        aria-describedby=refused.then_some("refused")
                    />
                    {wrong.map(|wrong| view! { <p class="wrong" id="refused" role="alert">{wrong}</p> })}
                    <div class="choice">
                        <button class="primary" type="submit">"Add it"</button>
                        <a class="outlined" href="/account/factors">"Leave it"</a>
                    </div>
                </form>
            </li>
        </ol>
    }
}

/// Dark on light in either theme: cameras read nothing else.
#[component]
fn Qr(picture: Picture) -> impl IntoView {
    let edge = 4;
    let size = picture.width + 2 * edge;
    let origin = format!("-{edge} -{edge} {size} {size}");
    view! {
        <svg class="qr" viewBox=origin role="img" aria-label="QR code of the secret" shape-rendering="crispEdges">
            <rect x=format!("-{edge}") y=format!("-{edge}") width=size height=size fill="#fff" />
            <path fill="#000" d=picture.strokes />
        </svg>
    }
}

/// The button that makes a new passkey.
#[component]
pub fn AddPasskey(
    /// What it is asked.
    challenge: Challenge,
    /// What it is to be called.
    name: String,
    /// Why the last one was refused.
    wrong: Option<String>,
) -> impl IntoView {
    view! {
        <h1>"Add the passkey "<Text text=name.clone() /></h1>
        <section class="card">
            <p>
                "Your browser asks where to keep it: in this device, in your phone, or in a security key. It has to check that it is you, by a finger, a face or a PIN."
            </p>
            {wrong.map(|wrong| view! { <p class="wrong" role="alert">{wrong}</p> })}
            <form class="factor-add" method="post" action="/account/factors">
                <input type="hidden" name="do" value="add" />
                <input type="hidden" name="kind" value="passkey" />
                <input type="hidden" name="name" value=name />
                <div class="choice">
                    <PasskeyField challenge how=Use::Create label="Make the passkey" />
                    <a class="outlined" href="/account/factors">"Leave it"</a>
                </div>
            </form>
        </section>
    }
}

/// The last question before a factor is gone; whether there is no other matters.
pub fn removal(factor: Factor, last: bool) -> Question {
    let afterwards = if last {
        "It is your only one. Without it your password alone lets you in, and your recovery codes are void."
    } else {
        "Your other factors stay as they are, and so do your recovery codes."
    };
    Question {
        title: format!("Remove {}", factor.name),
        fields: vec![("do", "remove".to_owned()), ("factor", factor.id)],
        yes: "Remove it",
        no: "Keep it",
        takes: true,
        ..asked(afterwards.to_owned())
    }
}

/// The last question before the old codes, of which so many are left, are void.
pub fn new_codes(codes_left: i64) -> Question {
    Question {
        title: "Get other recovery codes".to_owned(),
        fields: vec![("do", "codes".to_owned())],
        yes: "Get ten codes",
        no: "Keep the old ones",
        ..asked(format!("You get ten new ones. The old ones, of which {codes_left} are left, let nobody in any more."))
    }
}

fn asked(about: String) -> Question {
    Question { about, page: "/account/factors".to_owned(), ..Question::default() }
}

/// Recovery codes, this once.
#[component]
pub fn Codes(
    /// The codes.
    codes: Vec<String>,
) -> impl IntoView {
    let text = codes.join("\n");
    let codes = codes.into_iter().map(|code| view! { <li class="mono">{code}</li> }).collect_view();
    view! {
        <h1>"Keep these recovery codes"</h1>
        <section class="card">
            <p>
                "Each lets you in once when your second factor is lost. They are shown now and never again: print them, or put them where your passwords are."
            </p>
            <ul class="codes">{codes}</ul>
            <div class="choice">
                <a class="primary" href="/account/factors">"I have kept them"</a>
                <button class="outlined needs-js" type="button" data-copy=text>"Copy"</button>
            </div>
        </section>
    }
}
