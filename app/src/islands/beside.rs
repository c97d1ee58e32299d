//! The event beside the list, exchanged without loading the page again.
//!
//! A link of the list or the panel that changes nothing of the page's URL but its event is followed here: the server
//! renders the panel alone, and the URL goes along. Opening the panel is a step that Back takes back; what it shows
//! after that is the same step. Whatever cannot be done here is left to the browser, as it is without a script. A row
//! that is opened in another tab opens its event's own page there: the list is here already.

use leptos::prelude::*;

/// Follows those links, and says what came to stand beside the list.
#[island]
pub fn Follow() -> impl IntoView {
    let (said, set_said) = signal(String::new());
    #[cfg(feature = "hydrate")]
    Effect::new(move || follow::listen(set_said));
    #[cfg(not(feature = "hydrate"))]
    let _ = set_said;
    view! { <p class="vh" role="status">{said}</p> }
}

#[cfg(feature = "hydrate")]
mod follow {
    use std::time::Duration;

    use leptos::{ev, prelude::*, task::spawn_local};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Element, HtmlAnchorElement, HtmlElement, MouseEvent, Response};

    use crate::{
        islands::{
            browser::{find, focus, focused, go, search},
            rows,
        },
        state::ViewState,
    };

    /// What a step of the browser's history keeps, if it was made by opening the panel.
    const OPENED: &str = "beside";

    /// A page with an event beside its list.
    #[derive(Clone, PartialEq)]
    struct Wanted {
        seq: i64,
        search: String,
    }

    #[derive(Clone, Copy)]
    struct Follower {
        /// What shall be shown, until it is.
        wanted: StoredValue<Option<Wanted>>,
        /// Whether something is being fetched. One at a time: whoever holds a key down asks for more than they see.
        busy: StoredValue<bool>,
        said: WriteSignal<String>,
    }

    /// Listens for as long as the page lives.
    pub fn listen(said: WriteSignal<String>) {
        let follower = Follower { wanted: StoredValue::new(None), busy: StoredValue::new(false), said };
        window_event_listener(ev::click, move |event| follower.clicked(&event));
        window_event_listener(ev::click, |event| elsewhere(&event));
        window_event_listener(ev::auxclick, |event| elsewhere(&event));
        window_event_listener(ev::popstate, move |_| follower.arrived());
    }

    impl Follower {
        fn clicked(self, event: &MouseEvent) {
            let Some(link) = link(event) else { return };
            let (here, there) = (ViewState::from_search(&search()), ViewState::from_search(&link.search()));
            if link.pathname() != "/events" || here.alone() != there.alone() {
                return;
            }
            let shown = self.wanted.get_value().map_or(here.event, |wanted| wanted.seq.to_string());
            match there.event.parse() {
                _ if there.event == shown => again(event),
                Ok(seq) => self.want(Wanted { seq, search: link.search() }),
                Err(_) => self.close(&link.href()),
            }
            event.prevent_default();
        }

        /// The URL has changed by going back or forward.
        fn arrived(self) {
            let search = search();
            let event = ViewState::from_search(&search).event;
            let shown = find::<Element>("#beside").and_then(|panel| panel.get_attribute("data-event"));
            match event.parse() {
                _ if shown.as_deref().unwrap_or_default() == event => {}
                Ok(seq) => self.want(Wanted { seq, search }),
                Err(_) => self.hide(),
            }
        }

        fn want(self, wanted: Wanted) {
            rows::mark(wanted.seq);
            self.wanted.set_value(Some(wanted));
            if !self.busy.get_value() {
                self.busy.set_value(true);
                spawn_local(self.fetch());
            }
        }

        async fn fetch(self) {
            while let Some(next) = self.wanted.get_value() {
                let Some(html) = panel(&next).await else {
                    // Signed out, or something broke: the page itself says which.
                    return go(&format!("/events{}", next.search));
                };
                // Closed meanwhile.
                let Some(now) = self.wanted.get_value() else { break };
                if now == next {
                    self.wanted.set_value(None);
                }
                self.put(&next, &html);
            }
            self.busy.set_value(false);
        }

        fn put(self, shown: &Wanted, html: &str) {
            // Whoever was inside goes on from the same place.
            let inside = focused().filter(|element| element.closest("#beside").is_ok_and(|panel| panel.is_some()));
            match find::<Element>("#beside") {
                Some(panel) => panel.set_outer_html(html),
                None => drop(find::<Element>(".list").map(|list| list.insert_adjacent_html("afterend", html))),
            }
            note(&shown.search);
            let Some(panel) = find::<HtmlElement>("#beside") else { return };
            if let Some(before) = inside {
                let rel = before.get_attribute("rel").unwrap_or_default();
                focus(&find(&format!("#beside a[rel='{rel}']")).unwrap_or_else(|| panel.clone()));
            } else if find::<HtmlElement>(".list").is_some_and(|list| list.offset_height() == 0) {
                // Where it is narrow the panel takes the list's place.
                window().scroll_to_with_x_and_y(0.0, 0.0);
                focus(&panel);
            }
            let title = find::<Element>("#beside-title").and_then(|title| title.text_content());
            self.said.set(format!("Beside the list: {}", title.unwrap_or_default()));
        }

        fn close(self, url: &str) {
            let Ok(history) = window().history() else { return };
            if ViewState::from_search(&search()).event.is_empty() {
                self.hide();
            } else if history.state().is_ok_and(|state| state == OPENED) {
                // Arrives at the list as it was before.
                let _ = history.back();
            } else {
                let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(url));
                self.hide();
            }
        }

        fn hide(self) {
            self.wanted.set_value(None);
            if let Some(panel) = find::<Element>("#beside") {
                panel.remove();
                self.said.set("Closed".to_owned());
            }
            if let Some(row) = rows::unmark() {
                focus(&row);
            }
        }
    }

    /// The link that a click follows in this very tab, if it is one of the list or the panel.
    fn link(event: &MouseEvent) -> Option<HtmlAnchorElement> {
        let elsewhere = event.shift_key() || event.alt_key() || in_another_tab(event);
        if event.default_prevented() || event.button() != 0 || elsewhere {
            return None;
        }
        closest(event, ".list .row-link, #beside a[href]")
    }

    fn closest(event: &MouseEvent, selector: &str) -> Option<HtmlAnchorElement> {
        let target: Element = event.target()?.dyn_into().ok()?;
        target.closest(selector).ok()??.dyn_into().ok()
    }

    /// Whether a click opens what it is on in another tab.
    fn in_another_tab(event: &MouseEvent) -> bool {
        event.button() == 1 || event.ctrl_key() || event.meta_key()
    }

    /// Lets a row lead to its event's own page for as long as it takes the browser to open that elsewhere, as only the
    /// browser itself can do it without going there.
    fn elsewhere(event: &MouseEvent) {
        let Some(row) = closest(event, ".list .row-link").filter(|_| in_another_tab(event)) else { return };
        let (href, state) = (row.href(), ViewState::from_search(&row.search()));
        let Ok(seq) = state.event.parse() else { return };
        row.set_href(&state.event_page(seq));
        set_timeout(move || row.set_href(&href), Duration::ZERO);
    }

    /// An event that is shown already is opened as a page by whoever opens it with a key once more.
    fn again(event: &MouseEvent) {
        let by_key = event.is_trusted() && event.detail() == 0;
        // A click here would call this very listener, which is at work.
        if let Some(page) = find::<HtmlAnchorElement>("#beside .beside-page").filter(|_| by_key) {
            go(&page.href());
        }
    }

    /// The panel as the server renders it.
    async fn panel(Wanted { seq, search }: &Wanted) -> Option<String> {
        let answer = JsFuture::from(window().fetch_with_str(&format!("/events/{seq}/panel{search}"))).await.ok()?;
        let answer: Response = answer.dyn_into().ok()?;
        let kind = answer.headers().get("content-type").ok().flatten().unwrap_or_default();
        if !matches!(answer.status(), 200 | 404) || !kind.starts_with("text/html") {
            return None;
        }
        JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
    }

    /// Lets the URL say what is shown.
    fn note(wanted: &str) {
        let (Ok(history), here) = (window().history(), search()) else { return };
        let url = format!("/events{wanted}");
        let _ = match ViewState::from_search(&here).event.as_str() {
            _ if here == wanted => Ok(()),
            "" => history.push_state_with_url(&JsValue::from_str(OPENED), "", Some(&url)),
            _ => history.replace_state_with_url(&history.state().unwrap_or(JsValue::NULL), "", Some(&url)),
        };
    }
}
