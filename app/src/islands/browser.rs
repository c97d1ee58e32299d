//! The few things of a browser that islands use, without their ways to fail.

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, Response, js_sys::Reflect};

/// The first element that a selector finds.
pub fn find<T: JsCast>(selector: &str) -> Option<T> {
    document().query_selector(selector).ok().flatten().and_then(|element| element.dyn_into().ok())
}

/// Every element that a selector finds, in the page's order.
pub fn all(selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}

/// Whatever has the focus.
pub fn focused() -> Option<Element> {
    document().active_element()
}

/// Gives an element the focus, if it can take it.
pub fn focus(element: &HtmlElement) {
    let _ = element.focus();
}

/// Clicks the first element that a selector finds.
pub fn click(selector: &str) {
    if let Some(element) = find::<HtmlElement>(selector) {
        element.click();
    }
}

/// What this server answers to a GET, as JSON; nothing where it answers with an error, or not at all.
pub async fn get_json(url: &str) -> Option<JsValue> {
    let answer: Response = JsFuture::from(window().fetch_with_str(url)).await.ok()?.dyn_into().ok()?;
    if !answer.ok() {
        return None;
    }
    JsFuture::from(answer.json().ok()?).await.ok()
}

/// A member of an object; undefined where it has none of that name.
pub fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// The query string of the page's URL, with its question mark.
pub fn search() -> String {
    window().location().search().unwrap_or_default()
}

/// Goes to another page of ours.
pub fn go(url: &str) {
    let _ = window().location().assign(url);
}
