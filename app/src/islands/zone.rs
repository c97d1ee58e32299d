//! The zone of a view: UTC, or where the browser is.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, MouseEvent,
    js_sys::{Array, Intl::DateTimeFormat, Object, Reflect},
};

use crate::{
    islands::browser::{go, search},
    state::ViewState,
};

/// Shows the page in UTC, or, where it is shown in UTC, in the browser's own zone.
pub fn switch() {
    let state = ViewState::from_search(&search());
    let tz = match state.tz.as_str() {
        "" | "UTC" => own(),
        _ => Some(String::new()),
    };
    let Ok(path) = window().location().pathname() else { return };
    if let Some(tz) = tz.filter(|tz| *tz != state.tz) {
        // What stands beside the list is the same event in any zone.
        go(&ViewState { event: state.event.clone(), ..state.with_zone(&tz) }.url(&path));
    }
}

/// A click on what says that it switches.
pub fn clicked(event: MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if target.is_some_and(|target| target.closest("[data-switch-zone]").is_ok_and(|button| button.is_some())) {
        switch();
    }
}

/// The name of the browser's zone, as IANA has it.
fn own() -> Option<String> {
    let settings = DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&settings, &"timeZone".into()).ok()?.as_string()
}
