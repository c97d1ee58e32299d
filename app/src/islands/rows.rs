//! The rows of a list: which one is meant, and the way from one to the next.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlAnchorElement, HtmlElement};

use crate::{
    islands::browser::{all, click, find, focus, focused},
    state::parameter,
};

/// What opens the event of a row.
const LINK: &str = "a.row-link";
/// The same of the row whose event stands beside the list.
const CURRENT: &str = "a.row-link[aria-current]";

/// Marks the row whose event comes to stand beside the list, if it is on this page.
pub fn mark(seq: i64) {
    unmark();
    let wanted = seq.to_string();
    let is_wanted = |row: &HtmlElement| {
        let link: Option<&HtmlAnchorElement> = row.dyn_ref();
        link.and_then(|link| parameter(&link.search(), "event")).is_some_and(|event| event == wanted)
    };
    if let Some(row) = all(LINK).into_iter().find(is_wanted) {
        let _ = row.set_attribute("aria-current", "true");
    }
}

/// The row that was marked, which no longer is.
pub fn unmark() -> Option<HtmlElement> {
    let row: HtmlElement = find(CURRENT)?;
    let _ = row.remove_attribute("aria-current");
    Some(row)
}

/// To the next or previous row, which the panel follows where it is open; beyond the page by the panel's own links. On
/// an event's own page, to the next or previous event.
pub fn step(by: isize) {
    let (rows, current) = (all(LINK), find::<Element>(CURRENT));
    // What is about to be shown is as good as shown.
    let open = current.is_some() || find::<Element>("#beside").is_some();
    let beyond = |place: &str| click(&format!("{place} a[rel={}]", if by > 0 { "next" } else { "prev" }));
    if rows.is_empty() && !open {
        return beyond(".trail");
    }
    let here = focused().and_then(row_of).or_else(|| current.and_then(row_of));
    let at = here.and_then(|here| rows.iter().position(|row| here.contains(Some(row))));
    let next = match at.map(|at| at.checked_add_signed(by)) {
        Some(next) => next.filter(|next| *next < rows.len()),
        None if open => None,
        None if by > 0 => Some(0),
        None => rows.len().checked_sub(1),
    };
    match next {
        Some(next) => {
            focus(&rows[next]);
            if open {
                rows[next].click();
            }
        }
        None if open => beyond("#beside"),
        None => {}
    }
}

/// Whether the arrow keys belong to the rows just now; else they scroll.
pub fn have_arrows() -> bool {
    match focused() {
        Some(element) if element.matches(LINK).unwrap_or(false) => true,
        Some(element) => element.tag_name() == "BODY" && find::<Element>("#beside").is_some(),
        None => false,
    }
}

/// The page of whoever did what is meant just now: the event of the row that has the focus, the one beside the list,
/// or the one that the page is about.
pub fn actor() -> Option<HtmlAnchorElement> {
    let row = focused().and_then(row_of);
    let event = row.or_else(|| find("#beside")).or_else(|| find(".event-body"))?;
    event.query_selector("a[href^='/actors/']").ok()??.dyn_into().ok()
}

fn row_of(element: impl AsRef<Element>) -> Option<Element> {
    element.as_ref().closest("tr.event, li.step").ok().flatten()
}
