//! `/account/factors`: one's own second factors.

mod change;

use leptos::prelude::*;

use change::{AddPasskey, AddTotp, Codes, new_codes, removal};

use crate::parts::{
    frame::Frame, icon::Icon, passkey::Challenge, question::LastQuestion, text::Text, text::revealed, title::PageTitle,
};

/// What the page shows. Whoever renders it provides this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factors {
    /// The factors that there are.
    pub held: Vec<Factor>,
    /// That those before were removed.
    pub removed: Option<Removed>,
    /// How many recovery codes are left.
    pub codes_left: i64,
    /// Whether there can be passkeys at this address.
    pub passkeys: bool,
    /// What is being done.
    pub doing: Doing,
    /// What is wrong with what was asked for, in a sentence.
    pub wrong: Option<String>,
    /// The name that was given to a factor.
    pub name: String,
}

/// That an admin removed somebody's factors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// When, in words.
    pub at: String,
    /// Who.
    pub by: String,
}

/// A second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// Its key.
    pub id: String,
    /// What its holder calls it.
    pub name: String,
    /// Whether it is a passkey; else it is an authenticator app.
    pub passkey: bool,
    /// The day it was added.
    pub added: String,
    /// The day it was last used, if ever.
    pub used: Option<String>,
}

/// What somebody is doing with their factors. Each of these was confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Nothing: the list.
    Nothing,
    /// Adding an authenticator app.
    AddTotp {
        /// What the app's camera reads.
        picture: Picture,
        /// The same to be typed.
        secret: String,
        /// The same, sealed, to be sent back.
        sealed: String,
    },
    /// Adding a passkey.
    AddPasskey(Challenge),
    /// Removing a factor.
    Remove(Factor),
    /// Getting other recovery codes.
    NewCodes,
    /// Reading recovery codes, which are shown this once.
    Codes(Vec<String>),
}

/// A QR code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// How many squares it is wide and high.
    pub width: usize,
    /// The strokes of its dark squares, as an SVG path has them.
    pub strokes: String,
}

/// The page. The server itself answers its forms.
#[component]
pub fn FactorsPage() -> impl IntoView {
    let Some(Factors { held, removed, codes_left, passkeys, doing, wrong, name }) = use_context::<Factors>() else {
        return ().into_any();
    };
    let shown = match doing {
        Doing::Nothing => view! { <List held removed codes_left passkeys wrong name /> }.into_any(),
        Doing::AddTotp { picture, secret, sealed } => view! { <AddTotp picture secret sealed name wrong /> }.into_any(),
        Doing::AddPasskey(challenge) => view! { <AddPasskey challenge name wrong /> }.into_any(),
        Doing::Remove(factor) => view! { <LastQuestion question=removal(factor, held.len() == 1) /> }.into_any(),
        Doing::NewCodes => view! { <LastQuestion question=new_codes(codes_left) /> }.into_any(),
        Doing::Codes(codes) => view! { <Codes codes /> }.into_any(),
    };
    view! {
        <Frame>
            <PageTitle text="Second factors · Flightbox" />
            <div class="kept factors">{shown}</div>
        </Frame>
    }
    .into_any()
}

#[component]
fn List(
    held: Vec<Factor>,
    removed: Option<Removed>,
    codes_left: i64,
    passkeys: bool,
    wrong: Option<String>,
    name: String,
) -> impl IntoView {
    let none = held.is_empty();
    let cards = held.into_iter().map(|factor| view! { <Card factor /> }).collect_view();
    let intro = if none {
        "None yet. With one, your password alone lets nobody in."
    } else {
        "Asked for beside your password when you sign in, and again before they are changed."
    };
    view! {
        <h1>"Second factors"</h1>
        {removed.map(|removed| view! { <Told removed /> })}
        <p class="intro">{intro}</p>
        {(!none).then(|| view! { <ul>{cards}</ul> })}
        {(!none).then(|| view! { <Left codes_left /> })}
        <section class="card" aria-labelledby="add">
            <h2 id="add">"Add one"</h2>
            <form class="factor-add" method="get" action="/account/factors">
                <input type="hidden" name="do" value="add" />
                <label for="name">"Its name"</label>
                <input
                    id="name"
                    name="name"
                    type="text"
                    value=name
                    maxlength="64"
                    placeholder="Phone"
                    autocomplete="off"
                    required
                    aria-invalid=wrong.is_some().then_some("true")
                    aria-describedby=wrong.is_some().then_some("refused")
                />
                {wrong.map(|wrong| view! { <p class="wrong" id="refused" role="alert">{wrong}</p> })}
                <div class="choice">
                    <button class="primary" type="submit" name="kind" value="totp">
                        <Icon name="phone" />
                        "Authenticator app"
                    </button>
                    {passkeys
                        .then(|| {
                            view! {
                                <button class="outlined needs-js" type="submit" name="kind" value="passkey">
                                    <Icon name="key" />
                                    "Passkey"
                                </button>
                            }
                        })}
                </div>
            </form>
            {(!passkeys)
                .then(|| {
                    view! {
                        <p class="faded small">
                            "Passkeys belong to a name, and this Flightbox is reached by an address; FLIGHTBOX_PUBLIC_URL gives it a name."
                        </p>
                    }
                })}
        </section>
    }
}

/// Whoever did not ask for it should know at once.
#[component]
fn Told(removed: Removed) -> impl IntoView {
    view! {
        <p class="weak removed" role="status">
            <b><Text text=removed.by /></b>" removed your second factors on "{removed.at}
            ", as lost ones are. Until you add another your password alone lets you in. If you did not ask for this, tell another administrator now."
        </p>
    }
}

#[component]
fn Card(factor: Factor) -> impl IntoView {
    let remove = format!("/account/factors?do=remove&factor={}", factor.id);
    let label = format!("Remove {}", revealed(&factor.name));
    let (icon, kind) = if factor.passkey { ("key", "Passkey") } else { ("phone", "Authenticator app") };
    let used = factor.used.map_or("never used to sign in or confirm".to_owned(), |day| format!("last used {day}"));
    view! {
        <li class="card factor">
            <Icon name=icon />
            <div>
                <p><b><Text text=factor.name /></b></p>
                <p class="faded small">{kind}" · added "{factor.added}" · "{used}</p>
            </div>
            <a class="outlined" href=remove aria-label=label>"Remove"</a>
        </li>
    }
}

#[component]
fn Left(codes_left: i64) -> impl IntoView {
    let left = match codes_left {
        0 => "No recovery code is left".to_owned(),
        1 => "One recovery code is left".to_owned(),
        left => format!("{left} recovery codes are left"),
    };
    view! {
        <p class="codes-left">
            <span>{left}", each for one time that everything else is lost."</span>
            <a href="/account/factors?do=codes">"Get other ones"</a>
        </p>
    }
}
