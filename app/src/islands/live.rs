//! What comes into a view while somebody looks at it. Both islands find the stream's address in the page around them.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
pub(super) mod line;
#[cfg(feature = "hydrate")]
mod rows;
#[cfg(feature = "hydrate")]
mod tail;

/// How many events a live table keeps.
pub const KEPT: usize = 300;

/// Says how many new events there are, and leads to the view with them.
#[island]
pub fn NewEvents() -> impl IntoView {
    let (said, set_said) = signal(String::new());
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        line::listen(line::Resume::FromPage, move |heard| {
            if let line::Heard::Count(text) = heard {
                set_said.set(text);
            }
        })
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = set_said;
    // The empty address is the page's own.
    view! {
        <p role="status">
            <a class="pill" href="" hidden=move || said.read().is_empty()>{said}</a>
        </p>
    }
}

/// How a live table gets on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// The first answer is still to come.
    Starting,
    /// What comes is shown.
    Live,
    /// So much comes that some of it is left out.
    Flooded,
    /// The server does not answer.
    Away,
    /// The session is over.
    SignedOut,
    /// The server does not want to go on.
    Refused,
}

impl Mood {
    /// Whether nothing more will come.
    fn is_over(self) -> bool {
        matches!(self, Mood::SignedOut | Mood::Refused)
    }

    fn words(self) -> &'static str {
        match self {
            Mood::Starting => "Connecting",
            Mood::Live => "Live",
            Mood::Flooded => "Live, but more comes than can be shown",
            Mood::Away => "The server does not answer; trying again",
            Mood::SignedOut => "No longer live: you are signed out",
            Mood::Refused => "No longer live: the server has ended it",
        }
    }
}

/// A live table's state, beside its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// How it gets on.
    pub mood: Mood,
    /// Whether what comes is held back.
    pub paused: bool,
    /// How many rows are.
    pub waiting: usize,
}

impl Tail {
    fn is_running(self) -> bool {
        matches!(self.mood, Mood::Live | Mood::Flooded)
    }

    fn words(self) -> String {
        match self.waiting {
            0 if self.is_running() && self.paused => "Paused".to_owned(),
            waiting if self.is_running() && self.paused => format!("Paused, {waiting} waiting"),
            _ => self.mood.words().to_owned(),
        }
    }
}

/// Shows events as they come, and holds them back while paused.
#[island]
pub fn LiveTail() -> impl IntoView {
    let tail = RwSignal::new(Tail { mood: Mood::Starting, paused: false, waiting: 0 });
    #[cfg(feature = "hydrate")]
    Effect::new(move || tail::follow(tail));
    let turn = move |_| {
        tail.update(|tail| tail.paused = !tail.paused);
        #[cfg(feature = "hydrate")]
        tail::show_held(tail);
    };
    let class = move || if tail.get().is_running() && !tail.get().paused { "live-dot on" } else { "live-dot" };
    view! {
        <span class=class aria-hidden="true"></span>
        <p class="tail-said" role="status">{move || tail.get().words()}</p>
        <a class="tail-again" href="" hidden=move || !tail.get().mood.is_over()>"Load again"</a>
        <button class="tail-pause" type="button" hidden=move || tail.get().mood.is_over() on:click=turn>
            {move || if tail.get().paused { "Resume" } else { "Pause" }}
        </button>
    }
}
