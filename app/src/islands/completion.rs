//! Completion in the query box: a list of choices below it, in the pattern that the ARIA Authoring Practices call a
//! combobox with manual selection. Typing stays typing: nothing is chosen unless somebody goes there.

use leptos::prelude::*;

use crate::parts::completion::Choice;

/// Offers, below the field inside, what the query could go on with.
#[island]
pub fn Completion(
    /// The field, which works on its own, too.
    children: Children,
) -> impl IntoView {
    let choices = RwSignal::new(Vec::<Choice>::new());
    let active = RwSignal::new(None::<usize>);
    #[cfg(feature = "hydrate")]
    let list = listen::List::new(choices, active);
    let input = move |event| {
        #[cfg(feature = "hydrate")]
        list.typed(&event);
        let _: leptos::ev::Event = event;
    };
    let keydown = move |event| {
        #[cfg(feature = "hydrate")]
        list.key(&event);
        let _: leptos::ev::KeyboardEvent = event;
    };
    let close = move || {
        #[cfg(feature = "hydrate")]
        list.close();
    };
    let choose = move |event: leptos::ev::MouseEvent, at: usize| {
        // The field keeps the focus, and hears nothing of it.
        event.prevent_default();
        event.stop_propagation();
        #[cfg(feature = "hydrate")]
        if event.button() == 0 {
            list.accept(at);
        }
        let _ = at;
    };
    let option = move |(at, choice): (usize, Choice)| {
        view! {
            <li
                id=format!("q-choice-{at}")
                role="option"
                aria-selected=move || if active.get() == Some(at) { "true" } else { "false" }
                on:mousedown=move |event| choose(event, at)
            >
                <bdi>{choice.label}</bdi>
                <small>{choice.about}</small>
                <small>{choice.count}</small>
            </li>
        }
    };
    view! {
        <div class="completion" on:input=input on:keydown=keydown on:mousedown=move |_| close() on:focusout=move |_| close()>
            {children()}
            <ul id="q-choices" role="listbox" aria-label="Completions" hidden=move || choices.with(Vec::is_empty)>
                {move || choices.get().into_iter().enumerate().map(option).collect_view()}
            </ul>
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod listen {
    use std::time::Duration;

    use leptos::{ev, prelude::*, server_fn::ServerFn, task::spawn_local};
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{
        Element, HtmlInputElement, InputEvent, ScrollIntoViewOptions, ScrollLogicalPosition, SelectionMode,
        js_sys::{Array, encode_uri_component},
    };

    use crate::{
        islands::browser::{find, focused, get_json, member},
        parts::completion::{Choice, Complete},
    };

    /// So long after a key it is believed that no other follows at once.
    const PAUSE: Duration = Duration::from_millis(90);

    /// The list, and what is known of the query that it belongs to.
    #[derive(Clone, Copy)]
    pub struct List {
        choices: RwSignal<Vec<Choice>>,
        active: RwSignal<Option<usize>>,
        /// Where the text stands whose place a choice takes.
        span: StoredValue<(u32, u32)>,
        /// Counts what has happened to the query, so that an answer to what it was before is known as such.
        turn: StoredValue<u32>,
        /// The turn that the list answers.
        answered: StoredValue<u32>,
    }

    impl List {
        /// Makes the field a combobox: without this script it is a field and nothing more.
        pub fn new(choices: RwSignal<Vec<Choice>>, active: RwSignal<Option<usize>>) -> Self {
            let [turn, answered] = [0, 0].map(StoredValue::new);
            let list = Self { choices, active, span: StoredValue::new((0, 0)), turn, answered };
            Effect::new(move || {
                let Some(field) = field() else { return };
                set(&field, "role", "combobox");
                set(&field, "aria-autocomplete", "list");
                set(&field, "aria-controls", "q-choices");
            });
            Effect::new(move || list.describe());
            list
        }

        /// Tells who cannot see the list whether it is open, and where in it one is.
        fn describe(self) {
            let Some(field) = field() else { return };
            let open = self.choices.with(|choices| !choices.is_empty());
            set(&field, "aria-expanded", if open { "true" } else { "false" });
            let Some(at) = self.active.get() else { return drop(field.remove_attribute("aria-activedescendant")) };
            let id = format!("q-choice-{at}");
            set(&field, "aria-activedescendant", &id);
            if let Some(choice) = find::<Element>(&format!("#{id}")) {
                let options = ScrollIntoViewOptions::new();
                options.set_block(ScrollLogicalPosition::Nearest);
                choice.scroll_into_view_with_scroll_into_view_options(&options);
            }
        }

        pub fn typed(self, event: &ev::Event) {
            self.active.set(None);
            // An input method shows choices of its own.
            let composing = event.dyn_ref::<InputEvent>().is_some_and(InputEvent::is_composing);
            if composing { self.close() } else { self.ask(PAUSE, false) }
        }

        pub fn key(self, event: &ev::KeyboardEvent) {
            if event.is_composing() || event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            let many = self.choices.with_untracked(Vec::len);
            match (event.key().as_str(), self.active.get_untracked()) {
                ("ArrowDown", _) if many == 0 => self.ask(Duration::ZERO, true),
                ("ArrowDown", at) => self.go(at.map_or(0, |at| (at + 1) % many)),
                ("ArrowUp", at) if many > 0 => self.go(at.filter(|at| *at > 0).unwrap_or(many) - 1),
                ("Enter" | "Tab", Some(at)) => self.accept(at),
                ("Escape", _) if many > 0 => self.close(),
                // The caret goes elsewhere, or the person does.
                ("ArrowLeft" | "ArrowRight" | "Home" | "End" | "Tab" | "Enter", _) => return self.close(),
                _ => return,
            }
            event.prevent_default();
        }

        /// On to a choice. While a newer list is on its way there is nowhere to go.
        fn go(self, to: usize) {
            if self.is_current() {
                self.active.set(Some(to));
            }
        }

        pub fn accept(self, at: usize) {
            let choice = self.choices.with_untracked(|choices| choices.get(at).cloned());
            let (Some(field), Some(Choice { text, .. })) = (field(), choice.filter(|_| self.is_current())) else {
                return;
            };
            let (from, to) = self.span.get_value();
            let _ = field.set_range_text_with_start_and_end_and_selection_mode(&text, from, to, SelectionMode::End);
            self.close();
            // Behind a key its values follow.
            if text.ends_with(':') {
                self.ask(Duration::ZERO, false);
            }
        }

        pub fn close(self) {
            self.turn.update_value(|turn| *turn += 1);
            self.show(Vec::new());
        }

        fn show(self, choices: Vec<Choice>) {
            self.active.set(None);
            // What shows already is not made again.
            if self.choices.with_untracked(|shown| *shown != choices) {
                self.choices.set(choices);
            }
        }

        fn is_current(self) -> bool {
            self.answered.get_value() == self.turn.get_value()
        }

        /// Asks for choices where the caret stands, and shows them unless something else has happened since.
        fn ask(self, pause: Duration, wanted: bool) {
            self.turn.update_value(|turn| *turn += 1);
            let turn = self.turn.get_value();
            let still = move || self.turn.get_value() == turn;
            let asked = async move {
                let Some(url) = field().filter(|_| still()).and_then(|field| url(&field)) else { return };
                let offer = get_json(&url).await.unwrap_or_default();
                if !still() || field().map(Into::into) != focused() {
                    return;
                }
                self.answered.set_value(turn);
                self.span.set_value((number(&offer, "from"), number(&offer, "to")));
                let shows = wanted || member(&offer, "unasked").is_falsy();
                self.show(if shows { choices(&offer) } else { Vec::new() });
            };
            set_timeout(move || spawn_local(asked), pause);
        }
    }

    fn field() -> Option<HtmlInputElement> {
        find("#q")
    }

    fn set(field: &HtmlInputElement, name: &str, value: &str) {
        let _ = field.set_attribute(name, value);
    }

    /// Where the choices are for what stands on both sides of the caret.
    fn url(field: &HtmlInputElement) -> Option<String> {
        let caret = field.selection_start().ok().flatten()? as usize;
        let text: Vec<u16> = field.value().encode_utf16().collect();
        let (before, after) = text.split_at_checked(caret)?;
        let [before, after] = [before, after].map(|text| encode_uri_component(&String::from_utf16_lossy(text)));
        Some(format!("{}?before={before}&after={after}", Complete::PATH))
    }

    fn choices(offer: &JsValue) -> Vec<Choice> {
        let text = |of: &JsValue, name| member(of, name).as_string().unwrap_or_default();
        let choice = |of: JsValue| Choice {
            text: text(&of, "text"),
            label: text(&of, "label"),
            about: text(&of, "about"),
            count: text(&of, "count"),
        };
        Array::from(&member(offer, "choices")).iter().map(choice).collect()
    }

    fn number(of: &JsValue, name: &str) -> u32 {
        member(of, name).as_f64().unwrap_or_default() as u32
    }
}
