//! The line to the server: a stream of server-sent events that is taken up again when it breaks, and rests while nobody
//! looks at the page.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, HtmlElement, MessageEvent};

use crate::islands::browser::find;

/// Refusals in a row after which nothing more is asked for.
const REFUSALS: u32 = 5;
/// The longest wait between two attempts, in seconds.
const LONGEST: u64 = 15;

/// What is heard.
pub enum Heard {
    /// The server is there.
    Open,
    /// It is not.
    Away,
    /// It does not want to.
    Refused,
    /// The session is over.
    SignedOut,
    /// How many events have come, in words.
    Count(String),
    /// A part of the page, whose HTML the server has rendered.
    Part(String),
    /// Rows of a table: how many, and their HTML, which the server has rendered.
    Rows {
        /// How many.
        count: usize,
        /// The HTML.
        html: String,
        /// Whether others before them were left out.
        flood: bool,
    },
}

/// What is asked for after a break.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// All that has come since the page was made.
    FromPage,
    /// What has come since the last message.
    FromLast,
}

struct Line {
    url: String,
    since: RefCell<String>,
    resume: Resume,
    source: RefCell<Option<EventSource>>,
    attempts: Cell<u32>,
    refusals: Cell<u32>,
    over: Cell<bool>,
    heard: Box<dyn Fn(Heard)>,
}

/// Listens for as long as the page lives to the stream that it names.
pub fn listen(resume: Resume, heard: impl Fn(Heard) + 'static) {
    let Some(place) = find::<HtmlElement>("[data-stream]") else { return };
    let attribute = |name| place.get_attribute(name).unwrap_or_default();
    let line = Rc::new(Line {
        url: attribute("data-stream"),
        since: RefCell::new(attribute("data-since")),
        resume,
        source: RefCell::default(),
        attempts: Cell::default(),
        refusals: Cell::default(),
        over: Cell::default(),
        heard: Box::new(heard),
    });
    line.clone().open();
    let turned =
        Closure::<dyn FnMut()>::new(move || if document().hidden() { line.close() } else { line.clone().open() });
    let turned = turned.into_js_value();
    let _ = document().add_event_listener_with_callback("visibilitychange", turned.unchecked_ref());
}

impl Line {
    fn open(self: Rc<Self>) {
        if self.over.get() || self.source.borrow().is_some() || document().hidden() {
            return;
        }
        let mark = if self.url.contains('?') { '&' } else { '?' };
        let Ok(source) = EventSource::new(&format!("{}{mark}since={}", self.url, self.since.borrow())) else { return };
        self.clone().on(&source, "open", |line, _| {
            line.attempts.set(0);
            line.refusals.set(0);
            (line.heard)(Heard::Open);
        });
        self.clone().on(&source, "count", |line, event| (line.heard)(Heard::Count(text(event))));
        self.clone().on(&source, "part", |line, event| (line.heard)(Heard::Part(text(event))));
        self.clone().on(&source, "badge", |_, event| {
            if let Some(badge) = find::<HtmlElement>(".top .integrity") {
                badge.set_outer_html(&text(event));
            }
        });
        self.clone().on(&source, "rows", |line, event| line.rows(event, false));
        self.clone().on(&source, "flood", |line, event| line.rows(event, true));
        self.clone().on(&source, "end", |line, _| line.end(Heard::SignedOut));
        self.clone().on(&source, "error", Self::broken);
        self.source.replace(Some(source));
    }

    fn on(self: Rc<Self>, source: &EventSource, name: &str, then: fn(&Rc<Self>, &MessageEvent)) {
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| then(&self, &event));
        let _ = source.add_event_listener_with_callback(name, listener.into_js_value().unchecked_ref());
    }

    fn rows(self: &Rc<Self>, event: &MessageEvent, flood: bool) {
        let text = text(event);
        let Some((count, html)) = text.split_once('\n') else { return };
        if self.resume == Resume::FromLast {
            self.since.replace(event.last_event_id());
        }
        (self.heard)(Heard::Rows { count: count.parse().unwrap_or_default(), html: html.to_owned(), flood });
    }

    /// The browser's own way to try again would ask once more for what the page was told already.
    fn broken(self: &Rc<Self>, _: &MessageEvent) {
        let refused = self.source.borrow().as_ref().is_some_and(|source| source.ready_state() == EventSource::CLOSED);
        self.close();
        if refused {
            self.refusals.set(self.refusals.get() + 1);
        }
        if self.refusals.get() >= REFUSALS {
            return self.end(Heard::Refused);
        }
        (self.heard)(Heard::Away);
        let wait = Duration::from_secs((1 << self.attempts.get().min(8)).min(LONGEST));
        self.attempts.set(self.attempts.get() + 1);
        let line = self.clone();
        set_timeout(move || line.open(), wait);
    }

    fn end(&self, last: Heard) {
        self.over.set(true);
        self.close();
        (self.heard)(last);
    }

    fn close(&self) {
        if let Some(source) = self.source.take() {
            source.close();
        }
    }
}

fn text(event: &MessageEvent) -> String {
    event.data().as_string().unwrap_or_default()
}
