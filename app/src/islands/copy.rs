//! Copying: one listener for every button of the page that carries `data-copy`.

use leptos::prelude::*;

/// Copies what a button carries, and says so to those who cannot see the button change.
#[island]
pub fn Copying() -> impl IntoView {
    let (said, set_said) = signal("");
    #[cfg(feature = "hydrate")]
    Effect::new(move || listen(set_said));
    #[cfg(not(feature = "hydrate"))]
    let _ = set_said;
    view! { <p class="vh" role="status">{said}</p> }
}

#[cfg(feature = "hydrate")]
fn listen(set_said: WriteSignal<&'static str>) {
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;

    window_event_listener(leptos::ev::click, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let of = |selector| target.as_ref().and_then(|target| target.closest(selector).ok().flatten());
        let Some(button) = of("[data-copy], [data-copy-url]") else { return };
        // A link is worth something elsewhere only with the server's name in front.
        let link = button.get_attribute("data-copy-url");
        let link = link.map(|path| window().location().origin().unwrap_or_default() + &path);
        let text = link.or_else(|| button.get_attribute("data-copy")).unwrap_or_default();
        leptos::task::spawn_local(async move {
            // Over plain HTTP from another machine a browser has no clipboard at all.
            let copied = window().is_secure_context()
                && JsFuture::from(window().navigator().clipboard().write_text(&text)).await.is_ok();
            let _ = button.set_attribute("data-copied", if copied { "yes" } else { "no" });
            set_said.set(if copied { "Copied" } else { "The browser refused to copy" });
            let forget = move || {
                let _ = button.remove_attribute("data-copied");
                set_said.set("");
            };
            set_timeout(forget, std::time::Duration::from_millis(1_500));
        });
    });
}
