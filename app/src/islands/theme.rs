//! Light, dark, or as the system has it.

use leptos::prelude::*;

use crate::parts::icon::Icon;

/// The choices, with their icons and what they are called.
const CHOICES: [(&str, &str, &str); 3] =
    [("light", "sun", "Light"), ("system", "system", "As the system"), ("dark", "moon", "Dark")];

/// Switches the theme. The choice is kept in a cookie, which lets the server send the next page in it from the start.
#[island]
pub fn ThemeSwitch() -> impl IntoView {
    let (chosen, set_chosen) = signal("");
    // What is chosen is known in the browser alone, so that the island starts the same on both sides.
    #[cfg(feature = "hydrate")]
    Effect::new(move || set_chosen.set(current()));
    let buttons = CHOICES.map(|(name, icon, label)| {
        let choose = move |_| {
            #[cfg(feature = "hydrate")]
            set(name);
            set_chosen.set(name);
        };
        view! {
            <button
                type="button"
                aria-label=label
                title=label
                aria-pressed=move || if chosen.get() == name { "true" } else { "false" }
                on:click=choose
            >
                <Icon name=icon />
            </button>
        }
    });
    view! {
        <div class="theme needs-js" role="group" aria-label="Theme">
            {buttons.into_iter().collect_view()}
        </div>
    }
}

#[cfg(feature = "hydrate")]
fn current() -> &'static str {
    let set = document().document_element().and_then(|root| root.get_attribute("data-theme"));
    CHOICES.iter().map(|(name, ..)| *name).find(|name| set.as_deref() == Some(*name)).unwrap_or("system")
}

#[cfg(feature = "hydrate")]
fn set(name: &str) {
    use wasm_bindgen::JsCast;

    let Some(root) = document().document_element() else { return };
    let kept = if name == "system" {
        let _ = root.remove_attribute("data-theme");
        "theme=; Path=/; Max-Age=0; SameSite=Lax".to_owned()
    } else {
        let _ = root.set_attribute("data-theme", name);
        format!("theme={name}; Path=/; Max-Age=31536000; SameSite=Lax")
    };
    if let Ok(page) = document().dyn_into::<web_sys::HtmlDocument>() {
        let _ = page.set_cookie(&kept);
    }
}
