//! The keyboard.

use leptos::{html::Dialog, prelude::*};

use crate::parts::icon::Icon;

/// What keys do, for the list that `?` opens.
const KEYS: &[(&[&str], &str)] = &[
    (&["/"], "write a query"),
    (&["j", "k"], "next, previous event"),
    (&["Enter"], "open the event"),
    (&["Esc"], "close, or back to the list"),
    (&["[", "]"], "earlier, later window"),
    (&["t"], "choose the window"),
    (&["g", "e"], "go to all events"),
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

    use crate::islands::browser::{all, click, find, focus, focused};

    /// Opens the list of keys; the browser gives the focus back when it closes.
    pub fn show(dialog: NodeRef<Dialog>) {
        if let Some(dialog) = dialog.get_untracked() {
            let _ = dialog.show_modal();
        }
    }

    /// Listens for as long as the page lives.
    pub fn listen(dialog: NodeRef<Dialog>) {
        let going = StoredValue::new(false);
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
                "j" => step(1),
                "k" => step(-1),
                "[" => click(".when > a[aria-label='Earlier window']"),
                "]" => click(".when > a[aria-label='Later window']"),
                "t" => click(".when summary"),
                "?" => show(dialog),
                "g" => going.set_value(true),
                "e" if was_going => drop(window().location().assign("/events")),
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

    /// From the innermost thing that is open outwards: a panel, a field, the page itself.
    fn escape() {
        if let Some(panel) = find::<HtmlElement>("details[open]") {
            let _ = panel.remove_attribute("open");
            if let Some(summary) = find::<HtmlElement>(".when summary") {
                focus(&summary);
            }
        } else if typing() {
            focused().and_then(|field| field.dyn_into::<HtmlElement>().ok()).map(|field| field.blur());
        } else {
            click("a[data-up]");
        }
    }

    /// To the next or previous row; on an event's own page, to the next or previous event.
    fn step(by: isize) {
        let rows = all("a.row-link");
        if rows.is_empty() {
            return click(if by > 0 { ".trail a[rel=next]" } else { ".trail a[rel=prev]" });
        }
        let here = focused().and_then(|element| element.closest("tr, li").ok().flatten());
        let at = here.and_then(|here| rows.iter().position(|row| here.contains(Some(row))));
        let next = match at {
            Some(at) => at.saturating_add_signed(by).min(rows.len() - 1),
            None if by > 0 => 0,
            None => rows.len() - 1,
        };
        focus(&rows[next]);
    }
}
