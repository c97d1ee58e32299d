//! Asking a passkey: the one thing about signing in that only a browser can do.

use leptos::prelude::*;

/// Asks a passkey, when the button within is pressed, and sends the form around it with the answer. The button carries
/// what to do in `data-passkey`, in the browser's own word, `get` or `create`, and what to ask in `data-options`: an
/// island's arguments would take a parser of JSON along.
#[island]
pub fn Passkey(
    /// The button.
    children: Children,
) -> impl IntoView {
    let (said, set_said) = signal("");
    let ask = move |event: leptos::ev::MouseEvent| {
        #[cfg(feature = "hydrate")]
        credential::pressed(&event, set_said);
        #[cfg(not(feature = "hydrate"))]
        let _ = (&event, set_said);
    };
    view! {
        <div class="passkey" on:click=ask>
            {children()}
        </div>
        <p class="wrong passkey-said" role="alert" hidden=move || said.get().is_empty()>
            {said}
        </p>
    }
}

/// What the browser does with passkeys. It reads and writes them as JSON itself (WebAuthn level 3, section 5.1.8 on).
#[cfg(feature = "hydrate")]
mod credential {
    use js_sys::{Function, JSON, Object, Promise, Reflect};
    use leptos::prelude::{Set, WriteSignal, window};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{HtmlButtonElement, HtmlInputElement, MouseEvent};

    use crate::islands::browser::member;

    /// Asks what the pressed button carries, if it was the button.
    pub fn pressed(event: &MouseEvent, said: WriteSignal<&'static str>) {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let button = target.and_then(|target| target.closest("button[data-passkey]").ok().flatten());
        let Some(button) = button.and_then(|button| button.dyn_into::<HtmlButtonElement>().ok()) else { return };
        said.set("");
        button.set_disabled(true);
        leptos::task::spawn_local(async move {
            match ask(&button).await {
                Ok(answer) => send(&button, &answer),
                Err(error) => said.set(message(&error)),
            }
            button.set_disabled(false);
        });
    }

    /// The passkey's answer, in JSON.
    async fn ask(button: &HtmlButtonElement) -> Result<JsValue, JsValue> {
        let carried = |name| button.get_attribute(name).unwrap_or_default();
        let how = carried("data-passkey");
        let reader = if how == "create" { "parseCreationOptionsFromJSON" } else { "parseRequestOptionsFromJSON" };
        let key = member(&window(), "PublicKeyCredential");
        let asked = Object::new();
        let options = JSON::parse(&carried("data-options"))?;
        Reflect::set(&asked, &"publicKey".into(), &call(&key, reader, &options)?)?;
        let credentials = member(&window().navigator(), "credentials");
        let promise: Promise = call(&credentials, &how, &asked)?.dyn_into()?;
        let credential = JsFuture::from(promise).await?;
        Ok(JSON::stringify(&call(&credential, "toJSON", &JsValue::UNDEFINED)?)?.into())
    }

    /// Puts the answer into the form of the button and sends it.
    fn send(button: &HtmlButtonElement, answer: &JsValue) {
        let Some(form) = button.form() else { return };
        let field = form.query_selector("input[name=credential]").ok().flatten();
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
            field.set_value(&answer.as_string().unwrap_or_default());
            let _ = form.submit();
        }
    }

    /// What somebody can do about it.
    fn message(error: &JsValue) -> &'static str {
        match member(error, "name").as_string().as_deref() {
            Some("NotAllowedError" | "AbortError") => "No passkey was used: it was cancelled, or it took too long.",
            Some("InvalidStateError") => "This device holds one of your passkeys already.",
            Some("SecurityError") => "Passkeys work only at the address that Flightbox is set up for.",
            _ => "This browser cannot use a passkey here.",
        }
    }

    fn call(object: &JsValue, method: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
        let function: Function = Reflect::get(object, &method.into())?.dyn_into()?;
        function.call1(object, argument)
    }
}
