//! Files that are dropped on a page, looked at before they leave, and sent in a way that can be cancelled.

use leptos::prelude::*;

/// Sends the files of the form around it: of each the start, as soon as it is chosen, to see what it would be read as; all
/// of it once it is to be imported. The server's answer is the page, of which the parts that changed are taken over.
#[island]
pub fn Dropping() -> impl IntoView {
    let (busy, set_busy) = signal(false);
    let (said, set_said) = signal("");
    #[cfg(feature = "hydrate")]
    Effect::new(move || sending::listen(set_busy, set_said));
    #[cfg(not(feature = "hydrate"))]
    let _ = (set_busy, set_said);
    view! {
        <button class="outlined" type="button" data-cancel="" hidden=move || !busy.get()>
            "Cancel"
        </button>
        <p class="import-said" role="status">
            {said}
        </p>
    }
}

#[cfg(feature = "hydrate")]
mod sending {
    use std::time::Duration;

    use leptos::{ev, prelude::*, task::spawn_local};
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{
        AbortController, DragEvent, Element, FormData, HtmlElement, HtmlFormElement, HtmlInputElement,
        HtmlTemplateElement, RequestInit, Response,
    };

    use crate::islands::browser::{all, find};

    const FORM: &str = "form[data-import]";
    /// Bytes of a file's start, as many as the server looks at.
    const START: f64 = 524_288.0;
    /// Files that the server looks at.
    const MOST_FILES: u32 = 20;
    /// How long after it was cancelled an import is sure to be over.
    const OVER: Duration = Duration::from_secs(1);

    /// What is sent.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum What {
        /// The start of each file.
        Look,
        /// All of each.
        Import,
    }

    #[derive(Clone, Copy)]
    struct Sender {
        /// What cancels what is under way.
        under_way: StoredValue<Option<AbortController>, LocalStorage>,
        busy: WriteSignal<bool>,
        said: WriteSignal<&'static str>,
    }

    /// Listens for as long as the page lives.
    pub fn listen(busy: WriteSignal<bool>, said: WriteSignal<&'static str>) {
        let sender = Sender { under_way: StoredValue::new_local(None), busy, said };
        window_event_listener(ev::dragover, |event| over(&event, true));
        window_event_listener(ev::dragleave, |event| over(&event, false));
        window_event_listener(ev::drop, move |event| sender.dropped(&event));
        window_event_listener(ev::change, move |event| {
            if files().is_some_and(|files| event.target().as_ref() == Some(files.as_ref())) {
                sender.start(What::Look);
            }
        });
        window_event_listener(ev::submit, move |event| {
            if !is_ours(event.target()) {
                return;
            }
            event.prevent_default();
            let look = event.submitter().is_some_and(|button| button.has_attribute("formaction"));
            sender.start(if look { What::Look } else { What::Import });
        });
        window_event_listener(ev::click, move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            if target.is_some_and(|target| target.has_attribute("data-cancel")) {
                sender.cancel();
            }
        });
    }

    impl Sender {
        fn dropped(self, event: &DragEvent) {
            over(event, false);
            let dropped = event.data_transfer().and_then(|dropped| dropped.files());
            let (Some(dropped), Some(files)) = (dropped.filter(|dropped| dropped.length() > 0), files()) else {
                return;
            };
            if !files.disabled() {
                files.set_files(Some(&dropped));
                self.start(What::Look);
            }
        }

        fn start(self, what: What) {
            let (Some(form), Some(data)) = (find::<HtmlFormElement>(FORM), data(what)) else { return };
            let Ok(cancel) = AbortController::new() else { return };
            let request = RequestInit::new();
            request.set_method("POST");
            request.set_body(&data);
            request.set_signal(Some(&cancel.signal()));
            self.cancel();
            self.under_way.set_value(Some(cancel.clone()));
            let url = form.get_attribute("action").unwrap_or_default();
            let url = if what == What::Look { format!("{url}?do=preview") } else { url };
            self.set_busy(what == What::Import);
            self.said.set(if what == What::Look { "Looking…" } else { "" });
            spawn_local(async move {
                let html = sent(&url, &request).await;
                if cancel.signal().aborted() && what == What::Look {
                    return;
                }
                self.said.set("");
                self.set_busy(false);
                match html {
                    Some(html) => put(&html),
                    None => self.ended(cancel.signal().aborted()),
                }
            });
        }

        fn cancel(self) {
            if let Some(cancel) = self.under_way.get_value() {
                cancel.abort();
            }
        }

        /// What came of it the server tells: in its stream, and to whoever asks.
        fn ended(self, cancelled: bool) {
            self.said.set(if cancelled { "Cancelled." } else { "The connection ended." });
            set_timeout(
                || {
                    spawn_local(async {
                        let page = window().location().pathname().unwrap_or_default();
                        if let Some(html) = sent(&page, &RequestInit::new()).await {
                            put(&html);
                        }
                    });
                },
                OVER,
            );
        }

        fn set_busy(self, busy: bool) {
            self.busy.set(busy);
            for element in all(&format!("{FORM} :is(button[type=submit], input, select)")) {
                let _ = if busy { element.set_attribute("disabled", "") } else { element.remove_attribute("disabled") };
            }
        }
    }

    /// What a form sends; nothing where no file is chosen.
    fn data(what: What) -> Option<FormData> {
        let chosen = files()?.files()?;
        let most = if what == What::Look { MOST_FILES } else { u32::MAX };
        let data = FormData::new_with_form(&find(FORM)?).ok()?;
        data.delete("file");
        for at in 0..chosen.length().min(most) {
            let file = chosen.get(at)?;
            data.append_with_str("size", &file.size().to_string()).ok()?;
            data.append_with_str("written", &file.last_modified().to_string()).ok()?;
            let part =
                if what == What::Look { file.slice_with_f64_and_f64(0.0, START).ok()? } else { file.clone().into() };
            data.append_with_blob_and_filename("file", &part, &file.name()).ok()?;
        }
        (chosen.length() > 0).then_some(data)
    }

    /// What the server answers, whatever the status.
    async fn sent(url: &str, request: &RequestInit) -> Option<String> {
        let answer = window().fetch_with_str_and_init(url, request);
        let answer: Response = JsFuture::from(answer).await.ok()?.dyn_into().ok()?;
        JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
    }

    /// Takes over the parts of the page that tell of files.
    fn put(html: &str) {
        let Ok(template) = document().create_element("template").map(JsCast::unchecked_into::<HtmlTemplateElement>)
        else {
            return;
        };
        template.set_inner_html(html);
        for part in ["[data-stream]", "[data-seen]"] {
            match (find::<Element>(part), template.content().query_selector(part)) {
                (Some(here), Ok(Some(there))) => here.set_inner_html(&there.inner_html()),
                // No longer signed in, for one: the page itself says so.
                _ => return drop(window().location().reload()),
            }
        }
    }

    fn files() -> Option<HtmlInputElement> {
        find(&format!("{FORM} input[type=file]"))
    }

    fn is_ours(target: Option<web_sys::EventTarget>) -> bool {
        target.and_then(|target| target.dyn_into::<Element>().ok()).is_some_and(|form| form.matches(FORM) == Ok(true))
    }

    /// Files may be dropped anywhere: a browser would leave the page for one that misses.
    fn over(event: &DragEvent, here: bool) {
        event.prevent_default();
        let Some(form) = find::<HtmlElement>(FORM) else { return };
        let _ = if here { form.set_attribute("data-over", "") } else { form.remove_attribute("data-over") };
    }
}
