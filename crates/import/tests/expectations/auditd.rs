//! go-libaudit (Elastic, Apache-2.0): what its own parser makes of records, and of groups of them.

use std::path::Path;

use flightbox_event::{Event, Json};

use crate::{
    compare::Comparison,
    read::{self, text},
};

pub fn compare(folder: &Path, comparison: &mut Comparison) {
    for file in read::files(&folder.join("coalesced"), ".json") {
        for group in read::expected(&file).as_array().unwrap() {
            coalesced(group, &file, comparison);
        }
    }
    for file in read::files(&folder.join("records"), ".log") {
        let Some(read) = comparison.file(&file) else { continue };
        let golden = read::expected(&file.with_extension("log.golden.json"));
        for record in golden.as_array().unwrap() {
            single(record, &read.events, &file, comparison);
        }
    }
}

fn coalesced(group: &Json, file: &Path, comparison: &mut Comparison) {
    let lines: Vec<_> =
        group.get("input").unwrap().as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let read = comparison.read(file, read::bytes(lines.join("\n").as_bytes(), None, "UTC")).unwrap();
    let place = text(group, "test").unwrap();
    comparison.value(&place, "events", &read.events.len().to_string(), &["1"]);
    let (event, expected) = (&read.events[0], group.get("expected").unwrap());
    comparison.time(&place, event.occurred_at, &text(expected, "@timestamp").unwrap());
    // Where nobody signed in the second name is the only one.
    let primary = text(expected, "summary.actor.primary").filter(|actor| actor != "unset");
    comparison.maybe(
        &place,
        "actor",
        Some(&event.actor.id),
        primary.or_else(|| text(expected, "summary.actor.secondary")),
    );
    let kind = text(expected, "record_type").unwrap();
    let action = if kind == "syscall" { text(expected, "data.syscall").unwrap() } else { kind.to_uppercase() };
    comparison.value(&place, "action", &event.action, &[&action]);
    let resource = event.resource.as_ref().map(|resource| resource.id.as_str());
    comparison.maybe(&place, "resource", resource, text(expected, "summary.object.primary"));
    comparison.maybe(&place, "outcome", Some(outcome(event)), text(expected, "result"));
    comparison.maybe(&place, "address", event.origin.ip.as_deref(), text(expected, "source.ip"));
}

fn outcome(event: &Event) -> &'static str {
    match event.outcome.as_str() {
        "failure" => "fail",
        other => other,
    }
}

/// One record: its event is found by its number. The whole of the event is its only where it is alone.
fn single(record: &Json, events: &[Event], file: &Path, comparison: &mut Comparison) {
    // What go-libaudit cannot read has neither.
    let Some((serial, kind)) = text(record, "sequence").zip(text(record, "record_type")) else { return };
    let place = format!("{} {serial} {kind}", file.file_name().unwrap().to_string_lossy());
    let details = |event: &&Event| event.details.clone().unwrap();
    let Some(event) = events.iter().find(|event| text(&details(event), "serial").as_ref() == Some(&serial)) else {
        comparison.value(&place, "event", "none", &["one"]);
        return;
    };
    let details = details(&event);
    comparison.time(&place, event.occurred_at, &text(record, "@timestamp").unwrap());
    let types = details.get("types").unwrap().as_array().unwrap();
    let has_type = types.iter().any(|known| known.as_str().unwrap().eq_ignore_ascii_case(&kind));
    comparison.value(&place, "type", if has_type { "there" } else { "missing" }, &["there"]);
    if types.len() > 1 {
        return;
    }
    let action = if kind == "syscall" { text(record, "data.syscall").unwrap_or_default() } else { kind.to_uppercase() };
    comparison.value(&place, "action", &event.action, &[&action]);
    let result = text(record, "data.result").map(|result| match result.as_str() {
        "failed" | "fail" | "no" => "fail".to_owned(),
        _ => result,
    });
    comparison.maybe(&place, "outcome", Some(outcome(event)), result);
    let signed_in = text(record, "data.auid").filter(|auid| auid != "unset");
    let someone = signed_in.or_else(|| text(record, "data.acct")).or_else(|| text(record, "data.uid"));
    comparison.maybe(&place, "actor", Some(&event.actor.id), someone);
    comparison.maybe(&place, "address", event.origin.ip.as_deref(), text(record, "data.addr"));
}
