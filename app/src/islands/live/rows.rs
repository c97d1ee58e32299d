//! New rows in the table. They come as HTML that the server has rendered, by days as the page has them.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlTemplateElement};

use super::KEPT;
use crate::{
    islands::browser::{all, find},
    state::parameter,
};

const ROWS: &str = "table.events tr.event";
const DAYS: &str = "table.events > tbody";

/// Takes every row away: what stood there does not go on with what comes.
pub fn clear() {
    all(DAYS).iter().for_each(|day| day.remove());
}

/// Puts rows where they belong in order, and takes away what no longer fits.
pub fn insert(html: &str) {
    let Some(template) = document().create_element("template").ok() else { return };
    let Ok(template) = template.dyn_into::<HtmlTemplateElement>() else { return };
    template.set_inner_html(html);
    let Ok(days) = template.content().query_selector_all("tbody") else { return };
    for day in (0..days.length()).filter_map(|at| days.get(at)?.dyn_into::<Element>().ok()) {
        let Ok(rows) = day.query_selector_all("tr.event") else { continue };
        for row in (0..rows.length()).filter_map(|at| rows.get(at)?.dyn_into::<Element>().ok()) {
            place(&day, &row);
        }
    }
    trim();
}

/// Before the first row that is older, which is the first of all unless an event comes late.
fn place(day: &Element, row: &Element) {
    let (at, date) = (order_of(row), date_of(day));
    let _ = row.set_attribute("data-fresh", "");
    let mut last = None;
    for there in all(ROWS) {
        let other = order_of(&there);
        if other == at {
            return;
        }
        if other < at {
            return before(&there, last, day, &date, row);
        }
        last = Some(there);
    }
    match (last.and_then(|last| day_of(&last)), find::<HtmlElement>("table.events")) {
        (Some(end), _) if date_of(&end) == date => drop(end.append_child(row)),
        (_, Some(table)) => drop(table.append_child(&started(day, row))),
        _ => {}
    }
}

/// Before `next`, among the events of its day: those of `next`, those of the row before, or a day of its own.
fn before(next: &Element, last: Option<HtmlElement>, day: &Element, date: &str, row: &Element) {
    let Some(below) = day_of(next) else { return };
    if date_of(&below) == date {
        let _ = below.insert_before(row, Some(next));
        return;
    }
    match last.and_then(|last| day_of(&last)).filter(|above| date_of(above) == date) {
        Some(above) => drop(above.append_child(row)),
        None => {
            let _ = below.parent_node().map(|table| table.insert_before(&started(day, row), Some(&below)));
        }
    }
}

/// A day with its heading and its first row.
fn started(day: &Element, row: &Element) -> Element {
    let started = day.clone_node().ok().and_then(|day| day.dyn_into::<Element>().ok());
    let started = started.unwrap_or_else(|| day.clone());
    let heading = day.query_selector("tr.day").ok().flatten();
    let heading = heading.and_then(|heading| heading.clone_node_with_deep(true).ok());
    if let Some(heading) = heading {
        let _ = started.append_child(&heading);
    }
    let _ = started.append_child(row);
    started
}

fn trim() {
    all(ROWS).iter().skip(KEPT).for_each(|row| row.remove());
    for day in all(DAYS) {
        if day.query_selector("tr.event").ok().flatten().is_none() {
            day.remove();
        }
    }
}

fn day_of(row: &Element) -> Option<Element> {
    row.closest("tbody").ok().flatten()
}

fn date_of(day: &Element) -> String {
    attribute(day, "tr.day time", "datetime")
}

/// What rows are in order of: their time, and their number where that is the same.
fn order_of(row: &Element) -> (f64, i64) {
    let time = js_sys::Date::parse(&attribute(row, "td.c-time time", "datetime"));
    let link = attribute(row, "a.row-link", "href");
    let number = link.split_once('?').and_then(|(_, search)| parameter(search, "event")?.parse().ok());
    (time, number.unwrap_or_default())
}

fn attribute(within: &Element, selector: &str, name: &str) -> String {
    let found = within.query_selector(selector).ok().flatten();
    found.and_then(|element| element.get_attribute(name)).unwrap_or_default()
}
