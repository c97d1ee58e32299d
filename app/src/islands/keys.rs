//! The keyboard.

use leptos::{html::Dialog, prelude::*};

use crate::parts::icon::Icon;

/// What keys do, for the list that `?` opens.
const KEYS: &[(&[&str], &str)] = &[
    (&["/"], "write a query"),
    (&["j", "k"], "next, previous event"),
    (&["↓", "↑"], "the same, from one of them"),
    (&["Enter"], "open the event, then its page"),
    (&["Esc"], "close, or back to the list"),
    (&["[", "]"], "earlier, later window"),
    (&["t"], "choose the window"),
    (&["u"], "UTC or local time"),
    (&["g", "o"], "go to the overview"),
    (&["g", "e"], "go to all events"),
    (&["g", "a"], "go to the event’s actor"),
    (&["?"], "this list"),
];

/// Listens to keys, and lists them in a dialog.
#[island]
pub fn Keys() -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    #[cfg(feature = "hydrate")]
    Effect::new(move || listen::listen(dialog));
    let open = move |_| {
        #[cfg(feature = "hydrate")]
        listen::show(dialog);
    };
    let lines = KEYS.iter().map(|(keys, meaning)| {
        view! {
            <div>
                <dt>{keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view()}</dt>
                <dd>{*meaning}</dd>
            </div>
        }
    });
    view! {
        <button class="quiet needs-js" type="button" aria-label="Keyboard" title="Keyboard (?)" on:click=open>
            <Icon name="help" />
        </button>
        <dialog class="keys" node_ref=dialog aria-labelledby="keys-title">
            <form method="dialog">
                <h2 id="keys-title">"Keyboard"</h2>
                <button class="quiet" aria-label="Close">
                    <Icon name="close" />
                </button>
            </form>
            <dl>{lines.collect_view()}</dl>
        </dialog>
    }
}

#[cfg(feature = "hydrate")]
mod listen {
    use leptos::{ev, html::Dialog, prelude::*};
    use wasm_bindgen::JsCast;
    use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

    use crate::islands::{
        browser::{click, find, focus, focused, go},
        rows, zone,
    };

    /// Opens the list of keys; the browser gives the focus back when it closes.
    pub fn show(dialog: NodeRef<Dialog>) {
        if let Some(dialog) = dialog.get_untracked() {
            let _ = dialog.show_modal();
        }
    }

    /// Listens for as long as the page lives.
    pub fn listen(dialog: NodeRef<Dialog>) {
        let going = StoredValue::new(false);
        window_event_listener(ev::click, zone::clicked);
        window_event_listener(ev::keydown, move |event: KeyboardEvent| {
            let chord = event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing();
            if chord || event.default_prevented() || find::<HtmlElement>("dialog[open]").is_some() {
                return;
            }
            let was_going = going.get_value();
            going.set_value(false);
            match event.key().as_str() {
                "Escape" => escape(),
                _ if typing() => return,
                "/" => write_query(),
                "j" => rows::step(1),
                "k" => rows::step(-1),
                "ArrowDown" if rows::have_arrows() => rows::step(1),
                "ArrowUp" if rows::have_arrows() => rows::step(-1),
                "[" => click(".when > a[aria-label='Earlier window']"),
                "]" => click(".when > a[aria-label='Later window']"),
                "t" => click(".when summary"),
                "?" => show(dialog),
                "u" => zone::switch(),
                "g" => going.set_value(true),
                "o" if was_going => go("/"),
                "e" if was_going => go("/events"),
                "a" if was_going => drop(rows::actor().map(|actor| actor.click())),
                _ => return,
            }
            event.prevent_default();
        });
    }

    /// Whether keys belong to a field just now.
    fn typing() -> bool {
        focused().is_some_and(|element| element.matches("input, textarea, select").unwrap_or(false))
    }

    fn write_query() {
        if let Some(field) = find::<HtmlInputElement>("#q") {
            focus(&field);
            field.select();
        }
    }

    /// From the innermost thing that is open outwards: a menu, a field, the event beside the list, the page itself.
    fn escape() {
        if let Some(menu) = find::<HtmlElement>(":is(.when, .toolbar) details[open]") {
            let _ = menu.remove_attribute("open");
            if let Some(summary) = menu.query_selector("summary").ok().flatten() {
                focus(summary.unchecked_ref());
            }
        } else if typing() {
            focused().and_then(|field| field.dyn_into::<HtmlElement>().ok()).map(|field| field.blur());
        } else if find::<HtmlElement>("#beside").is_some() {
            click("#beside .beside-close");
        } else {
            click("a[data-up]");
        }
    }
}
