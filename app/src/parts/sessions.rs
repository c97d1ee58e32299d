//! Where somebody is signed in.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::stamp::{FullTime, Stamp};

/// A live session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLine {
    /// What it is called in the record of access, and in forms.
    pub digest: String,
    /// The program and the system, in words.
    pub device: String,
    /// What the program said it is.
    pub agent: Option<String>,
    /// From where it was begun.
    pub address: String,
    /// When it began.
    pub began: Stamp,
    /// How long ago it was last used.
    pub used: String,
    /// Whether it is the one that the page was asked for with.
    pub own: bool,
    /// What the record of access has of it, for those who may see that.
    pub trail: Option<String>,
}

/// The sessions of somebody, each with a way to end it.
#[component]
pub fn Sessions(
    /// The sessions.
    sessions: Vec<SessionLine>,
    /// Where the forms go, where they may be ended.
    action: Option<String>,
    /// What ends all of them is called, and what it does to whom it may concern.
    all: &'static str,
) -> impl IntoView {
    if sessions.is_empty() {
        return view! { <p class="faded">"None: nobody is signed in under this name."</p> }.into_any();
    }
    let others = sessions.iter().filter(|session| !session.own).count();
    let lines = sessions.into_iter().map(|session| view! { <Line session action=action.clone() /> });
    let lines = lines.collect_view();
    let end_all = action.filter(|_| others > 0).map(|action| {
        view! {
            <form class="act" method="post" action=action>
                <input type="hidden" name="do" value="end-all" />
                <button class="danger" type="submit">{all}</button>
            </form>
        }
    });
    view! {
        <ul class="sessions">{lines}</ul>
        {end_all}
    }
    .into_any()
}

#[component]
fn Line(session: SessionLine, action: Option<String>) -> impl IntoView {
    let SessionLine { digest, device, agent, address, began, used, own, trail } = session;
    let label = format!("End the session of {device} at {address}");
    let action = action.filter(|_| !own);
    view! {
        <li>
            <p class="session-device" title=agent>
                <b>{device}</b>
                {own.then(|| view! { <span class="standing active">"this one"</span> })}
            </p>
            <p class="faded">
                <span class="mono">{address}</span>
                " · last used "{used}
                {trail.map(|url| view! { " · "<a href=url>"what it did here"</a> })}
            </p>
            <p class="faded">"began "<FullTime at=began /></p>
            {action
                .map(|action| {
                    view! {
                        <form method="post" action=action>
                            <input type="hidden" name="do" value="end" />
                            <input type="hidden" name="session" value=digest />
                            <button class="danger" type="submit" aria-label=label>"End"</button>
                        </form>
                    }
                })}
        </li>
    }
}
